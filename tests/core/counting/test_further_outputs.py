"""Layers and blocks that give more than their output."""

from __future__ import annotations

import pytest

from cnnstudio.core import edits
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.memory.nodes import run_of
from cnnstudio.core.network.design import Block, Design, FurtherOutput, Item
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add, Concat
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.pooling import MaxPool2D
from cnnstudio.layers.reshaping import Upsample
from cnnstudio.layers.sequences.recurrent import LSTM, SimpleRNN
from cnnstudio.layers.shuffling import Split
from cnnstudio.layers.structure import Identity, Input

IMAGE = Input(name="image", size=(32, 32), channels=4)


def conv(name: str, kernel: int = 3, inputs: tuple[str, ...] = ()) -> Conv2D:
    return Conv2D(name=name, filters=4, kernel_size=kernel, padding="same", inputs=inputs)


def encoder(repeat: int) -> Design:
    """A U-Net's way down, whose last map before the pool is joined again."""
    down = Block(
        name="down",
        repeat=repeat,
        layers=(conv("conv"), MaxPool2D(name="pool", pool_size=2)),
        further_outputs=("conv",),
    )
    return Design(
        layers=(
            IMAGE,
            down,
            Upsample(name="up", scale=2),
            FurtherOutput(name="skip", output="conv", inputs=("down",)),
            Concat(name="joined", inputs=("up", "skip")),
        )
    )


def written_out(repeat: int) -> Design:
    layers: list[Item] = [IMAGE]
    for number in range(1, repeat + 1):
        layers += [conv(f"conv{number}"), MaxPool2D(name=f"pool{number}", pool_size=2)]
    return Design(layers=(*layers, Upsample(name="up", scale=2), Concat(name="joined", inputs=("up", f"conv{repeat}"))))


def told(analysis: Analysis) -> list[tuple[object, ...]]:
    """All rows but those that only take an output."""
    rows = [row for row in analysis.rows if not row.layer.picks]
    return [(row.layer.type_name, row.input_shapes, row.counts, row.receptive_field) for row in rows]


@pytest.mark.parametrize("repeat", [1, 2, 3, 4])
def test_a_block_gives_what_an_item_gives_in_the_last_repeat(repeat: int) -> None:
    analysis = analyze(encoder(repeat))
    assert analysis.problems == ()
    assert told(analysis) == told(analyze(written_out(repeat)))
    last = "down/conv" if repeat == 1 else f"down[{repeat}]/conv"
    assert next(row for row in analysis.rows if row.layer.picks).inputs == (last,)


def test_it_follows_what_flows_in_as_the_rest_does() -> None:
    design = encoder(3)
    wider = Design(layers=(IMAGE, conv("first", 5), *design.layers[1:]))
    fresh = analyze(wider)
    assert told(analyze(wider, previous=analyze(design))) == told(fresh)
    skip = next(row for row in fresh.rows if row.layer.picks)
    # A 5 × 5, then a 3 × 3 at each of the strides 1, 2 and 4, and pools of 2 at 1 and 2: 5 + 2 + 1 + 4 + 2 + 8.
    assert skip.receptive_field is not None
    assert skip.receptive_field.size == (22, 22)


def test_the_run_takes_it_from_the_layer_itself() -> None:
    nodes = run_of(analyze(encoder(2))).nodes
    at = next(at for at, node in enumerate(nodes) if node.row.layer.picks)
    assert nodes[nodes[at].inputs[0]].row.layer.name == "conv"
    assert nodes[at].inputs == (3,)


@pytest.mark.parametrize(
    ("layer", "output", "sentence"),
    [
        (
            LSTM(name="a", units=8),
            "cel",
            "'a' gives 'state' and 'cell' beside its output, and no 'cel'. Did you mean 'cell'?",
        ),
        (SimpleRNN(name="a", units=8), "cell", "'a' gives 'state' beside its output, and no 'cell'."),
        (Identity(name="a"), "state", "'a' gives nothing beside its output, and no 'state'."),
    ],
)
def test_an_output_that_is_not_there_is_named(layer: Item, output: str, sentence: str) -> None:
    sequence = Input(name="x", size=(9,), channels=4)
    analysis = analyze(Design(layers=(sequence, layer, FurtherOutput(name="b", output=output))))
    assert [problem.sentence for problem in analysis.errors] == [sentence]
    assert analysis.rows[-1].counts is None


def test_inside_a_block_only_the_output_of_what_flows_in_is_known() -> None:
    block = Block(name="block", layers=(FurtherOutput(name="state", output="state"),))
    analysis = analyze(Design(layers=(Input(name="x", size=(9,), channels=4), LSTM(name="a", units=8), block)))
    assert len(analysis.errors) == 1
    assert analysis.errors[0].rule == "no-such-output"


def test_shapes_of_states_and_parts() -> None:
    layers = (
        Input(name="x", size=(9,), channels=4),
        LSTM(name="lstm", units=8, projection=3, direction="both", return_sequences=True),
        FurtherOutput(name="state", output="state", inputs=("lstm",)),
        FurtherOutput(name="cell", output="cell", inputs=("lstm",)),
        LSTM(name="next", units=8, projection=3, direction="both", inputs=("x", "state", "cell")),
        Split(name="halves", inputs=("lstm",)),
        FurtherOutput(name="second", output="2", inputs=("halves",)),
        Add(name="sum", inputs=("halves", "second")),
    )
    analysis = analyze(Design(layers=layers))
    assert analysis.errors == ()
    shapes = {row.path: row.output_shape and row.output_shape.to_list() for row in analysis.rows}
    assert (shapes["state"], shapes["cell"], shapes["second"], shapes["sum"]) == ([6], [16], [3, 9], [3, 9])
    assert [row.parameters for row in analysis.rows if row.layer.picks] == [0, 0, 0]


