"""`cnnstudio sweep`: many variants of a design counted, one row a variant."""

from __future__ import annotations

import os
import sys
from argparse import Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

from msgspec import Struct

from cnnstudio.authoring.retyping import change_type
from cnnstudio.authoring.sweep_workers import MAX_JOBS, Workers, WorkersLost, cluster, processes
from cnnstudio.cli.failures import UsageError
from cnnstudio.cli.opening import open_source
from cnnstudio.cli.parsing import Parser, known
from cnnstudio.cli.progress import Progress
from cnnstudio.cli.saving import STANDARD_OUTPUT, require_other
from cnnstudio.cli.terminal import print_bytes
from cnnstudio.core.arithmetic.numerals import number_of
from cnnstudio.core.budgets.condition import condition_from
from cnnstudio.core.counting.quantity import Quantity
from cnnstudio.core.network.design import Design
from cnnstudio.core.sweeps.axis import parse_axis
from cnnstudio.core.sweeps.conditions import Aim
from cnnstudio.core.sweeps.plan import MEASURED, SUMMED, quantities_of
from cnnstudio.core.sweeps.running import chunks, chunks_by
from cnnstudio.core.sweeps.space import Sample, Space
from cnnstudio.core.sweeps.table import Chunk, Table
from cnnstudio.formats.saving.output import write_output
from cnnstudio.reports.sweeps.journal import Journal
from cnnstudio.reports.sweeps.records import Listing, best_of
from cnnstudio.reports.sweeps.writing import WRITERS, Unwritable, require_writable

DEFAULT_FORMAT = ".csv"
PRINTED = ("csv", "json")
MAX_AIMS = 4
MAX_NUMBER = 10**9
MAX_BEST_SHOWN = 20
EXAMPLES = """examples:
  cnnstudio sweep resnet-50 --vary 'image.size=64:512:32' --vary 'layer*.filters=*0.5,*1,*2' -o sweep.csv
  cnnstudio sweep my.yaml --vary 'conv*.kernel_size=3,5,7' --where 'parameters<5M' --best macs,parameters -o sweep.json
  cnnstudio sweep resnet-50 --vary 'layer*.width=*0.5,*1,*2' --vary '*.depth=*1,*2' -o sweep.csv
  cnnstudio sweep my.yaml --vary 'pool1.type=MaxPool2D,AvgPool2D' --vary 'stage*.repeat=1:8' --sample 1000 --latin

width and depth in place of a FIELD scale a block or several, as in stage*.width=*0.5,*1,*2.
A value is what one could type into a cell of the table; *0.5 and /2 change what is there, FIRST:LAST:STEP is a range.
LAYER is a name or a path such as stage1/conv2, with * and ? for any signs; of a block without such a field all layers
inside are meant. A sweep that was stopped goes on when the same command is given again."""


class _Output(Struct, frozen=True):
    """The place of the rows, "" for standard output, and the suffix that says in which format they are."""

    path: str
    suffix: str

    def write(self, listing: Listing) -> None:
        """Writes all rows; UsageError if that cannot be."""
        content = WRITERS[self.suffix](listing)
        if not self.path:
            print_bytes(content)
            return
        try:
            write_output(Path(self.path), content)
        except OSError as error:
            raise UsageError(f"{self.path} cannot be written: {error.strerror}.") from None


def run(words: list[str]) -> int:
    """Counts the variants and writes their rows; those that are there when it is interrupted are written, too.

    Raises UsageError for what cannot be varied, counted or written.
    """
    options = _options(words)
    output = _output(options.output, options.format)
    require_other(output.path, [options.file], "sweep")
    space = _space(open_source(options.file).file.design, options)
    aims = _aims(options.best, quantities_of(space))
    table = Table()
    try:
        journal = _journal(output.path, space)
        try:
            _count(space, table, options, journal)
        except KeyboardInterrupt:
            output.write(_listing(space, table, aims))
            print(
                f"Stopped after {len(table):,} of {number_of(space.size, 'variant')}{_resumes(journal)}.",
                file=sys.stderr,
            )
            raise
    except OSError as error:
        raise UsageError(f"{error.filename or output.path} cannot be written: {error.strerror}.") from None
    listing = _listing(space, table, aims)
    output.write(listing)
    if journal is not None:
        journal.remove()
    print("\n".join(_summary(listing, output)), file=sys.stdout if output.path else sys.stderr)
    return 0


