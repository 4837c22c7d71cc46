"""PyTorch operations that give tensors other axes, join them, or take parts of them."""

from __future__ import annotations

from typing import Any

from cnnstudio.formats.foreign.torch.building import Builder, Call, Ref


def _source(call: Call) -> str:
    return call.tensor("self", "input")


def view(builder: Builder, call: Call) -> None:
    """view and reshape."""
    # A 0 is a real size in PyTorch, where ONNX would keep the input's.
    builder.add(call, "Reshape", _source(call), shape=call.integers("size", "shape"), allowzero=1)


def as_other(builder: Builder, call: Call) -> None:
    """view_as, reshape_as and expand_as: the sizes of another tensor."""
    sizes = builder.inner(call, "Shape", call.tensor("other"))
    kind = "Expand" if call.name == "expand_as" else "Reshape"
    builder.add(call, kind, _source(call), sizes)


def flatten(builder: Builder, call: Call) -> None:
    """flatten from one axis to another."""
    first, last = int(call.get("start_dim", default=0)), int(call.get("end_dim", default=-1))
    builder.add(call, "FlattenRange", _source(call), start_dim=first, end_dim=last)


def unflatten(builder: Builder, call: Call) -> None:
    """unflatten: one axis as several."""
    axis = int(call.get("dim", default=0))
    builder.add(call, "Unflatten", _source(call), axis=axis, sizes=call.integers("sizes"))


def permute(builder: Builder, call: Call) -> None:
    """permute."""
    builder.add(call, "Transpose", _source(call), perm=call.integers("dims"))


def exchange(builder: Builder, call: Call) -> None:
    """transpose and t: two axes exchanged."""
    first, second = int(call.get("dim0", default=0)), int(call.get("dim1", default=1))
    builder.add(call, "Exchange", _source(call), axes=[first, second])


def move(builder: Builder, call: Call) -> None:
    """movedim and moveaxis: some axes put at other places."""
    axes, places = call.integers("source"), call.integers("destination")
    builder.add(call, "MoveAxes", _source(call), axes=axes, places=places)


def squeeze(builder: Builder, call: Call) -> None:
    """squeeze of some or all axes."""
    axes = call.integers("dim", "dims")
    builder.add(call, "SqueezeOnes", _source(call), axes=axes) if axes else builder.add(call, "Squeeze", _source(call))


def unsqueeze(builder: Builder, call: Call) -> None:
    """unsqueeze."""
    builder.add(call, "Unsqueeze", _source(call), axes=call.integers("dim"))


def expand(builder: Builder, call: Call) -> None:
    """expand."""
    builder.add(call, "Expand", _source(call), shape=call.integers("size"))


def _names(call: Call, *names: str) -> list[str]:
    values = call.get(*names, default=[])
    if not isinstance(values, (list, tuple)) or not all(isinstance(value, Ref) for value in values):
        raise call.refusal("takes a list that is not of tensors")
    return [value.name for value in values]


def concat(builder: Builder, call: Call) -> None:
    """cat."""
    builder.add(call, "Concat", *_names(call, "tensors"), axis=int(call.get("dim", default=0)))


def stack(builder: Builder, call: Call) -> None:
    """stack: along a new axis."""
    axis = int(call.get("dim", default=0))
    parts = [builder.inner(call, "Unsqueeze", name, axes=[axis]) for name in _names(call, "tensors")]
    builder.add(call, "Concat", *parts, axis=axis)


def split(builder: Builder, call: Call) -> None:
    """chunk and split into as many parts as the call gives."""
    sizes: Any = call.get("split_size", "split_sizes")
    attributes: dict[str, Any] = {"axis": int(call.get("dim", default=0))}
    if isinstance(sizes, (list, tuple)):
        attributes["split"] = list(sizes)
    elif sizes is not None:
        attributes["part"] = int(sizes)
    builder.add(call, "SplitParts", _source(call), outputs=call.outputs, **attributes)


