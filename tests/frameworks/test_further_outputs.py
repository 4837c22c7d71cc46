"""Layers and blocks with several outputs, run by the frameworks with equal weights."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.network.design import Block, walk
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import ExportOptions
from cnnstudio.formats import read_file
from cnnstudio.formats.format import ReadOptions
from tests.exports.samples import analysis_of
from tests.frameworks.frameworks import keras, torch
from tests.frameworks.frameworks import numpy as np
from tests.frameworks.running import images_of, keras_model, run_keras, run_torch, text_of, torch_net
from tests.frameworks.test_frameworks import close, compare_everywhere, run_everywhere
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


FORECAST = """\
- {{type: Input, name: film, size: [4, 6, 5], channels: 2}}
- {{type: Input, name: later, size: [3, 6, 5], channels: 3}}
- {{type: Conv3D, name: seen, filters: 2, kernel_size: 1, inputs: [film]}}
- {{type: ConvLSTM2D, name: encoder, filters: 3, padding: same, {fields}}}
- {{type: FurtherOutput, name: state, output: state, inputs: [encoder]}}
- {{type: FurtherOutput, name: cell, output: cell, inputs: [encoder]}}
- {{type: ConvLSTM2D, name: forecast, filters: 3, {own}, inputs: [later, state, cell]}}
- {{type: FurtherOutput, name: last, output: cell, inputs: [forecast]}}
- {{type: Conv2D, name: head, filters: 2, kernel_size: 1, inputs: [last]}}
- {{type: Output, name: first, inputs: [encoder]}}
- {{type: Output, name: second, inputs: [forecast]}}
- {{type: Output, name: third, inputs: [head]}}
"""
KERNELS = [("3", "true"), ("3", "false"), ("2", "true"), ("[2, 3]", "false")]


def forecast(kernel: str, sequences: str) -> Analysis:
    """Two LSTMs of convolutions, the second of which goes on from the last states of the first."""
    fields = f"kernel_size: {kernel}, return_sequences: {sequences}"
    return counted(FORECAST.format(fields=fields, own=f"{fields}, padding: same"))


@pytest.mark.parametrize(("kernel", "sequences"), KERNELS)
def test_states_of_convolutions_give_equal_numbers(kernel: str, sequences: str) -> None:
    """No ONNX file has them to take weights from: those of PyTorch go into Keras."""
    analysis = forecast(kernel, sequences)
    assert set(run_everywhere(analysis, 1)) == {"pytorch", "keras"}
    images = images_of(analysis, 1)
    model, net = keras_model(text_of(analysis, "keras")), torch_net(text_of(analysis, "pytorch", flat=True))
    source = np.random.default_rng(1)
    names = {"recurrent_kernel": "state.weight", "kernel": "weight", "bias": "bias"}
    tensors: dict[str, Any] = {}
    for weight in model.weights:
        weight.assign(source.standard_normal(weight.shape, dtype=np.float32) / 4)
        owner, name = weight.path.split("/")[0], weight.path.split("/")[-1]
        array = np.moveaxis(weight.numpy(), (-1, -2), (0, 1)) if len(weight.shape) > 1 else weight.numpy()
        inside = "input." if name != "recurrent_kernel" and owner in ("encoder", "forecast") else ""
        tensors[f"{owner}.{inside}{names[name]}"] = torch.from_numpy(np.array(array))
    net.load_state_dict(tensors)
    for ours, theirs in zip(run_torch(net, images), run_keras(model, images), strict=True):
        assert close(ours, theirs)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize(("kernel", "sequences"), KERNELS)
def test_states_of_convolutions_are_kept_as_autograd_keeps_them(kernel: str, sequences: str, precision: str) -> None:
    analysis = analyze(for_training(forecast(kernel, sequences).design))
    assert kept_bytes(analysis, precision) == kept_by_autograd(analysis, precision) > 0


LOOKING = """\
- {{type: Input, name: image, size: {size}, channels: 8}}
- {{type: Input, name: memory, size: {other}, channels: 8}}
- {{type: Scale, name: learned, inputs: [image]}}
- {{type: MultiHeadAttention, name: attention, {fields}, inputs: [learned, memory]}}
- {{type: FurtherOutput, name: scores, output: scores, inputs: [attention]}}
- {{type: Multiply, name: product, inputs: [scores, scores]}}
- {{type: Output, name: first, inputs: [attention]}}
- {{type: Output, name: second, inputs: [product]}}
"""
ATTENTIONS = {
    "one sequence": ("5", "7", "heads: 2"),
    "one query": ("1", "7", "heads: 2"),
    "one head": ("5", "7", "heads: 1"),
    "sizes apart": ("5", "7", "heads: 2, key_size: 3, value_size: 5, units: 6"),
    "maps": ("[2, 3]", "[4, 2]", "heads: 2"),
    "last axis": ("[4, 5]", "[4, 6]", "heads: 2, attends_to: last_axis"),
    "last axis apart": ("[4, 5]", "[4, 6]", "heads: 2, key_size: 3, attends_to: last_axis"),
    "last of three axes": ("[2, 3, 4]", "[2, 3, 5]", "heads: 2, attends_to: last_axis"),
}


def looking(name: str) -> Analysis:
    size, other, fields = ATTENTIONS[name]
    return counted(LOOKING.format(size=size, other=other, fields=fields))


@pytest.mark.parametrize("name", ATTENTIONS)
def test_scores_of_each_head_give_equal_numbers(name: str) -> None:
    analysis = looking(name)
    assert set(run_everywhere(analysis, 1)) == FRAMEWORKS
    assert compare_everywhere(analysis, 1) == ""


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("name", ATTENTIONS)
def test_an_attention_that_gives_its_scores_keeps_what_autograd_keeps(name: str, precision: str) -> None:
    analysis = analyze(for_training(looking(name).design))
    assert kept_bytes(analysis, precision) == kept_by_autograd(analysis, precision) > 0


ALONE = """\
- {type: Input, name: image, size: 5, channels: 8}
- {type: Scale, name: learned}
- {type: MultiHeadAttention, name: attention, heads: 2}
- {type: FurtherOutput, name: scores, output: scores}
- {type: Conv2D, name: head, filters: 2, kernel_size: 1}
"""


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_an_attention_whose_scores_alone_are_taken_keeps_nothing_of_its_output(precision: str) -> None:
    analysis = counted(ALONE)
    assert kept_bytes(analysis, precision) == kept_by_autograd(analysis, precision) > 0


BEGUN = """\
- {type: Input, name: film, size: [4, 6, 5], channels: 2}
- {type: Input, name: state, size: [6, 5], channels: 3}
- {type: Input, name: cell, size: [6, 5], channels: 3}
- {type: Scale, name: learned, inputs: [cell]}
- {type: ConvLSTM2D, name: lstm, filters: 3, kernel_size: KERNEL, padding: same, inputs: [film, state, learned]}
- {type: Conv2D, name: head, filters: 2, kernel_size: 1}
"""


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("kernel", ["3", "2"])
def test_states_of_4_bytes_flow_on_as_the_gates_do(kernel: str, precision: str) -> None:
    analysis = counted(BEGUN.replace("KERNEL", kernel))
    assert kept_bytes(analysis, precision) == kept_by_autograd(analysis, precision) > 0


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


@pytest.mark.parametrize("sequences", [False, True])
def test_states_of_convolutions_of_a_saved_keras_model_are_read(sequences: bool, tmp_path: Path) -> None:
    layers = keras.layers

    def cell() -> Any:
        return layers.ConvLSTM2D(3, 3, padding="same", return_sequences=sequences, return_state=True)

    film, later = keras.Input((4, 6, 5, 2)), keras.Input((3, 6, 5, 2))
    encoded, *states = cell()(film)
    forecast, _, last = cell()(later, initial_state=states)
    model = keras.Model([film, later], [encoded, forecast, layers.Conv2D(2, 1)(last)])
    model.save(tmp_path / "net.keras")
    read = read_file(tmp_path / "net.keras")
    types = [item.type_name for _, item in walk(read.design.layers)]
    assert "Opaque" not in types
    assert types.count("FurtherOutput") == 3
    assert analyze(read.design, CONVENTIONS["keras"]).totals.parameters == model.count_params()


def test_states_of_convolutions_in_keras_source_are_read(tmp_path: Path) -> None:
    analysis, path = forecast("3", "true"), tmp_path / "net.py"
    path.write_text(text_of(analysis, "keras"))
    read = analyze(read_file(path).design, CONVENTIONS["keras"])
    types = [row.layer.type_name for row in read.rows]
    assert "Opaque" not in types
    assert types.count("FurtherOutput") == 3
    assert read.totals.parameters == analyze(analysis.design, CONVENTIONS["keras"]).totals.parameters


def test_scores_of_a_keras_model_and_its_source_are_read(tmp_path: Path) -> None:
    layers = keras.layers
    query, value = keras.Input((7, 8)), keras.Input((7, 8))
    mixed, scores = layers.MultiHeadAttention(2, 4)(query, value, return_attention_scores=True)
    model = keras.Model([query, value], [mixed, layers.Conv2D(3, 1)(scores)])
    model.save(tmp_path / "net.keras")
    analysis = looking("one sequence")
    (tmp_path / "net.py").write_text(text_of(analysis, "keras"))
    wanted = {"net.keras": (7, model.count_params()), "net.py": (5, analysis.totals.parameters)}
    for name, (queries, parameters) in wanted.items():
        read = analyze(read_file(tmp_path / name).design, CONVENTIONS["keras"])
        assert not {"Opaque"}.intersection(row.layer.type_name for row in read.rows)
        (taken,) = [row for row in read.rows if row.layer.type_name == "FurtherOutput"]
        assert taken.output_shape is not None
        assert taken.output_shape.to_list() == [2, queries, 7]
        assert read.totals.parameters == parameters


SCORED = """\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.head = nn.Linear(7, 3)

    def forward(self, x, memory):
        mixed, scores = self.attention(x, memory, memory{asked})
        return mixed{used}

