"""Makes `torch_sequences.jsonl` and `keras_sequences.jsonl` by running the frameworks: layers that read sequences.

    KERAS_BACKEND=torch python tests/truth/sequence_rows.py

in an environment that has them (see `packaging/frameworks.py`). Each row is one layer, really run on two examples, or
the error with which the framework refused. PyTorch's fused operators hide their products from its counter, so that its
layers are counted as their cells, one a step. Keras runs a step more than there are, to see what comes out: counted is
what twice as many steps cost more.
"""

from __future__ import annotations

import importlib
import json
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

Fields = dict[str, Any]
SEED = 20261129
ROWS = 64
"""Rows of each class."""
HERE = Path(__file__).parent


def _modules(*names: str) -> list[Any]:
    return [importlib.import_module(name) for name in names]


torch, keras, flop_counter = _modules("torch", "keras", "torch.utils.flop_counter")


def counted(run: Callable[[], Any]) -> tuple[Any, int]:
    """The result, and the multiply-accumulates that PyTorch's counter sees."""
    counter = flop_counter.FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        result = run()
    return result, counter.get_total_flops() // 2


# PyTorch


def torch_case(source: random.Random, kind: str) -> tuple[Fields, list[int]]:
    """The arguments of a layer, and the sizes of its input, channels first."""
    channels, units = source.randint(1, 12), source.randint(1, 10)
    if kind == "Embedding":
        shape = source.choice([[channels], [channels], [1, channels], [1, channels, units], [1, 2, 3, channels]])
        return {"num_embeddings": source.randint(1, 40), "embedding_dim": units}, shape
    given: Fields = {"input_size": channels, "hidden_size": units, "output": source.choice(["sequence", "state"])}
    if source.random() < 0.3:
        given["bias"] = False
    if source.random() < 0.4:
        given["bidirectional"] = True
    if kind == "LSTM" and source.random() < 0.4:
        given["proj_size"] = source.randint(1, 10)
    if kind == "RNN" and source.random() < 0.4:
        given["nonlinearity"] = source.choice(["relu", "tanh"])
    shape = [channels, source.randint(1, 9)]
    return given, source.choice([shape, shape, shape, shape, shape, shape, [*shape, 3], [channels + 1, shape[1]]])


def torch_row(kind: str, given: Fields, shape: list[int]) -> Fields:
    """One row."""
    row: Fields = {"layer": kind, "kw": given, "in": shape}
    if kind == "Embedding":
        table = torch.nn.Embedding(**given)
        out = list(table(torch.zeros(2, *(shape[1:] or shape), dtype=torch.int64)).movedim(-1, 1).shape)[1:]
        return {**row, "out": out, "w": {"weight": list(table.weight.shape)}, "params": table.weight.numel(), "macs": 0}
    arguments = {name: value for name, value in given.items() if name != "output"}
    try:
        layer = getattr(torch.nn, kind)(batch_first=True, **arguments)
        given_out, state = layer(torch.zeros(2, *shape).movedim(1, -1))
    except (ValueError, RuntimeError) as error:
        return {**row, "error": f"{type(error).__name__}: {error}"[:160]}
    last = (state[0] if isinstance(state, tuple) else state).transpose(0, 1).flatten(1)
    result = given_out.movedim(-1, 1) if given["output"] == "sequence" else last
    weights = {name: list(tensor.shape) for name, tensor in layer.named_parameters()}
    params = sum(tensor.numel() for tensor in layer.parameters())
    out = list(result.shape)[1:]
    return {**row, "out": out, "w": weights, "params": params, "macs": shape[1] * torch_step(kind, given)}


def torch_step(kind: str, given: Fields) -> int:
    """The multiply-accumulates of one step of all directions, of the cells that PyTorch has for them."""
    units, outputs = given["hidden_size"], given.get("proj_size", 0)
    directions = 2 if given.get("bidirectional") else 1
    if outputs:
        # There is no cell with a projection; the layer itself is not fused with one.
        arguments = {name: value for name, value in given.items() if name != "output"}
        layer = torch.nn.LSTM(batch_first=True, **arguments)
        return counted(lambda: layer(torch.zeros(1, 1, given["input_size"])))[1]
    cell = getattr(torch.nn, f"{kind}Cell")(given["input_size"], units)
    return directions * counted(lambda: cell(torch.zeros(1, given["input_size"])))[1]


# Keras


