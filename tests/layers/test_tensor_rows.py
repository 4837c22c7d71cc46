"""Attention, products, patches, reductions and functions as PyTorch and Keras run them: shapes, parameters, MACs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from msgspec import Struct, field

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import count_layer
from cnnstudio.core.network.layer import Counts
from cnnstudio.layers import LAYER_TYPES
from tests.places import TRUTH

Fields = dict[str, Any]
ROWS_OF_EACH = 64
OF_FOUR_AXES = ("GLU", "Softmax", "reduction", "stack", "matmul", "MultiHeadAttention", "merge")
"""Classes of which there are as many rows again, of tensors with four spatial axes."""


class TensorRow(Struct, frozen=True):
    """A row of `tensor_layers.jsonl`, made by `tensor_rows.py`."""

    layer: str
    kw: Fields
    given: list[list[int]] = field(name="in")
    out: list[int] = []
    params: int = 0
    biases: int = 0
    macs: int = 0
    error: str = ""


def read_rows() -> list[TensorRow]:
    """The rows behind the first line, which describes them."""
    lines = (TRUTH / "tensor_layers.jsonl").read_bytes().splitlines()[1:]
    return [msgspec.json.decode(line, type=TensorRow) for line in lines]


ROWS = read_rows()


def attention(kw: Fields) -> Fields:
    """MultiheadAttention of PyTorch."""
    return {"type": "MultiHeadAttention", "heads": kw["num_heads"], "bias": kw["bias"]}


def keras_attention(kw: Fields) -> Fields:
    """MultiHeadAttention of Keras."""
    names = {"num_heads": "heads", "key_dim": "key_size", "value_dim": "value_size", "output_shape": "units"}
    names["use_bias"] = "bias"
    entry = {names[name]: value for name, value in kw.items() if name in names}
    over = {"attends_to": "last_axis"} if "attention_axes" in kw else {}
    return {"type": "MultiHeadAttention", **entry, **over}


def pool(kw: Fields) -> Fields:
    """LPPool1d and LPPool3d."""
    names = {"norm_type": "power", "kernel_size": "pool_size"}
    return {
        "type": f"LPPool{3 if isinstance(kw['kernel_size'], list) else 1}D",
        **{names.get(name, name): value for name, value in kw.items()},
    }


def reduction(kw: Fields) -> Fields:
    """A function over axes."""
    function = {"amax": "max", "amin": "min"}.get(kw["function"], kw["function"])
    return {"type": "Reduce", "function": function, "axes": kw["dim"], "keepdims": kw["keepdim"]}


def matmul(kw: Fields) -> Fields:
    """A product of matrices."""
    return {"type": "MatMul", "transpose_first": kw["turned"][0], "transpose_second": kw["turned"][1]}


ENTRIES: dict[str, Callable[[Fields], Fields]] = {
    "MultiheadAttention": attention,
    "MultiHeadAttention": keras_attention,
    "scaled_dot_product_attention": lambda _kw: {"type": "DotProductAttention"},
    "matmul": matmul,
    "Unfold": lambda kw: {"type": "Unfold", **kw},
    "Fold": lambda kw: {"type": "Fold", "size": kw["output_size"], **{k: v for k, v in kw.items() if k[0] != "o"}},
    "LPPool1d": pool,
    "LPPool3d": pool,
    "MaxUnpool2d": lambda kw: {"type": "MaxUnpool", "pool_size": kw["kernel_size"], "stride": kw["stride"]},
    "GLU": lambda kw: {"type": "GLU", "axis": kw["dim"]},
    "Softmax": lambda kw: {"type": "Activation", "function": "softmax", "axis": kw["dim"]},
    "reduction": reduction,
    "stack": lambda kw: {"type": "Stack", "axis": kw["dim"]},
    "merge": lambda kw: {"type": {"Concatenate": "Concat"}.get(kw["class"], kw["class"])},
}
"""Each class in the words of a design."""


OF_KERAS = ("MultiHeadAttention", "merge")
"""Classes whose tensors have their channels last."""


def found(row: TensorRow) -> tuple[list[int], int, int, int] | str:
    """Output, parameters, biases and MACs as counted, in the framework's order; of a refusal the words."""
    entry = ENTRIES[row.layer](row.kw)
    is_last = row.layer in OF_KERAS
    orders = [[sizes[-1], *sizes[:-1]] if is_last else sizes for sizes in row.given]
    shapes = tuple(Shape(sizes[0], tuple(sizes[1:])) for sizes in orders)
    try:
        layer = msgspec.convert({name: it for name, it in entry.items() if name != "type"}, LAYER_TYPES[entry["type"]])
    except msgspec.ValidationError as refusal:
        return str(refusal)
    counts = count_layer(layer, shapes, "pytorch")
    if not isinstance(counts, Counts):
        return counts.sentence
    sizes = counts.output.to_list()
    return [*sizes[1:], sizes[0]] if is_last else sizes, counts.parameters, counts.biases, counts.macs or 0


@pytest.mark.parametrize("kind", ENTRIES)
def test_each_row_is_counted_as_the_framework_counts_it(kind: str) -> None:
    rows = [row for row in ROWS if row.layer == kind]
    for row in rows:
        counted = found(row)
        if row.error or 0 in row.out:
            assert isinstance(counted, str), (row, counted)
        else:
            assert counted == (row.out, row.params, row.biases, row.macs), row


def test_every_row_is_compared() -> None:
    wanted = {kind: ROWS_OF_EACH * (1 + (kind in OF_FOUR_AXES)) for kind in ENTRIES}
    assert Counter(row.layer for row in ROWS) == wanted
    assert sum(bool(row.error) for row in ROWS) == 283
