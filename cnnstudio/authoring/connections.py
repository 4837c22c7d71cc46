"""Connecting one item to another, and taking a connection away: what is possible, what it does, and why not.

A connection leads from an item to a later one of the same list. Two ends are understood beyond that, because they look
so in the list: the row of a block is `input` for what is inside it, and the last item of a block is its output. What
stands outside a block reaches what is inside it as a further input of the block, and what is inside reaches the
outside as a further output.
"""

from __future__ import annotations

from msgspec import Struct, structs

from cnnstudio.authoring.input_choices import Fitting, list_shapes, with_input
from cnnstudio.core import edits
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.edits import Edit, EditError
from cnnstudio.core.edits.rewiring import min_inputs
from cnnstudio.core.network.design import (
    BLOCK_INPUT,
    Block,
    Design,
    Item,
    ItemPath,
    find,
    index_of,
    input_range,
    items_of,
)
from cnnstudio.core.network.wiring import feeds, names_inside, taken_by


class Connection(Struct, frozen=True):
    """The effect of a connection: the item that takes it, by what name, and what that one took instead so far.

    `fits` is True if the item can be computed with it.
    """

    target: ItemPath
    name: str
    replaced: str
    fits: bool


def can_connect(design: Design, source: ItemPath, target: ItemPath) -> str | None:
    """The reason why the target cannot take the output of the source; None if it can."""
    try:
        _new_inputs(design, source, target)
    except EditError as error:
        return str(error)
    return None


def connect(design: Design, source: ItemPath, target: ItemPath) -> Edit:
    """Lets the target take the output of the source: in addition if it joins branches, else instead of what it took.

    EditError with the reason where that cannot be.
    """
    before = design
    design, name, inputs = _new_inputs(design, source, target)
    taken, item = taken_by(design, target), find(design, target)
    notes = tuple(f"The block '{path[-1]}' takes one more input now." for path in _opened(before, design, target))
    if design is not before and source[: len(target) - 1] == target[:-1] and len(source) > len(target):
        notes += (f"The block '{source[len(target) - 1]}' gives '{source[-1]}' beside its output now.",)
    if not _joins(item):
        notes += tuple(f"'{item.name}' took '{gone}' and now takes '{name}'." for gone in taken if gone not in inputs)
        # What the row above gives anyway is not named, so that the layer goes on with whatever is put above it later.
        inputs = () if inputs == _implied(design, target) else inputs
    edit = edits.set_inputs(design, target, inputs)
    return structs.replace(edit, label=f"Connect {_label(name, target)} to {item.name}", notes=notes)


def connections(analysis: Analysis, source: ItemPath) -> tuple[Connection, ...]:
    """All that the output of an item can be connected to: what fits first, of that what takes it in addition."""
    design = analysis.design
    found: list[Connection] = []
    for parent in _lists_for(design, source):
        shapes = list_shapes(analysis, parent)
        for item in items_of(design, parent):
            target = (*parent, item.name)
            if can_connect(design, source, target) is None:
                found.append(_connection(analysis, source, target, shapes))
    # Sorting is stable: choices that are alike keep the order of the list.
    return tuple(sorted(found, key=lambda choice: (not choice.fits, bool(choice.replaced))))


def connection(analysis: Analysis, source: ItemPath, target: ItemPath) -> Connection:
    """The effect of one connection. Raises EditError with the reason if it is not possible."""
    _new_inputs(analysis.design, source, target)
    return _connection(analysis, source, target, list_shapes(analysis, target[:-1]))


def _connection(analysis: Analysis, source: ItemPath, target: ItemPath, shapes: dict[str, Shape | None]) -> Connection:
    item = find(analysis.design, target)
    design, name, inputs = _new_inputs(analysis.design, source, target)
    taken = taken_by(design, target)
    replaced = "" if _joins(item) else ", ".join(gone for gone in taken if gone not in inputs)
    if design is not analysis.design:
        tried = analyze(connect(analysis.design, source, target).design, analysis.convention)
        return Connection(target, name, replaced, len(tried.errors) <= len(analysis.errors))
    fitting = Fitting(analysis, target, {source: shapes.get(source) for source in taken})
    return Connection(target, name, replaced, fitting.fits(name, shapes.get(name)))


def can_disconnect(design: Design, target: ItemPath, name: str) -> str | None:
    """The reason why an item cannot do without one of its inputs; None if it can."""
    try:
        disconnect(design, target, name)
    except EditError as error:
        return str(error)
    return None


