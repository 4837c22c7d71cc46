"""Shared weights through edits: whoever uses the same weights stays the same, and the first of them owns them."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, structs

from cnnstudio.core.edits.edit import Edit, EditError, Place, labelled
from cnnstudio.core.edits.entering import require_structure
from cnnstudio.core.edits.fields import with_items
from cnnstudio.core.edits.inserting import duplicate
from cnnstudio.core.edits.lists import chosen
from cnnstudio.core.network.design import Block, Design, Item, ItemPath, find, path_from, path_text, walk
from cnnstudio.core.network.fields import fields_of
from cnnstudio.core.network.sharing import OWN_FIELDS, differing, shares_any


def keeping_shares(before: Design, edit: Edit) -> Edit:
    """The edit with what it does to one user of shared weights done to all of them.

    Paths follow items that are renamed or moved; fields that change are changed for all; where the owner goes or comes
    behind another user, the first of those that are left owns the weights.
    """
    design, notes = edit.design, edit.notes
    if shares_any(before.layers):
        design, notes = _kept(before, design, notes)
    # Also what the edit has made: a user that was put above the owner.
    if shares_any(design.layers):
        design, notes = _kept(design, design, notes)
    return edit if design is edit.design else structs.replace(edit, design=design, notes=notes)


def _kept(before: Design, after: Design, notes: tuple[str, ...]) -> tuple[Design, tuple[str, ...]]:
    keeping = _Keeping(before, after)
    for group in _groups(before):
        keeping.keep(group)
    return keeping.design, (*notes, *keeping.notes)


def use_again(design: Design, paths: Iterable[ItemPath], place: Place | None = None) -> Edit:
    """Puts items once more below the last of them, or at a place, with the same weights.

    Raises EditError if nothing is selected, or if the place is inside one of them.
    """
    found = chosen(design, paths)
    for path in found:
        if place is not None and place[0][: len(path)] == path:
            raise EditError(f"'{path[-1]}' would share its weights with itself.")
    copied = duplicate(design, found, place)
    moved = dict(zip(copied.focus, found.items(), strict=True))
    changed = {path: sharing_with(find(copied.design, path), old) for path, (old, _) in moved.items()}
    label = f"Use {labelled(list(found))} again with the same weights"
    return structs.replace(copied, design=with_items(copied.design, changed), label=label)


def sharing_with(item: Item, path: ItemPath) -> Item:
    """A copy of the item at a path, with the same weights."""
    return structs.replace(item, shares=item.shares or path_text(path))


def share(design: Design, path: ItemPath, owner: ItemPath) -> Edit:
    """Lets an item use the weights of an earlier one, whose fields it takes.

    EditError if that is of another type, the item itself, a block around or inside it, or takes other inputs.
    """
    if path[: len(owner)] == owner or owner[: len(path)] == path:
        raise EditError(f"'{path[-1]}' would share its weights with itself.")
    item, other = find(design, path), find(design, owner)
    if type(item) is not type(other):
        raise EditError(f"'{path[-1]}' is of another type than '{owner[-1]}', so that it cannot share its weights.")
    changed = with_items(design, {path: structs.replace(_like(item, other), shares=path_text(owner))})
    # A block takes as many inputs as the other one, and may have fewer.
    require_structure(changed)
    return Edit(changed, f"Share the weights of {owner[-1]} with {path[-1]}", (path,))


def unshare(design: Design, paths: Iterable[ItemPath]) -> Edit:
    """Gives items weights of their own; EditError if none of them shares any."""
    changed: dict[ItemPath, Item] = {
        path: structs.replace(item, shares="") for path, item in chosen(design, paths).items() if item.shares
    }
    if not changed:
        raise EditError("select layers that share the weights of others first.")
    ordered = list(changed)
    return Edit(with_items(design, changed), f"Give {labelled(ordered)} weights of its own", tuple(ordered))


def _like(item: Item, other: Item) -> Item:
    """An item with all fields of another of its type but those that are its own."""
    names = [field.name for field in fields_of(type(item)) if field.name not in OWN_FIELDS]
    return structs.replace(item, **{name: getattr(other, name) for name in names})


class _Group(Struct):
    """The items of a design that use the same weights, the owner first.

    `implied` are those among them that do so because a block around them shares its weights as a whole.
    """

    members: list[ItemPath]
    implied: set[ItemPath]


def _groups(design: Design) -> list[_Group]:
    """The groups of a design, those of inner items before those of the blocks around them."""
    every = dict(walk(design.layers))
    groups: dict[ItemPath, _Group] = {}
    for path, item in every.items():
        owner = path_from(item.shares) if item.shares else ()
        # Only what is of the same type can share: anything else is a fault that the design tells.
        if owner in every and owner != path and type(every[owner]) is type(item):
            group = groups.setdefault(owner, _Group([owner], set()))
            group.members.append(path)
            groups[path] = group
    for path, item in every.items():
        if isinstance(item, Block) and item.shares:
            for below, _ in walk(item.layers, path):
                group_of_owner = groups.get((*path_from(item.shares), *below[len(path) :]))
                if group_of_owner is None or below in groups:
                    continue
                if type(every[below]) is type(every[group_of_owner.members[0]]):
                    group_of_owner.members.append(below)
                    group_of_owner.implied.add(below)
    found = {id(group): group for group in groups.values()}
    return sorted(found.values(), key=lambda group: -max(map(len, group.members)))


class _Keeping:
    """A design after an edit, as it is put right for one group after the other."""

    def __init__(self, before: Design, after: Design) -> None:
        self.design = after
        self.notes: list[str] = []
        self.old = dict(walk(before.layers))
        self.new = dict(walk(after.layers))

    def keep(self, group: _Group) -> None:
        """Makes the users of the same weights alike again, and the first of them their owner."""
        owner = group.members[0]
        self._release([path for path in group.members if path in self.new and self._moved(path) is None])
        now = {path: there for path in group.members if (there := self._moved(path)) is not None}
        # What was given weights of its own, or another owner, has left the group.
        now = {path: there for path, there in now.items() if self.new[there].shares == self.old[path].shares}
        if owner in self.new and owner not in now and self._moved(owner) is not None:
            return
        changed = [path for path in now if differing(self.new[now[path]], self.old[path])]
        places = {path: at for at, path in enumerate(self.new)}
        users = sorted(now.values(), key=lambda path: places[path])
        if not users:
            return
        model = self._found(now[changed[0]]) if changed else None
        if users[0] != now.get(owner):
            self.notes.append(f"'{path_text(users[0])}' has the weights now that it shared with others.")
        self._rewrite(users, model, {now[path] for path in group.implied if path in now})

    def _release(self, paths: list[ItemPath]) -> None:
        """Gives items that are of another type now weights of their own."""
        for path in paths:
            item = self._found(path)
            if item is not None and item.shares:
                self.design = with_items(self.design, {path: structs.replace(item, shares="")})

    def _rewrite(self, users: list[ItemPath], model: Item | None, implied: set[ItemPath]) -> None:
        owner = path_text(users[0])
        for path in users:
            item = self._found(path)
            # The block around it was made like another one, with all that is in it.
            if item is None:
                continue
            wanted = item if path in implied else structs.replace(item, shares="" if path == users[0] else owner)
            if model is not None and differing(wanted, model):
                wanted = _like(wanted, model)
                self.notes.append(f"'{path_text(path)}' has the same weights and was changed too.")
            if wanted != item:
                self.design = with_items(self.design, {path: wanted})

    def _found(self, path: ItemPath) -> Item | None:
        """The item at a path of the design as it is now; None where there is none any more."""
        try:
            return find(self.design, path)
        except KeyError:
            return None

    def _moved(self, path: ItemPath) -> ItemPath | None:
        """The path that an item has after the edit; None if it is gone or of another type."""
        item, there = self.old[path], self.new.get(path)
        if there is item:
            return path
        fresh = {at: other for at, other in self.new.items() if at not in self.old and type(other) is type(item)}
        same = [at for at, other in fresh.items() if other is item]
        if same:
            return same[0] if len(same) == 1 else None
        if there is not None:
            return path if type(there) is type(item) else None
        # Renamed, or moved with other connections: it is new under its path, and alike in all that weights depend on.
        alike = [at for at, other in fresh.items() if not differing(other, item)]
        named = [at for at in alike if at[-1] == path[-1]]
        found = named or alike
        return found[0] if len(found) == 1 else None
