"""The work of a layer of torch.nn to a tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnstudio.formats.foreign.torch.building import Ref
from cnnstudio.formats.foreign.torch.operators import OPERATORS
from cnnstudio.formats.foreign.tracing.values import View
from cnnstudio.formats.source.language.values import NotFollowed, Unknown
from cnnstudio.formats.source.torch.arrays import Array
from cnnstudio.formats.source.torch.binding import Binder
from cnnstudio.formats.source.torch.calls.adding import add_layer, add_over_channels
from cnnstudio.formats.source.torch.calls.functions import MODES
from cnnstudio.formats.source.torch.calls.repeating import with_places
from cnnstudio.formats.source.torch.layers import Layer
from cnnstudio.formats.source.torch.recurrent import recurrent
from cnnstudio.formats.source.torch.tensors import Tensor, operate
from cnnstudio.formats.source.torch.trace import Fault, Trace
from cnnstudio.formats.source.torch.tree import refuse_spoiled
from cnnstudio.formats.source.torch.weights import weights_of
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.attention.heads import MultiHeadAttention
from cnnstudio.layers.attention.running import SCORES

_OF_WINDOWS = ("stride", "padding", "dilation", "groups", "output_padding")
_PAD_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


def apply(trace: Trace, layer: Layer, given: list[Any], named: dict[str, Any]) -> Any:
    """Follows a call of a layer. Raises NotFollowed if it is not read."""
    refuse_spoiled(layer)
    trace.used.add(id(layer))
    trace.mistakes += [Fault(layer.line, sentence) for sentence in layer.mistakes]
    values = [*given, *named.values()]
    if values and layer.title == "Embedding" and isinstance(values[0], Array):
        # Positions, which are the same for every input: rows of the table.
        return Array((*values[0].shape, layer.given["embedding_dim"])).named(layer.own["weight"])
    if not values or not isinstance(values[0], Tensor):
        why = values[0].why if values and isinstance(values[0], Unknown) else "it is no tensor of the network"
        raise NotFollowed(f"{layer.title} takes what is not known: {why}.")
    rule = _RULES.get(layer.title) or _RULES.get(layer.title[:-2]) or _plain
    if rule is _attention:
        return _attention(trace, layer, values[0], values[1:], named)
    made = rule(trace, layer, values[0], values[1:])
    if isinstance(made, Tensor) and values[0].is_merged:
        if rule not in (_plain, _linear, _dropout, _softmax, _clamped, _identity, _layer_norm):
            raise NotFollowed(f"{layer.title} takes a sequence whose batch and steps were put together: not read.")
        made.is_merged = True
    return made


def _plain(trace: Trace, layer: Layer, source: Tensor, _more: list[Any]) -> Any:
    """A layer whose function has the same arguments, or that the dialect's row says whole."""
    spelling = layer.reading.spelling
    name = next((alias for alias in spelling.aliases if alias in OPERATORS), "")
    if name and spelling.layer not in ("Activation", "Dropout", "SpatialDropout"):
        known = {key: value for key, value in layer.given.items() if key in OPERATORS[name][0].split()}
        return Tensor(trace, trace.operator(name, {"self": Ref(source.name), **known})[0])
    if spelling.layer not in LAYER_TYPES:
        raise NotFollowed(f"{layer.title} is not read.")
    try:
        made = LAYER_TYPES[spelling.layer](**layer.reading.fields)
    except (TypeError, ValueError) as error:
        raise NotFollowed(f"{layer.title}: {error}.") from None
    result = add_layer(trace, made, source, spelling.name.lower())
    if layer.given.get("inplace") is True:
        source.name = result.name
    return result


def fitting(trace: Trace, layer: Layer, width: str, received: int) -> dict[str, Array]:
    """The weights of a layer for the width that it receives; one that the source says otherwise is a fault."""
    said = layer.given.get(width)
    if said == received:
        return {**layer.own, **layer.replaced}
    key = id(layer), received
    if key not in trace.corrected:
        if said is not None:
            sentence = f"{layer.title} says {width}={said:,} and receives {received:,}; write {received:,}"
            trace.faults.append(Fault(layer.line, sentence, said, received))
        try:
            made = weights_of(layer.title, {**layer.given, width: received}, layer.reading.spelling.rank or 0)
        except ZeroDivisionError:
            raise NotFollowed(f"{layer.title} has groups=0.") from None
        for name, array in made.items():
            array.origin = layer.own[name].origin if name in layer.own else f"{'.'.join(trace.path)}.{name}"
        trace.corrected[key] = made
    return trace.corrected[key]


