"""From a program to one network of it: which network, which arguments, which input size, and the report of that."""

from __future__ import annotations

import ast
import re
import time
from typing import Any

from msgspec import Struct

from cnnstudio.formats.foreign.passes.all_passes import tidy
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.foreign.source import Source
from cnnstudio.formats.format import ReadOptions
from cnnstudio.formats.source.candidates import Candidate, build, find
from cnnstudio.formats.source.frameworks import Libraries
from cnnstudio.formats.source.input_sizes import Size, hinted, usual, wanted_by
from cnnstudio.formats.source.language.limits import Exhausted
from cnnstudio.formats.source.language.program import FindModule, Program
from cnnstudio.formats.source.language.values import NotFollowed, Unknown
from cnnstudio.formats.source.places import Places
from cnnstudio.formats.source.torch.networks import follow, inputs_of, unused
from cnnstudio.formats.source.torch.trace import Trace
from cnnstudio.formats.source.torch.tree import is_module

MAX_SECONDS = 10.0
"""The time for which networks and input sizes are tried."""
MAX_SHOWN = 12
_NETWORK = re.compile(r"(?:^|_)(?:net|model|network|cnn|generator|discriminator|encoder)(?:_|$)", re.IGNORECASE)


class Script(Struct):
    """A program that was followed, and the networks found in it."""

    program: Program
    libraries: Libraries
    tree: ast.Module
    text: str
    places: Places
    candidates: list[Candidate]


def followed(text: str, tree: ast.Module, places: Places, find_module: FindModule, options: ReadOptions) -> Script:
    """A program, followed from its first line to its last, with its networks. Raises NotFollowed beyond a bound."""
    libraries = Libraries()
    program = Program(libraries, find_module, settings_of(options))
    libraries.attach(program)
    program.run(tree)
    return Script(program, libraries, tree, text, places, find(program, libraries.torch, tree))


def settings_of(options: ReadOptions) -> dict[str, Any]:
    """The user's arguments as values: numbers, words, True and None."""
    return {name: _value(text) for name, text in options.arguments}


def _value(text: str) -> Any:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return value if isinstance(value, (int, float, str, bool, tuple, list, type(None))) else text


def read(script: Script, name: str, options: ReadOptions) -> Source:
    """The network that is asked for, or the likeliest one that can be read. Raises NotFollowed if there is none."""
    candidates = script.candidates
    if options.network is not None:
        wanted = [item for item in candidates if item.name == options.network]
        if not wanted:
            raise NotFollowed(f"holds no network '{options.network}'; {_names(candidates)}.")
        return _source(script, wanted[0], name, options)
    if not candidates:
        raise NotFollowed(_why_none(script))
    refusals: list[tuple[Candidate, NotFollowed]] = []
    end = time.monotonic() + MAX_SECONDS
    for candidate in _likely(candidates):
        try:
            return _source(script, candidate, name, options, refusals)
        except Exhausted:
            raise
        except NotFollowed as error:
            refusals.append((candidate, error))
        if time.monotonic() > end:
            break
    raise refusals[0][1]


def _likely(candidates: list[Candidate]) -> list[Candidate]:
    """The networks that are tried if nobody says which: those that the file makes, else those that are no parts."""
    # A part of a network that cannot be read would be a wrong answer.
    made = [item for item in candidates if item.value is not None]
    return made or [item for item in candidates if not item.is_part] or candidates


def _why_none(script: Script) -> str:
    notes = script.program.notes
    for name, value in script.program.scope.names.items():
        if isinstance(value, Unknown) and _NETWORK.search(name):
            return f"holds no network that can be read; '{name}' is not known: {value.why}."
    if notes:
        line, sentence = notes[-1]
        return f"holds no network that can be read; {script.places.of(line).text} {sentence}"
    return "holds no network: no model of Keras and no module of PyTorch is made in it, and no class of one."


