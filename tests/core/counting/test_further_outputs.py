"""Layers and blocks that give more than their output."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core import edits
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.edits.hindrances import ungiven
from cnnstudio.core.memory.nodes import run_of
from cnnstudio.core.network.design import (
    Block,
    Design,
    FurtherOutput,
    Item,
    find,
    items_of,
    structure_faults,
    walk,
)
from cnnstudio.formats.design_yaml import parse_items
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add, Concat
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.pooling import MaxPool2D
from cnnstudio.layers.reshaping import Upsample
from cnnstudio.layers.sequences.recurrent import LSTM, SimpleRNN
from cnnstudio.layers.shuffling import Split
from cnnstudio.layers.structure import Identity, Input
from tests.strategies import designs

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
    """All rows but those that only take an output or pass one on."""
    rows = [row for row in analysis.rows if not row.layer.picks and row.layer.type_name != "Identity"]
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


def outputs_of(design: Design, name: str) -> tuple[str, ...]:
    block = find(design, (name,))
    assert isinstance(block, Block)
    return block.further_outputs


@pytest.mark.parametrize(("repeat", "taken"), [(1, "image"), (2, "down")])
def test_what_takes_an_item_that_goes_takes_what_flowed_into_it(repeat: int, taken: str) -> None:
    """In a repeat that is what the repeat before gave, which nothing outside can take."""
    edit = edits.remove(encoder(repeat), [("down", "conv")])
    assert [item.name for item in edit.design.layers] == ["image", "down", "up", "joined"]
    assert outputs_of(edit.design, "down") == ()
    assert find(edit.design, ("joined",)).inputs == ("up", taken)
    assert edit.notes == (
        "'skip' goes with what gave it.",
        f"'joined' took 'skip' and now takes '{taken}'.",
    )


def test_a_block_gives_what_an_item_that_goes_took() -> None:
    block = Block(name="block", layers=(conv("a"), conv("b"), conv("c")), further_outputs=("b",))
    design = Design(
        layers=(IMAGE, block, FurtherOutput(name="skip", output="b"), Add(name="sum", inputs=("skip", "block")))
    )
    edit = edits.remove(design, [("block", "b")])
    assert outputs_of(edit.design, "block") == ("a",)
    assert find(edit.design, ("skip",)).further_outputs == ()
    assert edit.notes == ("'skip' took 'b' of 'block' and now takes 'a' of it.",)
    assert analyze(edit.design).problems == ()
    less = edits.remove(design, [("block", "b"), ("block", "a")]).design
    assert find(less, ("sum",)).inputs == ("image", "block")
    assert analyze(less).problems == ()


def test_what_takes_a_state_goes_with_its_layer() -> None:
    layers = (
        Input(name="words", size=(7,), channels=3),
        LSTM(name="lstm", units=5),
        FurtherOutput(name="cell", output="cell"),
        Identity(name="end"),
    )
    edit = edits.remove(Design(layers=layers), [("lstm",)])
    assert [item.name for item in edit.design.layers] == ["words", "end"]
    assert edit.notes[0] == "'cell' goes with what gave it."


def test_what_goes_inside_takes_along_what_takes_it_outside() -> None:
    """Through two blocks: the LSTM gives its cell, a FurtherOutput takes it, and the block gives that."""
    inner = (LSTM(name="lstm", units=5, return_sequences=True), FurtherOutput(name="cell", output="cell"))
    encoder = Block(name="encoder", layers=(*inner, Identity(name="end", inputs=("lstm",))), further_outputs=("cell",))
    words = Input(name="words", size=(7,), channels=3)
    layers = (words, encoder, FurtherOutput(name="last", output="cell"), Identity(name="use"))
    edit = edits.remove(Design(layers=layers), [("encoder", "lstm")])
    assert [path for path, _ in walk(edit.design.layers)] == [("words",), ("encoder",), ("encoder", "end"), ("use",)]
    assert analyze(edit.design).errors == ()


@given(designs(), st.data())
def test_no_deletion_leaves_a_further_output_without_its_source(design: Design, data: st.DataObject) -> None:
    paths = [path for path, _ in walk(design.layers)]
    chosen = data.draw(st.lists(st.sampled_from(paths), min_size=1, max_size=3))
    try:
        edit = edits.remove(design, chosen)
    except edits.EditError:
        return
    assert not list(structure_faults(edit.design.layers))
    lists = [(), *[path for path, item in walk(edit.design.layers) if isinstance(item, Block)]]
    for parent in lists:
        assert ungiven(items_of(edit.design, parent)) == []


def test_a_move_that_leaves_a_further_output_without_its_source_is_refused() -> None:
    with pytest.raises(edits.EditError, match="nothing would give 'conv' to 'skip' any more"):
        edits.move(encoder(1), [("down", "conv")], ((), 4))


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
    """An Identity ends it where what takes a further output would."""
    inner = Block(name="inner", layers=(conv("x"), conv("y")))
    design = Design(layers=(IMAGE, Block(name="outer", layers=(conv("z"), inner)), conv("end")))
    given, name = edits.let_out(design, ("outer", "inner"), "x")
    assert [item.name for item in items_of(given, ("outer",))] == ["z", "inner", name, "inner_output"]
    assert told(analyze(given)) == told(analyze(design))
    layers = (conv("a"), conv("b"), conv("c"))
    giving = Design(layers=(IMAGE, Block(name="block", layers=layers, further_outputs=("b",)), conv("end")))
    for names in (("b", "c"), ("a", "b")):
        grouped = edits.group(giving, [("block", name) for name in names]).design
        assert told(analyze(grouped)) == told(analyze(giving))
        assert outputs_of(grouped, "block") == ("b",)


UNSIZED = """
- {{type: Input, name: image, size: {sizes}, channels: 6}}
- {{type: MaxPool2D, name: pool, pool_size: 2}}
- {{type: FurtherOutput, name: places, output: indices, inputs: [pool]}}
- {{type: Split, name: parts, inputs: [pool]}}
- {{type: FurtherOutput, name: second, output: '2', inputs: [parts]}}
- {{type: Conv2D, name: wide, filters: 6, kernel_size: 3, padding: same}}
- {{type: MaxUnpool, name: up, inputs: [wide, places]}}
- type: Block
  name: block
  repeat: 2
  further_outputs: [left]
  layers:
  - {{type: Conv2D, name: left, filters: 6, kernel_size: 3, padding: same}}
  - {{type: Conv2D, name: right, filters: 6, kernel_size: 1}}
