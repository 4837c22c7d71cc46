"""Shades between the colours of a page, be they numbers or names of variables of a style sheet."""

from __future__ import annotations

from functools import lru_cache

from cnnstudio.drawings.colours import PageColours


def family_colour(colours: PageColours, family: str) -> str:
    """The colour of a layer family, or of `block`."""
    return colours.families[family]


@lru_cache(maxsize=1024)
def mixed(first: str, second: str, part: float) -> str:
    """A colour between two: `part` of the other, the rest of the one. Browsers mix what is not known as numbers."""
    if not (first.startswith("#") and second.startswith("#")):
        return f"color-mix(in srgb, {first}, {second} {round(100 * part)}%)"
    pairs = zip(bytes.fromhex(first[1:]), bytes.fromhex(second[1:]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)
