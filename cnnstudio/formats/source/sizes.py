"""The size of an input as it is tried: its axes, what they are, and where it comes from."""

from __future__ import annotations

from msgspec import Struct

SEQUENCE, TOKENS, LABEL, SOUND = "sequence", "tokens", "label", "sound"
"""Inputs that are no maps with channels: steps of features, numbers of words, one number an image, samples."""


class Size(Struct, frozen=True):
    """A size to try, channels first, and where it comes from; "" for one that is only usual.

    `order` says what it is: of a SEQUENCE the tensor has its features last, and of a LABEL no axis but the batch.
    """

    sizes: tuple[int, ...]
    source: str = ""
    order: str = ""


class Wanted(Struct, frozen=True):
    """The axes of the input's map and the channels that a first layer expects, None if the source does not tell.

    `order` is what that layer takes if that is no map: a SEQUENCE, or TOKENS.
    """

    axes: int
    channels: int | None
    order: str = ""
