"""A network as a value: a list of layers and repeated blocks, and what makes such a list valid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal, final

from msgspec import Meta, Struct, structs

from cnnstudio.core.arithmetic.convention import ConventionKey
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.comments import Comments
from cnnstudio.core.network.layer import MAX_NAME_LENGTH, Counts, Layer, Scope, natural_name, single
from cnnstudio.core.network.memory_setting import Setting
from cnnstudio.core.network.problem import Acceptable, did_you_mean, listed, with_article
from cnnstudio.core.network.step import Step, passed_on

BLOCK_INPUT = "input"
"""The name by which items inside a block take the block's input; reserved everywhere."""
MAX_REPEATS = 10_000
MAX_BUDGET_LENGTH = 200

ItemPath = tuple[str, ...]
"""The names that lead to an item: ("stage2", "conv1") is `conv1` inside the block `stage2`."""

ElementType = Literal["float64", "float32", "float16", "bfloat16", "int8"]
ELEMENT_BYTES: dict[ElementType, int] = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}


@final
class Block(Struct, frozen=True, kw_only=True, cache_hash=True):
    """A list of layers and blocks that is edited once and counted `repeat` times.

    Inside it `input` names what flows in first, and `further_inputs` what flows in beside it, in the order of `inputs`.
    Its output is the output of its last item, and is the `input` of the next repeat; what flows in beside it is the
    same in all repeats. `further_outputs` are the items whose outputs of the last repeat it gives beside that.
    `time_distributed`: all in it is applied at each step along the first axis of its inputs, with the same weights.
    """

    family: ClassVar[str] = "block"

    name: Annotated[str, Meta(title="Name", description="unique among its neighbours", max_length=MAX_NAME_LENGTH)] = ""
    repeat: Annotated[
        int, Meta(title="Repeat", description="how often the block follows itself", ge=1, le=MAX_REPEATS)
    ] = 1
    layers: tuple[Layer | Block, ...]
    inputs: Annotated[
        tuple[str, ...], Meta(title="Inputs", description="name of an earlier item; empty: the item before")
    ] = ()
    further_inputs: Annotated[
        tuple[str, ...],
        Meta(title="Further inputs", description="names inside it of what flows in beside `input`, such as memory"),
    ] = ()
    further_outputs: Annotated[
        tuple[str, ...],
        Meta(title="Further outputs", description="names of items inside it that it gives beside its output"),
    ] = ()
    time_distributed: Annotated[
        bool,
        Meta(title="Time distributed", description="applied at each step along the first axis, as by TimeDistributed"),
    ] = False
    shares: Annotated[str, Meta(title="Shares", description="path of an earlier block whose weights it uses too")] = ""
    label: Annotated[
        str, Meta(title="Label", description="text at its volume in the diagram, if not the usual one")
    ] = ""
    note: Annotated[str, Meta(title="Note", description="a remark, kept in the file")] = ""
    comments: Comments = ()

    @property
    def type_name(self) -> str:
        """The type as the file writes it."""
        return "Block"

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names by which the items inside it take what flows in, in the order of its inputs."""
        return (BLOCK_INPUT, *self.further_inputs)


Item = Layer | Block


class FurtherOutput(Layer, frozen=True, kw_only=True):
    """Another output of a layer or a block: the last state of an LSTM, a part of a Split, the places of a MaxPool.

    A block gives what its `further_outputs` name. It computes nothing, and passes on what it takes. Source: the
    outputs of torch.nn.LSTM, of torch.split, of a keras.Model.
    """

    family: ClassVar[str] = "structure"
    learns_nothing: ClassVar[str] = "it passes on what it takes"
    is_view: ClassVar[bool] = True
    takes_places: ClassVar[bool] = True

    starts_with: ClassVar[dict[str, Any]] = {"output": "state"}

    output: Annotated[
        str, Meta(title="Output", description="which one: state, cell, 2, indices, or a name that the block gives")
    ]

    def __post_init__(self) -> None:
        if not is_name(self.output):
            raise ValueError(f"output: a name is one line of visible characters, and received {self.output!r}")

    @property
    def picks(self) -> str:
        return self.output

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        # What has no positions any more has seen them all.
        return Counts(shape, reach="pointwise" if shape.rank else "whole")

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        return (passed_on(counts.output.elements),)

    def summary(self) -> str:
        return self.output


class Identity(Layer, frozen=True, kw_only=True):
    """Passes its input on.

    Source: torch.nn.Identity; keras.layers.Identity.
    """

    family: ClassVar[str] = "structure"
    learns_nothing: ClassVar[str] = "it passes its input on"
    is_view: ClassVar[bool] = True
    takes_places: ClassVar[bool] = True

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        return Counts(single(inputs))

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        return (passed_on(counts.output.elements),)


class Design(Struct, frozen=True, kw_only=True):
    """A whole network. `convention` says how it is counted, `element_type` what one number takes in memory.

    `accepted` are the rules of warnings that it is not to be warned by, as it is meant so. `memory` is the setting that
    was chosen for its memory, None where none was. `budgets` are conditions that it is to keep, as
    `cnnstudio.core.budgets` reads them. `comments` are those of its file that stand at no item; what is above the whole
    of it is kept to the byte.
    """

    name: Annotated[str, Meta(title="Name", description="title of the network", max_length=MAX_NAME_LENGTH)] = (
        "Untitled"
    )
    note: Annotated[str, Meta(title="Note", description="source, remarks")] = ""
    convention: Annotated[ConventionKey, Meta(title="Convention", description="whose way of counting")] = "pytorch"
    element_type: Annotated[
        ElementType, Meta(title="Element type", description="what parameters and activations are stored as")
    ] = "float32"
    accepted: Annotated[
        tuple[Acceptable, ...], Meta(title="Accepted", description="warnings that are accepted in this design")
    ] = ()
    memory: Annotated[
        Setting | None, Meta(title="Memory", description="the training or the inference whose memory is told")
    ] = None
    budgets: Annotated[
        tuple[Annotated[str, Meta(max_length=MAX_BUDGET_LENGTH)], ...],
        Meta(title="Budgets", description="conditions to keep, such as parameters <= 5M"),
    ] = ()
    layers: tuple[Item, ...] = ()
    comments: Comments = ()


class Fault(Struct, frozen=True):
    """A reason why a list of items is not valid: the item by its indices, the field, and one sentence."""

    indices: tuple[int, ...]
    field: str
    sentence: str


def structure_faults(
    items: tuple[Item, ...], within: tuple[int, ...] = (), inside: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """All that is wrong with names and connections of a list, and of the blocks inside it.

    Names are unique in their list and not `input`; `inputs` names earlier items, or what flows into the block that the
    list is `inside`, and as many as the layer type or the block takes; a block holds at least one item.
    """
    # All names first, so that "comes later" and "is not there" get different sentences.
    every = {item.name for item in items}
    known: set[str] = set(inside)
    for index, item in enumerate(items):
        place = (*within, index)
        yield from _name_faults(item, known, place, inside)
        for name in item.inputs:
            if name not in known:
                yield Fault(place, "inputs", _unknown_input(item, name, every, known))
        yield from _arity_faults(item, place)
        known.add(item.name)
        if isinstance(item, Block):
            if not item.layers:
                yield Fault(place, "layers", f"the block '{item.name}' is empty; put a layer into it or delete it")
            yield from _entry_faults(item, place)
            yield from _exit_faults(item, place)
            yield from structure_faults(item.layers, place, item.input_names)


def _entry_faults(block: Block, place: tuple[int, ...]) -> Iterator[Fault]:
    """All that is wrong with the names by which items inside take what flows into a block."""
    known = {BLOCK_INPUT}
    for name in block.further_inputs:
        if name in known:
            said = "which stands for the first" if name == BLOCK_INPUT else "more than once"
            yield Fault(place, "further_inputs", f"further_inputs names '{name}', {said}; give each input its own name")
        elif not is_name(name):
            yield Fault(place, "further_inputs", f"a name is one line of visible characters, and received {name!r}")
        elif len(name) > MAX_NAME_LENGTH:
            said = f"a name of {len(name):,} characters, and a name has at most {MAX_NAME_LENGTH}"
            yield Fault(place, "further_inputs", f"further_inputs holds {said}")
        known.add(name)


def _exit_faults(block: Block, place: tuple[int, ...]) -> Iterator[Fault]:
    """All that is wrong with the names of what a block gives beside its output."""
    own, known = {item.name for item in block.layers}, set[str]()
    for name in block.further_outputs:
        said = f"further_outputs names '{name}'"
        if name in known:
            yield Fault(place, "further_outputs", f"{said} more than once; name each output once")
        elif name not in own:
            hint = did_you_mean(name, sorted(own))
            yield Fault(place, "further_outputs", f"{said}, which is not a layer of the block.{hint}")
        known.add(name)


def is_name(text: str) -> bool:
    """True for what can be a name: one line of visible characters.

    Line ends and invisible characters would break tables, paths and generated code, where nobody could see why.
    """
    return bool(text.strip()) and text.isprintable()


def _name_faults(item: Item, known: set[str], place: tuple[int, ...], inside: tuple[str, ...]) -> Iterator[Fault]:
    if item.name == BLOCK_INPUT:
        yield Fault(place, "name", "'input' is reserved for what flows into a block; use another name")
    elif item.name in inside:
        yield Fault(place, "name", f"the name '{item.name}' is that of an input of the block; use another name")
    elif item.name in known:
        yield Fault(place, "name", f"the name '{item.name}' is taken by an earlier layer; names are unique in a list")
    if not is_name(item.name):
        yield Fault(place, "name", f"a name is one line of visible characters, and received {item.name!r}")


def _unknown_input(item: Item, name: str, every: set[str], known: set[str]) -> str:
    if name == item.name:
        return f"'{name}' takes its own output as input, which makes a cycle; name an earlier layer"
    if name in every:
        return f"inputs names '{name}', which comes later and would make a cycle; move it up or name an earlier layer"
    if name == BLOCK_INPUT:
        return "inputs names 'input', which exists only inside a block; name an earlier layer"
    return f"inputs names '{name}', which is not a layer of this list.{did_you_mean(name, sorted(known))}"


def _arity_faults(item: Item, place: tuple[int, ...]) -> Iterator[Fault]:
    given = len(item.inputs)
    fewest, most = input_range(item)
    if isinstance(item, Block) and given not in (0, fewest):
        names = listed([f"'{name}'" for name in item.input_names])
        remedy = "name one for each" if given < fewest else "list their names inside it in further_inputs"
        takes = "one input" if fewest == 1 else f"{fewest} inputs"
        yield Fault(place, "inputs", f"the block takes {takes}, {names}, and inputs names {given}; {remedy}")
    elif most is not None and given > most:
        takes = {0: "no inputs", 1: "one input"}.get(most, f"{most} inputs")
        yield Fault(place, "inputs", f"{with_article(item.type_name)} takes {takes}, and inputs names {given}")
    # None at all is no fault of the structure: the analysis says so where the layer before is not enough.
    elif 0 < given < fewest:
        yield Fault(
            place, "inputs", f"{with_article(item.type_name)} needs at least {fewest} inputs, and inputs names {given}"
        )


def input_range(item: Item) -> tuple[int, int | None]:
    """The least and the largest number of inputs that an item takes by their names; None: as many as there are."""
    if isinstance(item, Block):
        return len(item.input_names), len(item.input_names)
    return item.fewest_named, item.max_inputs


def with_names(items: tuple[Item, ...], inside: tuple[str, ...] = ()) -> tuple[Item, ...]:
    """The same items, each without a name given one like `conv2d_1`, unique in its list, and unlike what flows in."""
    taken = {*inside, *[item.name for item in items]}
    if "" not in taken and not any(isinstance(item, Block) for item in items):
        return items
    # Shared by the whole list: looking from 1 for each of a thousand layers would take a million steps.
    counters: dict[str, int] = {}
    named: list[Item] = []
    for item in items:
        if isinstance(item, Block):
            item = structs.replace(item, layers=with_names(item.layers, item.input_names))
        if not item.name:
            item = structs.replace(item, name=unused_name(natural_name(item.type_name), taken, counters))
        named.append(item)
    return tuple(named)


def unused_name(stem: str, taken: set[str], counters: dict[str, int] | None = None) -> str:
    """`stem_1`, or the next number that is not taken; it is added to `taken`."""
    counters = {} if counters is None else counters
    number = counters.get(stem, 1)
    while f"{stem}_{number}" in taken:
        number += 1
    counters[stem] = number + 1
    taken.add(f"{stem}_{number}")
    return f"{stem}_{number}"


def path_text(path: ItemPath) -> str:
    """`stage2/conv1`; a `/`, `[` or backslash that belongs to a name is escaped by a backslash."""
    return "/".join(map(escaped, path))


def escaped(name: str) -> str:
    """A name as it stands in a path."""
    if "/" not in name and "[" not in name and "\\" not in name:
        return name
    return name.replace("\\", "\\\\").replace("/", "\\/").replace("[", "\\[")


def unescaped(name: str) -> str:
    """The name that stands in a path like this."""
    return re.sub(r"\\(.)", r"\1", name, flags=re.DOTALL) if "\\" in name else name


def path_from(text: str) -> ItemPath:
    """The path whose `path_text` this is."""
    # Hardly any name is escaped, and this runs for every row of every repeat.
    if "\\" not in text:
        return tuple(text.split("/"))
    names = [""]
    signs = iter(text)
    for sign in signs:
        if sign == "/":
            names.append("")
        else:
            names[-1] += next(signs) if sign == "\\" else sign
    return tuple(names)


def find(design: Design, path: ItemPath) -> Item:
    """The item at a path; KeyError if there is none."""
    items: tuple[Item, ...] = design.layers
    found: Item | None = None
    for name in path:
        found = next((item for item in items if item.name == name), None)
        if found is None:
            raise KeyError(path_text(path))
        items = found.layers if isinstance(found, Block) else ()
    if found is None:
        raise KeyError("")
    return found


def walk(items: tuple[Item, ...], within: ItemPath = ()) -> Iterator[tuple[ItemPath, Item]]:
    """Every item with its path, blocks before what they hold."""
    for item in items:
        path = (*within, item.name)
        yield path, item
        if isinstance(item, Block):
            yield from walk(item.layers, path)


def items_of(design: Design, parent: ItemPath) -> tuple[Item, ...]:
    """The list below a block, or the design's own for (); KeyError if there is no such block."""
    if not parent:
        return design.layers
    block = find(design, parent)
    if not isinstance(block, Block):
        raise KeyError(parent)
    return block.layers


def index_of(design: Design, path: ItemPath) -> int:
    """The index of an item in its list; KeyError if it is not there."""
    for index, item in enumerate(items_of(design, path[:-1])):
        if item.name == path[-1]:
            return index
    raise KeyError(path)
