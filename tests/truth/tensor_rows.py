"""Makes `tensor_layers.jsonl` by running PyTorch and Keras: attention, products, patches, reductions and functions.

    KERAS_BACKEND=torch python tests/truth/tensor_rows.py

in an environment that has them (see `packaging/frameworks.py`). Each row is one layer, really run on one example, or
the error with which the framework refused.
"""

from __future__ import annotations

import importlib
import json
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

Fields = dict[str, Any]
Case = tuple[Fields, list[list[int]]]
Ranks = tuple[int, ...]
SEED = 20261129
FOUR: Ranks = (4,)
ROWS = 64
"""Rows of each class."""
FILE = Path(__file__).parent / "tensor_layers.jsonl"


def _modules(*names: str) -> list[Any]:
    return [importlib.import_module(name) for name in names]


torch, keras, flop_counter, kernels = _modules("torch", "keras", "torch.utils.flop_counter", "torch.nn.attention")
functional = torch.nn.functional


def sizes(source: random.Random, rank: int, least: int = 1) -> list[int]:
    """Channels and spatial sizes."""
    return [source.choice([1, 2, 3, 4, 6, 8]), *[source.randint(least, 9) for _ in range(rank)]]


# PyTorch: tensors are [channels, *spatial], as a design has them.


def torch_attention(source: random.Random) -> Case:
    """MultiheadAttention of sequences: of one with itself, or across two."""
    channels, heads = source.choice([4, 6, 8, 12]), source.choice([1, 2, 3, 4])
    given: Fields = {"embed_dim": channels, "num_heads": heads, "bias": source.random() < 0.7}
    query = [channels, source.randint(1, 9)]
    if source.random() < 0.4:
        return given, [query]
    given |= {"kdim": source.choice([3, 5, channels]), "vdim": source.choice([2, 7, channels])}
    length = source.randint(1, 9)
    others = length if source.random() < 0.85 else length + 1
    return given, [query, [given["kdim"], length], [given["vdim"], others]]


def run_torch_attention(given: Fields, inputs: list[Any]) -> tuple[Any, Any]:
    """The output, channels first again, and the module."""
    module = torch.nn.MultiheadAttention(**given, batch_first=True)
    query, key, value = [tensor.movedim(1, -1) for tensor in (inputs if len(inputs) > 1 else inputs * 3)]
    return module(query, key, value, need_weights=False)[0].movedim(-1, 1), module


def dot_product(source: random.Random) -> Case:
    """scaled_dot_product_attention of one head."""
    channels, length = source.randint(1, 8), source.randint(1, 9)
    key = channels if source.random() < 0.85 else channels + 1
    return {}, [[channels, source.randint(1, 9)], [key, length], [source.randint(1, 8), length]]


def run_dot_product(_given: Fields, inputs: list[Any]) -> tuple[Any, Any]:
    """The output, channels first again."""
    query, key, value = [tensor.movedim(1, -1) for tensor in inputs]
    return functional.scaled_dot_product_attention(query, key, value).movedim(-1, 1), None


def matmul(source: random.Random, ranks: Ranks = (1, 2, 3)) -> Case:
    """matmul of two tensors, each with its last two axes exchanged or not."""
    rank = source.choice(ranks)
    first = sizes(source, rank)
    turned = [source.random() < 0.4, source.random() < 0.4]
    inner = first[-2] if turned[0] else first[-1]
    inner += source.random() < 0.1
    other = source.randint(1, 9)
    last = [other, inner] if turned[1] else [inner, other]
    return {"turned": turned}, [first, [*first[:-2], *last]]


def run_matmul(given: Fields, inputs: list[Any]) -> tuple[Any, Any]:
    """The product."""
    taken = [x.transpose(-2, -1) if turn else x for x, turn in zip(inputs, given["turned"], strict=True)]
    return taken[0] @ taken[1], None


def window(source: random.Random, *names: str) -> Fields:
    """The sizes of a window along two axes."""
    bounds = {"kernel_size": (1, 4), "stride": (1, 3), "padding": (0, 2), "dilation": (1, 2)}
    return {name: [source.randint(*bounds[name]) for _ in range(2)] for name in names}


def unfold(source: random.Random) -> Case:
    """Unfold of a map."""
    return window(source, "kernel_size", "stride", "padding", "dilation"), [sizes(source, 2)]


