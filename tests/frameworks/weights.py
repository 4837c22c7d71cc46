"""The weights of a seeded ONNX file put into PyTorch modules and Keras models, orders exchanged where they differ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cnnstudio.core.arithmetic.shape import per_axis
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.rows import Row
from cnnstudio.exports.keras.naming import full_name
from cnnstudio.exports.keras.order import SINGLE, ordered_flattens
from cnnstudio.exports.pytorch.reserved import MODULE_NAMES
from cnnstudio.exports.source.naming import Names, identifier
from cnnstudio.layers.activation import PReLU
from cnnstudio.layers.attention.heads import MultiHeadAttention
from cnnstudio.layers.attention.windows import WindowAttention
from cnnstudio.layers.convolution import Conv2D, DepthwiseConv, SeparableConv, SlidingLayer
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.normalization import LayerNorm, Normalization
from cnnstudio.layers.patches.local import LocallyConnected
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.sequences.embedding import Embedding
from cnnstudio.layers.sequences.recurrent import RecurrentLayer
from cnnstudio.layers.tensors.learned import Parameter
from cnnstudio.layers.transposed import ConvTranspose
from tests.frameworks import recurrent
from tests.frameworks.frameworks import numpy as np
from tests.frameworks.frameworks import torch

Arrays = dict[str, Any]


def own_weights(weights: Arrays, row: Row) -> Arrays:
    """The weights of one row, by the ends of their names; a matrix as F × C."""
    own = _below(weights, row.path)
    shape = row.taken_shapes[0] if row.taken_shapes else None
    if isinstance(row.layer, Dense) and row.layer.apply_to == "channels" and shape is not None and shape.rank:
        # What works at each position is multiplied from the right, and its matrix stands as C × F.
        own["weight"] = own["weight"].T
    return own


def _below(weights: Arrays, path: str) -> Arrays:
    stem = f"{path}."
    return {name.removeprefix(stem): array for name, array in weights.items() if name.startswith(stem)}


# PyTorch: parameters in the order of a module are those of the file, under other names.

_TORCH = {"mean": "running_mean", "variance": "running_var"}


def into_torch(net: Any, analysis: Analysis, weights: Arrays) -> None:
    """Sets every parameter and statistic of a flat network."""
    state = net.state_dict()
    left = {name for name in state if "num_batches" not in name and not name.endswith(".count")}
    labels = Names(MODULE_NAMES)
    for row in analysis.rows:
        stem = labels.give(identifier(re.sub(r"[\[\]/\\]+", "_", row.path)))
        own = own_weights(weights, row)
        if isinstance(row.layer, MultiHeadAttention):
            own = packed(own, {key.removeprefix(f"{stem}.") for key in state if key.startswith(f"{stem}.")})
        if isinstance(row.layer, RecurrentLayer):
            own = recurrent.of_torch(row.layer, own)
        for name, array in own.items():
            key = torch_key(state, stem, name, row)
            state[key] = torch.from_numpy(np.array(array)).reshape(state[key].shape)
            left.discard(key)
    assert not left, f"not set: {left}"
    net.load_state_dict(state)


def packed(own: Arrays, wanted: set[str]) -> Arrays:
    """The projections of an attention under the names of PyTorch's module, three in one tensor where it has them so."""
    parts = ("query", "key", "value")
    if "out_proj.weight" not in wanted:
        return own
    arrays = {f"out_proj.{name}": own[f"output.{name}"] for name in ("weight", "bias") if f"output.{name}" in own}
    if "in_proj_weight" in wanted:
        arrays["in_proj_weight"] = np.concatenate([own[f"{part}.weight"] for part in parts])
    else:
        arrays |= {f"{part[0]}_proj_weight": own[f"{part}.weight"] for part in parts}
    if "in_proj_bias" in wanted:
        arrays["in_proj_bias"] = np.concatenate([own[f"{part}.bias"] for part in parts])
    return arrays


def torch_key(state: Arrays, stem: str, name: str, row: Row) -> str:
    """The name of a tensor of a row in a network's state."""
    if isinstance(row.layer, Parameter):
        return stem
    if isinstance(row.layer, SeparableConv):
        return f"{stem}.0.weight" if name == "depthwise" else f"{stem}.1.{name}"
    if isinstance(row.layer, Conv2D) and row.layer.connections is not None:
        return f"{stem}.filters.{name}"
    wanted = name if isinstance(row.layer, Normalization) else _TORCH.get(name, name)
    ends = [f"{stem}.{wanted}", f"{stem}.1.{wanted}", f"{stem}.0.{wanted}"]
    return next(key for key in ends if key in state)


