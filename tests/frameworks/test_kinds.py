"""Attention, patches and tensors run by the frameworks: equal numbers, and products as PyTorch counts them."""

from __future__ import annotations

import pytest

from cnnstudio.core.network.layer import Layer
from cnnstudio.layers import PALETTE
from cnnstudio.layers.tensors.functions import Function
from tests.frameworks.frameworks import attention_kernels, flop_counter, torch
from tests.frameworks.random_layers import layer_case
from tests.frameworks.running import images_of, text_of, torch_net
from tests.frameworks.test_frameworks import compare_everywhere

ROOMS = ("cnnstudio.layers.attention", "cnnstudio.layers.patches", "cnnstudio.layers.tensors")
KINDS = [kind for kind in PALETTE if kind.__module__.startswith(ROOMS) and kind is not Function]
CASES = 60
"""Random configurations of each type."""

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


@each_kind
def test_each_type_gives_equal_numbers(kind: type[Layer]) -> None:
    told = {seed: compare_everywhere(layer_case(seed, [kind]), seed) for seed in range(CASES)}
    assert {seed: text for seed, text in told.items() if text} == {}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.family == "attention"], ids=lambda kind: kind.__name__)
def test_pytorch_counts_as_many_products(kind: type[Layer]) -> None:
    plain = attention_kernels.SDPBackend.MATH
    for seed in range(CASES):
        analysis = layer_case(seed, [kind])
        net = torch_net(text_of(analysis, "pytorch")).train()
        # Its counter does not know the kernels that do all of an attention at once.
        with attention_kernels.sdpa_kernel(plain), flop_counter.FlopCounterMode(display=False) as counter:
            net(*[torch.from_numpy(image) for image in images_of(analysis).values()])
        # Two operations a product, for two examples.
        assert counter.get_total_flops() == 4 * analysis.totals.macs, analysis.design.layers[-1]