def _journal(path: str, space: Space) -> Journal | None:
    """The journal beside the output; none where the rows are printed. UsageError if another file is in its place."""
    try:
        return None if _is_stream(path) else Journal(Path(f"{path}.partial"), space)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _resumes(journal: Journal | None) -> str:
    return "" if journal is None else f"; the same command goes on from {journal.path}"


def command_parser() -> Parser:
    """The words that it takes."""
    parser = Parser("cnnstudio sweep", description="Many variants of a design, counted exactly, one row a variant.")
    parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
    parser.add_design()
    parser.add_argument(
        "--vary", action="append", default=[], metavar="LAYER.FIELD=VALUES", help="what is varied; may be repeated"
    )
    parser.add_argument("--paired", action="store_true", help="first values together, second ones together, and so on")
    parser.add_whole("--sample", 1, MAX_NUMBER, help="only N variants, by chance")
    parser.add_whole("--seed", 0, MAX_NUMBER, default=0, metavar="S", help="which chance; 0 unless said")
    parser.add_argument("--latin", action="store_true", help="a sample spread evenly along every axis")
    parser.add_argument(
        "--where", action="append", default=[], metavar="CONDITION", help="only variants that meet it; may be repeated"
    )
    parser.add_words(
        "--best",
        (quantity.key for quantity in (*SUMMED, *MEASURED)),
        metavar="KEYS",
        help="marks what nothing beats, such as macs,+parameters: least MACs, most parameters",
    )
    parser.add_argument(
        "--memory",
        action="store_true",
        help="columns for what training keeps and for its peak, in the setting of the design; takes longer",
    )
    parser.add_whole("--jobs", 1, MAX_JOBS, default=1, help="processes")
    parser.add_argument("--dask", metavar="ADDRESS", help="counts on a Dask cluster, such as tcp://head:8786")
    parser.add_output("-o", "--output", metavar="FILE", help=f"{', '.join(WRITERS)}; else standard output")
    parser.add_choice("--format", PRINTED, metavar="FORMAT", help="on standard output: csv, unless said, or json")
    return parser


def _options(words: list[str]) -> Namespace:
    options = command_parser().read(words)
    if options.latin and options.sample is None:
        raise UsageError("--latin spreads a sample; say with --sample how many variants it has.")
    if options.dask is not None and options.jobs > 1:
        raise UsageError("--jobs are processes of this machine, and --dask counts elsewhere; use one of them.")
    return options


def _output(path: str | None, form: str | None) -> _Output:
    if path in (None, STANDARD_OUTPUT):
        return _Output("", DEFAULT_FORMAT if form is None else f".{form}")
    if form is not None:
        raise UsageError("--format is for standard output; the suffix of a file says its format.")
    suffix = Path(path).suffix.lower()
    if suffix not in WRITERS:
        raise UsageError(f"the name of the output ends in one of {', '.join(WRITERS)}, and '{path}' does not.")
    if Path(path).is_dir():
        raise UsageError(f"'{path}' is a folder; give the name of a file.")
    try:
        require_writable(suffix)
    except Unwritable as error:
        raise UsageError(f"{error}.") from None
    return _Output(path, suffix)


def _is_stream(path: str) -> bool:
    return not path or (os.path.exists(path) and not os.path.isfile(path))


