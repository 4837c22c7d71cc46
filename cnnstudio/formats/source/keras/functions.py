"""Functions of Keras and TensorFlow that are more than one operation, or take their arguments otherwise."""

from __future__ import annotations

from math import prod
from typing import Any

from cnnstudio.formats.foreign.passes.splits import SPLIT
from cnnstudio.formats.source.keras import data, layers
from cnnstudio.formats.source.keras.operations import arrays, moving, products, sliding, wide
from cnnstudio.formats.source.keras.operations.moving import Function, bound
from cnnstudio.formats.source.keras.tensors import KerasTensor, Noise
from cnnstudio.formats.source.language.values import Foreign, Native, NotFollowed, Unknown
from cnnstudio.formats.source.torch.arrays import Array


def _applied(host: Any, kind: str, tensors: Any, **config: Any) -> Any:
    return host.apply(layers.make(kind, [], config, host), [tensors], {})


def _shape(_host: Any, given: list[Any], _named: dict[str, Any]) -> Any:
    value = given[0]
    if isinstance(value, KerasTensor):
        return value.attribute("shape")
    return tuple(value.shape) if isinstance(value, Array) else Unknown("the shape of something")


def _concat(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    values = bound("values axis", given, named)
    # TensorFlow 0 had the axis first.
    if isinstance(values.get("values"), int):
        values = {"values": values["axis"], "axis": values["values"]}
    tensors = values.get("values", values.get("tensors", values.get("xs")))
    if isinstance(tensors, (list, tuple)) and any(isinstance(item, Array) for item in tensors):
        return arrays.put_beside(host, list(tensors), values.get("axis", -1))
    return _applied(host, "Concatenate", tensors, axis=values.get("axis", -1))


def _reduced(name: str) -> Function:
    def function(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
        values = bound("x axis keepdims", given, named)
        tensor = values.get("x", values.get("input_tensor"))
        axis = values.get("axis", values.get("reduction_indices"))
        keeps = values.get("keepdims", values.get("keep_dims", False))
        if axis is None:
            return Unknown(f"the {name} of all elements")
        axes = list(axis) if isinstance(axis, (list, tuple)) else [axis]
        return host.operation(name.capitalize(), [tensor], {"axis": axes, "keepdims": bool(keeps)})

    return function


def _reshape(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    values = bound("x shape", given, named)
    shape, tensor = values.get("shape", values.get("newshape")), values.get("x", values.get("tensor"))
    if not isinstance(tensor, (Array, KerasTensor)):
        return tensor if isinstance(tensor, Unknown) else Unknown("what is reshaped and is no tensor")
    sizes: list[Any] = list(host.core.items(shape)) if not isinstance(shape, (Unknown, int)) else [shape]
    if isinstance(tensor, Array):
        return host.core.call(tensor.attribute("reshape"), sizes, {})
    if sizes and (sizes[0] is None or isinstance(sizes[0], Unknown)):
        sizes[0] = -1
    if not all(type(size) is int for size in sizes) or len(sizes) < 2:
        raise NotFollowed("reshapes a tensor to sizes that are not known, or moves its batch.")
    if sizes[0] != -1:
        raise NotFollowed("reshapes a tensor to sizes that are not known, or moves its batch.")
    known = prod(size for size in sizes[1:] if size > 0)
    is_plain = not isinstance(tensor, wide.Wide) and len(sizes) <= wide.MAX_AXES + 1
    if is_plain and (-1 in sizes[1:] or known == prod(tensor.sizes)):
        return _applied(host, "Reshape", tensor, target_shape=sizes[1:])
    return wide.reshaped(host, tensor, sizes)


def _resize(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    values = bound("images size method", given, named)
    tensor = values.get("images", values.get("image"))
    size = values.get("size")
    if not isinstance(size, (list, tuple)) or not all(type(side) is int for side in size):
        raise NotFollowed("resizes a map to a size that is not known.")
    method = values.get("method", values.get("interpolation", "bilinear"))
    mode = method if isinstance(method, str) else "bilinear"
    return _applied(host, "Resizing", tensor, height=size[0], width=size[1], interpolation=mode)


def _resize_images(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    values = bound("x height_factor width_factor data_format interpolation", given, named)
    factors = [values["height_factor"], values["width_factor"]]
    return _applied(
        host, "UpSampling2D", values["x"], size=factors, interpolation=values.get("interpolation", "nearest")
    )


def _activation(name: str) -> Function:
    def function(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
        slope = named.get("alpha", named.get("negative_slope", given[1] if len(given) > 1 else None))
        if name == "leaky_relu":
            slope = slope if isinstance(slope, (int, float)) else 0.2
            return _applied(host, "LeakyReLU", given[0], negative_slope=float(slope))
        if name == "relu" and "max_value" in named:
            return _applied(host, "ReLU", given[0], max_value=named["max_value"])
        return _applied(host, "Activation", given[0] if given else next(iter(named.values())), activation=name)

    return function


def _pad(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    values = bound("tensor paddings mode", given, named)
    pads, tensor = values.get("paddings", values.get("pad_width")), values.get("tensor", values.get("x"))
    rows = [list(host.core.items(row)) for row in host.core.items(pads)]
    if len(rows) > 1 and not any(rows[0]) and (any(rows[-1]) or len(rows) == 2) and isinstance(tensor, KerasTensor):
        sizes = [size + sum(row) for size, row in zip(tensor.sizes, rows[1:], strict=True)]
        return wide.made(host, "pad", [tensor], sizes)
    is_zero = str(values.get("mode", "CONSTANT")).lower() == "constant"
    if not is_zero or any(rows[0]) or any(rows[-1]) or len(rows) not in (3, 4, 5):
        raise NotFollowed("pads a tensor in a way that is not read.")
    inner = rows[1:-1]
    return _applied(host, f"ZeroPadding{len(inner)}D", tensor, padding=inner if len(inner) > 1 else inner[0])


def _squeezed(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    values = bound("x axis", given, named)
    tensor: Any = values.get("x", values.get("input"))
    axis = values.get("axis")
    axes = list(axis) if isinstance(axis, (list, tuple)) else [axis] if axis is not None else None
    sizes = [None, *tensor.sizes]
    places = [place for place, size in enumerate(sizes) if size == 1]
    if axes is not None:
        places = [place % len(sizes) for place in axes]
    kept = [size for place, size in enumerate(sizes) if place and place not in places]
    return _applied(host, "Reshape", tensor, target_shape=kept or [1])


def _expanded(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    values = bound("x axis", given, named)
    tensor, axis = values.get("x", values.get("input")), values.get("axis", -1)
    if isinstance(tensor, Array):
        sizes = list(tensor.shape)
        sizes.insert(axis if axis >= 0 else len(sizes) + 1 + axis, 1)
        return Array(tuple(sizes), is_float=tensor.is_float).named(tensor)
    if not isinstance(tensor, KerasTensor):
        return Unknown("an array with an axis put in")
    wide: list[Any] = [None, *tensor.sizes]
    wide.insert(axis if axis >= 0 else len(wide) + 1 + axis, 1)
    return _applied(host, "Reshape", tensor, target_shape=wide[1:])


def _merged(kind: str) -> Function:
    def function(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
        return host.operation(
            kind, [*given, *[value for key, value in named.items() if key in ("x", "y", "x1", "x2")]], {}
        )

    return function


def _add_n(host: Any, given: list[Any], _named: dict[str, Any]) -> Any:
    return _applied(host, "Add", given[0])


def _instance_norm(axis: int | None) -> Function:
    """The InstanceNormalization of a package, by the axis that it takes if none is stated."""

    def function(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
        values = bound("axis epsilon", given, named)
        return layers.make("InstanceNormalization", [], {"axis": axis, **values}, host)

    return function


def _upscaling(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """SubPixelUpscaling of keras_contrib: its channels laid out as places."""
    factor = bound("scale_factor", given, named).get("scale_factor", 2)
    return Native("depth_to_space", lambda tensors, _named: _depth_to_space(host, [*tensors, factor], {}))


def _constant(value: Any) -> Function:
    return lambda _host, _given, _named: value


def _layout(host: Any, _given: list[Any], _named: dict[str, Any]) -> str:
    return "channels_first" if host.is_first else "channels_last"


def _same(_host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    return given[0] if given else next(iter(named.values()), None)


def _sources(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """The inputs from which a tensor is made."""
    tensor: Any = bound("tensor", given, named)["tensor"]
    steps = host.steps.reached([tensor.step], [])
    return [KerasTensor(host, step) for step in steps if not host.draft.steps[step].inputs]


def _noise(_host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """Random numbers, by their shape if it is known: the data with which a model is tried."""
    shape = bound("shape", given, named).get("shape")
    is_known = isinstance(shape, (list, tuple)) and all(type(size) is int for size in shape)
    return Array(tuple(shape)) if shape and is_known else Noise()


def _found(_host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """An activation by its name, as `keras.activations.get` gives it."""
    value = bound("identifier", given, named).get("identifier")
    return Foreign(f"keras.activations.{value or 'linear'}") if value is None or isinstance(value, str) else value


def _split(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    values = bound("value num_or_size_splits axis", given, named)
    tensor: Any = values.get("value", values.get("x"))
    parts, axis = values.get("num_or_size_splits", values.get("indices_or_sections")), values.get("axis", 0)
    rank = len(tensor.sizes) + 1
    if type(axis) is not int or axis % rank == 0:
        raise NotFollowed("splits a batch, which is not read.")
    size = tensor.sizes[axis % rank - 1]
    sizes = [size // parts] * parts if type(parts) is int and parts and size % parts == 0 else parts
    if not isinstance(sizes, (list, tuple)) or not all(type(part) is int for part in sizes) or sum(sizes) != size:
        raise NotFollowed(f"splits {size:,} elements into parts that do not fit.")
    found, start = [], 0
    steps = host.steps.reader.draft.steps
    before = len(steps)
    for part in sizes:
        key = [slice(None)] * (axis % rank) + [slice(start, start + part)]
        found.append(tensor.item(tuple(key)))
        start += part
    for step in steps[before:]:
        step.kind = SPLIT
    return found


def _range(_host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    values = bound("start limit delta", given, named)
    start, stop, step = values.get("start", 0), values.get("limit", values.get("stop")), values.get("delta", 1)
    start, stop = (0, start) if stop is None else (start, stop)
    if any(type(value) is not int for value in (start, stop, step)) or not step:
        return Unknown("numbers up to what is not known")
    return Array((len(range(start, stop, step)),))


def _cleared(host: Any, _given: list[Any], _named: dict[str, Any]) -> None:
    """Keras counts the layers of each class from the beginning again."""
    host.places.clear()


def _top_k(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    values = bound("input k", given, named)
    tensor, count = values.get("input", values.get("x")), values.get("k", 1)
    if not isinstance(tensor, KerasTensor) or type(count) is not int:
        return Unknown("the largest elements of something")
    sizes = [*tensor.sizes[:-1], count]
    return [host.placed("top_k", [tensor], sizes), Unknown("the places of the largest elements")]


def _depth_to_space(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    values = bound("input block_size", given, named)
    tensor, block = values.get("input"), values.get("block_size")
    if not isinstance(tensor, KerasTensor) or type(block) is not int:
        return Unknown("a tensor with its channels laid out")
    sides = [size * block for size in tensor.sizes[:-1]]
    return host.placed("depth_to_space", [tensor], [*sides, tensor.sizes[-1] // block**2])


_ACTIVATIONS = ("relu", "relu6", "sigmoid", "tanh", "softmax", "softplus", "elu", "selu", "gelu", "silu", "swish")
_ALIKE = (
    *("roll", "where", "cumsum", "l2_normalize", "normalize", "abs", "square", "sqrt", "exp", "log", "rsqrt", "flip"),
    *("reverse", "sin", "cos", "sign", "pow", "clip_by_value", "clip", "log_softmax", "floor", "round", "erf"),
    *("greater", "less", "equal", "not_equal", "logical_and", "logical_not", "zeros_like", "ones_like", "softsign"),
    *("squared_difference", "flip_left_right", "flip_up_down", "adjust_brightness", "per_image_standardization"),
)
"""Functions that give a tensor of the sizes that they take, and cost nothing."""
_MERGES = ("add", "subtract", "multiply", "divide", "maximum", "minimum")
FUNCTIONS: dict[str, Function] = {
    **dict.fromkeys(("keras.backend.int_shape", "keras.backend.shape", "keras.ops.shape", "tensorflow.shape"), _shape),
    "*.concat": _concat,
    "*.concatenate": _concat,
    **{f"*.reduce_{name}": _reduced(name) for name in ("mean", "sum", "max", "min")},
    **{f"*.{name}": _reduced(name) for name in ("mean", "sum", "max", "min")},
    **dict.fromkeys(
        ("*.reshape", "keras.ops.reshape", "keras.backend.reshape", "tensorflow.reshape", "numpy.reshape"), _reshape
    ),
    "*.resize": _resize,
    **dict.fromkeys(("*.resize_bilinear", "*.resize_nearest_neighbor"), _resize),
    "*.resize_images": _resize_images,
    **{f"*.{name}": _activation(name) for name in (*_ACTIVATIONS, "leaky_relu", "hard_sigmoid", "exponential", "mish")},
    "*.pad": _pad,
    "*.squeeze": _squeezed,
    "*.expand_dims": _expanded,
    **{f"{library}.expand_dims": _expanded for library in ("numpy", "tensorflow", "keras.ops", "keras.backend")},
    **{
        f"*.{name}": _merged(name.capitalize())
        for name in ("add", "subtract", "multiply", "divide", "maximum", "minimum")
    },
    "*.add_n": _add_n,
    "*.get_source_inputs": _sources,
    **dict.fromkeys(("tensorflow.range", "keras.ops.arange", "keras.backend.arange"), _range),
    **{f"{library}.random.{name}": _noise for library in ("tensorflow", "keras") for name in ("normal", "uniform")},
    **{f"keras.backend.random_{name}": _noise for name in ("normal", "uniform", "normal_variable")},
    **{f"tensorflow.random_{name}": _noise for name in ("normal", "uniform")},
    "keras.activations.get": _found,
    "keras_contrib.InstanceNormalization": _instance_norm(None),
    "tensorflow_addons.InstanceNormalization": _instance_norm(-1),
    "keras_contrib.SubPixelUpscaling": _upscaling,
    **dict.fromkeys(
        ("keras.backend.cast", "keras.backend.cast_to_floatx", "keras.ops.cast", "tensorflow.cast"),
        _same,
    ),
    **dict.fromkeys(("keras.backend.epsilon", "keras.config.epsilon"), _constant(1e-7)),
    "*.top_k": _top_k,
    "*.split": _split,
    "*.matmul": products.matmul,
    "*.dot": products.matmul,
    "*.batch_dot": products.batch_dot,
    **{f"*.conv{rank}d": sliding.convolution(rank) for rank in (1, 2, 3)},
    "*.depthwise_conv2d": sliding.convolution(2, is_deep=True),
    **dict.fromkeys(("*.max_pool", "*.max_pool2d", "*.pool2d"), sliding.pooling("Max")),
    **dict.fromkeys(("*.avg_pool", "*.avg_pool2d", "*.average_pool"), sliding.pooling("Average")),
    "*.max_pool_with_argmax": sliding.pooled_with_places,
    "*.bias_add": sliding.with_bias,
    "*.einsum": products.einsum,
    **dict.fromkeys(("*.transpose", "*.permute_dimensions"), moving.transpose),
    "*.stack": moving.stack,
    **dict.fromkeys(("*.unstack", "*.unbind"), moving.unstack),
    "*.tile": moving.tile,
    **dict.fromkeys(("*.repeat", "*.repeat_elements"), moving.repeat),
    "*.argmax": moving.argmax,
    **dict.fromkeys(("*.gather", "*.take"), moving.gather),
    "*.extract_patches": moving.patches,
    "*.one_hot": moving.one_hot,
    **{f"*.{name}": moving.same(name) for name in _ALIKE},
    "*.depth_to_space": _depth_to_space,
    "*.pixel_shuffle": _depth_to_space,
    **dict.fromkeys(
        ("*.identity", "*.cast", "*.stop_gradient", "*.convert_to_tensor", "*.dropout", "*.preprocess_input"), _same
    ),
    **data.FUNCTIONS,
    **dict.fromkeys(("keras.backend.image_data_format", "keras.config.image_data_format"), _layout),
    "keras.backend.image_dim_ordering": _constant("tf"),
    "keras.backend.backend": _constant("tensorflow"),
    "keras.config.backend": _constant("tensorflow"),
    **dict.fromkeys(("keras.backend.clear_session", "keras.utils.clear_session"), _cleared),
}
"""By full name, or by the last part of one for what takes a tensor of a network."""
