"""Words that people type for layers, functions and fields, and their meaning here."""

from __future__ import annotations

import pytest

from cnnstudio.core.network.fields import fields_of
from cnnstudio.dialects import DIALECTS, everyday, naming
from cnnstudio.dialects.dialect import Dialect
from cnnstudio.formats.name_hints import field_hint, function_hint, type_hint
from cnnstudio.layers import LAYER_TYPES

each_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=list(DIALECTS))


@each_dialect
def test_every_name_of_a_framework_leads_to_a_type(dialect: Dialect) -> None:
    for name in (*dialect.by_name, *dialect.other_layers):
        meant = naming.layers_meant(name)
        assert meant, name
        assert {found.layer for found in meant} <= {*LAYER_TYPES, "Block"}
        assert type_hint(name).startswith((" Did you mean", " Write {type: ")), name
        for found in meant:
            for field, value in found.told:
                written = str(value).lower() if isinstance(value, bool) else value
                assert f"{field}: {written}" in type_hint(name), name


@each_dialect
def test_every_argument_that_states_a_field_leads_to_it(dialect: Dialect) -> None:
    for spelling in dialect.spellings:
        for item in spelling.arguments:
            if item.field:
                named = {naming.field_meant(spelling.layer, name) for name in (item.name, *item.aliases)}
                # A name that is also that of another field means that one first.
                own = {field.name for field in fields_of(LAYER_TYPES[spelling.layer])}
                assert named <= {item.field, *own} - {""}, (spelling.layer, item.name)


@each_dialect
def test_what_has_no_type_leads_to_an_opaque_layer(dialect: Dialect) -> None:
    for name in dialect.absent - set(LAYER_TYPES):
        if not naming.layers_meant(name):
            assert "{type: Opaque, " in type_hint(name), name
            assert "Did you mean" not in type_hint(name), name


@each_dialect
def test_further_names_name_what_there_is(dialect: Dialect) -> None:
    fields = {field.name for layer_type in LAYER_TYPES.values() for field in fields_of(layer_type)}
    assert set(dialect.other_functions.values()) <= set(naming.FUNCTIONS)
    assert set(dialect.other_arguments.values()) <= fields
    assert not {name for name in dialect.absent if name in dialect.by_name}


def test_everyday_words_name_what_there_is() -> None:
    fields = {field.name for layer_type in LAYER_TYPES.values() for field in fields_of(layer_type)}
    assert {layer for layers in everyday.LAYERS.values() for layer in layers} <= set(LAYER_TYPES)
    assert set(everyday.FUNCTIONS.values()) <= set(naming.FUNCTIONS)
    assert set(everyday.FIELDS.values()) <= fields


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("Conv2DTranspose", ["ConvTranspose2D"]),
        ("tf.keras.layers.Conv2DTranspose", ["ConvTranspose2D"]),
        ("nnet.cnn.layer.Convolution2DLayer", ["Conv2D"]),
        ("Convolution2D", ["Conv2D"]),
        ("Convolution", ["Conv2D"]),
        ("Pooling", ["MaxPool2D", "AvgPool2D"]),
        ("Conv", ["Conv2D", "Conv1D", "Conv3D"]),
        ("InnerProduct", ["Dense"]),
        ("LRN", ["LocalResponseNorm"]),
        ("RNN", ["SimpleRNN"]),
        ("Eltwise", ["Add", "Multiply", "Maximum"]),
        ("connected", ["Dense"]),
        ("fc", ["Dense"]),
        ("Sequential", ["Block"]),
        ("LocallyConnected3D", []),
        ("nothing of the kind", []),
    ],
)
def test_a_layer_is_meant_by_its_name_elsewhere(name: str, layers: list[str]) -> None:
    assert [found.layer for found in naming.layers_meant(name)] == layers


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("swish", "silu"),
        ("leaky", "leaky_relu"),
        ("LeakyReLU", "leaky_relu"),
        ("lrelu", "leaky_relu"),
        ("logistic", "sigmoid"),
        ("hardtan", "hard_tanh"),
        ("TanH", "tanh"),
        ("BNLL", "softplus"),
        ("swishLayer", "silu"),
        ("nn.Hardswish", "hard_swish"),
        ("mish", "mish"),
        ("wish", ""),
    ],
)
def test_a_function_is_meant_by_its_name_elsewhere(name: str, function: str) -> None:
    assert naming.function_meant(name) == function


@pytest.mark.parametrize(
    ("layer", "name", "field"),
    [
        ("Conv2D", "nb_filter", "filters"),
        ("Conv2D", "num_output", "filters"),
        ("Conv2D", "out_channels", "filters"),
        ("Conv2D", "NumFilters", "filters"),
        ("Conv2D", "subsample", "stride"),
        ("Conv2D", "border_mode", "padding"),
        ("Conv2D", "kernel_h", "kernel_size"),
        ("Conv2D", "dilation_rate", "dilation"),
        ("SeparableConv2D", "out_channels", "filters"),
        ("Dense", "num_output", "units"),
        ("Dense", "out_features", "units"),
        ("Dense", "output_dim", "units"),
        ("MaxPool2D", "kernel_size", "pool_size"),
        ("Dropout", "dropout_ratio", "rate"),
        ("GlobalAvgPool", "kernel_size", ""),
    ],
)
def test_a_field_is_meant_by_its_argument_elsewhere(layer: str, name: str, field: str) -> None:
    assert naming.field_meant(layer, name) == field


