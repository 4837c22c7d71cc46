"""Shared weights in a design file: an item that shares those of an earlier one leaves out what both have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnstudio.core.network.design import Block, Item, ItemPath, path_from
from cnnstudio.core.network.sharing import OWN_FIELDS, shares_any

MAX_FILLED = 200_000
"""Items that are filled in: blocks in blocks that share each other would double with each line of a file."""


class TooMuchShared(ValueError):
    """The blocks of a file that share weights hold more than `MAX_FILLED` items."""


def fill(entries: Any) -> None:
    """Gives the items of a file that share weights the fields that they leave out, those of the item that they name.

    A block gets the layers too. Raises TooMuchShared.
    """
    _Filling().fill(entries, (), is_copy=False)


class _Filling:
    """One walk over the items of a file; `known` are those before, by path."""

    def __init__(self) -> None:
        self.known: dict[ItemPath, dict[str, Any]] = {}
        self.filled = 0

    def fill(self, entries: Any, within: ItemPath, *, is_copy: bool) -> None:
        """Fills in a list, `is_copy` if it is that of another block. Raises TooMuchShared."""
        for entry in [found for found in entries if isinstance(found, dict)] if isinstance(entries, list) else ():
            self.filled += is_copy
            if self.filled > MAX_FILLED:
                raise TooMuchShared(f"blocks that share weights hold more than {MAX_FILLED:,} layers")
            path = (*within, str(entry.get("name", "")))
            shares = entry.get("shares")
            owner = self.known.get(path_from(shares)) if isinstance(shares, str) else None
            takes = owner is not None and "layers" in owner and "layers" not in entry
            if owner is not None and owner.get("type") == entry.get("type"):
                for key in owner.keys() - {*OWN_FIELDS, *entry}:
                    entry[key] = owner[key]
            self.fill(entry.get("layers"), path, is_copy=is_copy or takes)
            self.known[path] = entry


def owners_of(items: tuple[Item, ...]) -> dict[ItemPath, Item]:
    """The item of which an item leaves out the fields, by the path of the one that leaves them out."""
    return dict(_owners(items, (), {})) if shares_any(items) else {}


def _owners(items: tuple[Item, ...], within: ItemPath, known: dict[ItemPath, Item]) -> Iterator[tuple[ItemPath, Item]]:
    for item in items:
        path = (*within, item.name)
        owner = known.get(path_from(item.shares)) if item.shares else None
        if type(owner) is type(item):
            yield path, owner
        if isinstance(item, Block):
            yield from _owners(item.layers, path, known)
        known[path] = item