# Keras: channels last, so kernels and flattened vectors are in another order.


def into_keras(model: Any, analysis: Analysis, weights: Arrays) -> None:
    """Sets every weight of a model."""
    rows = {row.path: row for row in analysis.rows}
    ordered = ordered_flattens(analysis)
    left = {weight.path for weight in model.weights if not weight.path.endswith("/count")}
    for row in analysis.rows:
        own = own_weights(weights, row)
        if own:
            for layer_name, arrays in keras_arrays(row, own, order_of(row, rows, ordered)):
                layer = model.get_layer(layer_name)
                for at, (name, array) in enumerate(arrays.items()):
                    # The two directions have names of their own making, so that only their order tells them apart.
                    is_recurrent = isinstance(row.layer, RecurrentLayer)
                    found = [item for item in layer.weights if item.path.endswith(f"/{name}")]
                    weight = layer.weights[at] if is_recurrent else found[0]
                    weight.assign(array.reshape(weight.shape))
                    left.discard(weight.path)
                if isinstance(row.layer, Normalization):
                    layer.finalize_state()
    assert not left, f"not set: {left}"


def order_of(row: Row, rows: dict[str, Row], ordered: frozenset[str]) -> Any:
    """For each place of the vector that flows into a row in Keras the place in the design; None if they agree."""
    source = rows[row.inputs[0]]
    if isinstance(row.layer, Dense) and row.taken_shapes[0].rank:
        return flat_order(row) if row.layer.apply_to == "all" else None
    return vector_order(source, rows, ordered)


def flat_order(row: Row) -> Any:
    """The order in which Keras flattens the input of a row."""
    shape = row.taken_shapes[0]
    places = np.arange(shape.elements).reshape(shape.to_list())
    return np.asarray(np.moveaxis(places, 0, -1).reshape(-1))


def vector_order(row: Row, rows: dict[str, Row], ordered: frozenset[str]) -> Any:
    """The order of a vector that a row gives: another than the design's only where Dense layers alone take it."""
    if isinstance(row.layer, Flatten) and row.taken_shapes[0].rank:
        order = flat_order(row)
        return None if (order == np.arange(order.size)).all() or row.place in ordered else order
    if row.inputs and isinstance(row.layer, (Flatten, *SINGLE)) and row.given_shape and not row.given_shape.rank:
        return vector_order(rows[row.inputs[0]], rows, ordered)
    return None


def keras_arrays(row: Row, own: Arrays, order: Any) -> Iterator[tuple[str, Arrays]]:
    """Names of layers, with their weights in Keras' order."""
    name, layer = full_name(row.path), row.layer
    renamed = {"bias": own["bias"]} if "bias" in own else {}
    if isinstance(layer, SeparableConv):
        kernels = {"depthwise_kernel": depthwise(own["depthwise"], layer.depth_multiplier)}
        yield name, {**kernels, "pointwise_kernel": kernel(own["weight"]), **renamed}
    elif isinstance(layer, DepthwiseConv):
        yield name, {"kernel": depthwise(own["weight"], layer.depth_multiplier), **renamed}
    elif isinstance(layer, Conv2D) and layer.connections is not None:
        for at in range(len(layer.connections)):
            part = _below(own, str(at))
            yield (
                f"{name}_{at}",
                {"kernel": kernel(part["weight"])} | ({"bias": part["bias"]} if "bias" in part else {}),
            )
    elif isinstance(layer, ConvTranspose):
        yield from transposed(name, layer, own)
    elif isinstance(layer, SlidingLayer) and not isinstance(layer, LocallyConnected):
        yield name, {"kernel": kernel(own["weight"]), **renamed}
    elif isinstance(layer, MultiHeadAttention | WindowAttention):
        yield name, attention(layer, own)
    elif isinstance(layer, Parameter):
        tensor = own["weight"]
        # With the channels last.
        yield name, {"weight": np.moveaxis(tensor, 0, -1)}
    elif isinstance(layer, Embedding):
        yield name, {"embeddings": own["weight"]}
    elif isinstance(layer, RecurrentLayer):
        yield name, recurrent.of_keras(layer, own)
    elif isinstance(layer, Dense):
        yield name, {"kernel": dense(own["weight"], order), **renamed}
    else:
        yield name, others(row, own, order)


