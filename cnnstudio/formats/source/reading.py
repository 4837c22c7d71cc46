"""From a program to one network of it: which network, which arguments, which input size, and the report of that."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.source import Source
from cnnstudio.formats.format import ReadOptions
from cnnstudio.formats.source.building import build
from cnnstudio.formats.source.candidates import NETWORK, PART, Candidate, find
from cnnstudio.formats.source.frameworks import Libraries
from cnnstudio.formats.source.keras.flattening import SUFFIX
from cnnstudio.formats.source.keras.graph import USUAL_CHANNELS, USUAL_LENGTH
from cnnstudio.formats.source.keras.host import KerasModels
from cnnstudio.formats.source.keras.models import Model
from cnnstudio.formats.source.language.limits import Exhausted
from cnnstudio.formats.source.language.program import FindModule, Program
from cnnstudio.formats.source.language.values import NotFollowed, Unknown
from cnnstudio.formats.source.of_keras import hint, of_keras
from cnnstudio.formats.source.of_torch import of_torch
from cnnstudio.formats.source.places import Places
from cnnstudio.formats.source.script import Found, Script
from cnnstudio.formats.source.torch.tree import is_module
from cnnstudio.layers.structure import Input

MAX_SECONDS = 10.0
"""The time for which networks and input sizes are tried."""
MAX_SHOWN = 12
OTHER_SIDES = (299, 256, 512)
"""Sides of images that are tried where the usual one does not fit."""
_MISFIT = re.compile(r"window does not fit|branches of (?:the same|equal)|in another order than it is given")


def followed(
    text: str,
    tree: ast.Module,
    places: Places,
    find_module: FindModule,
    options: ReadOptions,
    find_data: Callable[[str], str | None] | None = None,
    length: int = USUAL_LENGTH,
) -> Script:
    """A program, followed from its first line to its last, with its networks. Raises NotFollowed beyond a bound.

    `length` is that of a sequence that the program leaves open; it is followed again where a table has fewer places.
    """
    libraries = Libraries()
    program = Program(libraries, find_module, settings_of(options))
    libraries.attach(program)
    program.data = find_data or program.data
    libraries.keras.input_size = options.input_size
    libraries.keras.is_used = "keras" in text
    libraries.keras.is_solid = "Conv3D" in text and "Conv2D" not in text
    libraries.keras.hint = cache(lambda: hint(tree, text))
    if program.settings.get("image_data_format") == "channels_first":
        libraries.keras.set_layout(True)
        program.used_settings.add("image_data_format")
    libraries.keras.steps.length = length
    program.run(tree)
    if libraries.keras.shortest < length == USUAL_LENGTH:
        return followed(text, tree, places, find_module, options, find_data, libraries.keras.shortest)
    return Script(program, libraries, tree, text, places, find(program, libraries, tree))


def settings_of(options: ReadOptions) -> dict[str, Any]:
    """The user's arguments as values: numbers, words, True and None."""
    return {name: _value(text) for name, text in options.arguments}


def _value(text: str) -> Any:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return value if isinstance(value, (int, float, str, bool, tuple, list, dict, type(None))) else text


def read(script: Script, name: str, options: ReadOptions) -> Source:
    """The network that is asked for, or the likeliest one that can be read. Raises NotFollowed if there is none."""
    try:
        return _read(script, name, options)
    except NotFollowed as error:
        _ask(error, script.libraries.keras.doubt)
        raise


def _ask(error: NotFollowed, question: str) -> None:
    """Adds to a refusal what may have led to it, and how to state it."""
    if question and not re.search("--(?:set|input-size)", error.sentence):
        error.sentence = f"{error.sentence.rstrip('.')}; {question}."


def _read(script: Script, name: str, options: ReadOptions) -> Source:
    candidates = script.candidates
    if options.network is not None:
        asked = options.network.removesuffix(SUFFIX)
        wanted = [item for item in candidates if item.name in (options.network, asked)]
        if not wanted:
            raise NotFollowed(f"holds no network '{options.network}'; {_names(candidates)}.")
        return _source(script, wanted[0], name, options)
    if not candidates:
        raise NotFollowed(_why_none(script))
    _refuse_lost(script)
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
    first = refusals[0][1]
    if re.match(r"asks an object of \w+ for '\w+', which it does not have", first.sentence):
        # A class that others are derived from, which give it what it lacks.
        raise next((error for _, error in refusals if "--set " in error.sentence), first)
    raise first


_LOST = re.compile(r"line \d+ (?!repeats something)")
"""The reason of a value that could not be made; what a loop that is passed over changes may be made elsewhere."""