def test_initial_states_of_other_sizes_are_refused() -> None:
    layers = (
        Input(name="x", size=(9,), channels=4),
        Input(name="h", channels=7),
        LSTM(name="lstm", units=8, inputs=("x", "h", "h")),
        LSTM(name="one", units=7, inputs=("x", "h")),
    )
    sentences = [problem.sentence for problem in analyze(Design(layers=layers)).errors]
    assert sentences[0].startswith(
        "after the sequence it takes state of 8 numbers and cell of 8 numbers, and it receives"
    )
    assert sentences[1].startswith(
        "after the sequence it takes state of 7 numbers and cell of 7 numbers, and it receives"
    )


def test_a_bias_that_flows_out_before_its_normalization_has_an_effect() -> None:
    layers = (conv("conv"), BatchNorm(name="norm"))
    plain = Block(name="block", layers=layers)
    giving = Block(name="block", layers=layers, further_outputs=("conv",))
    rules = [[problem.rule for problem in analyze(Design(layers=(IMAGE, block))).problems] for block in (plain, giving)]
    assert rules == [["bias-before-norm"], []]


FORKED = Design(
    layers=(
        IMAGE,
        conv("a"),
        conv("b"),
        conv("c", inputs=("a",)),
        conv("d", inputs=("b",)),
        Add(name="sum", inputs=("a", "d")),
        Add(name="all", inputs=("sum", "c")),
    )
)


def test_grouping_gives_what_others_take() -> None:
    edit = edits.group(FORKED, [("a",), ("b",), ("d",)], "block")
    names = [item.name for item in edit.design.layers]
    assert names == ["image", "block", "a", "c", "sum", "all"]
    block = edit.design.layers[1]
    assert isinstance(block, Block)
    assert block.further_outputs == ("a",)
    assert edit.notes == (
        "It gives 'a' beside its output.",
        "'c' moved below the block, out of the way.",
        "'sum' took 'd' and now takes 'block'.",
    )
    assert sorted(map(str, told(analyze(edit.design)))) == sorted(map(str, told(analyze(FORKED))))
    back = edits.ungroup(edit.design, [("block",)]).design
    assert sorted(map(str, told(analyze(back)))) == sorted(map(str, told(analyze(FORKED))))
    assert not [item for item in back.layers if isinstance(item, FurtherOutput)]


def test_what_would_flow_back_into_a_block_is_refused() -> None:
    with pytest.raises(
        edits.EditError, match="'all' takes 'sum', which takes what is selected; select 'sum' too, or less"
    ):
        edits.group(FORKED, [("a",), ("all",)])


def test_a_block_may_have_the_name_of_what_it_gives() -> None:
    edit = edits.group(FORKED, [("a",), ("b",), ("d",)], "a")
    assert [item.name for item in edit.design.layers] == ["image", "a", "a_1", "c", "sum", "all"]
    assert analyze(edit.design).problems == ()


def test_the_name_inside_is_followed_outside_and_what_is_gone_is_not_given() -> None:
    edit = edits.rename(encoder(2), ("down", "conv"), "features")
    block, skip = edit.design.layers[1], edit.design.layers[3]
    assert isinstance(block, Block)
    assert isinstance(skip, FurtherOutput)
    assert (block.further_outputs, skip.output) == (("features",), "features")
    assert analyze(edit.design).problems == ()
    gone = edits.remove(edit.design, [("down", "features")]).design
    assert gone.layers[1].further_outputs == ()
    sentences = [problem.sentence for problem in analyze(gone).errors]
    assert sentences == ["'down' gives nothing beside its output, and no 'features'."]


def test_a_block_gives_what_is_connected_from_inside() -> None:
    inner = Block(name="inner", layers=(conv("x"), conv("y")))
    outer = Block(name="outer", layers=(inner, conv("z")))
    design = Design(layers=(IMAGE, outer, conv("end")))
    design, name = edits.let_out(design, ("outer", "inner"), "x")
    assert name == "x"
    design, name = edits.let_out(design, ("outer",), name)
    assert edits.let_out(design, ("outer",), "x") == (design, "x")
    analysis = analyze(Design(layers=(*design.layers, Add(name="sum", inputs=("end", "x")))))
    assert analysis.problems == ()
    assert [row.path for row in analysis.rows] == [
        *("image", "outer/inner/x", "outer/inner/y", "outer/x", "outer/z", "x", "end", "sum"),
    ]


def test_a_block_goes_on_giving_what_ends_it() -> None:
    inner = Block(name="inner", layers=(conv("x"), conv("y")))
    design = Design(layers=(IMAGE, Block(name="outer", layers=(conv("z"), inner)), conv("end")))
    with pytest.raises(
        edits.EditError, match="'inner' is the output of 'outer', and would not be if 'x' came after it"
    ):
        edits.let_out(design, ("outer", "inner"), "x")
    layers = (conv("a"), conv("b"), conv("c"))
    giving = Design(layers=(IMAGE, Block(name="block", layers=layers, further_outputs=("b",)), conv("end")))
    with pytest.raises(edits.EditError, match="'c' is the output of 'block', and would not be if 'b' came after it"):
        edits.group(giving, [("block", "b"), ("block", "c")])
    grouped = edits.group(giving, [("block", "a"), ("block", "b")]).design
    assert told(analyze(grouped)) == told(analyze(giving))
