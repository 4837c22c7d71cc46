"""Bytes kept for backward: the rule against PyTorch's autograd, byte for byte, on the meta device, which holds none."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from msgspec import structs

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.edits import set_field
from cnnstudio.core.memory.model import MemoryModel
from cnnstudio.core.network.design import Block, Design, Item, walk
from cnnstudio.core.network.layer import Layer
from cnnstudio.exports.target import ExportError
from cnnstudio.layers.regularization import Dropout
from cnnstudio.layers.structure import Output
from tests.exports.samples import analysis_of
from tests.frameworks.conftest import seeds
from tests.frameworks.frameworks import torch
from tests.frameworks.random_layers import layer_case
from tests.frameworks.running import module_of, text_of
from tests.frameworks.test_frameworks import sayable

BATCH = 2
LOSS_TAKES_LOGITS = ("softmax", "log_softmax", "sigmoid", "log_sigmoid")


@sayable
def test_every_builtin_design_keeps_what_autograd_keeps(stem: str) -> None:
    analysis = analyze(for_training(analysis_of(stem).design))
    silent = [row for row in analysis.rows if type(row.layer).steps is Layer.steps]
    assert is_unknown(analysis) is bool(silent)
    if not silent:
        assert counted(analysis) == kept_by_autograd(analysis)


def is_unknown(analysis: Analysis) -> bool:
    """True for layers of which nobody has measured what they keep: then the figure is a bound, and not to be equal."""
    return not MemoryModel(analysis, casts=False, trains=True).kept(BATCH).is_exact


def test_every_random_layer_keeps_what_autograd_keeps(request: pytest.FixtureRequest) -> None:
    differences = []
    for seed in seeds(request.config, "layers"):
        analysis = analyze(for_training(layer_case(seed).design))
        try:
            found = kept_by_autograd(analysis)
        except (ExportError, RuntimeError, ValueError, NotImplementedError):
            continue
        if not is_unknown(analysis) and counted(analysis) != found:
            differences.append((seed, analysis.rows[-1].layer, counted(analysis), found))
    assert differences == []


def counted(analysis: Analysis) -> int | None:
    """The rule's figure, but with dropout as everywhere but on a GPU: noise of 4 bytes instead of a mask of 1."""
    model = MemoryModel(analysis, casts=False, trains=True)
    kept = model.kept(BATCH)
    assert kept.is_exact
    assert kept.value is not None
    masks = [
        model.trace.each[item.storage] * BATCH
        for item in model.trace.kept
        if item.what == "mask" and isinstance(model.rows[item.maker].layer, Dropout)
    ]
    return int(kept.value) + 3 * sum(masks)


def kept_by_autograd(analysis: Analysis) -> int:
    """The distinct storages that autograd saves of the exported code, without parameters, buffers and inputs."""
    net = net_of(text_of(analysis, "pytorch"))
    rows = [row for row in analysis.rows if not row.input_shapes and row.output_shape is not None]
    images = [torch.empty(BATCH, *row.output_shape.to_list(), device="meta") for row in rows if row.output_shape]
    given = {key_of(tensor) for tensor in (*net.parameters(), *net.buffers(), *images)}
    found: dict[int, int] = {}
    alive: list[Any] = []

    def pack(tensor: Any) -> Any:
        if key_of(tensor) not in given:
            # Held, or another tensor might be given the same place.
            alive.append(tensor)
            found[key_of(tensor)] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        net(*images)
    return sum(found.values())


def key_of(tensor: Any) -> int:
    """A number that tells a storage from others."""
    return int(tensor.untyped_storage()._cdata)


def net_of(text: str) -> Any:
    """The exported network on the meta device, ready to train."""
    module = module_of(text, "<exported for PyTorch>")
    nets = [item for item in vars(module).values() if isinstance(item, type) and issubclass(item, torch.nn.Module)]
    with torch.device("meta"):
        return [item for item in nets if item.__module__ == module.__name__][-1]().train()


def for_training(design: Design) -> Design:
    """The design without the functions at its outputs that a loss has in it."""
    return structs.replace(design, layers=_without_last(design.layers, ends=True))


def _without_last(items: tuple[Item, ...], *, ends: bool) -> tuple[Item, ...]:
    """The items; what nothing takes, or an Output alone, without such a function. `ends`: so is the last."""
    followers = (*items[1:], None)
    taken = {name for item in items if not isinstance(item, Output) for name in item.inputs}
    changed = []
    for item, follower in zip(items, followers, strict=True):
        flows_on = not ends if follower is None else not isinstance(follower, Output) and takes_before(follower)
        changed.append(_without_function(item, ends=item.name not in taken and not flows_on))
    return tuple(changed)


def takes_before(item: Item) -> bool:
    """True if an item takes the result of the one before it."""
    return not item.inputs and (isinstance(item, Block) or item.max_inputs != 0)


def _without_function(item: Item, *, ends: bool) -> Item:
    if isinstance(item, Block):
        return structs.replace(item, layers=_without_last(item.layers, ends=ends))
    if ends and getattr(item, "activation", None) in LOSS_TAKES_LOGITS:
        return structs.replace(item, activation=None)
    if ends and getattr(item, "function", None) in LOSS_TAKES_LOGITS:
        return structs.replace(item, function="linear")
    return item


@pytest.mark.parametrize("stem", ["resnet-18", "mobilenet-v3-small", "convnext-tiny", "googlenet-aux", "vgg-11-bn"])
@pytest.mark.parametrize("seed", range(4))
def test_what_is_frozen_keeps_what_autograd_keeps(stem: str, seed: int) -> None:
    """Layers frozen at random, and all those before one: nothing is kept where nothing upstream is trained."""
    chance = Random(f"{stem} {seed}")
    design = for_training(analysis_of(stem).design)
    layers = [path for path, item in walk(design.layers) if not isinstance(item, Block)]
    until = chance.randrange(len(layers)) if seed % 2 else 0
    frozen = [path for at, path in enumerate(layers) if at < until or chance.random() < 0.4]
    analysis = analyze(set_field(design, frozen, "trainable", False).design)
    assert counted(analysis) == kept_by_autograd(analysis)
