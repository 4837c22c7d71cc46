"""Built-in designs against torchvision, layer by layer.

Alignment: on either side the rows with parameters or statistics, in the order of the forward pass. Pooling is
compared apart, class by class. Left out are activations and dropout, which carry nothing, and are modules in
one network and functions in the next.
"""

from __future__ import annotations

import pytest
from msgspec import Struct

from tests.designs.builtin import count
from tests.designs.truth_rows import TruthRow, figures_of, is_learned, read, torch_rows, without_unit_axes
from tests.places import TRUTH

POOLS = {
    "MaxPool2d": {"MaxPool2D"},
    "AvgPool2d": {"AvgPool2D"},
    "AdaptiveAvgPool2d": {"AdaptiveAvgPool", "GlobalAvgPool"},
}


class Network(Struct, frozen=True):
    """A torchvision network: its file, its rows with parameters, its pooling rows, heads it does not run."""

    file: str
    learned: int
    pools: dict[str, int]
    heads: tuple[str, ...] = ()


NETWORKS = {
    "alexnet-torchvision": Network("alexnet", 8, {"MaxPool2d": 3, "AdaptiveAvgPool2d": 1}),
    # torchvision pools 7 × 7 to 7 × 7, which the paper does not.
    "vgg-16": Network("vgg16", 16, {"MaxPool2d": 5}),
    "resnet-18": Network("resnet18", 41, {"MaxPool2d": 1, "AdaptiveAvgPool2d": 1}),
    "resnet-50": Network("resnet50", 107, {"MaxPool2d": 1, "AdaptiveAvgPool2d": 1}),
    "squeezenet-1.1": Network("squeezenet1_1", 26, {"MaxPool2d": 3, "AdaptiveAvgPool2d": 1}),
    # The pooling behind the features is a function there, without a row.
    "densenet-121": Network("densenet121", 242, {"MaxPool2d": 1, "AvgPool2d": 3}),
    "mobilenet-v2": Network("mobilenet_v2", 105, {}),
    "googlenet": Network("googlenet", 115, {"MaxPool2d": 13, "AdaptiveAvgPool2d": 1}),
    # The auxiliary heads run only in training, and the rows are those of inference.
    "googlenet-aux": Network("googlenet", 115, {"MaxPool2d": 13}, ("aux1/", "aux2/")),
    # The pooling inside its modules is functions there, without rows.
    "inception-v3": Network("inception_v3", 189, {"AdaptiveAvgPool2d": 1}),
    "inception-v3-aux": Network("inception_v3", 189, {}, ("AuxLogits/",)),
}


def test_every_file_is_compared() -> None:
    assert {path.stem for path in (TRUTH / "torch").glob("*.json")} == {n.file for n in NETWORKS.values()}


@pytest.mark.parametrize("stem", NETWORKS)
def test_layers_with_parameters(stem: str) -> None:
    network = NETWORKS[stem]
    wanted = [row for row in torch_rows(network.file) if row.is_learned]
    rows = [row for row in count(stem).rows if is_learned(row) and not row.path.startswith(network.heads)]
    assert len(wanted) == len(rows) == network.learned
    for row, truth in zip(rows, wanted, strict=True):
        assert figures_of(row) == truth.figures, f"{row.path} against {truth.name}"


POOLING = [(stem, name) for stem, network in NETWORKS.items() for name in network.pools]


@pytest.mark.parametrize(("stem", "type_name"), POOLING)
def test_pooling_outputs(stem: str, type_name: str) -> None:
    network = NETWORKS[stem]
    wanted = [_output(row) for row in torch_rows(network.file) if row.type_name == type_name]
    rows = [row for row in count(stem).rows if row.layer.type_name in POOLS[type_name]]
    outputs = [without_unit_axes(figures_of(row).output) for row in rows]
    assert len(wanted) == network.pools[type_name]
    assert outputs == wanted


def _output(row: TruthRow) -> tuple[int, ...]:
    return without_unit_axes(row.figures.output)


@pytest.mark.parametrize("stem", NETWORKS)
def test_totals_of_the_file(stem: str) -> None:
    network = NETWORKS[stem]
    totals = read(f"torch/{network.file}.json")["totals"]
    rows = [row for row in count(stem).rows if not row.path.startswith(network.heads)]
    assert sum(row.macs or 0 for row in rows) == totals["macs"]
    heads = bool(read(f"torch/{network.file}.json")["uncalled_in_eval"])
    if bool(network.heads) == heads:
        assert count(stem).totals.parameters == totals["params"]
        assert count(stem).totals.state == totals["buffers"] - totals["num_batches_tracked"]
