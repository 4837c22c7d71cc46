"""The colours of what is printed or published: the families' own, and those of the page, light and dark."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from cnnstudio.layers.families import FAMILY


class ChartColours(Struct, frozen=True):
    """The colours of a picture; `families` has one for each family, and one for `block`."""

    background: str
    text: str
    muted: str
    hairline: str
    families: dict[str, str]


LIGHT_FAMILIES: Final = {key: family.light for key, family in FAMILY.items()}
DARK_FAMILIES: Final = {key: family.dark for key, family in FAMILY.items()}


class PageColours(Struct, frozen=True):
    """Colours by the part they play on a page; in a web page they may be names of variables."""

    paper: str
    raised: str
    hairline: str
    text: str
    muted: str
    accent: str
    danger: str
    warning: str
    families: dict[str, str]

    @property
    def chart(self) -> ChartColours:
        """The same for a chart."""
        return ChartColours(self.paper, self.text, self.muted, self.hairline, self.families)


LIGHT_PAGE: Final = PageColours(
    paper="#ffffff",
    raised="#f4f5f7",
    hairline="#dfe2e6",
    text="#1f2328",
    muted="#5d6671",
    accent="#2f6fd6",
    danger="#c6303e",
    warning="#946200",
    families=LIGHT_FAMILIES,
)
DARK_PAGE: Final = PageColours(
    paper="#1b1e22",
    raised="#24282e",
    hairline="#3a4049",
    text="#e6e8eb",
    muted="#9aa3ad",
    accent="#6ea8fe",
    danger="#ff7b72",
    warning="#e3b341",
    families=DARK_FAMILIES,
)


def css_variables(colours: PageColours) -> dict[str, str]:
    """The colours as the values of variables of CSS, by their names: `paper`, `family-dense`."""
    plain = {name: getattr(colours, name) for name in colours.__struct_fields__ if name != "families"}
    return plain | {f"family-{key}": value for key, value in colours.families.items()}


CSS_PAGE: Final = PageColours(
    paper="var(--paper)",
    raised="var(--raised)",
    hairline="var(--hairline)",
    text="var(--text)",
    muted="var(--muted)",
    accent="var(--accent)",
    danger="var(--danger)",
    warning="var(--warning)",
    families={key: f"var(--family-{key})" for key in LIGHT_FAMILIES},
)
"""The variables themselves, so that one drawing is light and dark as its page is."""