def _weights(trace: Trace, own: dict[str, Array], *names: str) -> dict[str, Any]:
    return {name: Ref(trace.constant(own[name])) for name in names if name in own}


def _convolution(trace: Trace, layer: Layer, source: Tensor, more: list[Any]) -> Any:
    given, rank = layer.given, layer.reading.spelling.rank or 2
    if len(source.sizes) != rank + 2:
        raise NotFollowed(f"{layer.title} takes maps of {rank} axes, and receives {trace.shown(source.name)}.")
    own = fitting(trace, layer, "in_channels", source.sizes[1])
    if given["out_channels"] % given["groups"] or source.sizes[1] % given["groups"]:
        raise NotFollowed(
            f"{layer.title} has groups={given['groups']}, which do not divide its {source.sizes[1]} channels in "
            f"and {given['out_channels']} out."
        )
    known: dict[str, Any] = {
        key: given[key] for key in ("stride", "padding", "dilation", "groups", "output_padding") if key in given
    }
    if "Transpose" in layer.title and more and more[0] is not None:
        known["output_padding"] = _padding_for(layer, source.sizes[2:], more[0])
    mode = given.get("padding_mode", "zeros")
    attributes = {} if mode == "zeros" else {"padding_mode": mode}
    name = f"conv_transpose{rank}d" if "Transpose" in layer.title else f"conv{rank}d"
    known |= {"input": Ref(source.name), **_weights(trace, own, "weight", "bias")}
    made = trace.operator(name, known, 1, attributes)
    return Tensor(trace, made[0])


