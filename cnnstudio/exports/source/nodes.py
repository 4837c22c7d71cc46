"""The items of one list in the order of code: what each takes, and the variable that holds what it gives."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.lookup import owner_paths
from cnnstudio.core.counting.rows import BlockRow, Entry, Row
from cnnstudio.core.network.design import Item, path_from
from cnnstudio.core.network.wiring import all_feeds
from cnnstudio.exports.source.naming import Names, identifier
from cnnstudio.layers.structure import Input, Output

CHAIN = "x"
"""The variable of what only the next item takes."""
ELSEWHERE = "/"
"""The owner of a node's weights where it is not in the same list; no name and no path is this."""
ENTRY = "inputs"
"""The variable of what flows into a block, where more than its first item takes it."""


class Node(Struct, frozen=True):
    """An item, counted: the key that others take it by, its name, and the keys that it takes.

    `owner` is the key of the node whose weights it uses, ELSEWHERE where that is in another list; empty, it has its
    own. `flows_out` is False for what is inside a block and is no output of the network, though nothing takes it.
    """

    key: str
    name: str
    entry: Entry
    sources: tuple[str, ...]
    owner: str = ""
    flows_out: bool = True


def folded_nodes(items: tuple[Item, ...], entries: Sequence[Entry], *, inside: tuple[str, ...]) -> list[Node]:
    """The items of a list, blocks as they are."""
    takes = all_feeds(items, inside=inside)
    owners = _owners(items, entries)
    return [
        Node(item.name, item.name, entry, takes[item.name], owners.get(item.name, ""))
        for item, entry in zip(items, entries, strict=True)
    ]


def _owners(items: tuple[Item, ...], entries: Sequence[Entry]) -> dict[str, str]:
    """The names of the items of a list whose weights others of it use."""
    found: dict[str, str] = {}
    for item, entry in zip(items, entries, strict=True):
        if item.shares:
            *parent, name = path_from(item.shares)
            is_here = parent == list(path_from(entry.place)[:-1])
            found[item.name] = found.get(name, name) if is_here else ELSEWHERE
    return found


def flat_nodes(analysis: Analysis) -> list[Node]:
    """Every layer of a design, blocks written out, under its path."""
    owners = owner_paths(analysis.rows)
    ends = {entry.result if isinstance(entry, BlockRow) else entry.path for entry in analysis.entries}
    return [
        Node(
            row.path,
            re.sub(r"[\[\]/\\]+", "_", row.path),
            row,
            row.inputs,
            owners.get(row.path, ""),
            row.path in ends,
        )
        for row in analysis.rows
    ]


def is_input(node: Node) -> bool:
    """True for an input of the network."""
    return isinstance(node.entry, Row) and isinstance(node.entry.layer, Input)


def is_output(node: Node) -> bool:
    """True for a node that only marks an output."""
    return isinstance(node.entry, Row) and isinstance(node.entry.layer, Output)


def _pick(node: Node) -> str:
    return node.entry.layer.picks if isinstance(node.entry, Row) else ""


def _taken_beside(node: Node) -> tuple[str, ...]:
    """The keys of what flows into every repeat of a block: the chain holds what the repeat before gave."""
    repeats = isinstance(node.entry, BlockRow) and node.entry.block.repeat > 1
    return node.sources[1:] if repeats else ()


