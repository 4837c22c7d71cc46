"""The result of a reader: a draft, and where it comes from."""

from __future__ import annotations

from msgspec import Struct

from cnnstudio.formats.foreign.draft import Draft


class Source(Struct):
    """One network as read. `stated` are the numbers that the file holds as a whole, None if it holds none.

    `counts_stored`: they include the stored ones that are not learned, so that they compare with both.
    """

    format: str
    producer: str
    name: str
    draft: Draft
    stated: int | None = None