def _names(candidates: list[Candidate]) -> str:
    names = [item.name for item in candidates]
    more = f" and {len(names) - MAX_SHOWN} more" if len(names) > MAX_SHOWN else ""
    return f"its networks are {', '.join(names[:MAX_SHOWN])}{more}" if names else "it holds none"


Refusals = list[tuple[Candidate, NotFollowed]]


def _source(
    script: Script, candidate: Candidate, name: str, options: ReadOptions, refusals: Refusals | None = None
) -> Source:
    root = build(script.program, candidate)
    if not is_module(root):
        raise NotFollowed(f"{candidate.name} gives no network.", candidate.line)
    sized = _Sizing(script, root, options).fitted()
    trace, size = sized
    draft = trace.draft
    _say(script, candidate, trace, size, options)
    for other, error in refusals or []:
        draft.assumed.append(f"{other.name} cannot be read: {script.places.of(error.line).text} {error.sentence}")
    names, total = unused(trace, root)
    if names:
        shown = ", ".join(names[:3])
        draft.notes.append(
            f"{len(names)} modules with {total:,} parameters are made and never used, such as {shown}; they are not "
            "in the design."
        )
    stated = sum(step.numbers.learned for step in draft.steps if step.numbers is not None)
    tidy(draft)
    draft.notes = [note for note in draft.notes if not note.startswith("The convolutions have biases")]
    choices = tuple(item.name for item in script.candidates)
    return Source(
        "python",
        "PyTorch source",
        candidate.name or name,
        draft,
        stated - draft.discounted,
        remembered=tuple(draft.assumed),
        choices=choices if len(choices) > 1 else (),
        arguments=options.arguments,
    )


def _say(script: Script, candidate: Candidate, trace: Trace, size: Size, options: ReadOptions) -> None:
    """Says what was chosen and assumed."""
    draft, program = trace.draft, script.program
    others = [item.name for item in script.candidates if item is not candidate]
    if others and options.network is None:
        shown = ", ".join(others[:MAX_SHOWN])
        draft.assumed.append(
            f"The file holds {len(others) + 1} networks, and {candidate.name} was taken; the others are {shown}."
        )
    for key in sorted(program.used_settings):
        draft.assumed.append(f"{key} is {program.settings[key]}, as asked for.")
    text = " × ".join(map(str, size.sizes))
    if size.source == "asked":
        draft.assumed.append(f"The input is {text}, as asked for.")
    elif size.source:
        draft.assumed.append(f"The input is {text}, by {size.source}.")
    else:
        draft.assumed.append(f"The file states no input size; {text} was assumed, with which every layer fits.")
    for line, sentence in program.notes:
        if "was taken to be false" in sentence:
            draft.notes.append(f"{script.places.of(line).text} {sentence}")
    faults = {(fault.line, fault.sentence) for fault in trace.faults}
    draft.faults = [f"{script.places.of(line).text}: {sentence}." for line, sentence in sorted(faults)]


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

    def fitted(self) -> tuple[Trace, Size]:
        """The network for the size that is stated, or the first one with which every layer fits.

        Raises NotFollowed if it can be followed with none.
        """
        if self.options.input_size is not None:
            return self._trace(Size(self.options.input_size, "asked")), Size(self.options.input_size, "asked")
        shown = self.script.libraries.torch.shown.get(id(self.root))
        if shown:
            size = Size(shown[0][1:], "the tensor that it is called with")
            rest = [shape[1:] for shape in shown[1 : self.count]]
            return self._trace(size, rest), size
        end = time.monotonic() + MAX_SECONDS
        hints = list(dict.fromkeys(hinted(self.script.tree, self.script.text, self.wanted)))
        for size in [*hints, *usual(self.wanted)]:
            found = self._try(size)
            if found is not None:
                return found, size
            if time.monotonic() > end:
                break
        if self.first is not None:
            return self.first
        assert self.refusal is not None
        raise self.refusal

    def _try(self, size: Size) -> Trace | None:
        try:
            trace = self._trace(size)
        except Exhausted:
            raise
        except NotFollowed as error:
            self.refusal = self.refusal or error
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
