"""Layers and blocks with several outputs, run by the frameworks with equal weights."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.network.design import walk
from cnnstudio.formats import read_file
from tests.exports.samples import analysis_of
from tests.frameworks.frameworks import keras, torch
from tests.frameworks.test_frameworks import compare_everywhere, run_everywhere
from tests.frameworks.test_memory import counted as kept_bytes
from tests.frameworks.test_memory import for_training, kept_by_autograd

nn = torch.nn
HEAD = "cnnstudio: 1\nname: case\nlayers:\n"
CELLS = ("LSTM", "GRU", "SimpleRNN")
MERGES = ("concat", "sum", "multiply", "average")
FRAMEWORKS = {"pytorch", "keras", "onnx"}

ENCODER = """\
- {type: Input, name: image, size: [16, 12], channels: 3}
- type: Block
  name: enc
  repeat: 3
  further_outputs: [conv, inner]
  layers:
  - {type: Conv2D, name: conv, filters: 4, kernel_size: 3, padding: same, activation: tanh}
  - type: Block
    name: inner
    repeat: 2
    further_outputs: [left]
    layers:
    - {type: Conv2D, name: left, filters: 4, kernel_size: 1}
    - {type: Conv2D, name: right, filters: 4, kernel_size: 1, inputs: [input]}
    - {type: Add, name: sum, inputs: [left, right]}
  - {type: FurtherOutput, name: aside, output: left, inputs: [inner]}
  - {type: Multiply, name: product, inputs: [aside, inner]}
  - {type: MaxPool2D, name: pool, pool_size: 2}
- {type: FurtherOutput, name: skip, output: conv, inputs: [enc]}
- {type: FurtherOutput, name: deep, output: inner, inputs: [enc]}
- {type: Upsample, name: up, scale: 2, inputs: [enc]}
"""
SPLIT = """\
- {type: Input, name: image, size: [5, 4], channels: 12}
- {type: Split, name: parts, parts: 3}
- {type: FurtherOutput, name: second, output: '2', inputs: [parts]}
- {type: FurtherOutput, name: third, output: '3', inputs: [parts]}
- {type: Subtract, name: difference, inputs: [third, parts]}
- {type: Concat, name: all, inputs: [difference, second]}
"""
LEARNED = """\
- {type: Input, name: image, size: [5, 4], channels: 3}
- {type: Conv2D, name: conv, filters: 12, kernel_size: 1}
- {type: Split, name: parts, parts: 3}
- {type: FurtherOutput, name: third, output: '3', inputs: [parts]}
- {type: Multiply, name: product, inputs: [third, parts]}
- {type: Conv2D, name: last, filters: 2, kernel_size: 1}
"""
DECODER = """\
- {type: Input, name: target, size: 5, channels: 8}
- {type: Input, name: source, size: 6, channels: 8}
- {type: Conv1D, name: memory, filters: 8, kernel_size: 3}
- type: Block
  name: decoder
  repeat: 3
  inputs: [target, memory, target]
  further_inputs: [memory, again]
  further_outputs: [cross]
  layers:
  - {type: MultiHeadAttention, name: cross, heads: 2, inputs: [input, memory, memory]}
  - {type: Add, name: sum, inputs: [input, cross, again]}
  - {type: LayerNorm, name: norm}
- {type: FurtherOutput, name: attended, output: cross, inputs: [decoder]}
- {type: Concat, name: both, inputs: [attended, decoder]}
"""


NAMED_ALIKE = """\
- {type: Input, name: image, size: [5, 4], channels: 4}
- type: Block
  name: block
  further_outputs: ['2']
  layers:
  - {type: Split, name: '2'}
  - {type: FurtherOutput, name: second, output: '2', inputs: ['2']}
  - {type: Activation, name: act, function: tanh}