def keras_case(source: random.Random, kind: str) -> tuple[Fields, list[int]]:
    """The arguments of a layer, and the sizes of its input, channels last."""
    if kind.startswith("ConvLSTM"):
        return conv_case(source, int(kind[-2]))
    given: Fields = {"units": source.randint(1, 10)}
    for name, value in (("use_bias", False), ("return_sequences", True), ("go_backwards", True)):
        if source.random() < 0.4:
            given[name] = value
    if kind == "GRU" and source.random() < 0.5:
        given["reset_after"] = False
    if kind == "Bidirectional":
        given.pop("go_backwards", None)
        inner = source.choice(["LSTM", "GRU", "SimpleRNN"])
        given = {"layer": [inner, given], "merge_mode": source.choice(["concat", "sum", "mul", "ave"])}
    shape = [source.randint(1, 9), source.randint(1, 12)]
    return given, source.choice([shape, shape, shape, shape, shape, shape, shape, [3, *shape], shape[:1]])


def conv_case(source: random.Random, axes: int) -> tuple[Fields, list[int]]:
    """The same for an LSTM of convolutions over maps of so many axes."""
    given: Fields = {"filters": source.randint(1, 5), "kernel_size": [source.randint(1, 4) for _ in range(axes)]}
    for name, value in (("use_bias", False), ("return_sequences", True), ("padding", "same")):
        if source.random() < 0.4:
            given[name] = value
    for name in ("strides", "dilation_rate"):
        if source.random() < 0.25:
            given[name] = [source.randint(1, 2) for _ in range(axes)]
    shape = [source.randint(1, 4), *[source.randint(3, 8) for _ in range(axes)], source.randint(1, 4)]
    return given, source.choice([shape, shape, shape, shape, shape, shape[1:]])


def keras_layer(kind: str, given: Fields) -> Any:
    """The layer of a class with these arguments."""
    if "layer" in given:
        inner, arguments = given["layer"]
        return getattr(keras.layers, kind)(
            keras_layer(inner, arguments), **{name: value for name, value in given.items() if name != "layer"}
        )
    return getattr(keras.layers, kind)(**given)


def keras_row(kind: str, given: Fields, shape: list[int]) -> Fields:
    """One row."""
    row: Fields = {"layer": kind, "kw": given, "in": shape}
    try:
        layer = keras_layer(kind, given)
        promised = list(layer(keras.Input(shape)).shape)
        result = layer(torch.zeros(2, *shape))
    except (ValueError, RuntimeError, TypeError, IndexError, AttributeError) as error:
        sentence = f"{type(error).__name__}: {error}"[:160]
        return {**row, "sym_error": sentence, "run_error": sentence}
    weights = {"/".join(weight.path.split("/")[-3:]): list(weight.shape) for weight in layer.weights}
    params = layer.count_params()
    longer = [2 * shape[0], *shape[1:]]
    costs = [counted(partial(layer, torch.zeros(1, *sizes)))[1] for sizes in (shape, longer)]
    more = {"sym": promised, "run": list(result.shape), "w": weights, "params": params, "trainable": params}
    return {**row, **more, "macs": costs[1] - costs[0]}


TORCH_FIELDS = "layer, kw (output: what is taken), in and out (C first, no batch), w: weights, params, macs, errors"
KERAS_FIELDS = "layer, kw, in (no batch), sym and run: promised and real output, w: weights, params, macs, errors"


TORCH_KINDS = ("LSTM", "GRU", "RNN", "Embedding")
KERAS_KINDS = ("LSTM", "GRU", "SimpleRNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")


def write(name: str, version: str, fields: str, rows: list[Fields]) -> None:
    """A file of rows behind a line that describes them."""
    head = {"framework": version, "seed": SEED, "fields": fields}
    (HERE / name).write_text("".join(f"{json.dumps(row)}\n" for row in (head, *rows)), encoding="utf-8")


def _sources(kinds: tuple[str, ...]) -> Iterator[tuple[str, random.Random]]:
    """Each class as often as it has rows, with a source of its own, so that new classes leave the others alone."""
    for kind in kinds:
        source = random.Random(f"{SEED} {kind}")
        for _ in range(ROWS):
            yield kind, source


def main() -> None:
    """Writes both files."""
    rows = [torch_row(kind, *torch_case(source, kind)) for kind, source in _sources(TORCH_KINDS)]
    write("torch_sequences.jsonl", f"torch {torch.__version__}", TORCH_FIELDS, rows)
    rows = [keras_row(kind, *keras_case(source, kind)) for kind, source in _sources(KERAS_KINDS)]
    write("keras_sequences.jsonl", f"keras {keras.__version__} (backend torch)", KERAS_FIELDS, rows)


if __name__ == "__main__":
    main()
