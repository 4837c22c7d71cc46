"""The places of maximums: what gives them, what takes them, and what is said where something else does."""

from __future__ import annotations

import pytest

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis, analyze, count_layer
from cnnstudio.core.memory.model import MemoryModel
from cnnstudio.core.network.design import Block, Design, FurtherOutput, Item
from cnnstudio.core.network.layer import Counts
from cnnstudio.core.network.memory_setting import Setting
from cnnstudio.core.network.problem import Remark
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add
from cnnstudio.layers.patches.pools import MaxUnpool
from cnnstudio.layers.pooling import AdaptiveMaxPool, AvgPool2D, MaxPool2D
from cnnstudio.layers.reshaping import Upsample
from cnnstudio.layers.structure import Identity, Input

IMAGE = Input(name="image", size=(12, 10), channels=3)
PLACES = FurtherOutput(name="places", output="indices", inputs=("pool",))


def counted(*items: Item) -> Analysis:
    return analyze(Design(layers=(IMAGE, *items)))


def said(*items: Item) -> list[str]:
    return [f"{problem.path}: {problem.sentence}" for problem in counted(*items).errors]


@pytest.mark.parametrize(
    "pool", [MaxPool2D(name="pool", pool_size=2), AdaptiveMaxPool(name="pool", output_size=(6, 5))]
)
def test_a_pool_gives_places_of_the_shape_of_its_output(pool: Item) -> None:
    analysis = counted(pool, PLACES)
    assert analysis.errors == ()
    assert analysis.rows[-1].output_shape == Shape(3, (6, 5), (12, 10))
    assert analysis.rows[-1].receptive_field == analysis.rows[-2].receptive_field


def test_other_pools_give_none() -> None:
    (sentence,) = said(AvgPool2D(name="pool", pool_size=2), PLACES)
    assert sentence == "places: 'pool' gives nothing beside its output, and no 'indices'."


def test_places_pass_through_blocks_to_where_the_map_is_made_again() -> None:
    inner = (
        MaxPool2D(name="pool", pool_size=2),
        FurtherOutput(name="where", output="indices", inputs=("pool",)),
        Activation(name="act", function="relu", inputs=("pool",)),
    )
    analysis = counted(
        Block(name="down", layers=inner, further_outputs=("where",)),
        FurtherOutput(name="out", output="where", inputs=("down",)),
        Identity(name="same"),
        MaxUnpool(name="up", inputs=("down", "same")),
    )
    assert analysis.errors == ()
    assert analysis.rows[-1].output_shape == Shape(3, (12, 10))


@pytest.mark.parametrize("layer", [Conv2D(name="x", filters=2, kernel_size=1), Activation(name="x", function="relu")])
def test_places_are_no_numbers_to_compute_with(layer: Item) -> None:
    (sentence,) = said(MaxPool2D(name="pool", pool_size=2), PLACES, layer)
    kind = layer.type_name
    assert sentence == f"x: {kind} computes with numbers, and receives the places that maximums have in a map."
    assert "MaxUnpool" in counted(MaxPool2D(name="pool", pool_size=2), PLACES, layer).errors[0].remedy


def test_places_join_no_numbers() -> None:
    assert len(said(MaxPool2D(name="pool", pool_size=2), PLACES, Add(name="sum", inputs=("pool", "places")))) == 1


@pytest.mark.parametrize(
    ("inputs", "fields", "sentence"),
    [
        (("places", "pool"), {}, "what it puts back are numbers, and it receives the places of maximums first."),
        (("image", "places"), {}, "it receives a map of 3 channels, 12 × 10, and places of 3 × 6 × 5 maximums."),
        (
            ("pool", "places"),
            {"pool_size": 4},
            "windows of 4 × 4 at 6 × 5 places do not make up a map of 12 × 10, in which the places are.",
        ),
    ],
)
def test_unpooling_says_what_does_not_fit(inputs: tuple[str, ...], fields: dict[str, int], sentence: str) -> None:
    unpool = MaxUnpool(name="up", inputs=inputs, **fields)  # type: ignore[arg-type]
    assert said(MaxPool2D(name="pool", pool_size=2), PLACES, unpool) == [f"up: {sentence}"]


def test_unpooling_by_places_is_as_by_the_map() -> None:
    for size in range(2, 9):
        shape = Shape(2, (size, 9))
        pool = MaxPool2D(pool_size=2)
        pooled = count_layer(pool, (shape,), "pytorch")
        assert isinstance(pooled, Counts)
        places = pool.further_output("indices", (shape,), pooled.output)
        results = [count_layer(MaxUnpool(), (pooled.output, second), "pytorch") for second in (shape, places)]
        assert not any(isinstance(result, Remark) for result in results)
        assert results[0].output == results[1].output == shape  # type: ignore[union-attr]


def test_inference_holds_places_until_they_are_put_back() -> None:
    """8 bytes a place, beside what any layer that makes a map of that size holds."""
    image, inference = Input(name="image", size=(128, 128), channels=3), Setting(batch=1, mode="inference")
    middle = Activation(name="middle", function="tanh", inputs=("pool",))
    pool = MaxPool2D(name="pool", pool_size=2)

    def peak(*items: Item) -> int:
        return MemoryModel(analyze(Design(layers=(image, *items))), casts=False, trains=False).bounds(inference)[0]

    by_places = peak(pool, PLACES, middle, MaxUnpool(name="up", inputs=("middle", "places")))
    assert by_places - peak(pool, middle, Upsample(name="up", scale=2)) == 8 * 3 * 64 * 64
