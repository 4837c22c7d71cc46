"""Lines of generated code: indented, not too long, with comments at their ends, and where each item stands."""

from __future__ import annotations

import ast
import textwrap

from cnnstudio.core.network.design import Design
from cnnstudio.exports.source.statements import Statement
from cnnstudio.exports.target import Mark
from cnnstudio.version import __version__

MAX_WIDTH = 110
INDENT = "    "


def docstring(text: str) -> str:
    """A docstring of one line."""
    words = quoted(text)
    return f'"""{words if len(words) <= MAX_WIDTH else words[:MAX_WIDTH] + "…"}."""'


def quoted(text: str) -> str:
    """Text that can stand in a docstring, as one line without its full stop."""
    # A name or a note may end the docstring, or hold an escape that Python would read.
    return " ".join(text.replace("\\", "\\\\").replace('"""', "'''").split()).rstrip('". ') or "A network"


def heading(design: Design, *lines: str) -> str:
    """The docstring of a whole file: the design's name and note, then these lines."""
    texts = [f"{quoted(design.name)}, exported from CNN Studio {__version__}."]
    texts += [f"{quoted(design.note)}."] if design.note.strip() else []
    first, *note = [textwrap.fill(text, MAX_WIDTH - 6) for text in texts]
    body = "\n".join([textwrap.fill(line, MAX_WIDTH - 6) for line in lines])
    return "\n\n".join([f'"""{first}', *note, f'{body}\n"""'])


class Page:
    """Text that grows line by line, with marks."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._marks: list[Mark] = []

    def add(self, text: str = "", depth: int = 0) -> None:
        """Lines of plain text."""
        for line in text.split("\n"):
            self.lines.append(INDENT * depth + line if line else "")

    def statement(self, statement: Statement, depth: int) -> None:
        """A statement of plain text, broken where it is too long, and marked."""
        text = "".join([piece if isinstance(piece, str) else piece.text for piece in statement.pieces])
        first = len(self.lines) + 1
        self.lines += [INDENT * depth + line for line in fitted(text, statement.comment, MAX_WIDTH - 4 * depth)]
        if statement.places:
            self._marks.append(Mark(statement.places, first, len(self.lines), statement.variable, statement.names))

    def marks(self) -> tuple[Mark, ...]:
        """The places of the items, in the order of the text."""
        return tuple(self._marks)

    def text(self) -> str:
        """All of it, with one line end at the end."""
        return "\n".join(self.lines).rstrip("\n") + "\n"


def fitted(text: str, comment: str, width: int) -> list[str]:
    """The lines of a statement: one if it fits, else broken at the commas of its outermost brackets."""
    ending = f"  # {comment}" if comment else ""
    if "\n" in text:
        first, _, rest = text.partition("\n")
        return [first, *[INDENT + line for line in fitted(rest.strip(), comment, width - len(INDENT))]]
    if len(text) + len(ending) <= width:
        return [text + ending]
    if len(text) <= width:
        return [f"# {comment}", text] if comment else [text]
    return [*([f"# {comment}"] if comment else []), *_faithful(text, _broken(text, width))]


def _faithful(text: str, lines: list[str]) -> list[str]:
    """The lines, if they mean what the text means: a comma too many would make a tuple."""
    try:
        # Proved by the parser: broken lines that mean something else would be silent faults in code that people run.
        same = ast.dump(ast.parse("\n".join(lines))) == ast.dump(ast.parse(text))
    except SyntaxError:
        same = False
    return lines if same else [text]


def _broken(text: str, width: int) -> list[str]:
    start = text.find("(") + 1
    end = _closing(text, start - 1)
    if not start or end < 0:
        return [text]
    parts = _parts(text[start:end])
    lines = [text[:start]]
    for part in parts:
        piece = INDENT + part.strip() + ","
        lines += [piece] if len(piece) <= width else [INDENT + line for line in _filled(part.strip() + ",", width - 4)]
    if not (text[start - 2].isalnum() or text[start - 2] in "_]"):
        lines[-1] = lines[-1].removesuffix(",")  # brackets that group, not those of a call
    last = text[end:]
    if text[start:end].rstrip().endswith("for _ in range") or " for " in parts[-1]:
        lines[-1] = lines[-1].removesuffix(",")
    return [*lines, last]


def _filled(text: str, width: int) -> list[str]:
    """A long value, such as a table of connections, in as few lines as hold it."""
    lines, rest = [], text
    while len(rest) > width and (cut := rest.rfind(", ", 0, width)) > 0:
        lines.append(rest[: cut + 1])
        rest = rest[cut + 2 :]
    return [*lines, rest]


def _closing(text: str, opening: int) -> int:
    depth = 0
    for at in range(max(opening, 0), len(text)):
        depth += text[at] in "([{"
        depth -= text[at] in ")]}"
        if not depth:
            return at
    return -1


def _parts(text: str) -> list[str]:
    """The parts between the outermost commas."""
    parts, depth, start = [], 0, 0
    for at, sign in enumerate(text):
        depth += sign in "([{"
        depth -= sign in ")]}"
        if sign == "," and not depth:
            parts.append(text[start:at])
            start = at + 1
    return [part for part in (*parts, text[start:]) if part.strip()]