net = Net()
net(torch.zeros(1, 5, 8), torch.zeros(1, 7, 8))
"""


@pytest.mark.parametrize(
    ("asked", "used", "counts"),
    [
        ("", "", (0, 0)),
        (", need_weights=False", "", (0, 0)),
        ("", ", self.head(scores)", (1, 1)),
        (", average_attn_weights=False", ", self.head(scores)", (1, 0)),
    ],
)
def test_scores_in_source_of_pytorch_are_read(asked: str, used: str, counts: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(SCORED.format(asked=asked, used=used))
    read = analyze(read_file(path).design)
    assert read.errors == ()
    types = [row.layer.type_name for row in read.rows]
    assert "Opaque" not in types
    assert (types.count("FurtherOutput"), types.count("Reduce")) == counts
    assert read.totals.parameters == 4 * 8 * 9 + (24 if used else 0)


@pytest.mark.parametrize("key", ["pytorch", "keras", "onnx"])
def test_a_split_comes_back_as_one(key: str, tmp_path: Path) -> None:
    analysis = counted(LEARNED)
    path = tmp_path / {"pytorch": "net.py", "keras": "net.py", "onnx": "net.onnx"}[key]
    path.write_bytes(TARGETS[key].write(analysis, ExportOptions()).content)
    read = analyze(read_file(path).design)
    taken = ("Split", "FurtherOutput", "Slice")
    told = [[(row.layer.type_name, row.layer.picks) for row in each.rows] for each in (analysis, read)]
    first, second = ([each for each in rows if each[0] in taken] for rows in told)
    assert first == second
    assert compare_everywhere(read, 1) == ""


def test_blocks_of_an_exported_program_take_and_give_several_tensors(tmp_path: Path) -> None:
    """An encoder that gives two scales, and a decoder that takes its memory in each of its layers."""
    nets = (UNet(), (torch.zeros(1, 3, 16, 16),)), (Decoder(), (torch.zeros(1, 5, 16), torch.zeros(1, 7, 16)))
    for net, images in nets:
        path = tmp_path / "net.pt2"
        torch.export.save(torch.export.export(net.eval(), images), path)
        folded, flat = (read_file(path, ReadOptions(fold=fold)).design for fold in (True, False))
        ours, plain = analyze(folded).totals, analyze(flat).totals
        assert ours.parameters == plain.parameters == sum(tensor.numel() for tensor in net.parameters())
        assert (ours.macs, ours.activations, ours.state) == (plain.macs, plain.activations, plain.state)
        blocks = {item.name: item for _, item in walk(folded.layers) if isinstance(item, Block)}
        if isinstance(net, UNet):
            assert blocks["encoder"].further_outputs == ("scale",)
            assert blocks["up"].further_inputs == ("encoder.scale",)
        else:
            assert (blocks["layers"].repeat, blocks["layers"].further_inputs) == (2, ("memory",))


class Encoder(nn.Module):  # type: ignore[misc,name-defined]
    """Two scales."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1), nn.ReLU())
        self.pool = nn.MaxPool2d(2)
        self.last = nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, image: Any) -> Any:
        scale = self.scale(image)
        return scale, self.last(self.pool(scale))


