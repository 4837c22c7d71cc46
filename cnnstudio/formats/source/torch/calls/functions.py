"""Functions of torch and torch.nn.functional that are more than one operator, or take their arguments otherwise."""

from __future__ import annotations

from math import prod
from typing import Any

from cnnstudio.dialects.pytorch import PYTORCH
from cnnstudio.formats.foreign.torch.building import Ref
from cnnstudio.formats.source.language.values import NotFollowed, Unknown
from cnnstudio.formats.source.torch.arrays import Array
from cnnstudio.formats.source.torch.binding import Binder
from cnnstudio.formats.source.torch.calls.adding import Extremes, add_layer, bound, tensor_of
from cnnstudio.formats.source.torch.calls.keeping import KEEPING
from cnnstudio.formats.source.torch.calls.repeating import REPEATING
from cnnstudio.formats.source.torch.calls.sampling import SAMPLING
from cnnstudio.formats.source.torch.calls.statistics import STATISTICS
from cnnstudio.formats.source.torch.tensors import Tensor, converted, operate
from cnnstudio.formats.source.torch.trace import Fault, Trace
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.regularization import SpatialDropout

MODES = {
    "nearest": "nearest",
    "nearest-exact": "nearest",
    "linear": "linear",
    "bilinear": "linear",
    "trilinear": "linear",
    "bicubic": "cubic",
}
_FLATTENED = ("view", "reshape")


def by_dialect(trace: Trace, name: str, given: list[Any], named: dict[str, Any]) -> Any:
    """A function that the dialect's table has a layer type for, such as `elu`; Unknown for one it does not have."""
    spelling = PYTORCH.find(name)
    source = tensor_of(given, name)
    if spelling is None or spelling.layer not in LAYER_TYPES:
        return Unknown(f"what '{name}' gives in line {trace.line}, which is not read")
    named = {key: value for key, value in named.items() if key not in PYTORCH.harmless}
    try:
        reading = spelling.read(given[1 : 1 + len(spelling.arguments)], named, len(source.sizes) - 2)
        layer = LAYER_TYPES[spelling.layer](**reading.fields)
    except (TypeError, ValueError) as error:
        raise NotFollowed(f"{name}: {error}.") from None
    return add_layer(trace, layer, source, name)


# Shapes


