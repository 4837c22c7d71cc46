"""Edits that make branches: a residual connection around layers, layers side by side, branches joined.

They count what they join, so that a residual connection between different shapes is given its projection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, structs

from cnnstudio.authoring.input_choices import InputChoice, earlier_shapes, list_shapes
from cnnstudio.authoring.projection import projection
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis, count_layer
from cnnstudio.core.edits.edit import Edit, EditError, labelled
from cnnstudio.core.edits.lists import Items, chosen, with_list
from cnnstudio.core.edits.naming import fresh
from cnnstudio.core.edits.rewiring import Feeds, connected, min_inputs, renamed, retaken_notes
from cnnstudio.core.network.design import Design, Item, ItemPath, items_of
from cnnstudio.core.network.distribution import step_axes_in
from cnnstudio.core.network.layer import Counts, Layer
from cnnstudio.core.network.problem import listed
from cnnstudio.core.network.value_text import value_text
from cnnstudio.core.network.wiring import all_feeds, names_inside, taken_names
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.families import FAMILY
from cnnstudio.layers.merge import Add, Concat


class _Selected(Struct, frozen=True):
    """Items of one list, in its order, and what everything in that list takes."""

    design: Design
    parent: ItemPath
    layers: Items
    items: Items
    took: Feeds

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the selected items."""
        return tuple(item.name for item in self.items)

    @property
    def words(self) -> str:
        """The selection as a label names it."""
        return labelled([(name,) for name in self.names])

    def source(self) -> str:
        """The name of the one input of the first of them. Raises EditError if it has none, or several."""
        first = self.names[0]
        taken = self.took[first]
        if not taken:
            raise EditError(f"nothing flows into '{first}'; select layers that come after it.")
        # Also a merge that has lost its inputs: with one of its own it would be no valid layer.
        if len(taken) > 1 or min_inputs(self.items[0]) > 1:
            raise EditError(f"'{first}' joins several branches; select layers that take one input.")
        return taken[0]

    def named(self, item: Item, *others: Item) -> Item:
        """A new item, under a name that is free in the list and among the others."""
        taken = taken_names(self.design, self.parent) | {other.name for other in others}
        return fresh((structs.replace(item, inputs=()),), taken)[0][0]

    def joined(
        self,
        label: str,
        new: Sequence[Item],
        notes: Sequence[str] = (),
        moved: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Edit:
        """The edit that puts new items after the last of the selection; whoever took that takes the last of them.

        `moved` are items of the selection that are to take something else.
        """
        ends = {self.names[-1]: new[-1].name}
        wanted = {name: renamed(takes, ends) for name, takes in self.took.items()}
        before = ("", *(item.name for item in new))
        wanted |= {item.name: item.inputs or (before[at],) for at, item in enumerate(new)}
        wanted |= moved or {}
        at = self.layers.index(self.items[-1]) + 1
        below = self.layers[at:]
        items = connected((*self.layers[:at], *new, *below), wanted, inside=names_inside(self.design, self.parent))
        said = (*notes, *retaken_notes(below, ends))
        return Edit(with_list(self.design, self.parent, items), label, ((*self.parent, new[-1].name),), said)


def _selected(design: Design, paths: Iterable[ItemPath]) -> _Selected:
    found = chosen(design, paths)
    if not found:
        raise EditError("select one or more layers first.")
    parent = next(iter(found))[:-1]
    if any(path[:-1] != parent for path in found):
        raise EditError("select layers that stand in the same list, or in the same block.")
    layers = items_of(design, parent)
    took = all_feeds(layers, inside=names_inside(design, parent))
    return _Selected(design, parent, layers, tuple(found.values()), took)


def add_residual(analysis: Analysis, paths: Iterable[ItemPath]) -> Edit:
    """Adds what flows into the first of the items to the output of the last, by an Add after it.

    Where the shapes differ, a 1 × 1 convolution on the shortcut brings it to the other shape, for vectors a Dense;
    EditError where none can.
    """
    selected = _selected(analysis.design, paths)
    source, last = selected.source(), selected.names[-1]
    shapes = list_shapes(analysis, selected.parent)
    have, want = shapes.get(source), shapes.get(last)
    new: list[Item] = []
    notes: list[str] = []
    shortcut = source
    if have is not None and want is not None and have != want:
        layer = structs.replace(_shortcut(have, want, source, last), name="shortcut")
        new.append(structs.replace(selected.named(layer), inputs=(source,)))
        shortcut = new[0].name
        notes.append(f"'{shortcut}' ({_described(layer)}) brings the {have} of '{source}' to {want}.")
    elif have is None or want is None:
        notes.append("The shapes are not known, so whether they are equal is unknown.")
    add = structs.replace(selected.named(Add(), *new), inputs=(last, shortcut))
    return selected.joined(f"Add residual connection around {selected.words}", (*new, add), notes)


def _shortcut(have: Shape, want: Shape, source: str, last: str) -> Layer:
    """The layer that makes one shape of the other; EditError if there is none."""
    layer = Dense(units=want.channels) if have.rank == want.rank == 0 else projection(have, want)
    if layer is None:
        raise EditError(
            f"'{source}' has {have} and '{last}' {want}, and no 1 × 1 convolution makes one of the other; "
            "give the layers between them padding 'same', or a stride that divides the size."
        )
    return layer


def _described(layer: Layer) -> str:
    if not isinstance(filters := getattr(layer, "filters", None), int):
        return f"Dense, {getattr(layer, 'units', 0):,} units"
    stride = value_text(getattr(layer, "stride", 1))
    return f"1 × 1 convolution, {filters:,} filters" + (f", stride {stride}" if stride != "1" else "")


def branch(analysis: Analysis, paths: Iterable[ItemPath]) -> Edit:
    """Puts items side by side: each becomes a branch that takes what flowed into the first, and a Concat joins them.

    Normalization, activation and regularization stay with the layer that they follow. If that makes one branch only, a
    copy of it goes beside it. To make a branch of other layers in a row, group them first. Raises EditError
    unless the items stand one below the other and each can be a branch.
    """
    selected = _selected(analysis.design, paths)
    source = selected.source()
    at = [index for index, item in enumerate(selected.layers) if item.name in set(selected.names)]
    if at != list(range(at[0], at[-1] + 1)):
        raise EditError("select layers that stand one below the other, to put them side by side.")
    runs = _runs(selected)
    own = set(selected.names)
    moved: dict[str, tuple[str, ...]] = {}
    for head in (run[0] for run in runs):
        taken = selected.took[head.name]
        if not taken or len(taken) < min_inputs(head) or (len(taken) > 1 and own.intersection(taken)):
            what = "joins several branches" if taken else "takes nothing"
            raise EditError(f"'{head.name}' {what}, and cannot become a branch itself; leave it out.")
        if own.intersection(taken):
            moved[head.name] = (source,)
    beside = _copied(selected, runs[0], source) if len(runs) == 1 else ()
    ends = [run[-1].name for run in runs] + [item.name for item in beside[-1:]]
    concat = structs.replace(selected.named(Concat(), *beside), inputs=tuple(ends))
    heads = [f"'{item.name}'" for item in (*(run[0] for run in runs), *beside[:1])]
    notes = [f"{listed(heads)} all take '{source}'."] if moved else []
    return selected.joined(f"Branch {selected.words} in parallel", (*beside, concat), notes, moved)


def _runs(selected: _Selected) -> list[list[Item]]:
    """The selected items, each with those after it that belong to it."""
    runs: list[list[Item]] = []
    for item in selected.items:
        follows = bool(runs) and selected.took[item.name] == (runs[-1][-1].name,)
        if follows and isinstance(item, Layer) and FAMILY[item.family].stays_with:
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


def _copied(selected: _Selected, run: Sequence[Item], source: str) -> tuple[Item, ...]:
    """Copies of the items of a branch, which take the same source."""
    taken = taken_names(selected.design, selected.parent)
    first, *rest = fresh(tuple(run), taken)[0]
    return (structs.replace(first, inputs=(source,)), *(structs.replace(item, inputs=()) for item in rest))


def concatenate(analysis: Analysis, paths: Iterable[ItemPath], other: str = "") -> Edit:
    """Joins the outputs of items by a Concat after the last; `other` names one more, earlier in the list.

    Raises EditError for fewer than two items, or another one that does not come first.
    """
    selected = _selected(analysis.design, paths)
    inputs = (*selected.names, *([other] if other else []))
    if len(inputs) < 2:
        raise EditError("choose another layer to concatenate it with.")
    earlier = set(names_inside(analysis.design, selected.parent))
    earlier |= {item.name for item in selected.layers[: selected.layers.index(selected.items[-1])]}
    if other and other not in earlier:
        raise EditError(f"'{other}' does not come before '{selected.names[-1]}'; choose an earlier layer.")
    concat = structs.replace(selected.named(Concat()), inputs=inputs)
    return selected.joined(f"Concatenate {listed(list(inputs))}", (concat,))


def concat_choices(analysis: Analysis, path: ItemPath) -> tuple[InputChoice, ...]:
    """The items that an item can be concatenated with: the earlier items of its list, those that fit first, the nearest
    first.
    """
    shapes = earlier_shapes(analysis, path)
    own = list_shapes(analysis, path[:-1]).get(path[-1])
    concat, step_axes = Concat(), step_axes_in(analysis.design, path[:-1])
    choices = []
    for name, shape in reversed(shapes.items()):
        fits = (
            own is not None
            and shape is not None
            and isinstance(count_layer(concat, (own, shape), analysis.convention.rules, step_axes), Counts)
        )
        choices.append(InputChoice(name, shape, fits))
    return tuple(sorted(choices, key=lambda choice: not choice.fits))