class Up(nn.Module):  # type: ignore[misc,name-defined]
    """Takes the scale before again."""

    def __init__(self) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(8, 8, 2, 2)
        self.first, self.second = nn.Conv2d(16, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, image: Any, scale: Any) -> Any:
        return self.second(self.first(torch.cat([self.up(image), scale], 1)))


class UNet(nn.Module):  # type: ignore[misc,name-defined]
    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.up, self.head = Encoder(), Up(), nn.Conv2d(8, 2, 1)

    def forward(self, image: Any) -> Any:
        scale, last = self.encoder(image)
        return self.head(self.up(last, scale))


class Decoder(nn.Module):  # type: ignore[misc,name-defined]
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.TransformerDecoderLayer(16, 2, 32, batch_first=True) for _ in range(2)])
        self.head = nn.Linear(16, 4)

    def forward(self, target: Any, memory: Any) -> Any:
        for layer in self.layers:
            target = layer(target, memory)
        return self.head(target)


def test_what_takes_scores_at_each_step_stands_beside_their_attention(tmp_path: Path) -> None:
    analysis, path = looking("last axis"), tmp_path / "net.py"
    path.write_text(text_of(analysis, "pytorch"))
    read = analyze(read_file(path).design)
    assert read.errors == ()
    assert len([row for row in read.rows if row.picks]) == 1
    assert read.totals.parameters == analysis.totals.parameters
