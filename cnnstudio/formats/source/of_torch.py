"""A network of PyTorch: the input size with which its layers fit, and its draft."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from itertools import product
from typing import Any

from cnnstudio.formats.foreign.passes.all_passes import tidy
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.format import ReadOptions
from cnnstudio.formats.source.input_sizes import hinted, usual, vectors_of, wanted_by
from cnnstudio.formats.source.language.limits import Exhausted
from cnnstudio.formats.source.language.values import NotFollowed
from cnnstudio.formats.source.script import Found, Script
from cnnstudio.formats.source.sizes import LABEL, SEQUENCE, TOKENS, Size, Wanted
from cnnstudio.formats.source.torch.layers import LENGTHS
from cnnstudio.formats.source.torch.modules import parameters_of
from cnnstudio.formats.source.torch.networks import follow, inputs_of, takes_steps_first, unused
from cnnstudio.formats.source.torch.trace import Trace

MAX_SECONDS = 10.0
"""The time for which input sizes are tried."""
LABELS = re.compile(
    r"^(?:.*_)?(?:labels?|y|c|cond(?:ition)?s?|class(?:es)?|lengths?|lens?|t|times?|timesteps?)$", re.IGNORECASE
)
"""Names of arguments that hold one number for each image."""
LABEL_SIZE = Size((1,), "", LABEL)
_WINDOW = re.compile(r"\b(\d+) window does not fit its (?:[\d,]+ × )?(\d+) input")
MAP_SIZES, ROUNDED = 3, 2
"""The sizes of an image, and what a side may have lost by borders and rounding."""
MAX_SAME = 4
MAX_MIXED, MAX_VECTORS = 3, 4
MAX_SOLVED, MAX_SIDE = 24, 2048
"""Sizes after which a refusal that is always the same has nothing to do with them."""


def of_torch(script: Script, root: Any, options: ReadOptions) -> Found:
    """The draft of a module. Raises NotFollowed if it cannot be followed."""
    trace, size = _Sizing(script, root, options).fitted()
    draft = trace.draft
    draft.assumed.append(said_of_size(size))
    faults = {(fault.line or root.line, fault.sentence) for fault in (*trace.faults, *trace.mistakes)}
    draft.faults = [f"{script.places.of(line).text}: {sentence}." for line, sentence in sorted(faults)]
    names, total = unused(trace, root)
    if names:
        shown = ", ".join(names[:3])
        draft.notes.append(
            f"{len(names)} modules with {total:,} parameters are made and never used, such as {shown}; they are not "
            "in the design."
        )
    draft.notes += _not_reached(trace, root, total)
    stated = trace.parameters()
    tidy(draft)
    draft.notes = [note for note in draft.notes if not note.startswith("The convolutions have biases")]
    return Found(draft, "PyTorch", stated)


def _not_reached(trace: Trace, root: Any, unused_numbers: int) -> list[str]:
    """Sentences about learned numbers of modules that are used, which are nevertheless not in the design."""
    if trace.corrected:
        return []
    whole = dict(parameters_of(root, True))
    lengths = sum(array.size for name, array in whole.items() if name.rpartition(".")[2] == LENGTHS)
    rest = sum(array.size for array in whole.values()) - unused_numbers - lengths - trace.parameters()
    said = []
    if lengths:
        said.append(
            f"weight_norm adds {lengths:,} learned numbers, the lengths of its weights, to those of the design."
        )
    if rest > 0:
        said.append(f"{rest:,} learned numbers of the network are not in the design: this input does not reach them.")
    return said


def said_of_size(size: Size) -> str:
    """The sentence about an input size: where it comes from."""
    text = " × ".join(map(str, size.sizes))
    if size.source == "asked":
        return f"The input is {text}, as asked for."
    if size.source:
        return f"The input is {text}, by {size.source}."
    return f"The file states no input size; {text} was assumed, with which every layer fits."


class _Sizing:
    """Tries input sizes."""

    def __init__(self, script: Script, root: Any, options: ReadOptions) -> None:
        self.script = script
        self.root = root
        self.options = options
        self.names = inputs_of(script.program, root)
        self.count = len(self.names)
        self.wanted = wanted_by(root)
        self.is_steps_first = takes_steps_first(root) or any(item.order == TOKENS for item in self.wanted)
        self.first: tuple[Trace, Size] | None = None
        self.refusal: NotFollowed | None = None
        self.same = 0
        self.smallest = 0.0
        """The side below which some window of the network would not fit."""

    def fitted(self) -> tuple[Trace, Size]:
        """The network for the size that is stated, or the first one with which every layer fits.

        Raises NotFollowed if it can be followed with none.
        """
        stated = self._stated()
        if stated:
            return self._first_of(stated)
        end = time.monotonic() + MAX_SECONDS
        for is_turned in (False, True)[: 1 + self.is_steps_first]:
            for wanted in self.wanted:
                self.same = 0
                hints = list(
                    dict.fromkeys(hinted(self.script.tree, self.script.text, wanted, self.script.program.settings))
                )
                for size in [*hints, *usual(wanted)]:
                    if not size.source and size.sizes[-1] < self.smallest:
                        continue
                    for inputs in self._inputs(size):
                        trace = self._try(inputs, is_turned)
                        if trace is not None:
                            return self._better(trace, inputs), size
                    if time.monotonic() > end or self.same > MAX_SAME:
                        break
        for inputs in (*self._solved(), *self._mixed()):
            trace = self._try(inputs, is_turned=False)
            if trace is not None:
                return trace, inputs[0]
        for inputs in self._by_first_layer():
            trace = self._try(inputs, is_turned=False)
            if trace is not None:
                return trace, inputs[0]
        if self.first is not None and self.count == 1 and self.first[1].source:
            return self.first
        if self.first is not None:
            raise self._not_fitting(*self.first)
        raise self.refusal or NotFollowed(
            "takes an input whose size the file does not state; give one with --input-size.", self.root.line
        )

    def _better(self, trace: Trace, inputs: list[Size]) -> Trace:
        """A network whose layers take the batch for the steps with its steps first, if that makes no mistake."""
        if not trace.mistakes or not self.is_steps_first:
            return trace
        turned = self._try(inputs, is_turned=True)
        return turned if turned is not None and not turned.mistakes else trace

    def _stated(self) -> list[list[Size]]:
        """The inputs as the user or a call in the file states them, by what they may be."""
        size = self.options.input_size
        orders = list(dict.fromkeys(wanted.order for wanted in self.wanted))
        if size is not None:
            orders = [order for order in orders if len(size) == 2 or order != SEQUENCE] or [""]
            return [inputs for order in orders for inputs in self._inputs(Size(size, "asked", order))]
        _, shown = self.script.libraries.torch.shown.get(id(self.root), (None, []))
        # Of a call with an array whose sizes nobody knows, the others do not tell which is which.
        if not shown or len(shown) < self.count:
            return []
        return [[_as_shown(shape, order) for shape in shown[: self.count]] for order in orders]

    def _inputs(self, size: Size) -> list[list[Size]]:
        """An input for each argument of the network: all alike, or labels where their names say so."""
        alike = [size] * self.count
        labels = [
            size if place == 0 or not LABELS.search(name) else LABEL_SIZE for place, name in enumerate(self.names)
        ]
        return [alike] if labels == alike else [labels, alike]

    def _solved(self) -> Iterator[list[Size]]:
        """Square maps about as large as the first layer that takes all of one says."""
        fault, size = (self.first[0].faults[0], self.first[1]) if self.first is not None else (None, None)
        if fault is None or size is None or len(size.sizes) != 3 or size.order or not fault.said * fault.received:
            return
        # The features grow with the area of the map, but for what its borders lose.
        side = round(size.sizes[1] * (fault.said / fault.received) ** 0.5)
        for step in range(MAX_SOLVED):
            for guess in {side - step, side + step}:
                if 0 < guess <= MAX_SIDE:
                    yield from self._inputs(Size((size.sizes[0], guess, guess)))

    def _by_first_layer(self) -> Iterator[list[Size]]:
        """Maps of the channels that the first layer takes which the input reaches: another one was made before it."""
        if self.first is None:
            return
        fault, size = self.first[0].faults[0], self.first[1]
        # What is cut up before the first layer has so many times as many channels there.
        channels, rest = divmod(fault.said * size.sizes[0], fault.received) if fault.received else (0, 1)
        if "says in_channels=" not in fault.sentence or rest or not channels or size.order:
            return
        wanted = Wanted(len(size.sizes) - 1, channels)
        for other in (*hinted(self.script.tree, self.script.text, wanted), *usual(wanted)):
            yield from self._inputs(other)

    def _mixed(self) -> Iterator[list[Size]]:
        """Vectors of unlike lengths for each of a few arguments, and labels where their names say so."""
        is_map = any(item.axes and not item.order for item in self.wanted[:1])
        if is_map or not 2 <= self.count <= MAX_MIXED:
            return
        lengths = list(dict.fromkeys(vectors_of(self.root)))[:MAX_VECTORS]
        choices: list[list[Size]] = []
        for name in self.names:
            vectors = [Size((length,)) for length in lengths]
            choices.append([LABEL_SIZE, *vectors] if LABELS.search(name) else vectors)
        yield from map(list, product(*choices))

    def _first_of(self, choices: list[list[Size]]) -> tuple[Trace, Size]:
        refusals: list[NotFollowed] = []
        for is_turned in (False, True)[: 1 + self.is_steps_first]:
            for inputs in choices:
                try:
                    return self._better(self._trace(inputs, is_turned), inputs), inputs[0]
                except Exhausted:
                    raise
                except NotFollowed as error:
                    refusals.append(error)
        raise refusals[0]

    def _not_fitting(self, trace: Trace, size: Size) -> NotFollowed:
        """The refusal of a network that fits no size that was tried: nobody says that the mistake is not the size."""
        fault = trace.faults[0]
        text = " × ".join(map(str, size.sizes))
        inputs = " for each of its inputs" if self.count > 1 else ""
        sentence = f"with an input of {text}{inputs}: {fault.sentence}; no usual size fits, give one with --input-size."
        return NotFollowed(sentence, fault.line)

    def _try(self, inputs: list[Size], is_turned: bool) -> Trace | None:
        try:
            trace = self._trace(inputs, is_turned)
        except Exhausted:
            raise
        except NotFollowed as error:
            before = self.refusal
            if before is None or error.reached > before.reached:
                self.refusal = error
            is_same = before is not None and (before.line, before.sentence) == (error.line, error.sentence)
            window = _WINDOW.search(error.sentence)
            if window and len(inputs[0].sizes) == MAP_SIZES and not inputs[0].order:
                self.smallest = inputs[0].sizes[-1] * int(window[1]) / (int(window[2]) + ROUNDED)
            # A window that does not fit a map may fit a larger one.
            is_same = is_same and "does not fit its" not in error.sentence
            self.same = self.same + 1 if is_same else 0
            return None
        except NotUnderstood as error:
            self.refusal = self.refusal or NotFollowed(str(error), self.root.line)
            return None
        if not trace.faults:
            return trace
        if self.first is None:
            self.first = trace, inputs[0]
        return None

    def _trace(self, inputs: list[Size], is_turned: bool) -> Trace:
        trace = follow(self.script.program, self.script.libraries.torch, self.root, inputs, is_turned=is_turned)
        if is_turned:
            trace.draft.notes.append("Its tensors have their steps before the batch, as layers without batch_first do.")
        return trace


def _as_shown(shape: tuple[int, ...], order: str) -> Size:
    """The shape of a tensor that the file passes to the network, its batch first."""
    source = "the tensor that it is called with"
    if len(shape) == 1:
        return Size((1,), source, LABEL)
    is_sequence = order == SEQUENCE and len(shape) == 3
    return Size((shape[2], shape[1]) if is_sequence else shape[1:], source, order if is_sequence else "")
