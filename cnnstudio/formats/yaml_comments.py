"""The comments of a YAML file: the leading ones, which saving keeps, and how many others there are."""

from __future__ import annotations

import re

import yaml
from msgspec import Struct

from cnnstudio.formats.yaml_events import LOADER

_LEADING = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*")
_COMMENT = re.compile(r"(?:^|(?<=[ \t\n]))#")


class Comments(Struct, frozen=True):
    """`leading` is the text before the first content, blank lines included; `others` lines of comment after it."""

    leading: str = ""
    others: int = 0


def find_comments(text: str) -> Comments:
    """The comments of a text that is valid YAML."""
    match = _LEADING.match(text)
    leading = match[0] if match else ""
    body = text[len(leading) :]
    return Comments(leading if "#" in leading else "", _count(body) if "#" in body else 0)


def _count(body: str) -> int:
    """Number signs that begin a comment: those outside every scalar, at the start of a line or behind white space."""
    scalars = [
        (event.start_mark.index, event.end_mark.index)
        for event in yaml.parse(body, LOADER)
        if isinstance(event, yaml.ScalarEvent)
    ]
    lines: set[int] = set()
    place = 0
    for match in _COMMENT.finditer(body):
        while place < len(scalars) and scalars[place][1] <= match.start():
            place += 1
        inside = place < len(scalars) and scalars[place][0] <= match.start()
        if not inside:
            lines.add(body.count("\n", 0, match.start()))
    return len(lines)
