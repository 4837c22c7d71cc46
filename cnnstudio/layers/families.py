"""The families of layers: one row each, which is all that the studio knows of a family.

A new family is a row here, a picture under `resources/icons/families`, and layer types whose `family` is its key.
Palette, search, list, chart, diagram, reports and their legends read the row. Its colours are read by
`cnnstudio.drawings.colours` alone, from where everything that is drawn takes them, in the window as on paper.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from cnnstudio.core.network.design import Block

Effect = Literal["computes", "keeps", "joins", "rearranges", "passes"]
"""The effect of a family's layers on the tensor that flows in.

They compute another one; they keep its shape; they join several; they lay out its elements anew; or they pass it on as
it is, where a network begins, ends, or is marked.
"""


class Family(Struct, frozen=True):
    """A family: the common part of the layers of one subject.

    `letter` tells it from others where colour cannot. `light` and `dark` are its colour on light and on dark ground.
    `stays_with`: its layers belong to the one that they follow, as an activation to a convolution, and go with it into
    a branch. `input_rank` is how many spatial axes that has which usually flows in. `icon` names its picture.
    """

    key: str
    title: str
    letter: str
    light: str
    dark: str
    effect: Effect
    stays_with: bool = False
    input_rank: int = 2
    icon: str = ""

    @property
    def picture(self) -> str:
        """Its picture, in the folder of icons."""
        return f"families/{self.icon or self.key}.svg"


# The colours come from the palette of Okabe and Ito, which colour-blind eyes can tell apart, darkened
# until they stand out from white by 3 to 1. `tests/app/appearance/test_theme.py` holds them to both.
POOLING: Final = Family("pooling", "Pooling", "P", "#009e73", "#2fc499", "computes")
FAMILIES: Final = (
    Family("convolution", "Convolution", "C", "#2f7bd1", "#5aa2f0", "computes"),
    POOLING,
    Family("dense", "Dense", "D", "#8a63d2", "#a98be8", "computes", input_rank=0),
    Family("recurrent", "Recurrent", "L", "#8a5a3c", "#c79a7c", "computes", input_rank=1),
    Family("attention", "Attention", "T", "#7d7a12", "#c3bf45", "computes"),
    Family("normalization", "Normalization", "N", "#848e9b", "#a3abb5", "keeps", stays_with=True),
    Family("activation", "Activation", "A", "#c77c00", "#f0a63a", "keeps", stays_with=True),
    Family("merge", "Merge", "M", "#cc5f9b", "#e07ab0", "joins"),
    Family("reshaping", "Reshaping", "R", "#1793b5", "#4cc7dd", "rearranges"),
    Family("regularization", "Regularization", "G", "#d55e00", "#ff8455", "keeps", stays_with=True),
    Family("structure", "Structure", "S", "#2d343c", "#d6dce3", "passes"),
)
"""The families of layers, in the order of the palette and of every legend."""

BLOCKS: Final = Family(Block.family, "Block", "B", "#53637a", "#7489a8", "computes")
"""Blocks, which are drawn as a family of their own and come last in legends."""

FAMILY: Final = {family.key: family for family in (*FAMILIES, BLOCKS)}
"""The families, and that of blocks, by key."""
FAMILY_TITLES: Final = {key: family.title for key, family in FAMILY.items()}
"""Their titles, as legends write them."""
