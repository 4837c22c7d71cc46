"""The dialect tables: every layer type has a row or a reason, and every row names what there is."""

from __future__ import annotations

from typing import get_args

import pytest
from msgspec import structs

from cnnstudio.core.network.fields import fields_of
from cnnstudio.core.network.layer import Activate, Layer
from cnnstudio.dialects import COMPLETE, DIALECTS, find_spellings
from cnnstudio.dialects.dialect import REQUIRED, Dialect, Spelling
from cnnstudio.layers import LAYER_TYPES, PALETTE
from cnnstudio.layers.starting import starting_layer

each_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=list(DIALECTS))
each_complete = pytest.mark.parametrize("dialect", COMPLETE, ids=lambda dialect: dialect.key)
each_type = pytest.mark.parametrize("kind", PALETTE, ids=lambda kind: kind.__name__)


@each_complete
@each_type
def test_every_layer_type_is_spelled_composed_or_refused_with_a_reason(dialect: Dialect, kind: type[Layer]) -> None:
    assert kind.__name__ in dialect.types, f"{dialect.title} says nothing of {kind.__name__}: add a row to its table"


@each_dialect
def test_every_row_names_a_layer_type_and_fields_that_it_has(dialect: Dialect) -> None:
    for row in dialect.spellings:
        fields = {field.name: field for field in fields_of(LAYER_TYPES[row.layer])}
        named = {item.field for item in row.arguments if item.field} | {field for field, _ in row.implied}
        assert named <= set(fields), row
        for field, value in row.implied:
            assert not fields[field].choices or value in fields[field].choices, row


@each_dialect
def test_a_type_is_refused_only_if_it_is_not_spelled(dialect: Dialect) -> None:
    spelled = {row.layer for row in dialect.spellings} | {row.layer for row in dialect.composed}
    for row in dialect.unsaid:
        assert row.layer not in spelled
        assert row.reason[0].islower()
        assert row.reason[-1] != "."
        assert row.remedy.endswith(".")


def tried(row: Spelling) -> Layer:
    """A layer that the row spells, padded by numbers: what `same` comes to depends on the input."""
    layer = structs.replace(starting_layer(row.layer), **dict(row.implied))
    return structs.replace(layer, padding=1) if getattr(layer, "padding", None) == "same" else layer


@each_complete
def test_what_is_written_is_read_again(dialect: Dialect) -> None:
    for row in dialect.spellings:
        layer = tried(row)
        rank = row.rank if row.rank is not None else 2
        reading = row.read([], row.written(layer, rank), rank)
        assert not reading.unknown
        for field, value in reading.fields.items():
            ours = getattr(layer, field)
            assert value == ours or (ours, value) in EQUAL, (row.name, field, ours, value)


EQUAL = [("valid", 0), (None, 0), (1.0, 1), (False, None), (1, None), ("valid", None)]
"""Pairs that mean the same: no padding, and an argument that says nothing."""


@each_dialect
def test_functions_are_those_of_the_activation(dialect: Dialect) -> None:
    assert set(dialect.functions) <= set(get_args(Activate))


@pytest.mark.parametrize("dialect", COMPLETE[:2], ids=lambda dialect: dialect.key)
def test_the_source_dialects_know_every_function(dialect: Dialect) -> None:
    assert set(dialect.functions) == set(get_args(Activate))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("nn.Conv2d", [("pytorch", "Conv2D")]),
        ("torch.nn.functional.max_pool2d", [("pytorch", "MaxPool2D")]),
        ("tf.keras.layers.MaxPooling2D", [("keras", "MaxPool2D")]),
        ("Convolution2D", [("keras", "Conv2D")]),
        ("Conv2DTranspose", [("keras", "ConvTranspose2D")]),
        ("InnerProduct", [("caffe", "Dense")]),
        ("Gemm", [("onnx", "Dense")]),
        ("convolutional", [("darknet", "Conv2D")]),
        ("fullyConnectedLayer", [("matlab", "Dense")]),
        ("batch_normalization", [("keras", "BatchNorm"), ("onnx", "BatchNorm")]),
        ("nothing of the kind", []),
    ],
)
def test_a_foreign_name_is_found(name: str, meant: list[tuple[str, str]]) -> None:
    assert [(dialect.key, found.layer) for dialect, found in find_spellings(name)] == meant


@pytest.mark.parametrize(("key", "name"), [("caffe", "RNN"), ("darknet", "rnn")])
def test_a_recurrent_layer_with_a_matrix_more_is_no_spelling_of_ours(key: str, name: str) -> None:
    assert DIALECTS[key].find(name) is None
    assert DIALECTS[key].other_layers[name] == ("SimpleRNN",)


@pytest.mark.parametrize(("rank", "layer"), [(1, "Conv1D"), (2, "Conv2D"), (3, "Conv3D"), (None, "Conv1D")])
def test_the_rank_chooses_where_one_name_serves_several(rank: int | None, layer: str) -> None:
    found = DIALECTS["onnx"].find("Conv", rank)
    assert found is not None
    assert found.layer == layer


def test_a_call_is_read_by_place_and_by_name_with_the_frameworks_defaults() -> None:
    row = DIALECTS["pytorch"].find("nn.Conv2d")
    assert row is not None
    reading = row.read([3, 64, (7, 7)], {"stride": 2, "bias": False, "device": "cpu"}, 2)
    assert reading.fields["kernel_size"] == 7
    assert reading.fields["filters"] == 64
    assert (reading.fields["stride"], reading.fields["dilation"], reading.fields["bias"]) == (2, 1, False)
    assert reading.facts == {"channels": 3}
    assert reading.unknown == {"device": "cpu"}
    assert not reading.missing


def test_what_a_call_does_not_state_is_named() -> None:
    row = DIALECTS["pytorch"].find("Linear")
    assert row is not None
    assert row.read([512], {}, 0).missing == ["out_features"]
    with pytest.raises(ValueError, match="Linear takes at most 3 arguments, and 4 are given"):
        row.read([1, 2, 3, 4], {}, 0)


def test_keras_states_how_much_of_the_old_statistics_stays() -> None:
    row = DIALECTS["keras"].find("BatchNormalization")
    assert row is not None
    assert row.read([], {}, 2).fields == {
        "momentum": 0.01,
        "epsilon": 1e-3,
        "center": True,
        "scale": True,
        "track_statistics": True,
    }
    layer = starting_layer("BatchNorm")
    assert row.written(layer, 2) == {"momentum": 0.9, "epsilon": 1e-05}


def test_older_names_of_arguments_are_known() -> None:
    row = DIALECTS["keras"].find("Convolution2D")
    assert row is not None
    fields = row.read([], {"nb_filter": 8, "kernel_size": [3, 3], "subsample": [2, 1], "border_mode": "same"}, 2).fields
    assert (fields["filters"], fields["kernel_size"], fields["stride"], fields["padding"]) == (8, 3, (2, 1), "same")


def test_onnx_pads_are_pairs() -> None:
    row = DIALECTS["onnx"].find("Conv", 2)
    assert row is not None
    layer = structs.replace(starting_layer("Conv2D"), padding=((0, 1), (2, 3)))
    written = row.written(layer, 2)
    assert written["pads"] == (0, 2, 1, 3)
    assert row.read([], written, 2).fields["padding"] == ((0, 1), (2, 3))
    assert REQUIRED not in written.values()
