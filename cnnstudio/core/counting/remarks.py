"""The sentences of what counting notices between layers; what a layer notices about itself it says itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set

from cnnstudio.core.arithmetic.convention import Convention
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.rows import Entry, Row
from cnnstudio.core.network.design import Block, Item, escaped
from cnnstudio.core.network.layer import MAX_COUNT, Layer
from cnnstudio.core.network.problem import Problem, Remark, did_you_mean, listed
from cnnstudio.core.network.wiring import all_feeds, ends_in_output

MAX_ANALYZED = 100_000
"""Layers and their named inputs that are counted one by one, repeats with equal shapes once; a design with more is not
counted further.
"""


def missing_input(item: Item, given: int) -> Remark:
    """An item without enough inputs."""
    if given:
        fewest = item.min_inputs if isinstance(item, Layer) else len(item.input_names)
        return Remark(
            "missing-input",
            f"{item.type_name} needs at least {fewest} inputs and receives {given}.",
            "Name the layers it joins in inputs.",
        )
    return Remark("missing-input", f"{item.type_name} receives nothing.", "Put an Input layer before it.")


def unknown_input(name: str) -> Remark:
    """An input that names nothing."""
    return Remark("missing-input", f"inputs names '{name}', which is not an earlier layer.", "Name an earlier layer.")


def missing_inputs(item: Item, found: list[bool], first: Item | None) -> Iterator[Remark]:
    """The inputs of an item that lead nowhere, by whether each is `found`, and those that a block lacks.

    `first` is the item that it takes first, which may have no further output of the name that is asked for.
    """
    yield from (unknown_input(name) for name, is_found in zip(item.inputs, found, strict=False) if not is_found)
    if isinstance(item, Block):
        if len(found) < len(item.input_names):
            yield missing_input(item, len(found))
    elif item.picks and found[:1] == [True] and (first is None or item.picks not in first.further_outputs):
        yield _no_such_output(item.picks, first)


def _no_such_output(name: str, source: Item | None) -> Remark:
    if source is None:
        sentence = f"it takes what flows into the block, which has no output '{name}' inside."
        return Remark("no-such-output", sentence, "Take it outside, and let it flow into the block.")
    given = list(source.further_outputs)
    gives = f"gives {listed([f'{known!r}' for known in given])}" if given else "gives nothing"
    return Remark(
        "no-such-output",
        f"'{source.name}' {gives} beside its output, and no '{name}'.{did_you_mean(name, given)}",
        "Take one of those." if given else "Take its output, or name the item in further_outputs of the block.",
    )


def unfit_inputs(layer: Layer, inputs: tuple[Shape, ...]) -> Remark | None:
    """Inputs that no rule of a layer is run with: too few, or places of maximums where it computes with numbers."""
    # Whoever asks what a connection would do asks with those that are there.
    if len(inputs) < layer.fewest_named:
        return missing_input(layer, len(inputs))
    if layer.takes_places or not any(shape.within for shape in inputs):
        return None
    return Remark(
        "places",
        f"{layer.type_name} computes with numbers, and receives the places that maximums have in a map.",
        "Only MaxUnpool takes them, as its second input.",
    )


def unlike_strides(steps: str) -> Remark:
    """A merge of branches that step differently."""
    return Remark(
        "unlike-strides",
        f"its branches step through the input at different strides, {steps}, so that they do not line up.",
        "Give the branches the same total stride.",
    )


def useless_bias(norm: Layer) -> Remark:
    """A bias that the normalization after it subtracts again."""
    return Remark(
        "bias-before-norm",
        f"its bias has no effect, because the {norm.type_name} '{norm.name}' after it subtracts the mean.",
        "Turn its bias off.",
    )


def framework_remark(layer: Layer, convention: Convention) -> Remark | None:
    """A convolution that PyTorch refuses, as which a design is counted: with padding by a word and a stride."""
    if convention.key != "pytorch" or getattr(layer, "padding", None) != "same" or layer.family != "convolution":
        return None
    if hasattr(layer, "output_padding") or _is_one(layer):
        return None
    return Remark(
        "same-padding",
        "PyTorch refuses padding 'same' with a stride, and this counts as Keras pads.",
        "Give the padding in numbers, or count as Keras.",
    )


def _is_one(layer: Layer) -> bool:
    stride = getattr(layer, "stride", 1)
    return stride == 1 or (isinstance(stride, tuple) and set(stride) == {1})


def idle_items(items: tuple[Item, ...], used: Set[str]) -> list[Item]:
    """The items that nothing takes and that are neither the last, which is the output of the list, nor an Output."""
    return [item for item in items[:-1] if item.name not in used and not ends_in_output(item)]


def unused(item: Item) -> Remark:
    """An output that nobody takes."""
    return Remark(
        "unused",
        f"nothing takes the output of this {item.type_name}.",
        "Connect it, delete it, or put an Output after it.",
    )


def too_vast(size: int) -> Remark:
    """An output beyond all bounds."""
    return Remark(
        "too-vast",
        f"an axis of its output has {size:,} elements, and at most {MAX_COUNT:,} are counted.",
        "Enlarge less, or repeat less often.",
    )


def too_many(block: Block) -> Remark:
    """A design beyond the bound."""
    return Remark(
        "too-large",
        f"the design has more than {MAX_ANALYZED:,} different layers and connections, and is not counted from here on.",
        f"Use a smaller repeat than {block.repeat:,}.",
    )


def loses_only_zeros(remark: Remark, first: Item | None) -> bool:
    """True of input that is not used if all of it is zeros that the layer before has added."""
    if not remark.lost or not isinstance(first, Layer):
        return False
    zeros = first.zeros_at_end(len(remark.lost))
    return bool(zeros) and all(lost <= added for lost, added in zip(remark.lost, zeros, strict=True))


def of_the_input(remark: Remark, first: Item | None) -> Remark:
    """Says it of the design's input where the remark is about a layer right after it."""
    if remark.rule != "unused-input" or not isinstance(first, Layer) or first.max_inputs != 0:
        return remark
    return Remark(remark.rule, remark.sentence, remark.remedy.replace("nput of", "nput size of", 1))