def kernel(array: Any) -> Any:
    """N × C × K to K × C × N."""
    return np.moveaxis(array, (0, 1), (-1, -2))


def depthwise(array: Any, multiplier: int) -> Any:
    """C · M × 1 × K to K × C × M."""
    parted = array.reshape(-1, multiplier, *array.shape[2:])
    return np.moveaxis(parted, (0, 1), (-2, -1))


def transposed(name: str, layer: ConvTranspose, own: Arrays) -> Iterator[tuple[str, Arrays]]:
    """C × N / G × K to K × N / G × C / G, a layer for each group."""
    weight, groups = own["weight"], layer.groups
    width, filters = weight.shape[0] // groups, weight.shape[1]
    label = name
    if groups == 1:
        bias = {"bias": own["bias"]} if "bias" in own else {}
        yield label, {"kernel": np.moveaxis(weight, (0, 1), (-1, -2)), **bias}
        return
    for at in range(groups):
        part = weight[at * width : (at + 1) * width]
        bias = {"bias": own["bias"][at * filters : (at + 1) * filters]} if "bias" in own else {}
        yield f"{name}_{at}", {"kernel": np.moveaxis(part, (0, 1), (-1, -2)), **bias}


def unshared(layer: LocallyConnected, own: Arrays) -> Arrays:
    """Places × (channels · elements) × filters to places × elements × channels × filters."""
    weight = own["weight"]
    taps = int(np.prod(per_axis(layer.kernel_size, layer.rank)))
    parted = weight.reshape(weight.shape[0], -1, taps, weight.shape[2])
    bias = {"bias": np.moveaxis(own["bias"], 0, -1)} if "bias" in own else {}
    return {"kernel": np.swapaxes(parted, 1, 2), **bias}


def attention(layer: MultiHeadAttention | WindowAttention, own: Arrays) -> Arrays:
    """Projections with their inputs first; Keras' own layer calls the last one `attention_output`."""
    arrays = {}
    for name, array in own.items():
        part, _, kind = name.partition(".")
        if part == "positions":
            arrays[part] = array
            continue
        matrix = array.reshape(array.shape[0], -1).T if kind == "weight" else array
        word = "kernel" if kind == "weight" else "bias"
        if isinstance(layer, WindowAttention):
            arrays[f"{part}_{word}"] = matrix
        else:
            arrays[f"{'attention_output' if part == 'output' else part}/{word}"] = matrix
    return arrays


def dense(array: Any, order: Any) -> Any:
    """F × C to C × F, or C × F for a kernel of 1; a flattened map in Keras' order."""
    matrix = array.reshape(array.shape[0], -1)
    return (matrix if order is None else matrix[:, order]).T


_NORMS = {"weight": "gamma", "bias": "beta", "mean": "moving_mean", "variance": "moving_variance"}


def others(row: Row, own: Arrays, order: Any) -> Arrays:
    """Normalizations, scales and slopes: numbers a channel, or a whole map with its channels last."""
    layer = row.layer
    shape = row.taken_shapes[0]
    names = dict(_NORMS)
    if layer.type_name in ("Scale", "Subsampling", "RelativePositionBias", "GlobalResponseNorm"):
        names = {"weight": "weight", "bias": "bias"}
    if isinstance(layer, LocallyConnected):
        return unshared(layer, own)
    if isinstance(layer, PReLU):
        names = {"weight": "alpha"}
    if isinstance(layer, Normalization):
        names = {"mean": "mean", "variance": "variance"}
    whole = (isinstance(layer, LayerNorm) and layer.over == "map") or (
        isinstance(layer, PReLU) and layer.coefficients == "element"
    )
    arrays = {}
    for name, array in own.items():
        if whole and shape.rank:
            sizes = layer.slope_shape(shape) if isinstance(layer, PReLU) else shape.to_list()
            array = np.moveaxis(array.reshape(sizes), 0, -1)
        elif order is not None and array.size == len(order):
            array = array.reshape(-1)[order]
        arrays[names[name]] = array
    return arrays
