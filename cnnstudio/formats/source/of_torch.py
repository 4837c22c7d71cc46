"""A network of PyTorch: the input size with which its layers fit, and its draft."""

from __future__ import annotations

import time
from typing import Any

from cnnstudio.formats.foreign.passes.all_passes import tidy
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.format import ReadOptions
from cnnstudio.formats.source.input_sizes import Size, hinted, usual, wanted_by
from cnnstudio.formats.source.language.limits import Exhausted
from cnnstudio.formats.source.language.values import NotFollowed
from cnnstudio.formats.source.script import Found, Script
from cnnstudio.formats.source.torch.networks import follow, inputs_of, unused
from cnnstudio.formats.source.torch.trace import Trace

MAX_SECONDS = 10.0
"""The time for which input sizes are tried."""
MAX_SAME = 4
"""Sizes after which a refusal that is always the same has nothing to do with them."""


def of_torch(script: Script, root: Any, options: ReadOptions) -> Found:
    """The draft of a module. Raises NotFollowed if it cannot be followed."""
    trace, size = _Sizing(script, root, options).fitted()
    draft = trace.draft
    draft.assumed.append(said_of_size(size))
    faults = {(fault.line, fault.sentence) for fault in trace.faults}
    draft.faults = [f"{script.places.of(line).text}: {sentence}." for line, sentence in sorted(faults)]
    names, total = unused(trace, root)
    if names:
        shown = ", ".join(names[:3])
        draft.notes.append(
            f"{len(names)} modules with {total:,} parameters are made and never used, such as {shown}; they are not "
            "in the design."
        )
    stated = trace.parameters()
    tidy(draft)
    draft.notes = [note for note in draft.notes if not note.startswith("The convolutions have biases")]
    return Found(draft, "PyTorch", stated)


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
        self.count = inputs_of(script.program, root)
        self.wanted = wanted_by(root)
        self.first: tuple[Trace, Size] | None = None
        self.refusal: NotFollowed | None = None
        self.same = 0

    def fitted(self) -> tuple[Trace, Size]:
        """The network for the size that is stated, or the first one with which every layer fits.

        Raises NotFollowed if it can be followed with none.
        """
        if self.options.input_size is not None:
            return self._trace(Size(self.options.input_size, "asked")), Size(self.options.input_size, "asked")
        shown = self.script.libraries.torch.shown.get(id(self.root))
        # Of a call with an array whose sizes nobody knows, the others do not tell which is which.
        if shown and len(shown) >= self.count:
            size = Size(shown[0][1:], "the tensor that it is called with")
            rest = [shape[1:] for shape in shown[1 : self.count]]
            return self._trace(size, rest), size
        end = time.monotonic() + MAX_SECONDS
        hints = list(dict.fromkeys(hinted(self.script.tree, self.script.text, self.wanted)))
        for size in [*hints, *usual(self.wanted)]:
            found = self._try(size)
            if found is not None:
                return found, size
            if time.monotonic() > end or self.same > MAX_SAME:
                break
        if self.first is not None and self.count == 1 and self.first[1].source:
            return self.first
        if self.first is not None:
            raise self._not_fitting(*self.first)
        assert self.refusal is not None
        raise self.refusal

    def _not_fitting(self, trace: Trace, size: Size) -> NotFollowed:
        """The refusal of a network that fits no size that was tried: nobody says that the mistake is not the size."""
        fault = trace.faults[0]
        text = " × ".join(map(str, size.sizes))
        inputs = " for each of its inputs" if self.count > 1 else ""
        sentence = f"with an input of {text}{inputs}: {fault.sentence}; no usual size fits, give one with --input-size."
        return NotFollowed(sentence, fault.line)

    def _try(self, size: Size) -> Trace | None:
        try:
            trace = self._trace(size)
        except Exhausted:
            raise
        except NotFollowed as error:
            before, self.refusal = self.refusal, self.refusal or error
            is_same = before is not None and (before.line, before.sentence) == (error.line, error.sentence)
            self.same = self.same + 1 if is_same else 0
            return None
        except NotUnderstood as error:
            self.refusal = self.refusal or NotFollowed(str(error), self.root.line)
            return None
        if not trace.faults:
            return trace
        if self.first is None:
            self.first = trace, size
        return None

    def _trace(self, size: Size, rest: list[tuple[int, ...]] | None = None) -> Trace:
        sizes = [size.sizes, *(rest or [])]
        sizes += [size.sizes] * (self.count - len(sizes))
        return follow(self.script.program, self.script.libraries.torch, self.root, sizes[: max(self.count, 1)])
