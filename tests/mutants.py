"""Small faults put into engine, formats and edits, one at a time, each of which should make a test fail.

`make mutants` puts each into a copy of the checkout, runs the tests of its rooms there until the first failure, and
prints which fault it was and what failed. A fault that nothing notices is one that somebody may make tomorrow.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.places import ROOT

COPIED = ("cnnstudio", "resources", "tests", "packaging", "pyproject.toml", "README.md", "Makefile")
SECONDS = 900
SIZES = ("tests/core/arithmetic", "tests/layers")
FIELDS = ("tests/core/arithmetic", "tests/designs")
WORKINGS = ("tests/core/arithmetic", "tests/core/counting")
COUNTING = ("tests/core/counting",)
NETWORK = ("tests/core/network",)
LAYERS = ("tests/layers",)
SHAPES = ("tests/layers", "tests/core/counting")
FORMATS = (
    "tests/formats/yaml",
    *(f"tests/formats/test_{name}.py" for name in ("bad_files", "building_blocks", "items", "round_trip")),
)
EDITS = ("tests/core/edits",)


class Mutant(NamedTuple):
    """A text that stands once in a file, what is put in its place, and the tests that should notice."""

    file: str
    old: str
    new: str
    rooms: tuple[str, ...]

    def apply(self, tree: Path) -> None:
        """Puts the fault into a copy; ValueError where the text is not there, or there twice."""
        path = tree / "cnnstudio" / self.file
        source = path.read_text(encoding="utf-8")
        if source.count(self.old) != 1:
            raise ValueError(f"{self.file} has {source.count(self.old)} times: {self.old!r}")
        path.write_text(source.replace(self.old, self.new), encoding="utf-8")


MUTANTS = (
    # Sizes and windows.
    Mutant(
        "core/arithmetic/shape.py",
        "return padding // 2, padding - padding // 2",
        "return padding - padding // 2, padding // 2",
        SIZES,
    ),
    Mutant(
        "core/arithmetic/shape.py",
        'drops = rounding == "pytorch" or any(axis.padding)',
        "drops = True",
        SIZES,
    ),
    Mutant("core/arithmetic/shape.py", "max(0, rest - end - max(", "max(0, rest - max(", SIZES),
    Mutant(
        "core/arithmetic/taps.py", "-(-(i + 1) * above // below) - first", "(i + 1) * above // below - first", FIELDS
    ),
    # Receptive fields.
    Mutant(
        "core/arithmetic/receptive_field.py",
        "maximum(*map(add, starts, sizes)) - offset",
        "maximum(*sizes)",
        FIELDS,
    ),
    Mutant("core/arithmetic/receptive_field.py", "before.offset + times * gone", "after.offset + times * gone", FIELDS),
    Mutant("core/arithmetic/spans.py", "if inner.is_ordered:", "if inner.sizes:", FIELDS),
    Mutant("core/arithmetic/spans.py", "range(count - phases, count)", "range(phases)", FIELDS),
    Mutant(
        "core/arithmetic/receptive_field.py",
        "if size == 1 and more > 1 else axis for",
        "if False else axis for",
        FIELDS,
    ),
    # Workings.
    Mutant(
        "core/arithmetic/derivation.py",
        "right_needs = binding if operator == _ADD else binding + (operator != _MULTIPLY)",
        "right_needs = binding",
        WORKINGS,
    ),
    # Sums, and what one analysis takes over from another.
    Mutant("core/counting/rows.py", "trainable=parameters - frozen", "trainable=parameters", COUNTING),
    Mutant(
        "core/counting/analysis.py",
        "if known.passes and known.passes[0].field == source.field and size",
        "if known.passes and size",
        COUNTING,
    ),
    Mutant(
        "core/counting/analysis.py",
        "if follows and leaving.shape == flow.shape else 1",
        "if leaving.shape == flow.shape else 1",
        COUNTING,
    ),
    Mutant(
        "core/counting/reuse.py", "row.block is block and row.input_shapes == shapes", "row.block is block", COUNTING
    ),
    Mutant(
        "core/counting/reuse.py",
        "if any(name in others for item in self.items[at + 1 :] for name in item.inputs):",
        "if not others:",
        COUNTING,
    ),
    Mutant("core/counting/expansion.py", "path, entry.block, number - 1)", "path, entry.block, number)", COUNTING),
    # Names and paths.
    Mutant(
        "core/network/design.py",
        'names[-1] += next(signs) if sign == "\\\\" else sign',
        "names[-1] += sign",
        NETWORK,
    ),
    # Layers.
    Mutant(
        "layers/transposed.py",
        'symbol("W", weights) * product(places)',
        'symbol("W", weights) * product(sizes)',
        LAYERS,
    ),
    Mutant(
        "layers/convolution.py",
        'spare = axis.size - 1 if mode == "reflect" else axis.size',
        "spare = axis.size",
        LAYERS,
    ),
    Mutant(
        "layers/convolution.py",
        "* middle + middle * filters",
        '* middle + symbol("C", shape.channels) * filters',
        LAYERS,
    ),
    Mutant(
        "layers/pooling.py", "max(axis.padding) > axis.kernel // 2", "max(axis.padding) >= axis.kernel // 2", LAYERS
    ),
    Mutant("layers/merge.py", "if any(size not in (1, wanted) for", "if any(size > wanted for", SHAPES),
    # Files.
    Mutant("formats/yaml/writer.py", """return None if is_plain_text(text) else "'\"""", "return None", FORMATS),
    Mutant("formats/yaml/writer.py", 'text.replace("e", ".0e") if "." not in text else text', "text", FORMATS),
    Mutant(
        "formats/yaml/anchors.py",
        '(self.line_end(start) if event.style in ("|", ">") else start, end)',
        "(start, end)",
        FORMATS,
    ),
    Mutant(
        "formats/yaml/events.py", "return float(text) if isfinite(float(text)) else text", "return float(text)", FORMATS
    ),
    Mutant("formats/design_reader.py", """ and f"'{field.name}'" not in hints:""", ":", FORMATS),
    Mutant("formats/design_reader.py", "if are_whole or len(fault.indices) > 1 or", "if are_whole or", FORMATS),
    # Edits.
    Mutant(
        "core/edits/rewiring.py",
        "(now for name in item.inputs if (now := renewed.get(name, name)))",
        "(renewed.get(name, name) for name in item.inputs)",
        EDITS,
    ),
    Mutant(
        "core/edits/rewiring.py",
        "if source == before and len(took.get(taken[0], ())) < 2:",
        "if source == before:",
        EDITS,
    ),
    Mutant("core/edits/rewiring.py", "        if name not in kept:\n", "        if name:\n", EDITS),
    Mutant("core/edits/removing.py", "left[min(index, len(left) - 1)]", "left[max(0, index - 1)]", EDITS),
    Mutant("core/edits/moving.py", "if not name or _taken_by(design, target[:depth]) != name:", "if not name:", EDITS),
    Mutant("core/edits/naming.py", "return stem if stem and number.isdecimal() else name", "return name", EDITS),
    Mutant("core/edits/grouping.py", "require_name(name, taken - selected.own)", "require_name(name, taken)", EDITS),
    Mutant("core/edits/ungrouping.py", "        source = (names[block.layers[-1].name],)\n", "", EDITS),
)