def disconnect(design: Design, target: ItemPath, name: str) -> Edit:
    """Takes a connection away. An item that takes one input takes the item before it then, and that is said.

    EditError with the reason where nothing is left to take.
    """
    item, taken, implied = find(design, target), taken_by(design, target), _implied(design, target)
    if name not in taken:
        raise EditError(f"'{item.name}' does not take '{name}'.")
    left = tuple(source for source in taken if source != name)
    fewest = min_inputs(item)
    notes: tuple[str, ...] = ()
    if len(left) < max(1, fewest):
        if not left and implied and implied != taken:
            notes = (f"'{item.name}' took '{name}' and now takes '{implied[0]}'.",)
        elif left and left == implied:
            notes = (f"'{item.name}' now takes '{left[0]}' alone, and needs {fewest} inputs.",)
        else:
            raise EditError(_needed(item, name, fewest))
        left = ()
    edit = edits.set_inputs(design, target, left)
    return structs.replace(edit, label=f"Disconnect {item.name} from {_label(name, target)}", notes=notes)


def _needed(item: Item, name: str, fewest: int) -> str:
    if not _joins(item):
        return f"'{item.name}' takes '{name}' as it comes next; connect it to another layer instead."
    return (
        f"'{item.name}' is a layer of type {item.type_name}, which needs at least {fewest} input{'s' * (fewest > 1)}; "
        "connect another layer to it first, or delete it."
    )


def _joins(item: Item) -> bool:
    """True if an item takes several inputs."""
    return not isinstance(item, Block) and item.max_inputs not in (0, 1)


def _implied(design: Design, path: ItemPath) -> tuple[str, ...]:
    """The inputs of an item that names none."""
    parent, index = path[:-1], index_of(design, path)
    items = items_of(design, parent)
    unwired = structs.replace(items[index], inputs=())
    return feeds((*items[:index], unwired), index, inside=names_inside(design, parent))


def _new_inputs(design: Design, source: ItemPath, target: ItemPath) -> tuple[Design, str, tuple[str, ...]]:
    """The name by which the target takes the source, and all its inputs then; EditError with the reason.

    The design is the given one, but for blocks around the target that the source flows into now.
    """
    design, name = _named(source, target, design)
    item, taken = find(design, target), taken_by(design, target)
    most = input_range(item)[1]
    if most == 0:
        raise EditError(f"'{item.name}' is a layer of type {item.type_name}, which takes no inputs.")
    if name in taken:
        raise EditError(f"'{item.name}' takes '{name}' already.")
    if isinstance(item, Block):
        return design, name, with_input(item, taken, name)
    if not _joins(item):
        return design, name, (name,)
    if most is not None and len(taken) >= most:
        raise EditError(
            f"'{item.name}' is a layer of type {item.type_name}, which takes {most} inputs and has them; "
            "disconnect one first."
        )
    return design, name, (*taken, name)


def _opened(before: Design, after: Design, target: ItemPath) -> list[ItemPath]:
    """The blocks around an item that take more inputs than they did."""
    around = [target[:depth] for depth in range(1, len(target))]
    return [path for path in around if names_inside(before, path) != names_inside(after, path)]


def _named(source: ItemPath, target: ItemPath, design: Design) -> tuple[Design, str]:
    """The name by which the target takes the source. Raises EditError with the reason if it cannot take it.

    The design is one in which the source flows into every block that is around the target alone.
    """
    if source == target:
        raise EditError(f"'{source[-1]}' cannot take its own output, which would make a cycle.")
    parent = target[:-1]
    # From the row of a block to what is in it: in the list that row stands for what flows in.
    if parent == source:
        return design, BLOCK_INPUT
    if source[: len(parent)] != parent:
        return _let_in(source, target, design)
    start = source[: len(target)]
    if start == target:
        raise EditError(f"'{source[-1]}' is inside '{target[-1]}', which cannot take its own output.")
    if index_of(design, start) > index_of(design, target):
        raise EditError(
            f"'{target[-1]}' comes before '{start[-1]}', and connections lead to later layers; move one of them first."
        )
    name = source[-1]
    for depth in range(len(source) - 1, len(target) - 1, -1):
        block = source[:depth]
        is_last = items_of(design, block)[-1].name == name
        design, name = (design, block[-1]) if is_last else edits.let_out(design, block, name)
    return design, name


def _let_in(source: ItemPath, target: ItemPath, design: Design) -> tuple[Design, str]:
    """The design in which the source flows into the blocks that are around the target alone, and its name inside."""
    shared = 0
    while shared < len(source) and source[shared] == target[shared]:
        shared += 1
    design, name = _named(source, target[: shared + 1], design)
    for depth in range(shared + 1, len(target)):
        design, name = edits.let_in(design, target[:depth], name)
    return design, name


def _label(name: str, target: ItemPath) -> str:
    return f"the input of {target[-2]}" if name == BLOCK_INPUT else name


def _lists_for(design: Design, source: ItemPath) -> list[ItemPath]:
    """The blocks in whose lists something can take an item: its own, those it is the output of, and its inside."""
    # A block's output is that of its last item, so that this one can be taken wherever the block can.
    lists = [source[:-1]]
    while lists[-1] and items_of(design, lists[-1])[-1].name == source[len(lists[-1])]:
        lists.append(lists[-1][:-1])
    return [source, *lists] if isinstance(find(design, source), Block) else lists
