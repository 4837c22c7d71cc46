"""Faults of a file: one sentence with its place, and all of them at once."""

from __future__ import annotations

from msgspec import Struct, structs

MAX_SHOWN = 50
MAX_FAULTS = 1_000
"""Faults that are gathered of a file, which is read no further then."""
_MAX_QUOTE_LENGTH = 60


class FileFault(Struct, frozen=True):
    """One fault: line and column from 1 (0 where the file as a whole is meant), and the sentence."""

    line: int
    column: int
    sentence: str


class FileError(Exception):
    """A file cannot be read as a design: `source` is what the user called it, `faults` are in the file's order."""

    def __init__(self, source: str, faults: list[FileFault]) -> None:
        self.source = source
        ordered = sorted(faults, key=lambda fault: (fault.line, fault.column))
        self.faults = tuple(structs.replace(fault, sentence=one_line(fault.sentence)) for fault in ordered)
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """One line a fault, `file:line:column: sentence`; the first fifty, and how many more were found."""
        source = one_line(self.source)
        shown = [f"{source}{_place(fault)}: {fault.sentence}" for fault in self.faults[:MAX_SHOWN]]
        more = len(self.faults) - len(shown)
        # Where as many as are gathered were found, there may be others in what was not read.
        bound = "at least " if len(self.faults) >= MAX_FAULTS else ""
        return [*shown, f"{source}: {bound}{more:,} more errors are not shown."] if more else shown


class OpenQuestion(FileError):
    """A file leaves something open that the user can say: values by their names, or the size of the input.

    `choices` are the networks in it, `network` is the one that was asked for or tried.
    """

    def __init__(
        self,
        source: str,
        faults: list[FileFault],
        *,
        arguments: tuple[str, ...],
        choices: tuple[str, ...] = (),
        network: str = "",
        is_size_open: bool = False,
    ) -> None:
        self.arguments = arguments
        self.choices = choices
        self.network = network
        self.is_size_open = is_size_open
        super().__init__(source, faults)


def _place(fault: FileFault) -> str:
    return f":{fault.line}:{fault.column}" if fault.line else ""


def one_line(text: str) -> str:
    """The text with what would break the line, or act on a terminal, written as `\\n` or `\\x1b`."""
    if text.isprintable():
        return text
    # A file may hold escape codes, by which a message would recolour or clear the terminal that prints it.
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def brief(text: str) -> str:
    """A text from a file as a sentence quotes it: cut where it is long."""
    return text if len(text) <= _MAX_QUOTE_LENGTH else text[:_MAX_QUOTE_LENGTH] + "…"