class Variables:
    """The variables that hold the outputs of the nodes of a list.

    A chain is one variable, `x`; what is taken later than by the next node has a variable of its own. `inside` are the
    names of what flows into a block, and `results` the keys of what the whole list gives: for a network all that no one
    takes or that an Output marks, for a block the last. `labels` are identifiers for the nodes, each its own, and none
    of the names in `own`. `makers` are variables for the layers that several nodes use, by the key of the first.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        *,
        inside: tuple[str, ...],
        reserved: set[str],
        own: frozenset[str],
        outputs: tuple[str, ...] = (),
    ) -> None:
        self.inside = inside
        self.nodes = {node.key: node for node in nodes}
        self._same: dict[str, str] = {}
        self._given: dict[tuple[str, str], str] = {}
        self._from_blocks: set[str] = set()
        for node in nodes:
            if is_output(node):
                self._same[node.key] = self.source_of(node.sources[0])
            elif pick := _pick(node):
                self._take(node, pick)
        active = [node for node in nodes if node.key not in self._same]
        takers: dict[str, list[int]] = {}
        for at, node in enumerate(active):
            for source in node.sources:
                takers.setdefault(self.source_of(source), []).append(at)
        self.results = [*self._results(nodes, takers, inside=inside), *map(self.source_of, outputs)]
        for key in self.results:
            takers.setdefault(key, []).append(len(active))
        self.unused = [node for node in active if node.key not in takers]
        names = Names({CHAIN, ENTRY, *reserved})
        self._held = {key: self._entering(key, takers, names) for key in inside}
        beside = {self.source_of(source) for node in active for source in _taken_beside(node)}
        for at, node in enumerate(active):
            chained = set(takers.get(node.key, ())) == {at + 1} and not is_input(node) and node.key not in beside
            self._held[node.key] = CHAIN if chained else names.give(identifier(node.name))
        owned = {node.owner for node in nodes}
        self.makers = {node.key: names.give(f"{identifier(node.name)}_layer") for node in nodes if node.key in owned}
        spread = dict.fromkeys(node.sources[0] for node in active if self.picks(node))
        self.spread = {key: names.give(f"{identifier(self.nodes[key].name)}_results") for key in spread}
        labels = Names(own)
        self.labels = {node.key: labels.give(identifier(node.name)) for node in nodes}

    def _results(self, nodes: Sequence[Node], takers: dict[str, list[int]], *, inside: tuple[str, ...]) -> list[str]:
        if inside:
            return [self.source_of(nodes[-1].key)]
        # By its own key too: what is taken through a node that only passes it on is no end, nor is that node.
        taken = {*takers, *[source for node in nodes for source in node.sources]}
        ends = [node.key for node in nodes if node.flows_out and (is_output(node) or node.key not in taken)]
        return list(dict.fromkeys([self.source_of(key) for key in ends]))

    def _entering(self, key: str, takers: dict[str, list[int]], names: Names) -> str:
        """The variable of what flows into a block."""
        if key != self.inside[0]:
            return names.give(identifier(key))
        return CHAIN if takers.get(key) == [0] else ENTRY

    def _take(self, node: Node, pick: str) -> None:
        """Notes where the output that a node takes comes from: an item written in its place, or one of a block."""
        source = self.nodes.get(node.sources[0])
        if source is not None and isinstance(source.entry, BlockRow):
            first = self._given.setdefault((source.key, pick), node.key)
            self._from_blocks.add(first)
            if first != node.key:
                self._same[node.key] = first
        elif source is None or not isinstance(node.entry, Row) or not node.entry.picks:
            self._same[node.key] = self.source_of(node.sources[0])

    def picks(self, node: Node) -> str:
        """The further output that a node takes of what a layer gives; empty for any other node."""
        source = self.nodes.get(node.sources[0]) if node.sources else None
        is_of_layer = source is not None and isinstance(source.entry, Row) and node.key not in self._same
        return _pick(node) if is_of_layer else ""

    def is_passed(self, node: Node) -> bool:
        """True if a node needs no statement: an Output, and what the call of a block gives beside its output."""
        return node.key in self._same or node.key in self._from_blocks

    def targets_of(self, node: Node) -> str:
        """The variables of all that a block gives: what nobody takes goes to `_`."""
        item = node.entry.item
        others = [self._given.get((node.key, name), "") for name in item.further_outputs]
        return ", ".join([self.of(node.key), *[self.of(key) if key else "_" for key in others]])

    def source_of(self, key: str) -> str:
        """The key of what really gives this output: an Output passes on."""
        return self._same.get(key, key)

    def of(self, key: str) -> str:
        """The variable that holds an output."""
        return self._held[self.source_of(key)]