- {{type: FurtherOutput, name: skip, output: left, inputs: [block]}}
- {{type: Add, name: sum, inputs: [skip, block, up]}}
- {{type: Conv2D, name: last, filters: 5, kernel_size: 1}}
- {{type: GlobalAvgPool, name: whole}}
- {{type: Dense, name: head, units: 3}}
"""


def test_without_an_input_size_further_outputs_depend_on_it_and_what_follows_is_counted() -> None:
    unsized = analyze(Design(layers=parse_items(UNSIZED.format(sizes="[null, null]"))))
    sized = analyze(Design(layers=parse_items(UNSIZED.format(sizes="[8, 8]"))))
    assert unsized.problems == ()
    assert unsized.totals.uncounted == 0
    assert unsized.totals.parameters == sized.totals.parameters
    assert [row.parameters for row in unsized.rows] == [row.parameters for row in sized.rows]
    assert unsized.rows[-1].output_shape == sized.rows[-1].output_shape


def test_a_state_does_not_depend_on_the_steps() -> None:
    text = """
- {type: Input, name: words, size: [null], channels: 3}
- {type: LSTM, name: lstm, units: 5, return_sequences: true}
- {type: FurtherOutput, name: cell, output: cell, inputs: [lstm]}
- {type: Dense, name: head, units: 2}
"""
    *_, cell, head = analyze(Design(layers=parse_items(text))).rows
    assert cell.output_shape == Shape(5)
    assert (head.parameters, head.macs) == (12, 10)


def test_below_an_error_further_outputs_are_as_unknown_as_outputs() -> None:
    text = """
- {type: Input, name: image, size: [4, 4], channels: 6}
- {type: Conv2D, name: wrong, filters: 6, kernel_size: 9}
- {type: Split, name: parts}
- {type: FurtherOutput, name: second, output: '2', inputs: [parts]}
- {type: Conv2D, name: on, filters: 2, kernel_size: 1}
"""
    analysis = analyze(Design(layers=parse_items(text)))
    assert [problem.path for problem in analysis.errors] == ["wrong"]
    assert analysis.rows[-1].parameters == 3 * 2 + 2