def reshape(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """view and reshape; one that cuts up the batch is a fault of the source, and stands for a flattening."""
    source = tensor_of(given, "view")
    wanted = given[1] if len(given) == 2 and isinstance(given[1], (list, tuple)) else given[1:]
    wanted = list(named.get("shape", named.get("size", wanted)))
    lost = next((size for size in wanted if isinstance(size, Unknown)), None)
    is_whole = all(isinstance(size, int) or (isinstance(size, float) and size.is_integer()) for size in wanted)
    if lost is not None or not is_whole:
        why = lost.asking if lost is not None else "one of them is no whole number"
        raise NotFollowed(f"gives a tensor sizes that are not known: {why}.")
    wanted = _with_batch(trace, source, [_whole(trace, size) for size in wanted])
    if wanted == [-1] and len(source.sizes) > 1:
        sentence = "view(-1) takes the batch with it, so that all images become one; write flatten(x, 1)"
        trace.faults.append(Fault(trace.line, sentence))
        return operate(trace, "flatten", [source, 1], {})
    merged = _merged(trace, source, wanted)
    if merged is not None:
        return merged
    sizes, batch = source.sizes, trace.tracer.batch
    if sizes[0] == batch and len(wanted) == 2 and wanted[0] in (-1, batch) and wanted[1] > 0:
        elements = prod(sizes[1:])
        if wanted[1] != elements:
            trace.faults.append(Fault(trace.line, _misfit(trace, source, wanted[1], elements), wanted[1], elements))
            wanted = [batch, elements]
    return operate(trace, "reshape", [source, wanted], {})


def _with_batch(trace: Trace, source: Tensor, wanted: list[int]) -> list[int]:
    """Sizes with the batch in place of the number of images that the source writes for it."""
    sizes, batch = source.sizes, trace.tracer.batch
    if not wanted or wanted[0] not in trace.batches or sizes[0] != batch:
        return wanted
    elements, rest = prod(sizes[1:]), prod(size for size in wanted[1:] if size != -1)
    is_whole = rest > 0 and (elements % rest == 0 if -1 in wanted[1:] else elements == rest)
    return [batch, *wanted[1:]] if is_whole else wanted


def _whole(trace: Trace, size: int | float) -> int:
    """A size such as 8.0, which a division gave and PyTorch refuses, as the whole number that was meant."""
    if isinstance(size, float):
        trace.mistakes.append(
            Fault(trace.line, f"view takes {size}, which is not a whole number to PyTorch; divide by //")
        )
    return int(size)


def _merged(trace: Trace, source: Tensor, wanted: list[int]) -> Tensor | None:
    """A sequence with its batch and steps put together, or taken apart again; None for another reshape."""
    inner = Tensor(trace, source.name)
    sizes = inner.sizes
    if len(sizes) != 3 or sizes[0] != trace.tracer.batch:
        return None
    if len(wanted) == 2 and wanted[1] == sizes[2] and wanted[0] in (-1, sizes[0] * sizes[1]):
        inner.is_merged = True
        return inner
    if not source.is_merged:
        return None
    made = operate(
        trace,
        "reshape",
        [inner, [sizes[0] if size == -1 and place == 0 else size for place, size in enumerate(wanted)]],
        {},
    )
    assert isinstance(made, Tensor)
    return made


def _misfit(trace: Trace, source: Tensor, wanted: int, elements: int) -> str:
    text = f"view says {wanted:,} and receives {trace.shown(source.name)} = {elements:,}; write {elements:,}"
    if not elements % wanted:
        text += f", or the batch would become {elements // wanted:,} times as large"
    return text


def interpolate(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """interpolate and upsample: to a size, or by a factor."""
    values = bound("input size scale_factor mode align_corners", given, named)
    source = tensor_of([values.get("input")], "interpolate")
    mode = MODES.get(values.get("mode") or "nearest")
    rank = len(source.sizes) - 2
    if mode is None or rank < 1:
        return Unknown(f"what interpolate gives by the mode '{values.get('mode')}' in line {trace.line}")
    attributes: dict[str, Any] = {"mode": mode}
    size, factor = values.get("size"), values.get("scale_factor")
    for value in (size, factor):
        if isinstance(value, Unknown):
            raise NotFollowed(f"interpolates to a size that is not known: {value.asking}.")
    if size is not None:
        attributes["sizes"] = list(size) if isinstance(size, (list, tuple)) else [size] * rank
        attributes["axes"] = list(range(2, 2 + rank))
    elif factor is not None:
        factors = list(factor) if isinstance(factor, (list, tuple)) else [factor] * rank
        attributes["scales"] = [1.0, 1.0, *map(float, factors)]
    else:
        raise NotFollowed("interpolates without a size and without a factor.")
    if values.get("align_corners"):
        attributes["coordinate_transformation_mode"] = "align_corners"
    return Tensor(trace, trace.operation("Resize", [source.name], **attributes)[0])


def upsample_bilinear(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """upsample_bilinear, which lays the corners on each other."""
    return interpolate(trace, given, {**named, "mode": "bilinear", "align_corners": True})


def swapped(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """swapaxes and swapdims, other names of transpose."""
    values = bound("self dim0 dim1", given, {key.replace("axis", "dim"): item for key, item in named.items()})
    return operate(trace, "transpose", [values.get("self"), values.get("dim0"), values.get("dim1")], {})


def extreme(kind: str) -> Any:
    """max and min: of two tensors, or along an axis, with the places."""

    def made(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
        values = bound("self dim keepdim", given, named)
        source = tensor_of([values.get("self", values.get("input"))], kind)
        other = values.get("other", values.get("dim"))
        if isinstance(other, (Tensor, Array)):
            return operate(trace, f"{kind}imum", [source, other], {})
        if other is None:
            return Unknown(f"the {kind} of all elements in line {trace.line}")
        reduced = operate(trace, f"a{kind}", [source, other, values.get("keepdim", False)], {})
        return Extremes((reduced, Unknown(f"the places of the {kind} in line {trace.line}")))

    return made


def softmax(kind: str) -> Any:
    """softmax and log_softmax; without an axis PyTorch takes the second, and the first of three."""

    def made(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
        source = tensor_of(given, kind)
        axis = named.get("dim", given[1] if len(given) > 1 else None)
        if not isinstance(axis, int):
            axis = 0 if len(source.sizes) in (1, 3) else 1
        if not source.is_merged:
            return operate(trace, kind, [source, axis], {})
        made = operate(trace, kind, [Tensor(trace, source.name), -1], {})
        made.is_merged = True
        return made

    return made


def normalize(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """normalize to length 1 along the channels."""
    values = bound("input p dim eps", given, named)
    source = tensor_of([values.get("input")], "normalize")
    if values.get("p", 2) not in (2, 2.0) or values.get("dim", 1) not in (1, 1 - len(source.sizes)):
        return KEEPING["normalize along an axis"](trace, [source], {})
    return add_layer(trace, LAYER_TYPES["UnitNormalization"](), source, "normalize")


def dropout(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """dropout; what it does outside training changes no shape."""
    values = bound("input p training inplace", given, named)
    rate = values.get("p", 0.5)
    source = tensor_of([values.get("input")], "dropout")
    return operate(trace, "dropout", [source, rate if isinstance(rate, (int, float)) else 0.5], {})


def spatial_dropout(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """dropout1d to dropout3d, which drop whole maps."""
    values = bound("input p training inplace", given, named)
    rate = values.get("p", 0.5)
    source = tensor_of([values.get("input")], "dropout2d")
    rate = float(rate) if isinstance(rate, (int, float)) else 0.5
    return add_layer(trace, SpatialDropout(rate=rate), source, "dropout2d")


def batch_norm(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """batch_norm, whose statistics come before its weights here."""
    values = bound("input running_mean running_var weight bias training momentum eps", given, named)
    known = {key: converted(trace, value) for key, value in values.items() if key != "training" and value is not None}
    return Tensor(trace, trace.operator("batch_norm", known)[0])


def embedding(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """embedding, whose table comes second here."""
    values = bound("input weight", given, named)
    return operate(trace, "embedding", [values.get("weight"), values.get("input")], {})


def flatten(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """flatten from an axis on; from the first it takes the batch with it."""
    values = bound("self start_dim end_dim", given, named)
    source = tensor_of([values.get("self", values.get("input"))], "flatten")
    is_whole = values.get("end_dim", -1) in (-1, len(source.sizes) - 1)
    if values.get("start_dim", 0) == 0 and is_whole and len(source.sizes) > 1:
        sentence = "flatten takes the batch with it, so that all images become one; write flatten(x, 1)"
        trace.faults.append(Fault(trace.line, sentence))
        values["start_dim"] = 1
    return operate(trace, "flatten", [source, values.get("start_dim", 0), values.get("end_dim", -1)], {})


def square(trace: Trace, given: list[Any], _named: dict[str, Any]) -> Any:
    """square."""
    return operate(trace, "pow", [given[0], 2], {})


def identity(_trace: Trace, given: list[Any], _named: dict[str, Any]) -> Any:
    """Passes a tensor on."""
    return given[0]


def roll_axes(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """movedim and moveaxis of one axis."""
    values = bound("self source destination", given, named)
    source, first, last = tensor_of([values.get("self")], "movedim"), values.get("source"), values.get("destination")
    if type(first) is not int or type(last) is not int:
        raise NotFollowed("moves several axes at once, which is not read.")
    order = list(range(len(source.sizes)))
    order.insert(last % len(order), order.pop(first % len(order)))
    return operate(trace, "permute", [source, order], {})


def like(_trace: Trace, given: list[Any], _named: dict[str, Any]) -> Any:
    """zeros_like and its family: a tensor that does not depend on the input."""
    source = tensor_of(given, "zeros_like")
    return Array(tuple(source.sizes))


def new(_trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """new_zeros and its family."""
    sizes = given[1] if len(given) > 1 and isinstance(given[1], (list, tuple)) else given[1:]
    sizes = named.get("size", sizes)
    if not all(type(size) is int for size in sizes):
        return Unknown("a tensor whose sizes are not known")
    return Array(tuple(sizes))


def concatenated(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """cat of a list of tensors; an empty one is passed over, as PyTorch does."""
    values = bound("tensors dim", given, {("dim" if key == "axis" else key): item for key, item in named.items()})
    parts = values.get("tensors")
    if not isinstance(parts, (list, tuple)):
        raise NotFollowed("joins something that is no list of tensors.")
    if values.get("dim", 0) == 0 and len(parts) > 1 and all(_has_batch_second(trace, item) for item in parts):
        turned = [operate(trace, "transpose", [item, 0, 1], {}) for item in parts]
        return operate(trace, "transpose", [operate(trace, "cat", [turned, 1], {}), 0, 1], {})
    return operate(trace, "cat", [list(parts), values.get("dim", 0)], {})


def _has_batch_second(trace: Trace, value: Any) -> bool:
    return isinstance(value, Tensor) and len(value.sizes) > 1 and value.sizes[1] == trace.tracer.batch


def stacked(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """stack of a list of tensors; before the batch it is a stack behind it, turned."""
    values = bound("tensors dim", given, {("dim" if key == "axis" else key): item for key, item in named.items()})
    parts, axis = values.get("tensors"), values.get("dim", 0)
    tensors = [item for item in parts if isinstance(item, Tensor)] if isinstance(parts, (list, tuple)) else []
    is_whole = bool(tensors) and len(tensors) == len(parts or ())
    if axis == 0 and is_whole and all(item.sizes and item.sizes[0] == trace.tracer.batch for item in tensors):
        return operate(trace, "transpose", [operate(trace, "stack", [tensors, 1], {}), 0, 1], {})
    return operate(trace, "stack", [parts, axis], {})


def product(trace: Trace, given: list[Any], _named: dict[str, Any]) -> Any:
    """bmm and matmul of tensors and weights."""
    return operate(trace, "matmul", given, {})


def linear(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """linear with weights that the source holds itself."""
    values = bound("input weight bias", given, named)
    arguments = {key: converted(trace, value) for key, value in values.items() if value is not None}
    if not isinstance(arguments.get("input"), Ref):
        raise NotFollowed("linear is called without a tensor of the network, which is not read.")
    return Tensor(trace, trace.operator("linear", arguments)[0])


Binder.table = {
    **KEEPING,
    **REPEATING,
    **SAMPLING,
    **STATISTICS,
    **dict.fromkeys(_FLATTENED, reshape),
    "interpolate": interpolate,
    "upsample": interpolate,
    "upsample_nearest": interpolate,
    "upsample_bilinear": upsample_bilinear,
    "swapaxes": swapped,
    "swapdims": swapped,
    "new": new,
    "max": extreme("max"),
    "min": extreme("min"),
    "softmax": softmax("softmax"),
    "log_softmax": softmax("log_softmax"),
    "normalize": normalize,
    "dropout": dropout,
    **{f"dropout{rank}d": spatial_dropout for rank in (1, 2, 3)},
    "feature_alpha_dropout": dropout,
    "alpha_dropout": dropout,
    "batch_norm": batch_norm,
    "embedding": embedding,
    "flatten": flatten,
    "square": square,
    "movedim": roll_axes,
    "moveaxis": roll_axes,
    **{f"{kind}_like": like for kind in ("zeros", "ones", "rand", "randn", "empty", "full")},
    **{f"new_{kind}": new for kind in ("zeros", "ones", "empty", "full")},
    **dict.fromkeys(("cat", "concat", "concatenate"), concatenated),
    **dict.fromkeys(("matmul", "bmm", "mm"), product),
    "linear": linear,
    "stack": stacked,
    **{
        name: (lambda kind: lambda trace, given, named: by_dialect(trace, kind, given, named))(name)
        for name in (
            "local_response_norm",
            "unfold",
            "fold",
            "lp_pool1d",
            "lp_pool2d",
            "lp_pool3d",
            "logsigmoid",
            "elu",
            "celu",
        )
    },
}
