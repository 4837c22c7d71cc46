"""The result of a reader: a draft, and where it comes from."""

from __future__ import annotations

from msgspec import Struct

from cnnstudio.formats.foreign.draft import Draft


class Source(Struct):
    """One network as read. `stated` are the numbers that the file holds as a whole, None if it holds none.

    `remembered` is what the user said or the reader assumed, which the design's note keeps; `choices` are the names of
    all networks of the file, if it holds several.
    """

    format: str
    producer: str
    name: str
    draft: Draft
    stated: int | None = None
    remembered: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    arguments: tuple[tuple[str, str], ...] = ()