def fold(source: random.Random) -> Case:
    """Fold of columns: as many as there are windows, or a wrong number."""
    given = window(source, "kernel_size", "stride", "padding", "dilation")
    output = [source.randint(1, 9) for _ in range(2)]
    counts = 1
    for size, kernel, stride, pad, gap in zip(output, *given.values(), strict=True):
        counts *= max(0, (size + 2 * pad - gap * (kernel - 1) - 1) // stride + 1)
    channels = source.randint(1, 3) * given["kernel_size"][0] * given["kernel_size"][1] + (source.random() < 0.1)
    return {"output_size": output, **given}, [[channels, max(1, counts) + (source.random() < 0.1)]]


def power_pool(source: random.Random) -> Case:
    """LPPool1d."""
    given: Fields = {"norm_type": source.choice([1, 2, 3]), "kernel_size": source.randint(1, 4)}
    given |= {"stride": source.choice([None, 1, 2, 3]), "ceil_mode": source.random() < 0.4}
    return given, [sizes(source, 1)]


def power_pool_3d(source: random.Random) -> Case:
    """LPPool3d."""
    given: Fields = {"norm_type": source.choice([1, 2, 3]), "ceil_mode": source.random() < 0.4}
    given["kernel_size"] = [source.randint(1, 4) for _ in range(3)]
    given["stride"] = source.choice([None, [source.randint(1, 3) for _ in range(3)]])
    return given, [sizes(source, 3)]


def unpool(source: random.Random) -> Case:
    """MaxUnpool2d behind the pool whose places it takes: what is put back, and the map that was pooled."""
    size = source.randint(1, 3)
    stride = source.randint(1, size)
    image = sizes(source, 2, least=2)
    counts = [(side - size) // stride + 1 for side in image[1:]]
    wrong = source.random() < 0.15
    return {"kernel_size": size, "stride": stride}, [[image[0], *[max(1, count) + wrong for count in counts]], image]


def run_unpool(given: Fields, inputs: list[Any]) -> tuple[Any, Any]:
    """The map with the elements put back."""
    _, places = functional.max_pool2d(inputs[1], **given, return_indices=True)
    return functional.max_unpool2d(inputs[0], places, **given, output_size=inputs[1].shape[2:]), None


def along(source: random.Random, ranks: Ranks = (0, 1, 2, 3)) -> Case:
    """A function along one axis, which may not be there."""
    shape = sizes(source, source.choice(ranks))
    return {"dim": source.randint(0, len(shape))}, [shape]


def reduction(source: random.Random, ranks: Ranks = (0, 1, 2, 3)) -> Case:
    """A function over some axes."""
    shape = sizes(source, source.choice(ranks))
    axes = sorted(source.sample(range(len(shape)), source.randint(1, len(shape))))
    if source.random() < 0.1:
        axes = [*axes, len(shape)]
    name = source.choice(["sum", "mean", "amax", "amin", "norm"])
    return {"function": name, "dim": axes, "keepdim": source.random() < 0.5}, [shape]


def run_reduction(given: Fields, inputs: list[Any]) -> tuple[Any, Any]:
    """The reduced tensor; a number as a vector of one."""
    function = torch.linalg.vector_norm if given["function"] == "norm" else getattr(torch, given["function"])
    result = function(inputs[0], dim=[axis + 1 for axis in given["dim"]], keepdim=given["keepdim"])
    return result if result.dim() > 1 else result.unsqueeze(1), None


def stack(source: random.Random, ranks: Ranks = (0, 1, 2)) -> Case:
    """A stack of equal maps, or of unequal ones."""
    shape = sizes(source, source.choice(ranks))
    shapes = [list(shape) for _ in range(source.randint(2, 4))]
    shapes[-1][-1] += source.random() < 0.1
    return {"dim": source.randint(0, len(shape) + (source.random() < 0.1))}, shapes


def run_stack(given: Fields, inputs: list[Any]) -> tuple[Any, Any]:
    """The tensors along a new axis."""
    return torch.stack(inputs, dim=given["dim"] + 1), None


# Keras: tensors are [*spatial, channels].


def keras_attention(source: random.Random, ranks: Ranks = (1, 1, 2, 3)) -> Case:
    """MultiHeadAttention of maps, along all axes or the last; without sizes of 1, whose products the counter misses."""
    rank = source.choice(ranks)
    given: Fields = {"num_heads": source.randint(2, 4), "key_dim": source.randint(2, 6)}
    for name in ("value_dim", "output_shape"):
        if source.random() < 0.4:
            given[name] = source.randint(2, 7)
    if source.random() < 0.3:
        given["use_bias"] = False
    query = [*[source.randint(2, 5) for _ in range(rank)], source.randint(2, 8)]
    if rank > 1 and source.random() < 0.5:
        given["attention_axes"] = [rank]
    if source.random() < 0.4:
        return given, [query]
    lead = query[: rank - 1] if "attention_axes" in given else [source.randint(2, 5) for _ in range(rank - 1)]
    memory = [*lead, source.randint(2, 5)]
    return given, [query, [*memory, source.randint(2, 8)], [*memory, source.randint(2, 8)]]


def run_keras_attention(given: Fields, inputs: list[Any]) -> tuple[Any, Any]:
    """The output, and the layer; Keras takes the value before the key."""
    layer = keras.layers.MultiHeadAttention(**given)
    query, key, value = inputs if len(inputs) > 1 else inputs * 3
    layer.build(query.shape, value.shape, key.shape)
    return layer(query, value, key), layer


def merge(source: random.Random, ranks: Ranks = (0, 1, 2, 3)) -> Case:
    """A merge of maps, of vectors, or of both; with axes of size 1, or sizes that do not go together."""
    shape = [*[source.randint(1, 9) for _ in range(source.choice(ranks))], source.randint(1, 8)]
    shapes = [shape]
    for _ in range(source.randint(1, 3)):
        other = [1 if source.random() < 0.1 else size for size in shape]
        other[-1] += source.random() < 0.1
        shapes.append(other if source.random() < 0.5 else other[-1:])
    source.shuffle(shapes)
    name = source.choice(["Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract", "Concatenate"])
    return {"class": name}, shapes[:2] if name == "Subtract" else shapes


def run_merge(given: Fields, inputs: list[Any]) -> tuple[Any, Any]:
    """The branches joined by a layer of Keras."""
    layer = getattr(keras.layers, given["class"])()
    return layer(inputs), layer


def run_module(kind: str) -> Callable[[Fields, list[Any]], tuple[Any, Any]]:
    """A module of PyTorch's by its name."""

    def run(given: Fields, inputs: list[Any]) -> tuple[Any, Any]:
        module = getattr(torch.nn, kind)(**{**given, **({"dim": given["dim"] + 1} if "dim" in given else {})})
        return module(*inputs), module

    return run


KINDS: dict[str, tuple[Callable[[random.Random], Case], Callable[[Fields, list[Any]], tuple[Any, Any]]]] = {
    "MultiheadAttention": (torch_attention, run_torch_attention),
    "scaled_dot_product_attention": (dot_product, run_dot_product),
    "matmul": (matmul, run_matmul),
    "Unfold": (unfold, run_module("Unfold")),
    "Fold": (fold, run_module("Fold")),
    "LPPool1d": (power_pool, run_module("LPPool1d")),
    "MaxUnpool2d": (unpool, run_unpool),
    "GLU": (along, run_module("GLU")),
    "Softmax": (along, run_module("Softmax")),
    "reduction": (reduction, run_reduction),
    "stack": (stack, run_stack),
    "MultiHeadAttention": (keras_attention, run_keras_attention),
    "merge": (merge, run_merge),
    "LPPool3d": (power_pool_3d, run_module("LPPool3d")),
    # The same of tensors with four spatial axes.
    "GLU 4": (partial(along, ranks=FOUR), run_module("GLU")),
    "Softmax 4": (partial(along, ranks=FOUR), run_module("Softmax")),
    "reduction 4": (partial(reduction, ranks=FOUR), run_reduction),
    "stack 4": (partial(stack, ranks=(3,)), run_stack),
    "matmul 4": (partial(matmul, ranks=FOUR), run_matmul),
    "MultiHeadAttention 4": (partial(keras_attention, ranks=FOUR), run_keras_attention),
    "merge 4": (partial(merge, ranks=FOUR), run_merge),
}


def row(kind: str, source: random.Random) -> Fields:
    """One layer, run."""
    case, run = KINDS[kind]
    given, shapes = case(source)
    found: Fields = {"layer": kind.partition(" ")[0], "kw": given, "in": shapes}
    counter = flop_counter.FlopCounterMode(display=False)
    try:
        # The counter does not know the kernels that do all of an attention at once.
        with torch.no_grad(), kernels.sdpa_kernel(kernels.SDPBackend.MATH), counter:
            output, made = run(given, [torch.rand(1, *shape) for shape in shapes])
    except (RuntimeError, ValueError, IndexError, AssertionError) as error:
        return {**found, "error": f"{type(error).__name__}: {error}"[:160]}
    weights = list(made.parameters()) if isinstance(made, torch.nn.Module) else []
    return {
        **found,
        "out": list(output.shape)[1:],
        "params": sum(weight.numel() for weight in weights),
        "biases": sum(weight.numel() for name, weight in _named(made) if name.endswith("bias")),
        "macs": counter.get_total_flops() // 2,
    }


def _named(made: Any) -> list[tuple[str, Any]]:
    if isinstance(made, keras.layers.Layer):
        return [(weight.path, weight.value) for weight in made.weights]
    return list(made.named_parameters()) if isinstance(made, torch.nn.Module) else []


def main() -> None:
    """Writes the file."""
    torch.manual_seed(SEED)
    head = {
        "framework": f"torch {torch.__version__}, keras {keras.__version__}",
        "seed": SEED,
        "fields": "layer, kw, in (each input, no batch), out, params, biases, macs for one example; error if refused",
    }
    lines = [json.dumps(head)]
    for kind in KINDS:
        source = random.Random(f"{SEED} {kind}")
        lines += [json.dumps(row(kind, source), separators=(",", ":")) for _ in range(ROWS)]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
