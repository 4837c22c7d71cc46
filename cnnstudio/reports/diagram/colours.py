"""The colours of a diagram, on white paper and on a dark ground: those of the window, which a test holds equal."""

from __future__ import annotations

from msgspec import Struct


class Colours(Struct, frozen=True):
    """Colours as `#rrggbb`: `raised` lies behind what stands out, `families` has one for each and for `block`."""

    background: str
    raised: str
    text: str
    muted: str
    hairline: str
    outline: str
    accent: str
    danger: str
    warning: str
    families: dict[str, str]

    def family(self, key: str) -> str:
        """The colour of a layer family, or of `block`; that of secondary text for a family without one."""
        return self.families.get(key, self.muted)


LIGHT = Colours(
    background="#ffffff",
    raised="#f4f5f7",
    text="#1f2328",
    muted="#66707b",
    hairline="#dfe2e6",
    outline="#c9ced5",
    accent="#2f6fd6",
    danger="#c6303e",
    warning="#946200",
    families={
        "convolution": "#2f7bd1",
        "pooling": "#009e73",
        "dense": "#8a63d2",
        "normalization": "#848e9b",
        "activation": "#c77c00",
        "merge": "#cc5f9b",
        "reshaping": "#1793b5",
        "regularization": "#d55e00",
        "structure": "#2d343c",
        "block": "#53637a",
    },
)

DARK = Colours(
    background="#24282e",
    raised="#2e333a",
    text="#e6e8eb",
    muted="#9aa3ad",
    hairline="#363b43",
    outline="#4b525c",
    accent="#6ea8fe",
    danger="#ff7b72",
    warning="#e3b341",
    families={
        "convolution": "#5aa2f0",
        "pooling": "#2fc499",
        "dense": "#a98be8",
        "normalization": "#a3abb5",
        "activation": "#f0a63a",
        "merge": "#e07ab0",
        "reshaping": "#4cc7dd",
        "regularization": "#ff8455",
        "structure": "#d6dce3",
        "block": "#7489a8",
    },
)


def mixed(one: str, other: str, part: float) -> str:
    """A colour between two: `part` of the other, the rest of the one."""
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)
