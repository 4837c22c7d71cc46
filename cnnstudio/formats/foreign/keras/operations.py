"""Functions of Keras and TensorFlow that were called on tensors and stand in a file as if they were layers."""

from __future__ import annotations

from typing import Any

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.draft import Numbers, placeholder
from cnnstudio.formats.foreign.keras import activations, reshaping
from cnnstudio.formats.foreign.keras.call import Call
from cnnstudio.formats.foreign.keras.config import is_old_history, is_tensor, plain
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.merge import Concat
from cnnstudio.layers.normalization import Normalization, Rescaling
from cnnstudio.layers.reshaping import Slice
from cnnstudio.layers.structure import Identity
from cnnstudio.layers.tensors.reductions import Reduce, pooled_over_map

_MERGES = {
    "add": "Add",
    "addv2": "Add",
    "subtract": "Subtract",
    "sub": "Subtract",
    "multiply": "Multiply",
    "mul": "Multiply",
    "maximum": "Maximum",
    "minimum": "Minimum",
}
_REDUCTIONS: dict[str, Any] = {
    **{f"{prefix}{name}": name for prefix in ("", "reduce_") for name in ("sum", "mean", "max", "min")},
    "amax": "max",
    "amin": "min",
}
_ELEMENTWISE = (
    *("rsqrt", "negative", "neg", "log1p", "sin", "cos", "sign", "round"),
    *("clip", "clip_by_value", "power", "pow", "floor", "ceil", "erf", "reciprocal"),
)


def function_name(call: Call, name: str) -> str:
    """`add` for class Add of Keras 3, and for `math.add` and `__operators__.add` of TensorFlow."""
    if call.kind in ("TFOpLambda", "SlicingOpLambda"):
        name = str(call.config.get("function", ""))
    elif call.kind == "TensorFlowOpLayer":
        node = call.config.get("node_def")
        name = str(node.get("op", "")) if isinstance(node, dict) else str(node)
    # `__operators__.add` and `math.add` of TensorFlow are what Keras 3 calls Add.
    return name.rpartition(".")[2].strip("_").lower()


def operation(call: Call) -> Layer:
    """The layer that a function is. Raises NotUnderstood, naming it, if no layer does the same."""
    name = function_name(call, call.kind)
    if name in _MERGES or name in ("divide", "truediv", "true_divide", "realdiv"):
        return _arithmetic(call, name)
    if name in activations.FUNCTIONS:
        return _activation(call, name)
    if name in _ELEMENTWISE:
        return placeholder(call.shape, Numbers(), 0)
    rule = _RULES.get(name)
    if rule is None:
        raise call.refusal(f"calls the function '{name}', which is not read; export the model to ONNX.")
    layer: Layer = rule(call)
    return layer


def _activation(call: Call, name: str) -> Layer:
    if name == "relu":
        highest = call.given.named.get("max_value", call.config.get("max_value"))
        if highest not in (None, 6):
            return activations.elementwise(call.shape)
        name = "relu" if highest is None else "relu6"
    return activations.function(activations.FUNCTIONS[name])


def _constants(call: Call) -> list[Any]:
    """The plain numbers among the arguments."""
    values = [*call.given.arguments, *call.given.named.values()]
    return [
        plain(value)
        for value in values
        if not is_tensor(value)
        and not is_old_history(value)
        and isinstance(plain(value), (int, float, list))
        and not isinstance(value, bool)
    ]


def _arithmetic(call: Call, name: str) -> Layer:
    """Two tensors are a merge; a tensor and a number are a Rescaling."""
    if len(call.shapes) > 1:
        merged = _broadcast(call)
        return LAYER_TYPES[_MERGES[name]]() if name in _MERGES else placeholder(merged, Numbers(), 0)
    constants = [value for value in _constants(call) if not isinstance(value, str)]
    if call.kind == "TensorFlowOpLayer":
        held = call.config.get("constants")
        constants = list(held.values()) if isinstance(held, dict) else []
    if not constants:
        raise call.refusal(f"calls '{name}' with something that the file does not hold.")
    value = constants[0]
    if isinstance(value, list):
        if len(value) == call.shape.channels and all(isinstance(item, (int, float)) for item in value):
            return Normalization(track_statistics=False)
        raise call.refusal(f"calls '{name}' with a constant tensor, which is not read.")
    return _by_number(call, name, float(value))


def _by_number(call: Call, name: str, value: float) -> Layer:
    if name.startswith("add"):
        return Rescaling(offset=value)
    if name.startswith("sub"):
        first = call.given.arguments[0] if call.given.arguments else None
        # `1 - x` and `x - 1` are the same function with its arguments in another order.
        is_first = isinstance(first, (int, float))
        return Rescaling(scale=-1.0, offset=value) if is_first else Rescaling(offset=-value)
    if name.startswith("mul"):
        return Rescaling(scale=value)
    if name in ("maximum", "minimum") or not value:
        return placeholder(call.shape, Numbers(), 0)
    return Rescaling(scale=1 / value)


def _broadcast(call: Call) -> Shape:
    rows = [shape.to_list() for shape in call.shapes]
    # A function lines up the last axes, the batch with one of a map; only a merge layer puts axes before the channels.
    if len({len(row) for row in rows}) > 1:
        raise call.refusal("joins tensors with different numbers of axes.")
    sizes = [max(column) for column in zip(*rows, strict=True)]
    return Shape(sizes[0], tuple(sizes[1:]))


def _named(call: Call, *names: str) -> Any:
    for name in names:
        for given in (call.given.named, call.config):
            if given.get(name) is not None:
                return plain(given[name])
    rest = [plain(value) for value in call.given.arguments if not is_tensor(value) and not is_old_history(value)]
    return rest[0] if rest else None


