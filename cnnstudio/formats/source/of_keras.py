"""A model of Keras as a draft."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.format import ReadOptions
from cnnstudio.formats.source.data_sets import named_in
from cnnstudio.formats.source.input_sizes import hinted
from cnnstudio.formats.source.keras.flattening import SUFFIX, unflattened
from cnnstudio.formats.source.keras.graph import USUAL_CHANNELS, USUAL_SIDE, shape_of
from cnnstudio.formats.source.keras.host import KerasModels
from cnnstudio.formats.source.keras.layers import KerasLayer
from cnnstudio.formats.source.keras.models import Model, Sequential
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.language.limits import Budget
from cnnstudio.formats.source.language.parsing import walked
from cnnstudio.formats.source.language.values import Instance, NotFollowed, Raised, Unknown
from cnnstudio.formats.source.script import Found, Script
from cnnstudio.formats.source.sizes import Size, Wanted
from cnnstudio.layers.structure import Input

_WEIGHTED = ("Conv", "Dense", "LSTM", "GRU", "RNN", "Embedding", "Local", "Attention")
Sizes = tuple[int | None, ...]


def of_keras(script: Script, root: Any, options: ReadOptions) -> Found:
    """The draft of a model. Raises NotFollowed if it cannot be followed."""
    host = script.libraries.keras
    said: list[str] = []
    script.program.budget = Budget()
    try:
        inputs, outputs = _ends(script, root, options, said)
    except Raised as error:
        raise NotFollowed(error.sentence, error.line or root.line) from None
    except NotFollowed as error:
        error.line = error.line or root.line
        raise
    size = options.input_size
    is_same = size is not None and tuple(host.draft.steps[inputs[0]].shape.to_list()) == size
    head = unflattened(host.draft, host.steps.reached(outputs, inputs), outputs)
    wanted = options.network is not None and options.network.endswith(SUFFIX)
    draft, _ = host.steps.extracted(inputs, outputs, None if is_same else size, head if wanted else None)
    draft.assumed += [*said, *_assumed(host, inputs, draft, options)]
    other = ""
    if head is not None and wanted:
        place = script.places.of(host.steps.lines[head]).text
        draft.assumed.append(f"A Flatten was put in before the Dense of {place}, as asked for.")
    if head is not None and not wanted:
        other = SUFFIX
        meant, _ = host.steps.extracted(inputs, outputs, None if is_same else size, head)
        draft.notes.append(_said_of_head(script, head, outputs, meant))
    return Found(draft, "Keras", None, other)


def _said_of_head(script: Script, head: int, outputs: list[int], meant: Draft) -> str:
    """The sentence about a Dense without a Flatten: what Keras makes of it, and what its author may have meant."""
    steps = script.libraries.keras.steps
    place = script.places.of(steps.lines[head]).text
    sides = " × ".join(map(str, steps.draft.steps[steps.draft.steps[head].inputs[0]].shape.spatial))
    output = " × ".join(map(str, steps.draft.steps[outputs[0]].shape.to_list()))
    return (
        f"{place}: Dense acts on each of {sides} positions, as Keras has it without a Flatten, so that the network "
        f"gives {output}. With layers.Flatten() before it, it has {_parameters(meant):,} parameters: take the network "
        f"whose name ends in '{SUFFIX.strip()}'."
    )


def _parameters(draft: Draft) -> int:
    """The parameters of a draft, shared ones once."""
    total = 0
    for step in draft.steps:
        if step.layer is not None and step.shares is None:
            total += draft.counts_of(step).parameters
    return total


def _ends(script: Script, root: Any, options: ReadOptions, said: list[str]) -> tuple[list[int], list[int]]:
    host = script.libraries.keras
    model = root.state if isinstance(root, Instance) and isinstance(root.state, Model) else root
    spoiled = getattr(model, "spoiled", None)
    if spoiled:
        raise NotFollowed(spoiled[1], spoiled[0])
    if isinstance(model, Sequential) and model.input_sizes() is None and not model.is_joined:
        _require_maps(model, options)
        model.stated = _sizes(script, options, said)
    if isinstance(model, Model):
        return model.ends()
    sizes = _shown(host, root) or _sizes(script, options, said)
    start = host.steps.add_input(sizes, "input", root.line)
    given = KerasTensor(host, start)
    given_back = host.objects.called(root, [given], {})
    found = host.tensors(given_back)
    if not found:
        why = f": {given_back.why}" if isinstance(given_back, Unknown) else ""
        raise NotFollowed(f"{root.kind.name} gives no tensor that is followed{why}.")
    return [start], [tensor.step for tensor in found]


def _require_maps(model: Sequential, options: ReadOptions) -> None:
    """Refuses to assume an image where the first layer with weights takes something else."""
    kinds = [part.kind for part in model.parts() if isinstance(part, KerasLayer)]
    first = next((kind for kind in kinds if any(word in kind for word in _WEIGHTED)), "")
    if options.input_size is None and not ("Conv" in first and first.endswith(("2D", "2DTranspose"))):
        raise NotFollowed(
            "is a Sequential whose input has no shape; give one with --input-size, such as 3,224,224.", model.line
        )


def _shown(host: KerasModels, root: Instance) -> Sizes | None:
    shown = root.attributes.get("__shown__")
    return None if shown is None else shape_of(shown, is_first=host.is_first)


def _sizes(script: Script, options: ReadOptions, said: list[str]) -> Sizes:
    """The sizes of an input that the source does not state, channels first."""
    if options.input_size is not None:
        return options.input_size
    tried = script.libraries.keras.input_size
    found = script.libraries.keras.hint() if tried is None else None
    if found is not None:
        said.append(f"The input is {found[1]}.")
        return found[0]
    sizes = tried or (USUAL_CHANNELS, USUAL_SIDE, USUAL_SIDE)
    said.append(f"The file states no input size; {_text(Size(sizes))} was assumed.")
    return sizes


def hint(tree: ast.Module, text: str) -> tuple[tuple[int, ...], str] | None:
    """The sizes of an image that a source hints at, channels first, and their sentence; None if there are none."""
    named = (Size(shape, f"the images of {name}") for name, shape in named_in(text))
    for found in (*_loaded(tree), *named, *hinted(tree, text, Wanted(2, USUAL_CHANNELS))):
        return found.sizes, f"{_text(found)}, by {found.source}"
    return None


def _loaded(tree: ast.Module) -> Iterator[Size]:
    """The sizes to which images are brought when they are loaded."""
    for node in walked(tree):
        given = {item.arg: item.value for item in node.keywords} if isinstance(node, ast.Call) else {}
        for name in ("target_size", "image_size"):
            sides = getattr(given.get(name), "elts", [])
            numbers = [side.value for side in sides if isinstance(side, ast.Constant) and type(side.value) is int]
            if len(numbers) == 2 and min(numbers) > 0:
                is_grey = getattr(given.get("color_mode"), "value", "") == "grayscale"
                sizes = (1 if is_grey else USUAL_CHANNELS, *numbers)
                yield Size(sizes, f"{name} in line {getattr(given[name], 'lineno', 0)}")


def _text(size: Size) -> str:
    return " × ".join(map(str, size.sizes))


def _assumed(host: KerasModels, inputs: list[int], draft: Draft, options: ReadOptions) -> list[str]:
    """The sizes that inputs leave open, and the one that is asked for."""
    rows = []
    placed = [step for step in draft.steps if isinstance(step.layer, Input)]
    for place, step in enumerate(inputs[: len(placed)]):
        text = " × ".join(map(str, placed[place].shape.to_list()))
        name = placed[place].path[-1]
        if not place and options.input_size is not None:
            rows.append(f"The input '{name}' is {text}, as asked for.")
        elif None in host.steps.stated.get(step, ()):
            rows.append(f"The file leaves the size of the input '{name}' open; {text} was assumed.")
    return rows
