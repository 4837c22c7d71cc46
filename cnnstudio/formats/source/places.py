"""The text of a program: a file of Python, or the code cells of a notebook, with the place of each line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from msgspec import Struct

from cnnstudio.formats.content import read_content
from cnnstudio.formats.source.language.parsing import CLOSING, OPENING, parse
from cnnstudio.formats.source.language.values import NotFollowed

MAX_BYTES = 4_000_000
MAX_NOTEBOOK_BYTES = 64_000_000
FILE_LINES = 1_000_000
"""The lines of the second file are counted from this number on, those of the third from twice as many."""
_MAGIC = re.compile(r"^\s*[%!?]|^\s*\S+\?{1,2}\s*$")


class Place(Struct, frozen=True):
    """A line as a reader finds it: in another file or in a cell, "" in the file itself."""

    line: int
    where: str = ""

    @property
    def text(self) -> str:
        """`line 23`, `cell 3, line 5`, `model.py, line 12`."""
        return f"{self.where}, line {self.line}" if self.where else f"line {self.line}"


class Places:
    """The place of each line of a program that was put together of several texts."""

    def __init__(self) -> None:
        self.cells: list[tuple[int, int]] = []
        self.files: list[Path] = []

    def add_file(self, path: Path) -> int:
        """The number that is added to the lines of another file."""
        self.files.append(path)
        return len(self.files) * FILE_LINES

    def file_of(self, line: int) -> Path | None:
        """The other file that a line stands in, None for the opened one."""
        file = line // FILE_LINES
        return self.files[file - 1] if file else None

    def of(self, line: int) -> Place:
        """The place of a line."""
        file, within = divmod(line, FILE_LINES)
        if file:
            return Place(within, self.files[file - 1].name)
        for first, cell in reversed(self.cells):
            if line >= first:
                return Place(line - first + 1, f"cell {cell}")
        return Place(line)


def read_text(path: Path, places: Places) -> str:
    """The code of a file or notebook; FileError if it cannot be read, NotFollowed if it is no text or notebook."""
    is_notebook = path.suffix.lower() == ".ipynb"
    content = read_content(path, MAX_NOTEBOOK_BYTES if is_notebook else MAX_BYTES)
    text = content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    if not is_notebook:
        return text
    try:
        cells = json.loads(text)
    except (ValueError, RecursionError):
        raise NotFollowed("is no notebook: it holds no JSON.") from None
    return _of_cells(cells, places)


def _of_cells(notebook: Any, places: Places) -> str:
    """The code cells one after the other; one that is no Python by itself is passed over."""
    found = notebook.get("cells") if isinstance(notebook, dict) else None
    if found is None and isinstance(notebook, dict):
        sheets = notebook.get("worksheets")
        found = sheets[0].get("cells") if isinstance(sheets, list) and sheets and isinstance(sheets[0], dict) else None
    if not isinstance(found, list):
        raise NotFollowed("is no notebook: it has no cells.")
    lines: list[str] = []
    for number, cell in enumerate(found, 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", cell.get("input", ""))
        text = "".join(map(str, source)) if isinstance(source, list) else str(source)
        text = without_magics(text)
        try:
            parse(text)
        except NotFollowed:
            continue
        places.cells.append((len(lines) + 1, number))
        lines += text.split("\n")
    return "\n".join(lines)


def without_magics(text: str) -> str:
    """The text with commands of a notebook, such as `%matplotlib` and `!pip`, left out, and its lines kept."""
    lines = text.split("\n")
    if text.lstrip().startswith("%%") and not text.lstrip().startswith(("%%time", "%%capture", "%%writefile")):
        return "\n" * (len(lines) - 1)
    inside = 0
    kept = []
    for line in lines:
        is_magic = not inside and _MAGIC.match(line) is not None
        kept.append(f"{line[: len(line) - len(line.lstrip())]}pass" if is_magic else line)
        inside = max(0, inside + sum(map(line.count, OPENING)) - sum(map(line.count, CLOSING)))
    return "\n".join(kept)
