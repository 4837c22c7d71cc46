"""The comments of a YAML file: the leading ones, which saving keeps, and how many others there are."""

from __future__ import annotations

import re
from typing import Any

from cnnstudio.formats.design_file import Comments
from cnnstudio.formats.yaml.events import LOADER
from cnnstudio.formats.yaml.library import yaml

_BREAKS = "\n\r\x85\u2028\u2029"
_LEADING = re.compile(rf"(?:[ \t]*(?:#[^{_BREAKS}]*)?\n)*")
_BREAK = re.compile(rf"[{_BREAKS}]|\Z")


def find_comments(text: str) -> Comments:
    """The comments of a text that is valid YAML."""
    match = _LEADING.match(text)
    leading = match[0] if match else ""
    body = text[len(leading) :]
    return Comments(leading if "#" in leading else "", _count(body) if "#" in body else 0)


def _count(body: str) -> int:
    """Number signs outside every scalar, each of which makes a comment of the rest of its line."""
    found = behind = 0
    # The end stands for one more scalar, so that the text after the last one is searched as well.
    for start, end in [*_scalars(body), (len(body), len(body))]:
        sign = body.find("#", behind, start)
        while sign >= 0:
            found += 1
            behind = _line_end(body, sign)
            sign = body.find("#", behind, start)
        behind = max(behind, end)
    return found


def _scalars(body: str) -> list[tuple[int, int]]:
    """The start and end of each scalar; one in block style begins below the line of its `|`, which may end so."""
    spans = []
    for event in yaml.parse(body, LOADER):
        if isinstance(event, yaml.ScalarEvent):
            scalar: Any = event
            start, end = scalar.start_mark.index, scalar.end_mark.index
            spans.append((_line_end(body, start) if event.style in ("|", ">") else start, end))
    return spans


def _line_end(body: str, index: int) -> int:
    match = _BREAK.search(body, index)
    return match.start() if match else len(body)