def unbind(builder: Builder, call: Call) -> None:
    """unbind: each element of an axis."""
    axis = int(call.get("dim", default=0))
    for index, name in enumerate(call.outputs):
        builder.add(call, "Gather", _source(call), builder.constant(index), outputs=(name,), axis=axis)


def cut(builder: Builder, call: Call) -> None:
    """slice."""
    start, stop = call.get("start", default=0), call.get("end", default=(1 << 63) - 1)
    values = [int(call.get("dim", default=0)), int(start), int(stop), int(call.get("step", default=1))]
    axis, first, last, step = values
    builder.add(call, "Slice", _source(call), starts=[first], ends=[last], axes=[axis], steps=[step])


def narrow(builder: Builder, call: Call) -> None:
    """narrow: so many elements from one on."""
    axis, start, length = (int(call.get(name)) for name in ("dim", "start", "length"))
    builder.add(call, "Slice", _source(call), starts=[start], ends=[start + length], axes=[axis])


def select(builder: Builder, call: Call) -> None:
    """select: one element of an axis."""
    index = builder.constant(int(call.get("index")))
    builder.add(call, "Gather", _source(call), index, axis=int(call.get("dim", default=0)))


def index(builder: Builder, call: Call) -> None:
    """index: elements by their numbers along one axis."""
    given = call.get("indices", default=[])
    places = [place for place, item in enumerate(given) if isinstance(item, Ref)]
    if len(places) != 1:
        raise call.refusal("picks elements along several axes")
    builder.add(call, "Gather", _source(call), given[places[0]].name, axis=places[0])


def pad(builder: Builder, call: Call) -> None:
    """pad and its relatives; PyTorch names the last axis first."""
    pads = call.integers("pad", "padding")
    mode = str(call.get("mode", default="constant"))
    if "reflection" in call.name:
        mode = "reflect"
    elif "replication" in call.name:
        mode = "replicate"
    mode = {"replicate": "edge", "circular": "wrap"}.get(mode, mode)
    value = float(call.get("value", default=0.0))
    builder.add(call, "PadLast", _source(call), pads=pads, mode=mode, value=value)


def embedding(builder: Builder, call: Call) -> None:
    """embedding: rows of a table."""
    builder.add(call, "Gather", call.tensor("weight"), call.tensor("indices"), axis=0)


def recurrent(builder: Builder, call: Call) -> None:
    """lstm, gru and rnn of PyTorch: all weights in one list."""
    names, given = _names(call, "params"), call.get("hx", default=())
    # An LSTM begins with two states, which stand in a list, the others with one.
    states = given if isinstance(given, (list, tuple)) else (given,)
    attributes: dict[str, Any] = {
        "cell": {"lstm": "LSTM", "gru": "GRU"}.get(call.name, "RNN"),
        "function": "relu" if call.name == "rnn_relu" else "tanh",
        "layers": int(call.get("num_layers", default=1)),
        "states": [state.name for state in states if isinstance(state, Ref)],
        "batch_first": bool(call.get("batch_first", default=False)),
        "directions": 2 if call.get("bidirectional", default=False) else 1,
    }
    builder.add(call, "Recurrent", call.tensor("input"), *names, outputs=call.outputs, **attributes)


def pixel_shuffle(builder: Builder, call: Call) -> None:
    """pixel_shuffle."""
    builder.add(call, "DepthToSpace", _source(call), blocksize=int(call.get("upscale_factor")), mode="CRD")


def pixel_unshuffle(builder: Builder, call: Call) -> None:
    """pixel_unshuffle."""
    builder.add(call, "PixelUnshuffle", _source(call), blocksize=int(call.get("downscale_factor")))


def channel_shuffle(builder: Builder, call: Call) -> None:
    """channel_shuffle."""
    builder.add(call, "ChannelShuffle", _source(call), groups=int(call.get("groups")))
