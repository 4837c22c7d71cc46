"""Settings of versions that kept them in an INI file of Qt, read without Qt: PySide runs what such a file holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnnstudio.formats.content import read_content
from cnnstudio.formats.fault import FileError

MAX_BYTES = 1_000_000
_SECTION = re.compile(r"\[(\w+)\]")
_ENTRY = re.compile(r"(\w+)=(.*)")
_PIECE = re.compile(r"""\\x(?P<code>[0-9a-fA-F]{1,6})|\\(?P<sign>.)|(?P<quote>")|(?P<comma>,\s*)|(?P<plain>.)""")
_SIGNS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_WORDS: dict[str, bool] = {"true": True, "false": False}


def earlier_values(path: Path) -> dict[str, Any]:
    """Text, switches and lists of text; anything else, which begins with `@`, is left where it is."""
    try:
        text = read_content(path, MAX_BYTES).decode(errors="replace")
    except FileError:
        return {}
    values: dict[str, Any] = {}
    section = ""
    for line in text.replace("\r", "").split("\n"):
        if match := _SECTION.fullmatch(line):
            section = match[1]
        elif (match := _ENTRY.fullmatch(line)) and (value := _value(match[2])) is not None:
            values[f"{section}/{match[1]}"] = value
    return values


def _value(text: str) -> bool | str | list[str] | None:
    parts = list(_parts(text))
    if any(part.startswith("@") and not part.startswith("@@") for part in parts):
        return None
    parts = [part.removeprefix("@") if part.startswith("@@") else part for part in parts]
    return parts if len(parts) > 1 else _WORDS.get(parts[0], parts[0])


def _parts(text: str) -> Iterator[str]:
    """The parts of a list, or the one text that it is."""
    part, is_quoted = "", False
    for piece in _PIECE.finditer(text):
        if piece["quote"]:
            is_quoted = not is_quoted
        elif piece["comma"] and not is_quoted:
            yield part
            part = ""
        elif piece["code"]:
            code = int(piece["code"], 16)
            part += chr(code) if code <= 0x10FFFF else ""
        else:
            sign = piece["sign"]
            part += _SIGNS.get(sign, sign) if sign else piece[0]
    yield part