def _concat(call: Call) -> Layer:
    axis = _named(call, "axis")
    return Concat(axis=call.axis(-1 if not isinstance(axis, int) else axis))


def _reduced(call: Call) -> Layer:
    """A mean or maximum over all spatial axes is a global pooling."""
    name = function_name(call, call.kind)
    axes = _named(call, "axis")
    places = sorted(call.axis(axis) for axis in (axes if isinstance(axes, list) else [axes]))
    keeps = bool(call.given.named.get("keepdims", call.config.get("keepdims", False)))
    if places == list(range(1, call.shape.rank + 1)) and name in ("mean", "reduce_mean", "max", "amax", "reduce_max"):
        return pooled_over_map("mean" if "mean" in name else "max", call.shape.rank, keepdims=keeps)
    # Where the channels go and several axes stay, Keras' last becomes the channels.
    if name in _REDUCTIONS and (keeps or 0 not in places or len(places) >= call.shape.rank):
        return Reduce(function=_REDUCTIONS[name], axes=tuple(places), keepdims=keeps)
    sizes = [1 if axis in places else size for axis, size in enumerate(call.shape.to_list())]
    if not keeps:
        rest = [size for axis, size in enumerate(call.shape.to_list()) if axis not in places]
        sizes = rest or [1]
    return placeholder(Shape(sizes[0], tuple(sizes[1:])), Numbers(), 0)


def _reshape(call: Call) -> Layer:
    wanted = _named(call, "newshape", "shape", "target_shape")
    if not isinstance(wanted, list) or not all(type(size) is int for size in wanted) or wanted[0] not in (-1, None):
        raise call.refusal("reshapes its tensor to a shape that the file does not state.")
    return reshaping.reshape_to(call, wanted[1:])


def _transpose(call: Call) -> Layer:
    axes = _named(call, "axes", "perm")
    if not isinstance(axes, list) or sorted(axes) != list(range(call.shape.rank + 2)) or axes[0] != 0:
        raise call.refusal("exchanges axes in a way that is not read.")
    return reshaping.permute_by(call, axes[1:])


def _get_item(call: Call) -> Layer:
    """A part of a tensor: a Slice along one axis, as in `x[..., :3]`; of several axes a placeholder with its sizes."""
    key = _named(call, "key", "slice_spec")
    cuts = _cuts(call, key if isinstance(key, list) else [key])
    sizes = [0, *call.sizes_of(call.shape)]
    found = {axis: cut for axis, cut in cuts.items() if type(cut) is int or len(range(sizes[axis])[cut]) < sizes[axis]}
    if not found:
        return Identity()
    (axis, cut), *rest = found.items()
    if not rest and isinstance(cut, slice):
        first, last, by = cut.indices(sizes[axis])
        if by < 1 or first >= last:
            raise call.refusal("cuts nothing out of its tensor, or runs backwards.")
        return Slice(axis=call.axis(axis), start=first, stop=last, step=by)
    left = [
        size if axis not in found else len(range(size)[found[axis]])
        for axis, size in enumerate(sizes)
        if axis and not isinstance(found.get(axis), int)
    ]
    return placeholder(call.shape_from(left or [1]), Numbers(), 0)


def _cuts(call: Call, entries: list[Any]) -> dict[int, Any]:
    """For each axis, counted with the batch, the slice or the one element that is taken of it."""
    rank = call.shape.rank + 2
    cuts: dict[int, Any] = {}
    at = 0
    for place, entry in enumerate(entries):
        # What stands after an ellipsis counts from the last axis.
        if _is_ellipsis(entry):
            at = rank - (len(entries) - place - 1)
            continue
        if at >= rank:
            raise call.refusal("takes a part of more axes than its tensor has.")
        cut = _cut(call, entry)
        if not at and cut != slice(None):
            raise call.refusal("takes a part of the batch, which a design does not have.")
        if at and cut != slice(None):
            cuts[at] = cut
        at += 1
    return cuts


def _is_ellipsis(entry: Any) -> bool:
    return entry in ("Ellipsis", "...") or (isinstance(entry, dict) and entry.get("class_name") == "__ellipsis__")


def _cut(call: Call, entry: Any) -> Any:
    """A slice or an index from the ways in which Keras writes them."""
    if type(entry) is int:
        return entry
    bounds: Any = None
    if isinstance(entry, dict):
        config = entry.get("config", entry)
        bounds = [config.get(key) for key in ("start", "stop", "step")] if isinstance(config, dict) else config
    if not isinstance(bounds, list) or len(bounds) != 3:
        raise call.refusal("takes a part of its tensor in a way that is not read.")
    if not all(bound is None or type(bound) is int for bound in bounds) or bounds[2] == 0:
        raise call.refusal("cuts its tensor by bounds that the file does not state.")
    start, stop, step = bounds
    return slice(None) if (start or 0, stop, step or 1) == (0, None, 1) else slice(start, stop, step)


def is_operation(kind: str) -> bool:
    """True if a class without a module is a function that is read: older files leave the module out."""
    name = kind.lower()
    return name in _RULES or name in _ELEMENTWISE or name in _MERGES or name in activations.FUNCTIONS


_RULES: dict[str, Any] = {
    "concatenate": _concat,
    "concat": _concat,
    "concatv2": _concat,
    "mean": _reduced,
    "reduce_mean": _reduced,
    "max": _reduced,
    **dict.fromkeys(("amax", "reduce_max", "min", "amin", "reduce_min"), _reduced),
    "sum": _reduced,
    "reduce_sum": _reduced,
    "reshape": _reshape,
    "transpose": _transpose,
    "getitem": _get_item,
    "identity": lambda _call: Identity(),
    "stop_gradient": lambda _call: Identity(),
    "cast": lambda _call: Identity(),
}
