"""Blocks that are applied at each step of a sequence, run by the frameworks with equal weights."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.rows import BlockRow
from cnnstudio.core.network.design import walk
from cnnstudio.formats import read_file
from cnnstudio.formats.format import ReadOptions
from cnnstudio.verification.checking import verify
from tests.frameworks.frameworks import flop_counter, keras, torch
from tests.frameworks.running import images_of, keras_model, run_torch, text_of, torch_net
from tests.frameworks.test_frameworks import close, compare_everywhere, run_everywhere
from tests.frameworks.test_further_outputs import FRAMEWORKS, counted
from tests.frameworks.test_memory import counted as kept_bytes
from tests.frameworks.test_memory import for_training, kept_by_autograd

FRAMES = """\
- {type: Input, name: video, size: [5, 12, 10], channels: 3}
- type: Block
  name: frames
  time_distributed: true
  layers:
  - {type: Conv2D, name: conv, filters: 6, kernel_size: 3, stride: 2, padding: same, bias: false}
  - {type: BatchNorm, name: norm}
  - {type: Activation, name: relu, function: relu}
  - {type: MaxPool2D, name: pool, pool_size: 2}
  - {type: Flatten, name: flat}
  - {type: Dense, name: code, units: 7, activation: tanh}
"""
RECURRENT = FRAMES + "- {type: LSTM, name: lstm, units: 4}\n- {type: Dense, name: out, units: 3}\n"
REPEATED = """\
- {type: Input, name: words, size: [4, 6], channels: 8}
- {type: Conv2D, name: wide, filters: 8, kernel_size: 3, padding: same}
- type: Block
  name: encoder
  repeat: 2
  time_distributed: true
  layers:
  - {type: MultiHeadAttention, name: attention, heads: 2}
  - {type: Add, name: sum, inputs: [input, attention]}
  - {type: LayerNorm, name: norm}
- {type: Conv2D, name: last, filters: 3, kernel_size: 3}
"""
INSIDE = """\
- {type: Input, name: words, size: [4, 6], channels: 3}
- type: Block
  name: sentences
  time_distributed: true
  layers:
  - {type: GRU, name: words, units: 5}
- {type: LSTM, name: document, units: 4, return_sequences: true}
"""
SEVERAL = """\
- {type: Input, name: left, size: [4, 8, 6], channels: 2}
- {type: Input, name: right, size: [4, 8, 6], channels: 3}
- type: Block
  name: pair
  time_distributed: true
  inputs: [left, right]
  further_inputs: [other]
  further_outputs: [mix]
  layers:
  - {type: Conv2D, name: one, filters: 4, kernel_size: 3, padding: same, inputs: [input]}
  - {type: Conv2D, name: two, filters: 4, kernel_size: 3, padding: same, inputs: [other]}
  - {type: Add, name: mix, inputs: [one, two]}
  - {type: GlobalAvgPool, name: mean}
  - {type: Dense, name: code, units: 5}
- {type: FurtherOutput, name: maps, output: mix, inputs: [pair]}
- {type: Conv3D, name: volume, filters: 2, kernel_size: 3}
- {type: Conv1D, name: line, filters: 2, kernel_size: 3, inputs: [pair]}
"""
NESTED = """\
- {type: Input, name: pages, size: [3, 4, 6], channels: 4}
- type: Block
  name: page
  time_distributed: true
  further_outputs: [line]
  layers:
  - type: Block
    name: line
    time_distributed: true
    layers:
    - {type: Conv1D, name: conv, filters: 5, kernel_size: 3}
    - {type: SimpleRNN, name: rnn, units: 4}
  - {type: Dense, name: each, units: 4, apply_to: channels}
  - {type: Conv1D, name: lines, filters: 3, kernel_size: 2}
- {type: FurtherOutput, name: words, output: line, inputs: [page]}
- {type: GlobalMaxPool, name: most}
- {type: GlobalAvgPool, name: mean, inputs: [page]}
- {type: Concat, name: all, inputs: [most, mean]}
"""
LEARNED = """\
- {type: Input, name: video, size: [3, 8, 6], channels: 4}
- type: Block
  name: frames
  time_distributed: true
  layers:
  - {type: Flatten, name: positions}
  - {type: Parameter, name: learned}
  - {type: Dense, name: code, units: 5}
