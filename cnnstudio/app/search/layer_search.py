"""Finds layer types and building blocks by what people type: names, initials, families, words of the help, other
frameworks' names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from msgspec import UNSET, Struct

from cnnstudio.core.network.fields import fields_of
from cnnstudio.core.network.layer import Layer
from cnnstudio.dialects import everyday
from cnnstudio.dialects.naming import function_names, other_names, without_type
from cnnstudio.formats.building_blocks import BuildingBlock
from cnnstudio.layers import LAYER_TYPES, PALETTE
from cnnstudio.layers.families import BLOCKS, FAMILY

_BY_PART = 3
_BY_HELP = 4
"""The rank from which on a word is not in the name, but in the help."""


class Addable(Struct, frozen=True):
    """Something that can be added: a layer type by its name, or a building block by its key."""

    key: str
    name: str
    family: str
    help_line: str


class _Entry(Struct, frozen=True):
    """One thing with the words by which it is found.

    `parts` are the words in its name, `aliases` its other names and the functions it offers; `groups` the words of
    its family and help, the telling ones first.
    """

    found: Addable
    name: str
    parts: tuple[str, ...]
    initials: str
    aliases: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]


def help_line(layer_type: type[Layer]) -> str:
    """The first line of what a layer type says about itself."""
    return (layer_type.__doc__ or "").strip().partition("\n")[0]


def found_types(text: str) -> list[type[Layer]]:
    """The layer types that match every word of the text, best first; all of them for no text."""
    return [LAYER_TYPES[found.key] for found in found_entries(text)]


def found_entries(text: str, blocks: Sequence[BuildingBlock] = ()) -> list[Addable]:
    """The layer types and building blocks that match every word of the text, best first; all of them for no text."""
    words = _search_words(text)
    entries = (*_entries(), *map(_block_entry, blocks))
    ranked = [(rank, entry.found) for entry in entries if (rank := _rank(entry, words)) is not None]
    # Sorted by the rank alone: sorting is stable, so equals keep the order of the palette.
    return [found for _, found in sorted(ranked, key=lambda pair: pair[0])]


def named_type(text: str) -> str:
    """The layer type of whose name a text is the beginning, that of a word of it, or the initials; empty if of none."""
    words = _search_words(text)
    ranked = [(rank, entry.found.key) for entry in _entries() if (rank := _rank(entry, words)) is not None]
    best = min(ranked, key=lambda pair: pair[0], default=(_BY_HELP, ""))
    # Letters from the middle of a name are no name: `ten` is not MultiHeadAttention.
    return best[1] if words and best[0] < _BY_PART else ""


def _rank(entry: _Entry, words: list[str]) -> int | None:
    """0 for the best match; None if a word is not found at all."""
    # Joined first: "max pool" means MaxPool2D, whose name is one word.
    joined = _name_rank(entry, "".join(words))
    if joined is not None:
        return joined
    ranks = [_word_rank(entry, word) for word in words]
    return None if None in ranks else max((rank for rank in ranks if rank is not None), default=0)


def _word_rank(entry: _Entry, word: str) -> int | None:
    by_name = _name_rank(entry, word)
    if by_name is not None:
        return by_name
    for rank, group in enumerate(entry.groups, start=_BY_HELP):
        if any(title.startswith(word) for title in group):
            return rank
    return None


def _name_rank(entry: _Entry, word: str) -> int | None:
    if entry.name == word:
        return 0
    if entry.name.startswith(word) or any(part.startswith(word) for part in entry.parts):
        return 1
    if word == entry.initials or word in entry.aliases:
        return 2
    return _BY_PART if word in entry.name else None


@cache
def _entries() -> tuple[_Entry, ...]:
    return tuple(_entry(layer_type) for layer_type in PALETTE)


def _entry(layer_type: type[Layer]) -> _Entry:
    name = layer_type.__name__
    choices = [word for field in fields_of(layer_type) if field.default is UNSET for word in field.choices]
    aliases = (*other_names(name), *choices, *(function_names() if "relu" in choices else ()))
    parts = tuple(part.lower() for part in re.findall(r"[A-Z][a-z]+|[0-9]D", name))
    initials = "".join(part[0] for part in parts if part.isalpha())
    without = without_type() if name == "Opaque" else ()
    groups = (aliases, _words(FAMILY[layer_type.family].title), _words(help_line(layer_type)))
    found = Addable(name, name, layer_type.family, help_line(layer_type))
    return _Entry(found, name.lower(), parts, initials, (*aliases, *without), groups)


def _block_entry(block: BuildingBlock) -> _Entry:
    parts = _words(block.name)
    aliases = _words(everyday.BLOCKS.get(block.name, ""))
    groups = (aliases, ("building", "blocks"), _words(block.help_line))
    found = Addable(block.key, block.name, BLOCKS.key, block.help_line)
    return _Entry(found, "".join(parts), parts, "".join(part[0] for part in parts), aliases, groups)


def _search_words(text: str) -> list[str]:
    # What is pasted from code has a module before its name, as in nn.Conv2d.
    return text.rpartition(".")[2].lower().replace("-", "").replace("_", " ").split()


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", text.lower().replace("-", "")))
