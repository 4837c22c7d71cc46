"""Export targets: an analysis in, source text or the bytes of a file out, or every reason why not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from msgspec import Struct

from cnnstudio.core.arithmetic.convention import Convention
from cnnstudio.core.counting.analysis import MAX_EXPANDED, Analysis, analyze
from cnnstudio.core.counting.rows import BlockRow, Entry, Row
from cnnstudio.core.network.design import path_text, walk
from cnnstudio.core.network.layer import Layer
from cnnstudio.core.network.problem import BROKEN_BUDGET, with_article
from cnnstudio.dialects.dialect import Dialect
from cnnstudio.layers.sequences.recurrent import RecurrentLayer

Weights = Literal["none", "seeded"]
MAX_FLAT_LAYERS = 20_000
"""Layers of code or of a graph in which blocks are not folded."""
MAX_TOLD = 20
"""Refusals that the text of an error lists; the error holds all."""


class ExportOptions(Struct, frozen=True):
    """Choices: blocks written out (`flat`), the name of the model's class or function, and weights."""

    flat: bool = False
    class_name: str = ""
    weights: Weights = "none"


class Unsayable(Struct, frozen=True):
    """A layer that a target cannot say exactly: where, why, and what would make it possible."""

    path: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        return f"{place}{self.reason}. {self.remedy}".rstrip()


class ExportError(Exception):
    """A design that a target cannot say; `refusals` are all the reasons."""

    def __init__(self, title: str, refusals: Iterable[Unsayable]) -> None:
        # All of them at once, each once: a user mends a design in one round and not layer by layer.
        self.refusals = tuple(dict.fromkeys(refusals))
        told = [f"  {refusal}" for refusal in self.refusals[:MAX_TOLD]]
        more = len(self.refusals) - len(told)
        rest = [f"  and {more:,} more"] if more else []
        super().__init__("\n".join([f"{title} cannot say this design exactly:", *told, *rest]))


class Mark(Struct, frozen=True):
    """The place in the text of an item: the lines from 1, and what holds its output there.

    `places` are those of the item (`stage2/conv1`), or of all items that one text says. `names` are what the framework
    knows it by inside its class or function: attributes, or ends of layer names.
    """

    places: tuple[str, ...]
    first: int
    last: int
    variable: str = ""
    names: tuple[str, ...] = ()


class Companion(Struct, frozen=True):
    """A file beside another: what is added to the name of that one, and its content in parts."""

    ending: str
    content: Callable[[], Iterable[bytes]]


class Exported(Struct, frozen=True):
    """The work of a target. `companions` are files that must lie beside it.

    Content that names its companions is made by `named`, which takes the name of the file; `content` is then without.
    """

    content: bytes
    marks: tuple[Mark, ...] = ()
    companions: tuple[Companion, ...] = ()
    named: Callable[[str], bytes] | None = None

    def content_of(self, name: str) -> bytes:
        """The content of a file of this name."""
        return self.content if self.named is None else self.named(name)

    def companions_of(self, name: str) -> list[tuple[str, Iterable[bytes]]]:
        """The names and contents, in parts, of what must lie beside a file of this name."""
        return [(name + companion.ending, companion.content()) for companion in self.companions]

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode("utf-8")


class Target(Struct, frozen=True):
    """A framework's form of a design. `suffixes` are those of its files, and the first is usual.

    `choices` are the options that mean something to it.
    """

    key: str
    title: str
    help: str
    suffixes: tuple[str, ...]
    dialect: Dialect
    is_text: bool
    choices: tuple[str, ...]
    write: Callable[[Analysis, ExportOptions], Exported]


def require_countable(analysis: Analysis, title: str, *, flat: bool) -> None:
    """Raises ExportError unless every layer is counted, there is one, and as many as can be written out."""
    if not analysis.entries:
        raise ExportError(title, [Unsayable("", "the design has no layers", "Begin with an Input layer.")])
    errors = [error for error in analysis.errors if error.rule != BROKEN_BUDGET]
    reasons = [Unsayable(error.path, error.sentence.rstrip("."), error.remedy) for error in errors]
    if reasons:
        raise ExportError(title, reasons)
    items = walk(analysis.design.layers)
    unsized = [path_text(path) for path, item in items if isinstance(item, Layer) and not item.is_sized]
    if unsized:
        reason = "its size is not given, and the shapes in the file follow from it"
        raise ExportError(title, [Unsayable(path, reason, "Give it a size.") for path in unsized])
    # Folded blocks are code once however often they repeat; written out, a million layers would be a file of hundreds
    # of megabytes.
    most = MAX_FLAT_LAYERS if flat else MAX_EXPANDED
    if analysis.totals.layers > most:
        reason = f"it has {analysis.totals.layers:,} layers with its blocks written out, and at most {most:,} can be"
        raise ExportError(title, [Unsayable("", reason, "Export it with its blocks, or use smaller repeats.")])
    try:
        _ = analysis.rows
    except ValueError as error:
        raise ExportError(title, [Unsayable("", str(error), "")]) from None


def counted_for(analysis: Analysis, framework: Convention) -> Analysis:
    """The analysis with the biases that recurrent layers have in a framework; all else stays as it was counted."""
    convention = analysis.convention.with_biases_of(framework)
    if convention == analysis.convention:
        return analysis
    holds_some = any(isinstance(item, RecurrentLayer) for _, item in walk(analysis.design.layers))
    return analyze(analysis.design, convention) if holds_some else analysis


def unsaid(row: Row, dialect: Dialect) -> Unsayable | None:
    """The refusal of a layer of which the dialect says that it cannot be said; None if it can."""
    found = dialect.unsaid_of(row.layer.type_name)
    if found is None and row.layer.type_name not in dialect.types:
        article = with_article(row.layer.type_name)
        return Unsayable(row.path, f"{dialect.title} has no row for {article}", "Replace the layer by others.")
    if found is None:
        return None
    return Unsayable(row.path, f"{with_article(found.layer)}: {found.reason}", found.remedy)


def each_row(entries: Iterable[Entry]) -> Iterable[Row]:
    """Every row that was counted, those of equal passes once."""
    for entry in entries:
        if isinstance(entry, BlockRow):
            for part in entry.passes:
                yield from each_row(part.entries)
        else:
            yield entry