- {type: Conv1D, name: line, filters: 2, kernel_size: 2}
"""
STATES = """\
- {type: Input, name: words, size: [4, 6], channels: 3}
- type: Block
  name: sentences
  time_distributed: true
  layers:
  - {type: LSTM, name: words, units: 5, return_sequences: true}
  - {type: FurtherOutput, name: state, output: state, inputs: [words]}
  - {type: Dense, name: gate, units: 5, activation: sigmoid}
  - {type: Multiply, name: gated, inputs: [words, gate]}
  - {type: Split, name: parts, parts: 5}
  - {type: FurtherOutput, name: third, output: '3', inputs: [parts]}
  - {type: Subtract, name: difference, inputs: [parts, third]}
"""
CASES = {
    "frames": RECURRENT,
    "repeated": REPEATED,
    "recurrent": INSIDE,
    "several": SEVERAL,
    "nested": NESTED,
    "learned": LEARNED,
}
KEPT = ("frames", "repeated", "several", "learned")
cases = pytest.mark.parametrize("layers", CASES.values(), ids=CASES.keys())


@cases
def test_all_frameworks_give_equal_numbers(layers: str) -> None:
    analysis = counted(layers)
    assert set(run_everywhere(analysis, 1)) == FRAMEWORKS
    assert compare_everywhere(analysis, 1) == ""


@cases
def test_code_with_blocks_gives_what_code_without_them_gives(layers: str) -> None:
    analysis = counted(layers)
    images = images_of(analysis, 1)
    folded, flat = (torch_net(text_of(analysis, "pytorch", flat=flat)) for flat in (False, True))
    folded.load_state_dict(dict(zip(folded.state_dict(), flat.state_dict().values(), strict=True)))
    assert all(close(*pair) for pair in zip(run_torch(folded, images), run_torch(flat, images), strict=True))
    models = [keras_model(text_of(analysis, "keras", flat=flat)) for flat in (False, True)]
    models[1].set_weights(models[0].get_weights())
    arrays = [keras.ops.convert_to_tensor(image.transpose(0, *range(2, image.ndim), 1)) for image in images.values()]
    results = [keras.tree.flatten(model(arrays if len(arrays) > 1 else arrays[0])) for model in models]
    with torch.no_grad():
        assert all(close(*(keras.ops.convert_to_numpy(each) for each in pair)) for pair in zip(*results, strict=True))


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("case", KEPT)
def test_as_much_is_kept_as_autograd_keeps(case: str, precision: str) -> None:
    analysis = analyze(for_training(counted(FRAMES if case == "frames" else CASES[case]).design))
    assert kept_bytes(analysis, precision) == kept_by_autograd(analysis, precision) > 0


def test_keras_counts_the_same_in_its_own_layer() -> None:
    layers = keras.layers
    frame = keras.Sequential(
        [
            keras.Input((12, 10, 3)),
            layers.Conv2D(6, 3, strides=2, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(7, activation="tanh"),
        ]
    )
    shared: list[Any] = [layers.TimeDistributed(frame), layers.LSTM(4), layers.Dense(3)]
    model = keras.Sequential([keras.Input((5, 12, 10, 3)), *shared])
    analysis = analyze(counted(RECURRENT).design, CONVENTIONS["keras"])
    assert analysis.totals.parameters == model.count_params()
    block = analysis.entries[1]
    assert isinstance(block, BlockRow)
    assert block.totals.parameters == shared[0].count_params()
    sizes = shared[0].output.shape
    assert block.output_shape == Shape(sizes[-1], tuple(sizes[1:-1]))


def test_states_inside_a_step_are_taken_apart_in_code_with_blocks_alone() -> None:
    analysis = counted(STATES)
    assert set(run_everywhere(analysis, 1)) == {"onnx"}
    for framework in ("pytorch", "keras"):
        assert verify(analysis, framework, sys.executable).is_equal


class Frames(torch.nn.Module):  # type: ignore[misc]
    """Frames of a video, which become examples and frames again, as most people write it."""

    def __init__(self) -> None:
        super().__init__()
        nn = torch.nn
        self.cnn = nn.Sequential(
            nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten()
        )
        self.code = nn.Linear(32, 12)
        self.lstm = nn.LSTM(12, 16, batch_first=True)
        self.out = nn.Linear(16, 5)

    def forward(self, x: Any) -> Any:
        batch, frames, channels, height, width = x.size()
        y = self.cnn(x.view(batch * frames, channels, height, width))
        y = torch.relu(self.code(y)).view(batch, frames, -1)
        y, _ = self.lstm(y)
        return self.out(y[:, -1])


class Patches(torch.nn.Module):  # type: ignore[misc]
    """The patches of each frame and a class token, which attend to each other; the tokens' mean over the frames."""

    def __init__(self) -> None:
        super().__init__()
        nn = torch.nn
        self.patch = nn.Conv2d(3, 8, 4, 4)
        self.token = nn.Parameter(torch.zeros(1, 1, 8))
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.out = nn.Linear(8, 4)

    def forward(self, x: Any) -> Any:
        batch, frames, channels, height, width = x.shape
        y = self.patch(x.view(batch * frames, channels, height, width)).flatten(2).transpose(1, 2)
        y = torch.cat([self.token.expand(batch * frames, -1, -1), y], 1)
        y = y + self.attention(y, y, y)[0]
        return self.out(y[:, 0].view(batch, frames, 8).mean(1))