OPAQUE_HINT = " A layer that has no type here can be stated as Opaque: {type: Opaque, channels: 64, parameters: 0}."


@pytest.mark.parametrize(
    ("received", "hint"),
    [
        ("Covn2D", " Did you mean 'Conv2D'?"),
        ("Layer", OPAQUE_HINT),
        ("FlaxLayer", OPAQUE_HINT),
        ("TFSMLayer", OPAQUE_HINT),
        ("Involution", OPAQUE_HINT),
        ("PartialConv2d", OPAQUE_HINT),
        ("MaxBlurPool2d", OPAQUE_HINT),
        ("GeM", OPAQUE_HINT),
        ("Upsampling", " Did you mean 'Upsample'?"),
        ("UpConv3D", " Did you mean 'ConvTranspose3D'?"),
        ("DWConv", " Did you mean 'DepthwiseConv2D'?"),
        ("BlurPool2d", " Did you mean 'BlurPool'?"),
        ("MaxUnpooling2D", " Did you mean 'MaxUnpool'?"),
        ("GroupConv1D", " Did you mean 'Conv1D'?"),
        ("hswish", " Write {type: Activation, function: hard_swish}."),
        ("Tanhh", " Write {type: Activation, function: tanh}."),
        ("SoftMarginLoss", " A loss is no layer of the network, and counts nothing: leave it out."),
        ("Conv2DTransposd", " Did you mean 'ConvTranspose2D'?"),
        ("Dence", " Did you mean 'Dense'?"),
        ("softmax", " Write {type: Activation, function: softmax}."),
        ("leaky", " Write {type: Activation, function: leaky_relu}."),
        ("Conv4D", OPAQUE_HINT),
    ],
)
def test_a_near_miss_has_to_be_near(received: str, hint: str) -> None:
    assert type_hint(received) == hint


def test_a_function_that_is_a_layer_here_is_said_to_be_one() -> None:
    assert function_hint("glu") == " GLU is a layer of its own: {type: GLU}."


@pytest.mark.parametrize("name", ["rrelu", "crelu", "hardshrink", "relu1"])
def test_a_function_that_is_not_here_suggests_no_other(name: str) -> None:
    assert function_hint(name) == ""


@pytest.mark.parametrize(
    ("layer", "name", "hint"),
    [
        ("Conv2D", "in_channels", " It follows from the input: leave it out."),
        ("Conv2D", "kernel_initializer", " It changes no size and no count: leave it out."),
        ("Conv2D", "batch_normalize", " Put a BatchNorm after it, and leave out its bias."),
        ("Conv2D", "filtres", " Did you mean 'filters'?"),
        ("Block", "filters", ""),
    ],
)
def test_a_field_that_is_not_here_says_what_to_do(layer: str, name: str, hint: str) -> None:
    assert field_hint(layer, name, ["type", "name", "filters" if layer == "Conv2D" else "repeat"]) == hint


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "bilstmLayer",
            " Write {type: LSTM, direction: both}. Where return_sequences is left",
        ),
        ("bilstm", " Write {type: LSTM, direction: both}."),
        ("TimeDistributed", " Write {type: Block, time_distributed: true}."),
        (
            "Bidirectional",
            " Did you mean {type: LSTM, direction: both}, {type: GRU, direction: both} or {",
        ),
        ("ReflectionPad2d", " Write {type: ZeroPad, padding_mode: reflect}."),
        ("ReduceMax", " Did you mean {type: Reduce, function: max} or 'GlobalMaxPool'?"),
        ("InstanceNormalization", " Write {type: InstanceNorm, affine: true}."),
        ("Pooling", " Did you mean 'MaxPool2D' or 'AvgPool2D'? Where stride is left out, Caffe takes 1: state it."),
        ("lstm", " Did you mean 'LSTM'?"),
        ("maxpool", " Did you mean 'MaxPool2D'"),
        ("pointwise convolution", " Write {type: Conv2D, kernel_size: 1}."),
        ("global max pooling", " Did you mean 'GlobalMaxPool'?"),
    ],
)
def test_the_hint_says_the_fields_that_belong_to_a_name(name: str, sentence: str) -> None:
    assert type_hint(name).startswith(sentence)


def test_everyday_names_say_values_that_their_fields_have() -> None:
    for layer, field, value in everyday.IMPLIED.values():
        known = next(each for each in fields_of(LAYER_TYPES[layer]) if each.name == field)
        assert not known.choices or value in known.choices
        assert value != known.default