def _refuse_lost(script: Script) -> None:
    """Refuses a file whose network, by the name of its variable, could not be made: another of it is not meant."""
    made = [item.name for item in script.candidates if item.value is not None and NETWORK.search(item.name)]
    for name, value in script.program.scope.names.items():
        if isinstance(value, Unknown) and NETWORK.search(name) and _LOST.match(value.why):
            if made and PART.search(name):
                continue
            others = _names(script.candidates)
            raise NotFollowed(f"'{name}' cannot be made: {value.why}; with --network another is read: {others}.")


def _likely(candidates: list[Candidate]) -> list[Candidate]:
    """The networks that are tried if nobody says which: those that the file makes, else those that are no parts."""
    # A part of a network that cannot be read would be a wrong answer.
    made = [item for item in candidates if item.value is not None]
    return made or [item for item in candidates if not item.is_part] or candidates


def _why_none(script: Script) -> str:
    notes = script.program.notes
    for name, value in script.program.scope.names.items():
        if isinstance(value, Unknown) and NETWORK.search(name):
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
    try:
        found = _found(script, candidate, options)
    except NotFollowed as refusal:
        if candidate.assumed and re.search(r"\bfit|raises|needs", refusal.sentence):
            _ask(refusal, f"{candidate.assumed[0].rstrip('.')}; give --input-size, such as 3,224,224")
        raise
    _say(script, candidate, found.draft, options)
    for other, error in refusals or []:
        sentence = f"{other.name} cannot be read: {script.places.of(error.line).text} {error.sentence}"
        found.draft.assumed.append(sentence)
    choices = tuple(item.name for item in script.candidates)
    if found.other:
        choices = (candidate.name + found.other, *choices)
    return Source(
        "python",
        f"{found.framework} source",
        options.network or candidate.name or name,
        found.draft,
        found.stated,
        remembered=tuple(found.draft.assumed),
        choices=choices if len(choices) > 1 else (),
        arguments=options.arguments,
    )


def _found(script: Script, candidate: Candidate, options: ReadOptions) -> Found:
    """The draft of a network; of Keras by the first usual size that fits, where nothing states one.

    An argument such as `input_shape` has its channels last, and where the source takes them from its beginning, first.
    """
    keras = script.libraries.keras
    if not keras.is_used:
        return _drafted(script, candidate, options)
    first: NotFollowed | None = None
    sides = OTHER_SIDES if options.input_size is None and not keras.is_solid else ()
    for side, is_turned in ((0, False), (0, True), *((side, False) for side in sides)):
        keras.input_size = (USUAL_CHANNELS, side, side) if side else options.input_size
        keras.is_turned = is_turned
        try:
            found = _drafted(script, candidate, options)
            if candidate.value is not None or not _is_moved(found.draft, keras):
                return found
            raise NotFollowed("takes the sizes of its input in another order than it is given them.", candidate.line)
        except Exhausted:
            raise
        except NotFollowed as refusal:
            first = first or refusal
            if not _MISFIT.search(refusal.sentence):
                break
        finally:
            keras.input_size, keras.is_turned = options.input_size, False
    assert first is not None
    raise first


def _is_moved(draft: Draft, keras: KerasModels) -> bool:
    """True if a network takes what was given as the sizes of its input, and has them in another order."""
    hinted = keras.hint()
    given = list(keras.input_size or (hinted[0] if hinted else keras.usual))
    start = next((step.shape.to_list() for step in draft.steps if isinstance(step.layer, Input)), given)
    return start != given and sorted(start) == sorted(given)


def _drafted(script: Script, candidate: Candidate, options: ReadOptions) -> Found:
    root = build(script.program, candidate, script.libraries, script.elsewhere)
    if is_module(root):
        return of_torch(script, root, options)
    if isinstance(root, Model) or script.libraries.keras.is_layer(root):
        return of_keras(script, root, options)
    raise NotFollowed(f"{candidate.name} gives no network.", candidate.line)


def _say(script: Script, candidate: Candidate, draft: Draft, options: ReadOptions) -> None:
    """Says what was chosen, before what else was assumed."""
    program = script.program
    said = [*script.notes, *candidate.assumed]
    if script.notes and draft.faults:
        raise NotFollowed(f"{draft.faults[0]} {said[0]} Open the source of the network.")
    others = [item.name for item in script.candidates if item is not candidate]
    if others and options.network is None:
        shown = ", ".join(others[:MAX_SHOWN])
        said.append(
            f"The file holds {len(others) + 1} networks, and {candidate.name} was taken; the others are {shown}."
        )
    said += [f"{key} is {program.settings[key]}, as asked for." for key in sorted(program.used_settings)]
    draft.assumed[:0] = said
    for line, sentence in program.notes:
        if "was taken to" in sentence:
            draft.notes.append(f"{script.places.of(line).text} {sentence}")