class Shuffled(torch.nn.Module):  # type: ignore[misc]
    """Half of the channels of each frame, and all of them shuffled; a score of each frame."""

    def __init__(self) -> None:
        super().__init__()
        nn = torch.nn
        self.part = nn.Conv2d(4, 8, 3, padding=1)
        self.whole = nn.Conv2d(8, 8, 3, padding=1, groups=2)
        self.score = nn.Linear(8, 1)

    def forward(self, x: Any) -> Any:
        batch, frames, channels, height, width = x.shape
        y = x.view(batch * frames, channels, height, width)
        half, _ = y.chunk(2, 1)
        mixed = y.view(batch * frames, 2, 4, height, width).transpose(1, 2).reshape(batch * frames, 8, height, width)
        y = (self.part(half) + self.whole(mixed)).mean((2, 3)).view(batch, frames, 8)
        return (self.score(y) * y).sum(1)


def saved(net: Any, image: Any, path: Path) -> None:
    """The network in the file that an ending asks for."""
    if path.suffix == ".pt2":
        torch.export.save(torch.export.export(net.eval(), (image,)), path)
    elif path.suffix == ".pt":
        torch.jit.trace(net.eval(), image, check_trace=False).save(path)
    else:
        torch.onnx.export(net.eval(), (image,), str(path), dynamo=False)


@pytest.mark.parametrize("ending", [".pt2", ".pt", ".onnx"])
def test_frames_that_attend_within_themselves_are_read(ending: str, tmp_path: Path) -> None:
    net, size, path = Patches(), (6, 3, 16, 16), tmp_path / f"net{ending}"
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        saved(net, torch.zeros(3, *size), path)
        with flop_counter.FlopCounterMode(display=False) as counter, torch.no_grad():
            net(torch.zeros(1, *size))
    finally:
        torch.backends.mha.set_fastpath_enabled(True)
    analysis = analyze(read_file(path, ReadOptions(input_size=size)).design)
    assert "Opaque" not in [row.layer.type_name for row in analysis.rows]
    assert analysis.totals.parameters == sum(tensor.numel() for tensor in net.parameters())
    assert analysis.totals.macs == counter.get_total_flops() // 2
    assert analysis.rows[-1].output_shape == Shape(4)
    assert not analysis.problems


@pytest.mark.parametrize("ending", [".pt2", ".pt", ".onnx"])
def test_channels_of_frames_are_cut_and_shuffled(ending: str, tmp_path: Path) -> None:
    net, size, path = Shuffled(), (6, 8, 16, 12), tmp_path / f"net{ending}"
    saved(net, torch.zeros(3, *size), path)
    analysis = analyze(read_file(path, ReadOptions(input_size=size)).design)
    assert "Opaque" not in [row.layer.type_name for row in analysis.rows]
    # Also the one bias of the score, which ONNX adds as a number by itself.
    assert analysis.totals.parameters == sum(tensor.numel() for tensor in net.parameters())
    assert analysis.totals.macs == 6 * (16 * 12 * 9 * (4 * 8 + 4 * 8) + 8)


@pytest.mark.parametrize("ending", [".pt2", ".pt", ".onnx"])
def test_frames_of_a_real_network_are_read(ending: str, tmp_path: Path) -> None:
    net, path = Frames(), tmp_path / f"net{ending}"
    saved(net, torch.zeros(2, 6, 3, 10, 12), path)
    design = read_file(path, ReadOptions(input_size=(6, 3, 10, 12))).design
    analysis = analyze(design)
    assert "Opaque" not in [item.type_name for _, item in walk(design.layers)]
    # The exporter folds the batch normalization into the convolution.
    folded = 2 * 8 if ending == ".onnx" else 0
    assert analysis.totals.parameters == sum(tensor.numel() for tensor in net.parameters()) - folded
    frames = 6
    work = {row.layer.type_name: row.macs for row in analysis.rows if row.layer.type_name in ("Conv2D", "LSTM")}
    assert work == {"Conv2D": frames * 27 * 8 * 8 * 10, "LSTM": frames * 4 * 16 * (12 + 16)}
