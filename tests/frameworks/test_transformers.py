"""Transformers as people write them, exported by PyTorch and opened again: attention is a layer, every number exact."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import walk
from cnnstudio.formats import read_file
from cnnstudio.formats.format import ReadOptions
from tests.frameworks.frameworks import torch

nn, functional = torch.nn, torch.nn.functional
WIDTH, HEADS, LENGTH = 32, 4, 16


class Packed(nn.Module):  # type: ignore[misc,name-defined]
    """PyTorch's own module, query, key and value alike."""

    def __init__(self, *, bias: bool = True) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(WIDTH, HEADS, bias=bias, batch_first=True)
        self.head = nn.Linear(WIDTH, 10)

    def forward(self, x: Any) -> Any:
        return self.head(self.attention(x, x, x, need_weights=False)[0])


class ByHand(nn.Module):  # type: ignore[misc,name-defined]
    """Three projections, products and a softmax written out, behind a convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv1d(3, WIDTH, 5, stride=5)
        self.q, self.k, self.v, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))

    def forward(self, x: Any) -> Any:
        x = self.patches(x).transpose(1, 2)
        batch, length, width = x.shape
        q, k, v = (part(x).view(batch, length, HEADS, -1).transpose(1, 2) for part in (self.q, self.k, self.v))
        scores = (q @ k.transpose(-2, -1)) * (width // HEADS) ** -0.5
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, width)).mean(1)


class Vision(nn.Module):  # type: ignore[misc,name-defined]
    """One projection for all three, a class token, and position embeddings."""

    def __init__(self, *, bias: bool = True) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, WIDTH, 8, 8)
        self.token = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.positions = nn.Parameter(torch.zeros(1, LENGTH + 1, WIDTH))
        self.norm = nn.LayerNorm(WIDTH)
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH, bias=bias)
        self.proj, self.head = nn.Linear(WIDTH, WIDTH, bias=bias), nn.Linear(WIDTH, 10)

    def forward(self, x: Any) -> Any:
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat((self.token.expand(x.shape[0], -1, -1), x), 1) + self.positions
        batch, length, width = x.shape
        q, k, v = self.qkv(self.norm(x)).reshape(batch, length, 3, HEADS, -1).permute(2, 0, 3, 1, 4).unbind(0)
        y = functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, length, width)
        return self.head((x + self.proj(y))[:, 0])


class Words(nn.Module):  # type: ignore[misc,name-defined]
    """Word embeddings and PyTorch's own encoder."""

    def __init__(self, *, norm_first: bool) -> None:
        super().__init__()
        self.words = nn.Embedding(100, WIDTH)
        layer = nn.TransformerEncoderLayer(WIDTH, HEADS, 2 * WIDTH, batch_first=True, norm_first=norm_first)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(WIDTH, 2)

    def forward(self, x: Any) -> Any:
        return self.head(self.encoder(self.words(x)).mean(1))


class Wide(nn.Module):  # type: ignore[misc,name-defined]
    """Heads that are wider together than the sequence, keys and values of one projection, no biases."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.q, self.kv = nn.Linear(WIDTH, 64, bias=False), nn.Linear(WIDTH, 128, bias=False)
        self.out = nn.Linear(64, WIDTH, bias=False)

    def forward(self, x: Any) -> Any:
        x = self.norm(x)
        parts = (self.q(x), *self.kv(x).chunk(2, -1))
        q, k, v = (part.view(x.shape[0], -1, 8, 8).transpose(1, 2) for part in parts)
        return self.out(functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


SEQUENCE, WAVE, IMAGE = (LENGTH, WIDTH), (3, 50), (3, 32, 32)
NETWORKS: dict[str, tuple[Callable[[], Any], tuple[int, ...], str, tuple[int, ...]]] = {
    "packed": (Packed, SEQUENCE, "MultiHeadAttention", (WIDTH, LENGTH)),
    "packed, no bias": (lambda: Packed(bias=False), SEQUENCE, "MultiHeadAttention", (WIDTH, LENGTH)),
    "by hand": (ByHand, WAVE, "MultiHeadAttention", WAVE),
    "vision": (Vision, IMAGE, "MultiHeadAttention", IMAGE),
    "vision, no bias": (lambda: Vision(bias=False), IMAGE, "MultiHeadAttention", IMAGE),
    "words": (lambda: Words(norm_first=False), (LENGTH,), "MultiHeadAttention", (LENGTH,)),
    "words, norm first": (lambda: Words(norm_first=True), (LENGTH,), "MultiHeadAttention", (LENGTH,)),
    "wide": (Wide, SEQUENCE, "DotProductAttention", (WIDTH, LENGTH)),
}


def exported(net: Any, example: Any, path: Path) -> None:
    """Writes a network as its exporter does, which prints much."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), torch.no_grad():
        if path.suffix == ".pt2":
            torch.export.save(torch.export.export(net, (example,)), path)
        elif path.suffix == ".pt":
            torch.jit.trace(net, example, check_trace=False).save(path)
        else:
            mode = torch.onnx.TrainingMode.TRAINING if net.training else torch.onnx.TrainingMode.EVAL
            torch.onnx.export(net, (example,), path, dynamo=False, training=mode)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("suffix", [".pt2", ".pt", ".onnx"])
@pytest.mark.parametrize("name", NETWORKS)
def test_opens_as_one_would_have_written_it(name: str, suffix: str, training: bool, batch: int, tmp_path: Path) -> None:
    make, sizes, kind, wanted = NETWORKS[name]
    net = make().train(training)
    # Exporters leave out what is zero, as biases are before they are trained.
    for parameter in net.parameters():
        nn.init.normal_(parameter)
    example = torch.zeros(batch, *sizes, dtype=torch.long if len(sizes) == 1 else torch.float32)
    if suffix == ".onnx" and name.startswith(("words", "packed")) and not training and "no bias" not in name:
        pytest.skip("this exporter knows no operator for attention that is run as one")
    path = tmp_path / f"net{suffix}"
    exported(net, example, path)
    opened = read_file(path, ReadOptions(input_size=wanted) if suffix == ".pt" else ReadOptions())
    assert opened.report is not None
    (network,) = opened.report.networks
    assert network.counted_parameters == network.stated_parameters
    assert network.counted_parameters == sum(parameter.numel() for parameter in net.parameters())
    assert not network.left_out
    assert not network.shapes_different
    assert tuple(network.input_shapes[0]) == wanted
    kinds = {item.type_name for _, item in walk(analyze(opened.design).design.layers) if hasattr(item, "type_name")}
    assert kind in kinds
    assert "MatMul" not in kinds
