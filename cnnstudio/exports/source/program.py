"""A design as statements: its own list, and a text for each block, whatever the language of the target."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.rows import BlockRow, Entry, Pass, Row
from cnnstudio.core.network.design import Item
from cnnstudio.exports.source.naming import Names
from cnnstudio.exports.source.nodes import ELSEWHERE, Node, Variables, flat_nodes, folded_nodes
from cnnstudio.exports.source.statements import Definition, Passage, unify
from cnnstudio.exports.target import Unsayable
from cnnstudio.layers.structure import Input


class Routine(Struct, frozen=True):
    """The text of a block: a class or a function with a name, made for the blocks of one name at these places.

    `inputs` are the variables that hold what the block takes, `results` those that hold what it gives.
    """

    name: str
    places: tuple[str, ...]
    definition: Definition
    inputs: tuple[str, ...]
    results: tuple[str, ...]


class Use(Struct, frozen=True):
    """The use of a routine by a pass: its name, and the values of its parameters by name."""

    name: str
    arguments: tuple[tuple[str, str], ...]


class Program(Struct):
    """All the texts of a design: `routines` in the order in which they use each other, then `main`."""

    routines: list[Routine]
    main: Passage
    nodes: list[Node]
    variables: Variables
    helpers: list[str]


Writer = Callable[[Node, Variables, "Builder"], Passage]
"""Writes the statements of one node."""


class Builder:
    """Builds the program of a design: the innermost blocks first, each place once for all passes through it."""

    def __init__(
        self,
        analysis: Analysis,
        write: Writer,
        name_of: Callable[[str], str],
        reserved: Iterable[str],
        own: frozenset[str] = frozenset(),
        owners: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.analysis = analysis
        self.refusals: list[Unsayable] = []
        self.helpers: dict[str, None] = {}
        self.routines: list[Routine] = []
        self._write = write
        self._name_of = name_of
        self._names = Names(reserved, between="")
        self._own = own
        self._owners = owners
        self._uses: dict[int, Use] = {}

    def build(self, *, flat: bool) -> Program:
        """The program, with blocks as routines, or all of it as one list; refusals are collected."""
        design = self.analysis.design
        if flat:
            nodes = flat_nodes(self.analysis)
        else:
            self._build_blocks()
            nodes = folded_nodes(design.layers, self.analysis.entries, inside=())
        main, variables = self._list(nodes, inside=())
        plain = unify([main])[0][0].statements
        return Program(self.routines, plain, nodes, variables, list(self.helpers))

    def use_of(self, part: Pass) -> Use:
        """The use of a routine that a pass through a block makes."""
        return self._uses[id(part)]

    def refuse(self, row: Row, reason: str, remedy: str) -> None:
        """Notes that a layer cannot be said."""
        self.refusals.append(Unsayable(row.place, reason, remedy))

    def can_share(self, node: Node) -> bool:
        """True unless a node uses weights that are out of its reach, which is noted."""
        if node.owner == ELSEWHERE:
            reason = f"its weights are those of '{node.entry.owner}', which the code of its own list does not reach"
            remedy = "Share the block as a whole, or export it with its blocks written out."
            self.refusals.append(Unsayable(node.entry.place, reason, remedy))
        return node.owner != ELSEWHERE

    def _list(
        self, nodes: Sequence[Node], *, inside: tuple[str, ...], outputs: tuple[str, ...] = ()
    ) -> tuple[Passage, Variables]:
        taken = self._names.taken
        variables = Variables(nodes, inside=inside, reserved=taken, own=self._own, outputs=outputs)
        return tuple([statement for node in nodes for statement in self._write(node, variables, self)]), variables

    def _build_blocks(self) -> None:
        alike: dict[tuple[int, str], list[tuple[BlockRow, Pass]]] = {}
        _gather(self.analysis.entries, alike)
        # The innermost first: a text needs those that it uses.
        for height, name in sorted(alike, key=lambda key: key[0]):
            self._build_block(name, alike[height, name])

    def _build_block(self, name: str, passes: list[tuple[BlockRow, Pass]]) -> None:
        """The texts for all passes through blocks of one name: as few as will do."""
        written = []
        for entry, part in passes:
            self._refuse_inputs(entry.block.layers, entry.place)
            inside = entry.block.input_names
            nodes = folded_nodes(entry.block.layers, part.entries, inside=inside)
            written.append(self._list(nodes, inside=inside, outputs=entry.block.further_outputs))
        taken = set(self._names.taken)
        for definition, members in unify([passage for passage, _ in written], taken, self._owners):
            variables = written[members[0]][1]
            inputs, results = (tuple(map(variables.of, keys)) for keys in (variables.inside, variables.results))
            places = tuple(dict.fromkeys([passes[member][0].place for member in members]))
            routine = Routine(self._names.give(self._name_of(name)), places, definition, inputs, results)
            self.routines.append(routine)
            for at, member in enumerate(members):
                arguments = [(parameter.name, parameter.values[at]) for parameter in definition.parameters]
                # By identity: passes that are equal may lie in blocks of other names, which are other routines.
                self._uses[id(passes[member][1])] = Use(routine.name, tuple(arguments))

    def _refuse_inputs(self, items: tuple[Item, ...], place: str) -> None:
        for item in items:
            if isinstance(item, Input):
                reason = "an Input inside a block is one more input of the network at every pass"
                self.refusals.append(Unsayable(f"{place}/{item.name}", reason, "Move it out of the block."))


def _gather(entries: Iterable[Entry], alike: dict[tuple[int, str], list[tuple[BlockRow, Pass]]]) -> int:
    """The passes through all blocks by the height of what they hold and their name; returns the height of a list."""
    height = 0
    for entry in entries:
        # What uses the weights of another block is that block, used once more.
        if isinstance(entry, BlockRow) and not entry.block.shares:
            # Ordered by height, not by depth: blocks of one name may stand at several depths, and each text comes once.
            own = max([_gather(part.entries, alike) for part in entry.passes], default=0)
            alike.setdefault((own, entry.block.name), []).extend([(entry, part) for part in entry.passes])
            height = max(height, own + 1)
    return height
