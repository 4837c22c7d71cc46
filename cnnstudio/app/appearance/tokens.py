"""The colours by the part they play, once for a light and once for a dark desktop."""

from __future__ import annotations

from msgspec import Struct

from cnnstudio.drawings.colours import DARK_FAMILIES, LIGHT_FAMILIES


class Tokens(Struct, frozen=True):
    """Colours as `#rrggbb`.

    `window` lies behind tool bars and titles, `surface` behind lists and tables, `raised` behind what stands
    out from them, `field` where one types. `hairline` parts, `outline` surrounds. `muted` is secondary text,
    `selection_muted` the same in a selected row, `faint` what is disabled. `fill` is the accent as a ground
    for `fill_text`.
    """

    window: str
    surface: str
    raised: str
    field: str
    hairline: str
    outline: str
    text: str
    muted: str
    faint: str
    accent: str
    fill: str
    fill_text: str
    selection: str
    selection_text: str
    selection_muted: str
    danger: str
    warning: str
    good: str
    families: dict[str, str]

    def family(self, key: str) -> str:
        """The colour of a layer family, or of `block`."""
        return self.families[key]


LIGHT = Tokens(
    window="#f7f8fa",
    surface="#ffffff",
    raised="#f4f5f7",
    field="#ffffff",
    hairline="#dfe2e6",
    outline="#c9ced5",
    text="#1f2328",
    muted="#66707b",
    faint="#8a929c",
    accent="#2d6bd0",
    fill="#2d6bd0",
    fill_text="#ffffff",
    selection="#dce9fb",
    selection_text="#1f2328",
    selection_muted="#535d69",
    danger="#c6303e",
    warning="#946200",
    good="#007f5b",
    families=LIGHT_FAMILIES,
)

DARK = Tokens(
    window="#2a2f36",
    surface="#24282e",
    raised="#2e333a",
    field="#1b1e22",
    hairline="#363b43",
    outline="#4b525c",
    text="#e6e8eb",
    muted="#9aa3ad",
    faint="#7b8590",
    accent="#6ea8fe",
    fill="#3570cc",
    fill_text="#ffffff",
    selection="#2f4b73",
    selection_text="#ffffff",
    selection_muted="#bcc5d0",
    danger="#ff7b72",
    warning="#e3b341",
    good="#2fc499",
    families=DARK_FAMILIES,
)


def mixed(first: str, second: str, part: float) -> str:
    """A colour between two: `part` of the other, the rest of the one."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def contrast(first: str, second: str) -> float:
    """The contrast of two colours, 1 to 21, as the Web Content Accessibility Guidelines 2.1 define it."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def _luminance(colour: str) -> float:
    parts = [value / 255 for value in _channels(colour)]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
