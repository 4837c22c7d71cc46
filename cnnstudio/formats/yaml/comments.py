"""The comments of a YAML file: found at the items and fields that they stand at, and written there again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from cnnstudio.core.network.comments import Comment, Comments, lines_of, put_above
from cnnstudio.formats.fault import FileFault
from cnnstudio.formats.yaml.anchors import BREAKS, Anchor, Anchors, Indices
from cnnstudio.formats.yaml.events import UnsafeYaml

MAX_LINES = 100_000
"""Lines of comments in a file, and the empty lines above them, which are kept too."""

# Possessive, as going back over millions of lines would be remembered in gigabytes.
_LEADING = re.compile(rf"(?:[ \t]*+(?:#[^{BREAKS}]*+)?+\n)*+")
_BEFORE = re.compile(r"[ \t-]*\Z")
"""The text before a comment that has its line for itself, or only the dash of an item."""


class _Found(Struct):
    """The comments found at one anchor."""

    above: list[str] = field(default_factory=list)
    end: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)


def find_comments(text: str) -> dict[int, Comments]:
    """The comments of a text that `build` has accepted, by where the mapping begins that they belong to.

    Raises UnsafeYaml where they have more than `MAX_LINES`.
    """
    return _Finding(text).comments() if "#" in text else {}


class _Finding:
    """Finds the comments of one text, and what each stands at."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.anchors = Anchors(text)
        self.found: dict[tuple[int, str], _Found] = {}
        self.lines = 0

    def comments(self) -> dict[int, Comments]:
        leading = _LEADING.match(self.text)
        begin = leading.end() if leading else 0
        first = next(iter(self.anchors.all), None)
        if first is None or first.item:
            begin = 0
        elif "#" in self.text[:begin]:
            self._count(self.text.count("\n", 0, begin), 0)
            self._at(first.holder, "").above += self.text[:begin].removesuffix("\n").split("\n")
        for gap, sign in self._signs(begin):
            self._add(gap, sign)
        found: dict[int, list[Comment]] = {}
        for (holder, name), at in self.found.items():
            comment = Comment(name, tuple(at.above), "".join(at.end), tuple(at.below))
            found.setdefault(holder, []).append(comment)
        return {holder: tuple(comments) for holder, comments in found.items()}

    def _count(self, lines: int, sign: int) -> None:
        """UnsafeYaml where these are too many, before they are kept."""
        self.lines += lines
        if self.lines > MAX_LINES:
            sentence = (
                f"has more than {MAX_LINES:,} lines of comments, with the empty ones above them; delete some of them."
            )
            raise UnsafeYaml(FileFault(self.text.count("\n", 0, sign) + 1, 1, sentence))

    def _signs(self, begin: int) -> Iterator[tuple[int, int]]:
        """Number signs outside every scalar, each of which makes a comment of the rest of its line.

        With each, the end of what stands before it: a scalar, or another comment.
        """
        behind = begin
        # The end stands for one more scalar, so that the text after the last one is searched as well.
        for start, end in [*self.anchors.scalars, (len(self.text), len(self.text))]:
            sign = self.text.find("#", behind, start)
            while sign >= 0:
                yield behind, sign
                behind = self.anchors.line_end(sign)
                sign = self.text.find("#", behind, start)
            behind = max(behind, end)

    def _at(self, holder: int, name: str) -> _Found:
        return self.found.setdefault((holder, name), _Found())

    def _add(self, gap: int, sign: int) -> None:
        start = self.anchors.line_start(sign)
        comment = self.text[sign : self.anchors.line_end(sign)].rstrip()
        if not _BEFORE.match(self.text[start:sign]):
            self._count(1, sign)
            anchor = self._ended(sign, start)
            if anchor is not None:
                rest = self.text[gap:sign]
                space = rest[len(rest.rstrip(" \t")) :]
                self._at(anchor.holder, anchor.field).end.append(space + comment)
            return
        empty = self._blank_lines(gap, start)
        self._count(empty + 1, sign)
        lines = [*[""] * empty, comment]
        below = self._item_above(sign, sign - start)
        following = self.anchors.after(sign)
        if below is not None:
            self._at(below.holder, "").below += lines
        elif following is not None:
            self._at(following.holder, following.field).above += lines
        elif self.anchors.all:
            self._at(self.anchors.all[0].holder, "").below += lines

    def _blank_lines(self, gap: int, start: int) -> int:
        """The lines without anything right above the line that begins at `start`, as far as the gap goes."""
        between = self.text[gap:start]
        written = between.rstrip()
        # The line in which something stands has a break of its own, as has the rest of a line that began before.
        is_begun = bool(written) or gap != self.anchors.line_start(gap)
        return max(0, between.count("\n", len(written)) - is_begun)

    def _ended(self, sign: int, start: int) -> Anchor | None:
        """The anchor of a comment at the end of a line: the item that begins in the line, or the last field."""
        last = self.anchors.before(sign)
        begins_here = last is not None and last.item and last.holder >= start
        return self.anchors.begins[last.item, ""] if last is not None and begins_here else last

    def _item_above(self, sign: int, column: int) -> Anchor | None:
        """The item that a comment in its own line stands below, which is set in further than what follows it.

        None where it stands above what follows, or at the end of the design.
        """
        last, following = self.anchors.before(sign), self.anchors.after(sign)
        if last is None or (following is not None and column <= self.anchors.column(following)):
            return None
        within = following.item if following is not None else ()
        for depth in range(len(last.item), 0, -1):
            item = last.item[:depth]
            # An item that goes on after the comment is not above it.
            if within[:depth] == item:
                return None
            whole = self.anchors.begins[item, ""]
            dash = self.anchors.column(whole)
            # The items of the design begin in the column of its fields: what is in that column concerns all of it.
            if dash < column or (dash == column and depth > 1):
                return whole
        return None