class UselessBiases:
    """The useless biases of a list, each told when the normalization is counted that subtracts it."""

    def __init__(
        self,
        report: Callable[[str, str, Remark], None],
        items: tuple[Item, ...],
        inside: tuple[str, ...],
        outputs: tuple[str, ...],
        place: str,
        needed: Set[str],
    ) -> None:
        self._report = report
        self._place = place
        self._found = {
            norm.name: (producer, norm)
            for producer, norm in useless_biases(items, inside=inside, outputs=outputs)
            if place + escaped(producer.name) not in needed
        }

    def report(self, items: tuple[Item, ...], entries: tuple[Entry, ...]) -> None:
        """Tells of those that these items, which were counted just now, show to be useless."""
        if not self._found:
            return
        for item, entry in zip(items, entries, strict=True):
            if item.name in self._found and is_told(entry):
                producer, norm = self._found[item.name]
                self._report("warning", self._place + escaped(producer.name), useless_bias(norm))


def is_told(entry: Entry) -> bool:
    """True if a normalization that may subtract a bias was counted, and does."""
    if not isinstance(entry, Row) or entry.counts is None:
        return False
    return bool(entry.input_shapes) and all(map(entry.layer.takes_means, entry.taken_shapes))


def needed_biases(items: tuple[Item, ...], owners: Mapping[str, str]) -> frozenset[str]:
    """The places of layers whose bias is that of a layer elsewhere, where nothing subtracts it."""
    if not owners:
        return frozenset()
    # One that only may be useless counts as needed: whether it is depends on what flows in there.
    useless = set(_useless_places(items, (), (), ""))
    groups: dict[str, set[str]] = {}
    for user, owner in owners.items():
        groups.setdefault(owner, {owner}).add(user)
    return frozenset().union(*(places for places in groups.values() if not places <= useless))


def _useless_places(
    items: tuple[Item, ...], inside: tuple[str, ...], outputs: tuple[str, ...], place: str
) -> Iterator[str]:
    found = useless_biases(items, inside=inside, outputs=outputs)
    yield from (place + escaped(producer.name) for producer, norm in found if norm.removes_bias)
    for item in items:
        if isinstance(item, Block):
            yield from _useless_places(
                item.layers, item.input_names, item.further_outputs, f"{place}{escaped(item.name)}/"
            )


def useless_biases(
    items: tuple[Item, ...], *, inside: tuple[str, ...], outputs: tuple[str, ...] = ()
) -> list[tuple[Layer, Layer]]:
    """The layers of a list that add a bias for nothing, each with a normalization that subtracts it again.

    Whatever takes such a layer is a normalization that subtracts the mean of what it receives; one that only may do so
    is the only one, and `is_told` says whether it does. A frozen one subtracts the mean that it has stored, and so
    leaves the bias in; so does anything else, a block too, and what takes the `outputs` that a block gives beside its
    last.
    """
    biased = {
        item.name: item
        for item in items
        if type(item) is not Block and item.name not in outputs and _ends_in_bias(item)
    }
    # Most lists have neither, and this is asked of every list after every edit.
    if not biased or not [item for item in items if _subtracts(item) or _may_subtract(item)]:
        return []
    takers: dict[str, list[Item]] = {}
    took = all_feeds(items, inside=inside)
    for item in items:
        for name in took[item.name]:
            if name in biased:
                takers.setdefault(name, []).append(item)
    return [
        (biased[name], norm)
        for name, taking in takers.items()
        if isinstance(norm := taking[0], Layer)
        and (not [item for item in taking if not _subtracts(item)] or (len(taking) == 1 and _may_subtract(norm)))
    ]


def _subtracts(item: Item) -> bool:
    # A frozen normalization subtracts a stored mean, which does not follow the bias, so that the bias keeps its effect.
    return type(item) is not Block and item.removes_bias and item.trainable


def _may_subtract(item: Item) -> bool:
    return type(item) is not Block and item.may_remove_bias


def _ends_in_bias(layer: Layer) -> bool:
    """True if the last step of a layer is to add a bias."""
    # After a nonlinear activation the bias is no longer added to what the normalization sees, so its mean does not
    # remove it.
    is_last = bool(getattr(layer, "bias", False)) and not layer.hides_bias
    return is_last and getattr(layer, "activation", None) in (None, "linear")


class Findings:
    """The problems that are found while a design is counted."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._reported: set[tuple[str, str]] = set()

    def report(self, severity: str, place: str, remark: Remark) -> None:
        """Adds a problem, once for each place and rule however often the place is repeated."""
        # A block is walked again in each pass that changes its shape, and each pass would find the same fault.
        if (place, remark.rule) in self._reported:
            return
        self._reported.add((place, remark.rule))
        error = severity == "error"
        self._problems.append(
            Problem("error" if error else "warning", place, remark.rule, remark.sentence, remark.remedy)
        )

    def split(self, accepted: tuple[str, ...]) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
        """The problems, and the warnings that the design accepts."""
        if not accepted:
            return tuple(self._problems), ()
        problems: list[Problem] = []
        meant: list[Problem] = []
        for problem in self._problems:
            (meant if problem.severity == "warning" and problem.rule in accepted else problems).append(problem)
        return tuple(problems), tuple(meant)