- {type: FurtherOutput, name: first, output: '2', inputs: [block]}
- {type: Subtract, name: difference, inputs: [first, block]}
"""


def counted(layers: str) -> Analysis:
    analysis = analysis_of(HEAD + layers)
    assert analysis.errors == ()
    return analysis


def translator(kind: str, direction: str, merge: str, sequences: bool) -> str:
    """An encoder whose last states begin a decoder, where that can tell the directions apart."""
    states = ("state", "cell") if kind == "LSTM" else ("state",)
    fields = f"units: 4, direction: {direction}, merge: {merge}"
    taken = "".join(
        [f"- {{type: FurtherOutput, name: {name}, output: {name}, inputs: [encoder]}}\n" for name in states]
    )
    begun = direction != "both" or merge == "concat"
    inputs = ", ".join(("before", *(states if begun else ())))
    return (
        "- {type: Input, name: words, size: 6, channels: 3}\n- {type: Input, name: before, size: 5, channels: 2}\n"
        f"- {{type: {kind}, name: encoder, {fields}, return_sequences: {str(sequences).lower()}, inputs: [words]}}\n"
        f"{taken}"
        f"- {{type: {kind}, name: decoder, {fields}, return_sequences: true, inputs: [{inputs}]}}\n"
        f"- {{type: {kind}, name: last, {fields}, inputs: [decoder]}}\n"
        f"- {{type: Concat, name: all, inputs: [{', '.join((*states, 'last'))}]}}\n"
    )


@pytest.mark.parametrize(
    "layers", [ENCODER, SPLIT, DECODER, NAMED_ALIKE], ids=["blocks", "parts", "repeats", "names alike"]
)
def test_blocks_and_parts_give_equal_numbers(layers: str) -> None:
    analysis = counted(layers)
    assert set(run_everywhere(analysis, 1)) == FRAMEWORKS
    assert compare_everywhere(analysis, 1) == ""


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("layers", [ENCODER, LEARNED, DECODER], ids=["blocks", "parts", "repeats"])
def test_as_much_is_kept_as_autograd_keeps(layers: str, precision: str) -> None:
    analysis = analyze(for_training(counted(layers).design))
    assert kept_bytes(analysis, precision) == kept_by_autograd(analysis, precision) > 0


@pytest.mark.parametrize(("kind", "sequences"), list(product(CELLS, (False, True))))
def test_last_and_initial_states_give_equal_numbers(kind: str, sequences: bool) -> None:
    for direction, merge in [("forward", "concat"), ("backward", "concat"), *product(["both"], MERGES)]:
        analysis = counted(translator(kind, direction, merge, sequences))
        assert set(run_everywhere(analysis, 1)) == FRAMEWORKS
        assert compare_everywhere(analysis, 1) == "", (direction, merge)


class Translator(nn.Module):  # type: ignore[misc,name-defined]
    """An encoder whose last states begin a decoder, as a tutorial has it."""

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.encoder = kind(5, 6, batch_first=True)
        self.decoder = kind(4, 6, batch_first=True)
        self.head = nn.Linear(6, 3)

    def forward(self, words: Any, before: Any) -> Any:
        _, states = self.encoder(words)
        decoded, _ = self.decoder(before, states)
        return self.head(decoded)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN], ids=lambda kind: kind.__name__)
def test_states_of_an_exported_program_are_read(kind: Any, tmp_path: Path) -> None:
    net, path = Translator(kind).eval(), tmp_path / "net.pt2"
    torch.export.save(torch.export.export(net, (torch.zeros(1, 9, 5), torch.zeros(1, 7, 4))), path)
    design = read_file(path).design
    assert "Opaque" not in [item.type_name for _, item in walk(design.layers)]
    assert analyze(design).totals.parameters == sum(tensor.numel() for tensor in net.parameters())


@pytest.mark.parametrize("is_both", [False, True])
@pytest.mark.parametrize("kind", CELLS)
def test_states_of_a_saved_keras_model_are_read(kind: str, is_both: bool, tmp_path: Path) -> None:
    layers = keras.layers

    def cell() -> Any:
        made = getattr(layers, kind)(6, return_sequences=True, return_state=True)
        return layers.Bidirectional(made) if is_both else made

    words, before = keras.Input((9, 5)), keras.Input((7, 4))
    encoded, *states = cell()(words)
    decoded, *_ = cell()(before, initial_state=states)
    model = keras.Model([words, before], [layers.Dense(3)(decoded), layers.GlobalAveragePooling1D()(encoded)])
    model.save(tmp_path / "net.keras")
    read = read_file(tmp_path / "net.keras")
    analysis = analyze(read.design, CONVENTIONS["keras"])
    assert "Opaque" not in [item.type_name for _, item in walk(read.design.layers)]
    assert analysis.totals.parameters == model.count_params()