def _space(design: Design, options: Namespace) -> Space:
    """The space that the options mean; UsageError with the reason if they mean none."""
    sample = None if options.sample is None else Sample(options.sample, options.seed, options.latin)
    try:
        axes = tuple(parse_axis(design, text, change_type) for text in options.vary)
        conditions = tuple(condition_from(text) for text in options.where)
        return Space(design, axes, change_type, options.paired, sample, conditions, options.memory)
    except ValueError as error:
        sentence = str(error)
        raise UsageError(sentence if sentence.endswith((".", "?")) else f"{sentence}.") from None


def _aims(text: str | None, quantities: tuple[Quantity, ...]) -> tuple[Aim, ...]:
    words = [] if text is None else [word.strip() for word in text.split(",")]
    if len(words) > MAX_AIMS:
        raise UsageError(f"--best takes up to {MAX_AIMS} quantities, and received {len(words)}.")
    by_key = {quantity.key: quantity for quantity in quantities}
    keys = [known(word.removeprefix("+"), list(by_key), "quantity") for word in words]
    return tuple(Aim(by_key[key], word.startswith("+")) for word, key in zip(words, keys, strict=True))


def _count(space: Space, table: Table, options: Namespace, journal: Journal | None) -> None:
    """Counts what the journal does not have yet."""
    with Progress(space.size, sys.stderr) as progress, ExitStack() as stack:
        if journal is not None:
            for chunk in journal.chunks():
                table.add(chunk)
            stack.enter_context(journal)
        for chunk in stack.enter_context(_counted(space, table, options)):
            table.add(chunk)
            if journal is not None:
                journal.add(chunk)
            progress.reach(len(table), "variants")


@contextmanager
def _counted(space: Space, table: Table, options: Namespace) -> Iterator[Iterator[Chunk]]:
    """The chunks that are not there yet; UsageError if nobody can count them."""
    done = table.firsts
    try:
        if options.dask is None and options.jobs == 1:
            with nullcontext(chunks(space, done)) as found:
                yield found
            return
        workers: Workers
        with processes(options.jobs) if options.dask is None else cluster(options.dask) as workers:
            yield chunks_by(workers.executor, workers.count, space, done)
    except WorkersLost as error:
        raise UsageError(f"{error}.") from None
    except BrokenProcessPool:
        raise UsageError("a process of the sweep was ended; the same command goes on from where it was.") from None


def _listing(space: Space, table: Table, aims: tuple[Aim, ...]) -> Listing:
    return Listing(space, table, aims, best_of(table, aims) if aims else ())


def _summary(listing: Listing, output: _Output) -> list[str]:
    """The number of variants, what became of them, and the best of them."""
    rows = list(listing)
    faulty = sum(row.has_errors for row in rows)
    parts = [number_of(listing.space.size, "variant")]
    if listing.space.conditions:
        unsure = sum(row.meets is None for row in rows)
        meeting = number_of(len(rows) - unsure, "meets the conditions", "meet the conditions")
        parts.append(meeting + (f", {unsure:,} may" if unsure else ""))
    parts += [f"{faulty:,} with errors"] * bool(faulty) + [output.path] * bool(output.path)
    lines = [f"{listing.space.design.name}: {'; '.join(parts)}"]
    best = [row for row in rows if row.variant in listing.best]
    if listing.aims:
        best.sort(key=lambda row: listing.aims[0].cost(row.exact(listing.aims[0].quantity) or 0))
        names = " and ".join(f"{'most' if aim.is_large else 'least'} {aim.quantity.name}" for aim in listing.aims)
        lines.append(f"{len(best):,} that nothing beats in {names}")
    for row in best[:MAX_BEST_SHOWN]:
        numbers = ", ".join(aim.quantity.unit.full(row.exact(aim.quantity)) for aim in listing.aims)
        lines.append(f"  {row.variant + 1}: {listing.space.told(row.variant)}: {numbers}")
    if len(best) > MAX_BEST_SHOWN:
        lines.append(f"  and {len(best) - MAX_BEST_SHOWN:,} more")
    return lines