def with_comments(text: str, comments: Mapping[Indices, Comments]) -> str:
    """The text of a design or of items, as `yaml_text` writes it, with the comments of each item in their places.

    Comments at a field that is not in the text stand above its item, or above the layers of the design.
    """
    anchors = Anchors(text)
    pieces: list[tuple[int, int, str]] = []
    for item, said in comments.items():
        pieces += _pieces(anchors, item, {comment.field: comment for comment in said})
    parts, begin = [], 0
    # By their places, and where several go to one, by their order there.
    for index, _, piece in sorted(pieces, key=lambda piece: piece[:2]):
        parts += [text[begin:index], piece]
        begin = index
    return "".join([*parts, text[begin:]])


def _pieces(anchors: Anchors, item: Indices, said: dict[str, Comment]) -> Iterator[tuple[int, int, str]]:
    """The comments of an item: where each goes, its order among those in one place, and how it is written."""
    if not item and "" in said:
        whole = said.pop("")
        yield 0, 0, _lines(whole.above, 0)
        yield len(anchors.text), 0, _lines(whole.below, 0)
    host = "" if item else "layers"
    lost = lines_of(tuple(said[name] for name in said if name and (item, name) not in anchors.begins))
    if lost:
        said[host] = put_above(lost, (said.get(host, Comment()),))[0]
    for name, comment in said.items():
        anchor = anchors.begins.get((item, name))
        if anchor is not None:
            column = anchors.column(anchor)
            # What is said of the whole item comes before what is said of the field in its first line.
            yield anchors.line_start(anchor.index), bool(name), _lines(comment.above, column)
            yield anchors.line_end(anchor.index), bool(name), comment.end
            if comment.below:
                yield _below(anchors, anchor, comment)


def _below(anchors: Anchors, anchor: Anchor, comment: Comment) -> tuple[int, int, str]:
    """The comments below an item: their place, their order there, and their text.

    The column tells them from those above the next item.
    """
    depth = len(anchor.item)
    last, following = anchors.end_of(anchor)
    is_last = following is None or len(following.item) < depth
    column = anchors.column(anchor) + (0 if is_last and depth > 1 else 1 if len(last.item) > depth else 2)
    place = anchors.line_start(following.index) if following is not None else len(anchors.text)
    # Those of what is further in come first.
    return place, -depth, _lines(comment.below, column)


def _lines(lines: tuple[str, ...], column: int) -> str:
    return "".join(f"{' ' * column}{line}\n" if line else "\n" for line in lines)
