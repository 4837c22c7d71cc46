"""Properties of the estimate: it grows with the batch, rows add up to totals, what is unknown is said."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import pytest
from msgspec import structs

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.memory.fitting import largest_batch, verdict_of
from cnnstudio.core.memory.kept import kept_working
from cnnstudio.core.memory.model import MemoryModel, estimate
from cnnstudio.core.memory.trace import allocated
from cnnstudio.core.memory.workspace import Workspace
from cnnstudio.core.network.design import Block, Design, Item
from cnnstudio.core.network.layer import Layer
from cnnstudio.core.network.memory_setting import GIB, MIB, Card, Setting, card_named
from cnnstudio.formats.builtin import open_design
from cnnstudio.layers import PALETTE
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.sequences.recurrent import LSTM
from cnnstudio.layers.structure import Input, Opaque
from cnnstudio.layers.tensors.functions import Function

STEMS = ("lenet-5-modern", "resnet-18", "u-net", "convnext-tiny", "googlenet-aux", "two-stream")


def builtin(stem: str) -> Analysis:
    """A built-in design, counted."""
    return analyze(open_design(stem).design)


def counted(*layers: Item) -> Analysis:
    """A small design, counted."""
    return analyze(Design(layers=layers))


IMAGE = Input(name="image", size=(8, 8), channels=3)
CONV = Conv2D(name="conv", filters=4, kernel_size=3, padding=1)
NORM = BatchNorm(name="norm")
RELU = Activation(name="relu", function="relu")
SECOND = Conv2D(name="second", filters=4, kernel_size=3, padding=1)
MAP = 4 * 8 * 8


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("mode", ["train", "inference"])
def test_memory_grows_with_the_batch(stem: str, precision: str, mode: str) -> None:
    model = MemoryModel(builtin(stem), casts=precision == "bf16", trains=mode == "train")
    settings = [
        Setting(batch=batch, precision=precision, mode=mode)  # type: ignore[arg-type]
        for batch in (1, 2, 3, 7, 8, 16, 33, 64, 100, 1000)
    ]
    found = [model.estimate(setting) for setting in settings]
    for before, after in pairwise(found):
        assert before.low <= after.low
        assert before.high <= after.high
        assert (before.kept.value or 0) <= (after.kept.value or 0)


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("casts", [False, True])
def test_rows_add_up_to_the_total_and_parts_to_the_peak(stem: str, casts: bool) -> None:
    analysis = builtin(stem)
    model = MemoryModel(analysis, casts=casts, trains=True)
    assert [row.path for row in model.rows] == [row.path for row in analysis.rows]
    workings = [kept_working(model, at, 16) for at in range(len(model.rows))]
    assert sum(working.value or 0 for working in workings) == model.kept(16).value
    found = model.estimate(Setting(batch=16, precision="bf16" if casts else "fp32"))
    assert found.parts.total == found.low
    assert max(found.levels) <= found.low <= found.high


def test_the_working_says_who_needs_a_map() -> None:
    model = MemoryModel(counted(IMAGE, CONV, NORM, RELU, SECOND), casts=False, trains=True)
    found = [kept_working(model, at, 32).text() for at in range(5)]
    maps = "batch · O_h · O_w · N · bytes = 32 × 8 × 8 × 4 × 4 = 32,768"
    assert found == [
        "kept for backward = 0  (nothing of it is needed)",
        f"kept for backward = {maps}  (kept because norm needs it)",
        "kept for backward = statistics + batch · O_h · O_w · N · bytes = 32 + 32 × 8 × 8 × 4 × 4 = 32,800  "
        "(kept because relu and second need it; its own statistics)",
        "kept for backward = 0  (nothing of it is needed)",
        "kept for backward = 0  (nothing of it is needed)",
    ]


@pytest.mark.parametrize(("casts", "kept"), [(False, 2 * 4 * MAP + 32), (True, 2 * (192 + 2 * MAP + 108 + 144) + 32)])
def test_autocast_keeps_half_the_map_and_copies_of_image_and_weights(casts: bool, kept: int) -> None:
    model = MemoryModel(counted(IMAGE, CONV, NORM, RELU, SECOND), casts=casts, trains=True)
    assert model.kept(1).value == kept


def test_frozen_layers_before_all_that_is_trained_keep_nothing() -> None:
    frozen = Conv2D(name="conv", filters=4, kernel_size=3, padding=1, trainable=False)
    still = BatchNorm(name="norm", trainable=False)
    model = MemoryModel(counted(IMAGE, frozen, still, RELU, SECOND), casts=False, trains=True)
    # Only the input of the second convolution.
    assert model.kept(1).value == 4 * MAP
    assert model.fixed.trained == 512 * 3
    after = Conv2D(name="second", filters=4, kernel_size=3, padding=1, trainable=False)
    through = MemoryModel(counted(IMAGE, CONV, NORM, RELU, after), casts=False, trains=True)
    assert through.kept(1).value == 2 * 4 * MAP + 32


def test_a_frozen_dense_layer_passes_gradients_and_keeps_no_input() -> None:
    dense = Dense(name="dense", units=5, trainable=False)
    model = MemoryModel(counted(IMAGE, CONV, Flatten(name="flat"), dense), casts=False, trains=True)
    assert model.kept(1).value == 0
    trained = MemoryModel(
        counted(IMAGE, CONV, Flatten(name="flat"), Dense(name="dense", units=5)), casts=False, trains=True
    )
    assert trained.kept(1).value == 4 * MAP


def test_what_nobody_knows_makes_lower_bounds_and_no_verdict() -> None:
    model = MemoryModel(counted(IMAGE, CONV, Opaque(name="what", channels=4, parameters=10)), casts=False, trains=True)
    assert model.kept(2).bound == "at least"
    assert verdict_of(model, Setting(batch=2), card_named("8GB")) == "unknown"
    assert largest_batch(model, Setting(batch=2), card_named("8GB")) is None
    wrong = counted(IMAGE, Conv2D(name="conv", filters=4, kernel_size=99), RELU)
    assert MemoryModel(wrong, casts=False, trains=True).unknown == 2
    assert estimate(analyze(Design()), Setting()).kept.value == 0


def test_layers_below_an_error_that_are_counted_all_the_same_run_nowhere() -> None:
    wrong = Conv2D(name="wrong", filters=4, kernel_size=99)
    dense = (Dense(name="fc", units=8), Dense(name="head", units=2))
    model = MemoryModel(counted(IMAGE, wrong, Flatten(name="flat"), *dense), casts=False, trains=True)
    assert model.unknown == 4
    assert [row.path for row in model.rows] == [node.row.path for node in model.nodes] == ["image"]


def test_optimizers_store_and_take_what_they_do() -> None:
    analysis = builtin("alexnet-torchvision")
    model = MemoryModel(analysis, casts=False, trains=True)
    static = {key: model.static(Setting(batch=1, optimizer=key)) for key in ("sgd", "momentum", "adam", "adamw")}
    learned = model.fixed.trained
    assert static["momentum"] - static["sgd"] == learned
    assert static["adam"] - static["sgd"] == static["adamw"] - static["sgd"] == 2 * learned
    plain, fused = (estimate(analysis, Setting(batch=1, fused=fused)) for fused in (False, True))
    assert plain.at is None
    assert plain.low - plain.static == 2 * learned
    assert fused.low < plain.low


def test_a_loss_on_a_map_takes_more_than_one_on_a_vector() -> None:
    on_map = MemoryModel(counted(IMAGE, CONV), casts=False, trains=True)
    assert Workspace(8 * MAP, 0, 8 * MAP) in on_map.trace.brief
    on_vector = MemoryModel(counted(IMAGE, Dense(name="dense", units=5)), casts=False, trains=True)
    assert Workspace(8 * 5, 0, 8 * 5) in on_vector.trace.brief


def test_a_block_counts_as_if_it_were_written_out() -> None:
    layers = (
        Conv2D(name="a", filters=4, kernel_size=3, padding=1),
        BatchNorm(name="n"),
        Add(name="sum", inputs=("n", "input")),
    )
    folded = counted(IMAGE, CONV, Block(name="block", repeat=3, layers=layers), RELU)
    unrolled: list[Item] = [IMAGE, CONV]
    for number in range(3):
        before = unrolled[-1].name
        unrolled += [
            Conv2D(name=f"a{number}", filters=4, kernel_size=3, padding=1),
            BatchNorm(name=f"n{number}"),
            Add(name=f"sum{number}", inputs=(f"n{number}", before)),
        ]
    written = counted(*unrolled, RELU)
    for casts in (False, True):
        kept = [MemoryModel(each, casts=casts, trains=True).kept(4) for each in (folded, written)]
        assert kept[0] == kept[1]
    assert "block[3]/sum" in MemoryModel(folded, casts=False, trains=True).places


@pytest.mark.parametrize(
    ("size", "counted_as"),
    [
        (0, 0),
        (1, 512),
        (512, 512),
        (513, 1024),
        (10 * MIB, 10 * MIB),
        (11 * MIB, 12 * MIB),
        (11 * MIB - 512, 11 * MIB - 512),
    ],
)
def test_the_allocator_counts_whole_blocks(size: int, counted_as: int) -> None:
    assert allocated(size) == counted_as


def test_the_largest_batch_is_the_last_for_which_the_verdict_holds() -> None:
    model = MemoryModel(builtin("resnet-18"), casts=True, trains=True)
    card = card_named("8GB")
    setting = Setting(precision="bf16")
    found = largest_batch(model, setting, card)
    assert found is not None
    assert 0 < found.fits < found.may_fit

    def verdict(batch: int) -> str:
        return verdict_of(model, Setting(batch=batch, precision="bf16"), card)

    assert [verdict(found.fits), verdict(found.fits + 1)] == ["fits", "may fit"]
    assert [verdict(found.may_fit), verdict(found.may_fit + 1)] == ["may fit", "does not fit"]
    none = largest_batch(model, setting, Card("tiny", 200 * MIB))
    assert none is not None
    assert (none.fits, none.may_fit) == (0, 0)


@pytest.mark.parametrize(
    ("text", "memory"),
    [("8GB", 8 * GIB), ("8", 8 * GIB), ("512 MB", 512 * MIB), ("rtx4090", 24 * GIB), ("1.5GiB", 1536 * MIB)],
)
def test_a_card_is_named_by_its_memory_or_its_name(text: str, memory: int) -> None:
    assert card_named(text).memory == memory


@pytest.mark.parametrize("text", ["", "0GB", "GB", "-8GB", "RTX 9999", "1e9GB", "999999999GB"])
def test_what_is_no_card_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a card"):
        card_named(text)


def test_every_layer_type_but_placeholders_says_what_it_keeps() -> None:
    assert {kind for kind in PALETTE if kind.steps is Layer.steps} == {Function, Opaque}


def test_a_recurrent_layer_is_a_bound_and_says_why() -> None:
    image = Input(name="sequence", size=(8,), channels=3)
    layer = LSTM(name="lstm", units=5, direction="both", return_sequences=True)
    model = MemoryModel(counted(image, layer), casts=False, trains=True)
    kept = model.kept(2)
    assert kept.bound == "at least"
    assert kept.value == 2 * 4 * 2 * 5 * 8
    assert "cuDNN" in kept_working(model, 1, 2).text()


def test_a_dense_layer_at_each_position_copies_a_map_unless_its_channels_are_last() -> None:
    pointwise = [Dense(name=f"dense{number}", units=4, apply_to="channels") for number in range(2)]
    model = MemoryModel(counted(IMAGE, CONV, RELU, *pointwise), casts=False, trains=True)
    # The output of the ReLU, its copy for the first dense layer, the output of that for the second.
    assert model.kept(1).value == 3 * 4 * MAP


@pytest.mark.parametrize(("is_trained", "casts", "kept"), [(True, False, 8), (False, False, 4), (True, True, 6)])
def test_standardized_weights_are_kept_as_any_tensor_is(is_trained: bool, casts: bool, kept: int) -> None:
    """For each weight: the standardized one, at 2 bytes under autocast; and the centred one, to learn."""
    first = Conv2D(name="first", filters=4, kernel_size=1)
    plain = Conv2D(name="conv", filters=4, kernel_size=3, bias=False, trainable=is_trained)
    models = [
        MemoryModel(counted(IMAGE, first, structs.replace(plain, standardized=chosen)), casts=casts, trains=True)
        for chosen in (True, False)
    ]
    standardized, usual = (int(model.kept(2).value or 0) for model in models)
    weights, filters = 4 * 4 * 9, 4 if is_trained else 0
    assert standardized - usual == kept * weights + 4 * filters - (2 * weights if casts else 0)


def test_one_channel_is_in_order_for_a_dense_layer_at_each_position() -> None:
    first = Conv2D(name="first", filters=1, kernel_size=1)
    dense = Dense(name="dense", units=3, apply_to="channels")
    model = MemoryModel(counted(IMAGE, first, dense), casts=False, trains=True)
    # The map of the convolution, and no copy of it with the channels last.
    assert model.kept(1).value == 4 * (model.rows[1].activations or 0)


@pytest.mark.parametrize("mode", ["train", "inference"])
def test_a_design_without_layers_has_no_step_of_a_layer(mode: Literal["train", "inference"]) -> None:
    found = estimate(analyze(Design()), Setting(mode=mode))
    assert (found.levels, found.layers, found.at, found.kept.value) == ((), (), None, 0)
