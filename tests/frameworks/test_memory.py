"""Bytes kept for backward: the rule against PyTorch's autograd, byte for byte, as on a card that is not there."""

from __future__ import annotations

import warnings
from random import Random
from typing import Any

import pytest
from msgspec import structs

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.edits import set_field
from cnnstudio.core.memory.model import MemoryModel
from cnnstudio.core.network.design import Block, Design, FurtherOutput, Item, walk
from cnnstudio.core.network.layer import Layer
from cnnstudio.exports.target import ExportError
from cnnstudio.layers import PALETTE
from cnnstudio.layers.normalization import Scale
from cnnstudio.layers.sequences.recurrent import GRU, LSTM, RecurrentLayer, SimpleRNN
from cnnstudio.layers.structure import Input, Opaque, Output
from cnnstudio.layers.tensors.functions import Function
from tests.exports.samples import analysis_of
from tests.frameworks.conftest import seeds
from tests.frameworks.frameworks import torch
from tests.frameworks.random_layers import layer_case
from tests.frameworks.running import module_of, text_of
from tests.frameworks.standin import StandIn
from tests.frameworks.test_frameworks import sayable

BATCH = 2
CASES = 16
"""Random layers of each type that are compared in each precision."""
LOSS_TAKES_LOGITS = ("softmax", "log_softmax", "sigmoid", "log_sigmoid")
NOT_COMPARED: dict[type[Layer], str] = {
    Input: "it is there anyway",
    Output: "it only marks an output, and stands in designs",
    Opaque: "nobody knows what it computes",
    Function: "nobody knows what it computes",
    FurtherOutput: "an input has none; see test_further_outputs",
    **dict.fromkeys((SimpleRNN, LSTM, GRU), "cuDNN runs it and reserves memory; what is told is a bound"),
}
FROZEN = ("resnet-18", "mobilenet-v3-small", "convnext-tiny", "googlenet-aux", "vgg-11-bn", "vit-b-16", "swin-t")
NOT_SAYABLE = (ExportError, RuntimeError, ValueError, NotImplementedError)
"""Errors of a random layer that cannot be said, or that PyTorch refuses."""

precisions = pytest.mark.parametrize("precision", ["fp32", "bf16"])


@precisions
@sayable
def test_every_builtin_design_keeps_what_autograd_keeps(stem: str, precision: str) -> None:
    analysis = analyze(for_training(analysis_of(stem).design))
    assert is_unknown(analysis) is any(isinstance(row.layer, RecurrentLayer) for row in analysis.rows)
    assert compare(analysis, precision)


@precisions
@pytest.mark.parametrize("stem", ["vit-b-16", "mobilevit-s", "resnet-18"])
def test_one_example_keeps_what_autograd_keeps(stem: str, precision: str) -> None:
    analysis = analyze(for_training(analysis_of(stem).design))
    assert counted(analysis, precision, 1) == kept_by_autograd(analysis, precision, 1)


def is_unknown(analysis: Analysis) -> bool:
    """True for layers of which nobody can tell all that they keep: then the figure is a bound, and not to be equal."""
    return not MemoryModel(analysis, casts=False, trains=True).kept(BATCH).is_exact


def test_every_random_layer_keeps_what_autograd_keeps(request: pytest.FixtureRequest) -> None:
    compared = 0
    for seed in seeds(request.config, "layers"):
        analysis = analyze(for_training(layer_case(seed).design))
        if not is_unknown(analysis):
            compared += compare(analysis, "fp32")
    assert compared


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
@pytest.mark.parametrize("kind", [kind for kind in PALETTE if kind not in NOT_COMPARED], ids=lambda kind: kind.__name__)
def test_every_layer_type_keeps_what_autograd_keeps(kind: type[Layer], precision: str) -> None:
    """After a layer that learns, so that it has gradients to pass on."""
    assert sum([compare(after_learned(layer_case(seed, [kind]).design), precision) for seed in range(CASES)])


def after_learned(design: Design) -> Analysis:
    """The design with a learned factor after each input."""
    design = for_training(design)
    *images, tested = design.layers
    learned = [Scale(name=f"learned {image.name}", inputs=(image.name,)) for image in images]
    inputs = tuple(f"learned {name}" for name in tested.inputs)
    return analyze(structs.replace(design, layers=(*images, *learned, structs.replace(tested, inputs=inputs))))


def compare(analysis: Analysis, precision: str) -> int:
    """1 if the figures were compared, 0 for what PyTorch cannot be made to run."""
    try:
        found = kept_by_autograd(analysis, precision)
    except NOT_SAYABLE:
        return 0
    ours = counted(analysis, precision)
    assert ours <= found if is_unknown(analysis) else ours == found, analysis.rows[-1].layer
    return 1


def counted(analysis: Analysis, precision: str, batch: int = BATCH) -> int:
    """The rule's figure, or its bound."""
    kept = MemoryModel(analysis, casts=precision != "fp32", trains=True).kept(batch).value
    assert kept is not None
    return int(kept)


def kept_by_autograd(analysis: Analysis, precision: str, batch: int = BATCH) -> int:
    """The distinct storages that autograd saves of the exported code, without parameters, buffers and inputs."""
    net = net_of(text_of(analysis, "pytorch"))
    rows = [row for row in analysis.rows if not row.input_shapes and row.output_shape is not None]
    images = [torch.empty(batch, *row.output_shape.to_list(), device="meta") for row in rows if row.output_shape]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return StandIn().kept(net, images, precision)


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


@pytest.mark.parametrize("stem", FROZEN)
@pytest.mark.parametrize("seed", range(4))
def test_what_is_frozen_keeps_what_autograd_keeps(stem: str, seed: int) -> None:
    """Layers frozen at random, and all those before one: nothing is kept where nothing upstream is trained."""
    chance = Random(f"{stem} {seed}")
    design = for_training(analysis_of(stem).design)
    layers = [path for path, item in walk(design.layers) if not isinstance(item, Block)]
    until = chance.randrange(len(layers)) if seed % 2 else 0
    frozen = [path for at, path in enumerate(layers) if at < until or chance.random() < 0.4]
    analysis = analyze(set_field(design, frozen, "trainable", False).design)
    assert counted(analysis, "fp32") == kept_by_autograd(analysis, "fp32")