class Outcome(NamedTuple):
    """The fate of a mutant: the first test that failed, empty if none did; and how long that took."""

    mutant: Mutant
    killer: str
    seconds: float


def run_tests(tree: Path, rooms: tuple[str, ...], profile: str) -> tuple[int, str]:
    """The exit code of the tests of these rooms, run until the first failure, and what they print."""
    words = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "--hypothesis-seed=0", "-p", "no:cacheprovider"]
    words += ["--hypothesis-profile", profile] if profile else []
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8"}
    places = [room for room in rooms if (tree / room).exists()]
    try:
        done = subprocess.run(
            [*words, *places], cwd=tree, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return 1, "FAILED (did not end)"
    return done.returncode, done.stdout


def copied(tree: Path, folder: str) -> Path:
    """A copy of the parts of a checkout that its tests need."""
    copy = Path(folder) / "tree"
    copy.mkdir()
    for name in COPIED:
        source = tree / name
        # Compiled modules go along, with the times by which Python knows them for sound.
        shutil.copytree(source, copy / name) if source.is_dir() else shutil.copy2(source, copy / name)
    return copy


def outcome(mutant: Mutant, tree: Path, profile: str) -> Outcome:
    """Lets the tests loose on one mutant."""
    with TemporaryDirectory() as folder:
        copy = copied(tree, folder)
        mutant.apply(copy)
        start = time.monotonic()
        code, printed = run_tests(copy, mutant.rooms, profile)
        seconds = time.monotonic() - start
    if code > 2:
        raise RuntimeError(f"the tests could not be run:\n{printed}")
    found = re.search(r"^(?:FAILED|ERROR) (.*?)(?: - |$)", printed, re.MULTILINE)
    return Outcome(mutant, found[1] if found else ("an error" if code else ""), seconds)


def outcomes(mutants: tuple[Mutant, ...], tree: Path, profile: str, jobs: int) -> Iterator[Outcome]:
    """The fate of each, some of them run at the same time."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda mutant: outcome(mutant, tree, profile), mutants)


def main() -> int:
    """The exit code: 0 if every mutant was noticed."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.mutants")
    parser.add_argument("--tree", type=Path, default=ROOT, help="the checkout whose tests are tried (this one)")
    parser.add_argument("--profile", default="", help="the hypothesis profile: quick, full or thorough")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="mutants tried at the same time")
    parser.add_argument("--trusting", action="store_true", help="do not ask first whether the tests pass as it is")
    parser.add_argument("files", nargs="*", help="files of which the mutants are wanted (all)")
    given = parser.parse_args()
    chosen = tuple(mutant for mutant in MUTANTS if not given.files or mutant.file in given.files)
    if not given.trusting:
        rooms = tuple(dict.fromkeys(room for mutant in chosen for room in mutant.rooms))
        with TemporaryDirectory() as folder:
            code, printed = run_tests(copied(given.tree, folder), rooms, given.profile)
        if code:
            print(f"the tests fail without any mutant:\n{printed}")
            return 2
    survivors = 0
    for mutant, killer, seconds in outcomes(chosen, given.tree, given.profile, given.jobs):
        survivors += not killer
        fault = f"{mutant.file}: {' '.join(mutant.old.split())} -> {' '.join(mutant.new.split())}"
        print(f"{f'dies of {killer}' if killer else 'SURVIVES'} ({seconds:.0f} s)\n    {fault}", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} mutants die.")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
