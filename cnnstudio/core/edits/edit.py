"""An edit: the new design, and what the edit says about itself."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from cnnstudio.core.network.design import Design, Item, ItemPath


class Edit(Struct, frozen=True):
    """A new design, what was done in the imperative, the items concerned, and what had to change besides.

    `focus` are the items to select afterwards. Edits with the same `key` that follow each other are one step of undo.
    """

    design: Design
    label: str
    focus: tuple[ItemPath, ...] = ()
    notes: tuple[str, ...] = ()
    key: str = ""


class EditError(ValueError):
    """An edit is not possible; the text is the sentence for the user."""


Place = tuple[ItemPath, int]
"""A place in a list: the path of the block that holds it, () for the design itself, and the index in it."""


def labelled(paths: Sequence[ItemPath]) -> str:
    """The items as a label names them: the name of the one, or how many they are."""
    return paths[0][-1] if len(paths) == 1 else f"{len(paths)} layers"


def names_of(items: Sequence[Item]) -> str:
    """Items as a label names them."""
    return items[0].name if len(items) == 1 else f"{len(items)} layers"
