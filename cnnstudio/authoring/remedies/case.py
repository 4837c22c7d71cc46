"""The starting point of every remedy: a problem, its place, what flows there; and the edits that remedies are
made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct, structs

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.lookup import walk_entries
from cnnstudio.core.counting.rows import Entry
from cnnstudio.core.edits import Edit, index_of, insert_on, items_of, set_field
from cnnstudio.core.network.design import Design, Item, ItemPath, find, path_from
from cnnstudio.core.network.fields import fields_of
from cnnstudio.core.network.layer import Layer
from cnnstudio.core.network.problem import Problem
from cnnstudio.core.network.wiring import names_inside, source_path, taken_by


class Remedy(Struct, frozen=True):
    """A change that removes a problem: what it does in the imperative, and the edit that does it.

    `values` are the fields of the item that it sets, if that is all that it does.
    """

    text: str
    make: Callable[[], Edit]
    values: dict[str, Any] | None = None


Remedies = Iterator[Remedy]


class Case(Struct, frozen=True):
    """A problem of a design, the item it is about, and the entries of that item, one for each counted pass."""

    design: Design
    analysis: Analysis
    problem: Problem
    path: ItemPath
    item: Item
    entries: tuple[Entry, ...]

    @property
    def siblings(self) -> tuple[Item, ...]:
        """The list that holds the item."""
        return items_of(self.design, self.path[:-1])

    @property
    def index(self) -> int:
        """The index of the item in its list."""
        return index_of(self.design, self.path)

    @property
    def inside(self) -> tuple[str, ...]:
        """The names of what flows into that list."""
        return names_inside(self.design, self.path[:-1])

    @property
    def shapes(self) -> tuple[tuple[Shape, ...], ...]:
        """The shapes of one step that flow in, for each pass in which all of them are known; each once."""
        known = [entry for entry in self.entries if None not in entry.input_shapes]
        return tuple(dict.fromkeys(entry.taken_shapes for entry in known))

    @property
    def source(self) -> ItemPath | None:
        """The layer whose output the item takes, or the first of them; None if there is none to name."""
        return source_path(self.design, self.path)

    def value(self, field: str) -> Any:
        """A field of the item, None if it has no such field."""
        return getattr(self.item, field, None)

    def sets(self, text: str, **values: Any) -> Remedy:
        """The remedy that sets fields of the item."""
        return Remedy(text, lambda: set_fields(self.design, {self.path: values}), values)


def path_of(design: Design, place: str) -> ItemPath | None:
    """The item at the place that a problem names; None for the design as a whole, or where there is none."""
    path = path_from(place)
    try:
        find(design, path)
    except KeyError:
        return None
    return path


def case_of(analysis: Analysis, problem: Problem) -> Case | None:
    """The case that a problem is; None where it is not about an item."""
    path = path_of(analysis.design, problem.path)
    if path is None:
        return None
    entries = tuple(entry for entry in walk_entries(analysis.entries) if entry.place == problem.path)
    return Case(analysis.design, analysis, problem, path, find(analysis.design, path), entries)


def set_fields(design: Design, values: dict[ItemPath, dict[str, Any]]) -> Edit:
    """Sets several fields, of one or several items, as one edit."""
    labels: list[str] = []
    for path, fields in values.items():
        for name, value in fields.items():
            edit = set_field(design, (path,), name, value)
            design = edit.design
            labels.append(edit.label)
    words = [labels[0], *(f"{label[0].lower()}{label[1:]}" for label in labels[1:])]
    return Edit(design, " and ".join(words), tuple(values))


def insert_before(design: Design, path: ItemPath, layer: Layer, feed: str | None = None) -> Edit:
    """Puts a layer between an item and what it takes; `feed` names which, if it takes several."""
    taken = feed or next(iter(taken_by(design, path)), "")
    edit = insert_on(design, path, taken, [layer])
    return structs.replace(edit, label=f"Insert {edit.focus[0][-1]} before {path[-1]}")


def has_field(item: Item, name: str) -> bool:
    """True if the item's type declares a field."""
    return any(field.name == name for field in fields_of(type(item)))


def collapsed(sizes: tuple[int, ...]) -> int | tuple[int, ...]:
    """Sizes as a field states them: one integer where they are equal."""
    return sizes[0] if len(set(sizes)) == 1 else sizes
