"""What is wrong with a file: one sentence with its place, and all of them at once."""

from __future__ import annotations

from msgspec import Struct

MOST_SHOWN = 50


class FileFault(Struct, frozen=True):
    """One fault: line and column from 1 (0 where the file as a whole is meant), and the sentence."""

    line: int
    column: int
    sentence: str


class FileError(Exception):
    """A file cannot be read as a design. `source` is what the user called it; `faults` in the order of the file."""

    def __init__(self, source: str, faults: list[FileFault]) -> None:
        self.source = source
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, fault.column)))
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """One line a fault, `file:line:column: sentence`; the first fifty, and how many more there are."""
        shown = [f"{self.source}{_place(fault)}: {fault.sentence}" for fault in self.faults[:MOST_SHOWN]]
        more = len(self.faults) - len(shown)
        return [*shown, f"{self.source}: {more} more errors are not shown."] if more else shown


def _place(fault: FileFault) -> str:
    return f":{fault.line}:{fault.column}" if fault.line else ""