def _padding_for(layer: Layer, received: list[int], wanted: Any) -> list[int]:
    """The output padding with which a transposed convolution gives the size that its call asks for."""
    if not isinstance(wanted, (list, tuple)) or not all(type(size) is int for size in wanted):
        raise NotFollowed(f"{layer.title} is called with an output_size that is not known.")
    names = ("kernel_size", "stride", "padding", "dilation")
    rows = [
        value if isinstance(value, (list, tuple)) else (value,) * len(received) for value in map(layer.given.get, names)
    ]
    made = []
    for size, have, kernel, stride, padding, dilation in zip(wanted[-len(received) :], received, *rows, strict=True):
        rest = size - ((have - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1)
        if not 0 <= rest < max(stride, dilation):
            raise NotFollowed(f"{layer.title} cannot give a size of {size} of {have}, as its call asks for.")
        made.append(rest)
    return made


def _linear(trace: Trace, layer: Layer, source: Tensor, _more: list[Any]) -> Any:
    width = source.sizes[-1]
    said = layer.given["in_features"]
    if len(source.sizes) > 2 and said not in (None, width):
        whole = trace.elements(source.name)
        remedy = "flatten it before, by x = torch.flatten(x, 1)"
        if said != whole:
            remedy += f", and write {whole:,}"
        raise NotFollowed(
            f"{layer.title} says in_features={said:,} and receives a map of {trace.shown(source.name)}, "
            f"whose last axis is {width:,}; {remedy}."
        )
    own = fitting(trace, layer, "in_features", width)
    made = trace.operator("linear", {"input": Ref(source.name), **_weights(trace, own, "weight", "bias")})
    return Tensor(trace, made[0])


def _batch_norm(trace: Trace, layer: Layer, source: Tensor, _more: list[Any]) -> Any:
    own = fitting(trace, layer, "num_features", source.sizes[1])
    known = _weights(trace, own, "weight", "bias", "running_mean", "running_var")
    momentum = layer.given["momentum"]
    numbers = {"eps": layer.given["eps"], "momentum": 0.1 if momentum is None else momentum}
    name = "instance_norm" if layer.title.startswith("Instance") else "batch_norm"
    return Tensor(trace, trace.operator(name, {"input": Ref(source.name), **known, **numbers})[0])


def _group_norm(trace: Trace, layer: Layer, source: Tensor, _more: list[Any]) -> Any:
    own = fitting(trace, layer, "num_channels", source.sizes[1])
    known = _weights(trace, own, "weight", "bias")
    numbers = {"num_groups": layer.given["num_groups"], "eps": layer.given["eps"]}
    return Tensor(trace, trace.operator("group_norm", {"input": Ref(source.name), **known, **numbers})[0])


def _layer_norm(trace: Trace, layer: Layer, source: Tensor, _more: list[Any]) -> Any:
    shape = layer.given["normalized_shape"]
    shape = list(shape) if isinstance(shape, (list, tuple)) else [shape]
    received = source.sizes[-len(shape) :]
    if received != shape:
        text = " × ".join(map(str, received))
        raise NotFollowed(f"LayerNorm says normalized_shape={tuple(shape)} and receives {text}; write that.")
    known = _weights(trace, layer.own, "weight", "bias")
    given = {"normalized_shape": shape, "eps": layer.given["eps"]}
    return Tensor(trace, trace.operator("layer_norm", {"input": Ref(source.name), **given, **known})[0])


def _prelu(trace: Trace, layer: Layer, source: Tensor, _more: list[Any]) -> Any:
    own = layer.own if layer.given["num_parameters"] == 1 else fitting(trace, layer, "num_parameters", source.sizes[1])
    # Its slopes belong to the channels, the second axis, and PReLU of ONNX lines them up with the last.
    slope = Array((*own["weight"].shape, *(1,) * (len(source.sizes) - 2)), is_learned=True).named(own["weight"])
    made = trace.operator("prelu", {"self": Ref(source.name), "weight": Ref(trace.constant(slope))})
    return Tensor(trace, made[0])


def _softmax(trace: Trace, layer: Layer, source: Tensor, _more: list[Any]) -> Any:
    name = "log_softmax" if layer.title == "LogSoftmax" else "softmax"
    function = Binder.functions(name)
    axis = layer.given.get("dim")
    assert function is not None
    return function(trace, [source, -3 if layer.title == "Softmax2d" else axis], {})


def _upsample(trace: Trace, layer: Layer, source: Tensor, _more: list[Any]) -> Any:
    values = {key: layer.given.get(key) for key in ("size", "scale_factor", "mode", "align_corners")}
    kind = layer.kind.rpartition(".")[2]
    if kind.startswith("Upsampling"):
        values["mode"] = "bilinear" if "Bilinear" in kind else "nearest"
        values["align_corners"] = "Bilinear" in kind
    if values["mode"] not in MODES:
        raise NotFollowed(f"Upsample by the mode '{values['mode']}' is not read.")
    function = Binder.functions("interpolate")
    assert function is not None
    return function(trace, [source], values)


def _pad(trace: Trace, layer: Layer, source: Tensor, _more: list[Any]) -> Any:
    rank = layer.reading.spelling.rank or 2
    pads = layer.given["padding"]
    pads = [pads] * (2 * rank) if isinstance(pads, int) else list(pads)
    mode = _PAD_MODES[dict(layer.reading.spelling.implied)["padding_mode"]]
    value = layer.given.get("value", 0.0)
    named = {"mode": mode, **({"value": value} if isinstance(value, (int, float)) else {})}
    return operate(trace, "pad", [source, pads], named)


def _flatten(trace: Trace, layer: Layer, source: Tensor, _more: list[Any]) -> Any:
    first, last = layer.given.get("start_dim", 1), layer.given.get("end_dim", -1)
    return operate(trace, "flatten", [source, first, last], {})


def _unflatten(trace: Trace, layer: Layer, source: Tensor, _more: list[Any]) -> Any:
    return operate(trace, "unflatten", [source, layer.given["dim"], list(layer.given["unflattened_size"])], {})


def _clamped(trace: Trace, layer: Layer, source: Tensor, _more: list[Any]) -> Any:
    bounds = [layer.given.get("min_val", -1.0), layer.given.get("max_val", 1.0)]
    return operate(trace, "hardtanh", [source, *map(float, bounds)], {})


def _dropout(trace: Trace, layer: Layer, source: Tensor, more: list[Any]) -> Any:
    rate = layer.given.get("p")
    # A rate of 1 would drop everything; such a layer is switched off by its author, or a mistake of theirs.
    return source if rate in (1, 1.0) else _plain(trace, layer, source, more)


def _pool(trace: Trace, layer: Layer, source: Tensor, more: list[Any]) -> Any:
    if not layer.given.get("return_indices", False):
        return _plain(trace, layer, source, more)
    spelling = layer.reading.spelling
    name = next(alias for alias in spelling.aliases if alias in OPERATORS)
    return with_places(trace, name, source, layer.given)


def _embedding(trace: Trace, layer: Layer, source: Tensor, _more: list[Any]) -> Any:
    weight = Ref(trace.constant(layer.own["weight"]))
    return Tensor(trace, trace.operator("embedding", {"weight": weight, "indices": Ref(source.name)})[0])


def _attention(trace: Trace, layer: Layer, source: Tensor, more: list[Any], named: dict[str, Any] | None = None) -> Any:
    """MultiheadAttention over vectors, and the scores of its heads or their mean, unless they are not wanted."""
    given = layer.given
    tensors = [source, *[item for item in more[:2] if isinstance(item, Tensor)]]
    if len(tensors) != 3:
        raise NotFollowed("MultiheadAttention is read where it is called with query, key and value.")
    if given["add_bias_kv"] or given["add_zero_attn"] or given["kdim"] is not None or given["vdim"] is not None:
        raise NotFollowed("MultiheadAttention with sizes or additions of its own is not read.")
    width = source.sizes[-1]
    if width != given["embed_dim"]:
        raise NotFollowed(f"MultiheadAttention says embed_dim={given['embed_dim']} and receives {width}; write that.")
    is_turned = not given["batch_first"] and len(source.sizes) == 3
    if is_turned and source.sizes[0] == trace.tracer.batch:
        sentence = "MultiheadAttention without batch_first takes the batch for its steps; write batch_first=True"
        trace.mistakes.append(Fault(layer.line, sentence))
        is_turned = False
    query, key, value = _each_turned(tensors) if is_turned else tensors
    distinct = [query, key, value] if key.name != value.name else [query] if key.name == query.name else [query, value]
    made = MultiHeadAttention(heads=given["num_heads"], bias=bool(given["bias"]))
    weights = [trace.constant(array) for array in layer.own.values()]
    mixed = add_over_channels(trace, made, distinct, "attention", weights)
    scores = _scores(trace, mixed, named or {})
    return _turned(mixed) if is_turned else mixed, scores


def _scores(trace: Trace, mixed: Tensor, named: dict[str, Any]) -> Any:
    """The scores of each head, or their mean, as PyTorch has it by default."""
    tracer, view = trace.tracer, trace.tracer.values.get(mixed.name)
    if named.get("need_weights", True) is not True:
        return None
    if not isinstance(view, View) or not isinstance(trace.draft.steps[view.step].layer, MultiHeadAttention):
        return Unknown("the weights of an attention")
    before = len(trace.draft.steps)
    scores = Tensor(trace, f"{mixed.name}.scores")
    tracer.take_beside(scores.name, view.step, SCORES, trace.draft.steps[view.step].path)
    if named.get("average_attn_weights", True) is True:
        scores = operate(trace, "mean", [scores, 1], {})
    tracer.beside += range(before + 1, len(trace.draft.steps))
    trace.lines.update(dict.fromkeys(range(before, len(trace.draft.steps)), trace.line))
    return scores


def _each_turned(tensors: list[Tensor]) -> list[Tensor]:
    """Tensors with their batch before their steps, one that is given twice only once."""
    turned = {item.name: item for item in tensors}
    turned = {name: _turned(item) for name, item in turned.items()}
    return [turned[item.name] for item in tensors]


def _turned(tensor: Tensor) -> Tensor:
    made = tensor.trace_call("transpose", [tensor, 0, 1], {})
    if not isinstance(made, Tensor):
        raise NotFollowed("MultiheadAttention takes a tensor that is not read.")
    return made


def _identity(_trace: Trace, _layer: Layer, source: Tensor, _more: list[Any]) -> Any:
    return source


Rule = Callable[[Trace, Layer, Tensor, list[Any]], Any]
_RULES: dict[str, Rule] = {
    **{f"Conv{rank}d": _convolution for rank in (1, 2, 3)},
    **{f"ConvTranspose{rank}d": _convolution for rank in (1, 2, 3)},
    "Linear": _linear,
    **{f"{kind}Norm{rank}d": _batch_norm for kind in ("Batch", "Instance") for rank in (1, 2, 3)},
    "GroupNorm": _group_norm,
    "LayerNorm": _layer_norm,
    "PReLU": _prelu,
    "Softmax": _softmax,
    "LogSoftmax": _softmax,
    "Upsample": _upsample,
    **{f"{kind}Pad{rank}d": _pad for kind in ("Zero", "Reflection", "Replication", "Circular") for rank in (1, 2, 3)},
    "Flatten": _flatten,
    "reshape": _unflatten,
    "Unflatten": _unflatten,
    "Hardtanh": _clamped,
    "Dropout": _dropout,
    **{f"{kind}{rank}d": _pool for kind in ("MaxPool", "AdaptiveMaxPool") for rank in (1, 2, 3)},
    **dict.fromkeys(("LSTM", "GRU", "RNN"), recurrent),
    "MultiheadAttention": _attention,
    "Embedding": _embedding,
    "Identity": _identity,
}
