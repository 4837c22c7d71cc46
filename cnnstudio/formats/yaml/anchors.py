"""The places in a text that comments stand at: items, and the fields of items and of the design."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import Any

from msgspec import Struct

from cnnstudio.formats.yaml.events import LOADER
from cnnstudio.formats.yaml.library import yaml

BREAKS = "\n\r\x85\u2028\u2029"
"""The line ends of YAML 1.1, as PyYAML has them."""
_BREAK = re.compile(rf"[{BREAKS}]")

Indices = tuple[int, ...]
"""The index of an item in its list, after those of the blocks around it; () for the design."""


class Anchor(Struct, frozen=True, gc=False):
    """A place that a comment can stand at: a field of an item, or a whole item where `field` is "".

    `index` is where it begins, `holder` where the mapping of its item or design does. `closes` marks the end of an
    item in braces instead.
    """

    item: Indices
    field: str
    index: int
    holder: int
    closes: bool = False


class _Level(Struct):
    """A mapping or list that is being read. `holds` says what: the fields of an item, items, or neither."""

    holds: str
    item: Indices
    start: int
    is_flow: bool
    field: str | None = None
    count: int = 0


class Anchors:
    """The anchors of a text that is valid YAML, in order, and where its scalars are.

    `begins` has those that begin something, by item and field.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.all: list[Anchor] = []
        self.scalars: list[tuple[int, int]] = []
        self._levels: list[_Level] = []
        event: Any
        for event in yaml.parse(text, LOADER):
            if isinstance(event, yaml.ScalarEvent):
                self._add_scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._levels.append(self._begun(event))
            elif isinstance(event, yaml.CollectionEndEvent):
                self._end(event)
        self._starts = [anchor.index for anchor in self.all]
        self.begins = {(anchor.item, anchor.field): anchor for anchor in self.all if not anchor.closes}
        # By the anchor's index: many comments may stand above one anchor, whose line may be long.
        self._columns: dict[int, int] = {}

    def _add_scalar(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        level = self._levels[-1] if self._levels else None
        if level is not None and level.holds == "fields":
            if level.field is None:
                level.field = str(event.value)
                self.all.append(Anchor(level.item, level.field, start, level.start))
            else:
                level.field = None
        # One in block style begins below the line of its `|`, which may end in a comment.
        self.scalars.append((self.line_end(start) if event.style in ("|", ">") else start, end))

    def _begun(self, event: Any) -> _Level:
        start, is_list = event.start_mark.index, isinstance(event, yaml.SequenceStartEvent)
        if not self._levels:
            return _Level("items" if is_list else "fields", (), start, event.flow_style)
        around = self._levels[-1]
        if around.holds == "items":
            item = (*around.item, around.count)
            around.count += 1
            if not is_list:
                self.all.append(Anchor(item, "", start, start))
                return _Level("fields", item, start, event.flow_style)
        elif around.holds == "fields":
            field, around.field = around.field, None
            if is_list and field == "layers":
                return _Level("items", around.item, start, event.flow_style)
        return _Level("", around.item, start, event.flow_style)

    def _end(self, event: Any) -> None:
        level = self._levels.pop()
        if level.holds == "fields" and level.item and level.is_flow:
            self.all.append(Anchor(level.item, "", event.end_mark.index - 1, level.start, closes=True))

    def before(self, index: int) -> Anchor | None:
        """The last anchor before an index."""
        at = bisect_left(self._starts, index)
        return self.all[at - 1] if at else None

    def after(self, index: int) -> Anchor | None:
        """The first anchor after an index that begins something."""
        following = (self.all[at] for at in range(bisect_right(self._starts, index), len(self.all)))
        return next((anchor for anchor in following if not anchor.closes), None)

    def end_of(self, anchor: Anchor) -> tuple[Anchor, Anchor | None]:
        """The last anchor in the item that begins here, and the first one after it."""
        at, depth = bisect_right(self._starts, anchor.index), len(anchor.item)
        while at < len(self.all) and self.all[at].item[:depth] == anchor.item:
            at += 1
        return self.all[at - 1], next(iter(self.all[at : at + 1]), None)

    def column(self, anchor: Anchor) -> int:
        """The column in which the line of an anchor begins."""
        if anchor.index not in self._columns:
            start = self.line_start(anchor.index)
            line = self.text[start : anchor.index]
            self._columns[anchor.index] = len(line) - len(line.lstrip(" \t"))
        return self._columns[anchor.index]

    def line_start(self, index: int) -> int:
        """The beginning of the line of an index."""
        start = self.text.rfind("\n", 0, index) + 1
        # The rare line ends are looked for in one line only, or each search would go through the whole text.
        return start + max(map(self.text[start:index].rfind, BREAKS)) + 1

    def line_end(self, index: int) -> int:
        """The end of the line of an index."""
        match = _BREAK.search(self.text, index)
        return match.start() if match else len(self.text)
