"""Reasons against a move: something would dangle, or could not take what it needs any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cnnstudio.core.edits.edit import Edit
from cnnstudio.core.edits.lists import Items
from cnnstudio.core.network.design import Design, FurtherOutput, ItemPath, find, items_of
from cnnstudio.core.network.problem import listed
from cnnstudio.core.network.wiring import all_feeds, ends_in_output, names_inside, unused

_TOGETHER = "select the layers that belong together to move them."


def hindrance(design: Design, edit: Edit, moved: Sequence[ItemPath]) -> str:
    """The reason against a move of these items, as a sentence for the user; "" if everything keeps its sense."""
    new = dict(zip(moved, edit.focus, strict=True))
    # The lists by their paths after the move, which may have carried a block with the list in it.
    old = {_path_after(new, path[:-1]): path[:-1] for path in moved}
    took, takes = _taken_in(design, moved), _taken_in(edit.design, edit.focus)
    for path, there in new.items():
        if len(set(takes[there])) < len(set(took[path])):
            return _starved(path, there, took[path], [item.name for item in items_of(edit.design, there[:-1])])
    for parent in dict.fromkeys([*old, *(path[:-1] for path in edit.focus)]):
        # A block that was carried along with what moved before was looked at in that move.
        if not is_there(edit.design, parent):
            continue
        before, after = items_of(design, old.get(parent, parent)), items_of(edit.design, parent)
        inside = names_inside(edit.design, parent)
        for reason in _left_behind(before, after, {path[-1] for path in edit.focus}, inside=inside):
            return reason
        # A block may have lost what it gives to the list around it.
        around = [(design, old.get(parent, parent)), (edit.design, parent)]
        outer = [items_of(each, path[:-1]) if path and is_there(each, path[:-1]) else () for each, path in around]
        for lists in ((before, after), outer):
            if lost := [item for item in ungiven(lists[1]) if item.name not in {was.name for was in ungiven(lists[0])}]:
                return f"nothing would give '{lost[0].output}' to '{lost[0].name}' any more; {_TOGETHER}"
    return ""


def ungiven(items: Items) -> list[FurtherOutput]:
    """Those that take a further output which what they take does not give."""
    given = {item.name: item.further_outputs for item in items}
    found: list[FurtherOutput] = []
    before = ""
    for item in items:
        if isinstance(item, FurtherOutput):
            source = item.inputs[0] if item.inputs else before
            found += [item] if item.output not in given.get(source, ()) else []
        before = item.name
    return found


def is_there(design: Design, path: ItemPath) -> bool:
    """True if there is an item at a path; of the empty path, the design itself, always."""
    try:
        return not path or find(design, path) is not None
    except KeyError:
        return False


def _path_after(new: Mapping[ItemPath, ItemPath], path: ItemPath) -> ItemPath:
    """The path of an item after a move, which may have carried the block that holds it."""
    for depth in range(len(path), 0, -1):
        if path[:depth] in new:
            return (*new[path[:depth]], *path[depth:])
    return path


def _taken_in(design: Design, paths: Sequence[ItemPath]) -> dict[ItemPath, tuple[str, ...]]:
    """The inputs of each of these items, by its path."""
    lists = {path[:-1] for path in paths}
    feeds = {parent: all_feeds(items_of(design, parent), inside=names_inside(design, parent)) for parent in lists}
    return {path: feeds[path[:-1]][path[-1]] for path in paths}


def _starved(path: ItemPath, there: ItemPath, took: Sequence[str], order: Sequence[str]) -> str:
    """The reason why an item takes less in its new place than it did, in a list with this order of names."""
    at = order.index(there[-1])
    if len(took) == 1 and len(there) == 1 and not at:
        return f"'{path[-1]}' needs an input, and nothing stands above the first row."
    lost = [name for name in took if path[:-1] == there[:-1] and name in order[at:]]
    if lost:
        return _cannot_stand_above(path[-1], lost)
    return f"'{path[-1]}' takes {_named(took)}, and cannot from that place; {_TOGETHER}"


def _left_behind(before: Items, after: Items, moved: set[str], *, inside: tuple[str, ...]) -> Iterator[str]:
    """The reasons why a list has lost its sense: a layer lacks its input, or dangles."""
    took, takes = all_feeds(before, inside=inside), all_feeds(after, inside=inside)
    order = {item.name: at for at, item in enumerate(after)}
    outputs = {item.name for item in after if ends_in_output(item)}
    # An input that nothing takes is connected to nothing at its new place either.
    loose = moved - {name for taken in took.values() for name in taken} - {name for name in took if took[name]}
    known = {*unused(before, inside=inside), *(loose & took.keys())}
    dangling = [name for name in unused(after, inside=inside) if name not in known]
    for name in (*moved, *takes):
        if name not in takes:
            continue
        late = [feed for feed in took.get(name, ()) if order.get(feed, -1) > order[name]]
        fed = [feed for feed in takes[name] if feed in outputs and feed not in took.get(name, ())]
        if late and (not takes[name] or not set(late).isdisjoint(dangling)):
            yield _cannot_stand_above(name, late)
        elif name in took and took[name] and not takes[name]:
            yield f"'{name}' would have no input any more; {_TOGETHER}"
        elif fed:
            yield f"'{name}' would take the output '{fed[0]}'; {_TOGETHER}"
    if dangling:
        yield f"nothing would take {_named(dangling)} any more; {_TOGETHER}"


def _cannot_stand_above(taker: str, sources: Sequence[str]) -> str:
    them = "it" if len(sources) == 1 else "them"
    return f"'{taker}' takes {_named(sources)}, and cannot stand above {them}; {_TOGETHER}"


def _named(names: Sequence[str]) -> str:
    return listed([f"'{name}'" for name in names])
