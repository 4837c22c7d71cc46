"""Edits: what they do, what they say, and that whatever they do leaves a valid design."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.core import edits
from cnnstudio.core.analysis import analyze
from cnnstudio.core.branching import add_residual, branch, concatenate
from cnnstudio.core.design import Block, Design, ItemPath, find, structure_faults, walk
from cnnstudio.core.edits import Edit, EditError
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Input
from tests.core.drawn import drawn
from tests.strategies import designs


def chain() -> Design:
    return Design(
        layers=(
            Input(name="image", size=(8, 8), channels=3),
            Conv2D(name="conv", filters=4, kernel_size=3),
            Activation(name="relu", function="relu"),
            Flatten(name="flat"),
        )
    )


def residual() -> Design:
    return Design(
        layers=(
            Input(name="image", size=(8, 8), channels=4),
            Block(
                name="stage",
                repeat=2,
                layers=(
                    Conv2D(name="a", filters=4, kernel_size=3, padding="same"),
                    Conv2D(name="short", filters=4, kernel_size=1, inputs=("input",)),
                    BatchNorm(name="norm"),
                    Add(name="sum", inputs=("a", "norm")),
                ),
            ),
            Flatten(name="flat"),
        )
    )


def test_insert_names_and_places() -> None:
    edit = edits.insert(chain(), ((), 2), (BatchNorm(),))
    assert drawn(edit.design) == "image conv batch_norm_1 relu flat"
    assert (edit.label, edit.focus, edit.notes) == ("Add batch_norm_1", (("batch_norm_1",),), ())


def test_insert_into_a_block() -> None:
    edit = edits.insert(residual(), (("stage",), 4), (Activation(function="relu"),))
    assert drawn(edit.design) == "image stage×2(a short<input norm sum<a,norm activation_1) flat"


def test_insert_gives_taken_names_a_number_and_says_so() -> None:
    edit = edits.insert(chain(), ((), 4), (Conv2D(name="conv", filters=1, kernel_size=1),))
    assert drawn(edit.design) == "image conv relu flat conv_1"
    assert edit.notes == ("'conv' is now called 'conv_1', because that name is taken.",)


def test_inserted_items_keep_connections_among_themselves() -> None:
    pasted = (Conv2D(name="conv", filters=3, kernel_size=1), Add(name="sum", inputs=("conv", "conv")))
    edit = edits.insert(chain(), ((), 4), pasted)
    assert drawn(edit.design) == "image conv relu flat conv_1 sum<conv_1,conv_1"


def test_what_interrupts_a_chain_is_said() -> None:
    second = Input(name="second", size=(8, 8), channels=3)
    edit = edits.insert(chain(), ((), 2), (second, BatchNorm(name="norm")))
    assert drawn(edit.design) == "image conv second norm relu flat"
    assert edit.notes == ("'relu' took 'conv' and now takes 'norm'.",)
    edit = edits.insert(chain(), ((), 2), (BatchNorm(name="norm", inputs=("image",)),))
    assert edit.notes == ("'relu' took 'conv' and now takes 'norm'.",)
    edit = edits.insert(chain(), ((), 2), (BatchNorm(name="norm", inputs=("conv",)), Flatten(name="f")))
    assert edit.notes == ()
    edit = edits.move(residual(), [("stage", "short")], (("stage",), 4))
    assert drawn(edit.design) == "image stage×2(a norm<input sum<a,norm short<input) flat"
    design = Design(layers=(*chain().layers, Conv2D(name="side", filters=4, kernel_size=1, inputs=("image",))))
    edit = edits.move(design, [("side",)], ((), 2))
    assert drawn(edit.design) == "image conv side<image relu flat"
    assert edit.notes == ("'relu' took 'conv' and now takes 'side'.",)


def test_remove_in_the_middle_takes_nothing_else_along() -> None:
    edit = edits.remove(chain(), [("conv",)])
    assert drawn(edit.design) == "image relu flat"
    assert (edit.label, edit.focus) == ("Delete conv", (("relu",),))


def test_remove_closes_the_chain_for_those_that_named_it() -> None:
    edit = edits.remove(residual(), [("stage", "norm")])
    assert drawn(edit.design) == "image stage×2(a short<input sum<a,short) flat"
    assert edit.notes == ("'sum' took 'norm' and now takes 'short'.",)


def test_remove_keeps_a_branch_where_it_starts() -> None:
    edit = edits.remove(residual(), [("stage", "short")])
    assert drawn(edit.design) == "image stage×2(a norm<input sum<a,norm) flat"


def test_remove_of_what_a_merge_needs_says_what_it_takes_now() -> None:
    design = Design(layers=(*chain().layers[:3], Add(name="sum", inputs=("image", "relu"))))
    edit = edits.remove(design, [("image",)])
    assert drawn(edit.design) == "conv relu sum<conv,relu"
    assert edit.notes == (
        "'sum' took 'image' and now takes nothing.",
        "'sum' has lost a connection and now takes 'conv' and 'relu'.",
    )


def test_the_last_item_of_a_block_stays() -> None:
    design = Design(layers=(Block(name="b", layers=(Flatten(name="only"),)),))
    with pytest.raises(EditError, match="'only' is all there is in the block 'b'; delete the block instead"):
        edits.remove(design, [("b", "only")])


def test_remove_of_a_block_and_something_in_it_is_one() -> None:
    edit = edits.remove(residual(), [("stage", "a"), ("stage",)])
    assert (drawn(edit.design), edit.label) == ("image flat", "Delete stage")


@pytest.mark.parametrize(
    ("paths", "place", "after", "label"),
    [
        ([("conv",)], ((), 3), "image relu conv flat", "Move conv below relu"),
        ([("flat",)], ((), 0), "flat image conv relu", "Move flat to the top"),
        ([("conv",), ("relu",)], ((), 4), "image flat conv relu", "Move 2 layers below flat"),
        ([("conv",)], ((), 1), "image conv relu flat", "Move conv below image"),
        ([("conv",)], ((), 2), "image conv relu flat", "Move conv below image"),
        ([("image",), ("flat",)], ((), 2), "conv image flat relu", "Move 2 layers below conv"),
    ],
)
def test_move(paths: list[ItemPath], place: edits.Place, after: str, label: str) -> None:
    edit = edits.move(chain(), paths, place)
    assert (drawn(edit.design), edit.label) == (after, label)


def test_move_out_of_a_block() -> None:
    edit = edits.move(residual(), [("stage", "a")], ((), 1))
    assert drawn(edit.design) == "image a stage×2(short<input norm sum<input,norm) flat"
    assert edit.notes == ("'sum' took 'a' and now takes 'input'.",)


def test_what_moves_out_of_a_block_takes_what_flows_into_the_block() -> None:
    edit = edits.move(residual(), [("stage", "short")], ((), 2))
    assert drawn(edit.design) == "image stage×2(a norm<input sum<a,norm) short<image flat"
    assert edit.notes == (
        "'norm' took 'short' and now takes 'input'.",
        "'flat' took 'stage' and now takes 'short'.",
    )


def test_what_moves_out_behind_its_block_takes_what_the_block_gives_out() -> None:
    stage = Block(
        name="stage", layers=(*residual_layers("a", "b"), Add(name="sum", inputs=("b", "input")), Flatten(name="end"))
    )
    design = Design(layers=(Input(name="image", size=(8, 8), channels=4), stage))
    edit = edits.move(design, [("stage", "sum"), ("stage", "end")], ((), 2))
    assert drawn(edit.design) == "image stage(a b) sum<stage,image end"
    assert edit.notes == ()
    edit = edits.move(residual(), [("stage", "sum")], ((), 2))
    assert drawn(edit.design) == "image stage×2(a short<input norm) sum<image,stage flat"
    assert edit.notes == (
        "'sum' took 'a', and cannot from its new place.",
        "The block 'stage' now ends in 'norm'.",
        "'sum' has lost a connection and now takes 'image' and 'stage'.",
    )


def residual_layers(*names: str) -> tuple[Conv2D, ...]:
    return tuple(Conv2D(name=name, filters=4, kernel_size=3, padding="same") for name in names)


def test_what_moves_into_a_block_does_not_take_another_of_the_same_name() -> None:
    design = Design(
        layers=(
            Input(name="image", size=(8, 8), channels=4),
            Conv2D(name="a", filters=4, kernel_size=1),
            Conv2D(name="b", filters=4, kernel_size=1),
            Block(name="stage", layers=(Conv2D(name="a", filters=4, kernel_size=1), BatchNorm(name="n"))),
            Activation(name="late", function="relu", inputs=("a",)),
            Activation(name="last", function="relu", inputs=("b",)),
        )
    )
    edit = edits.move(design, [("late",)], (("stage",), 1))
    assert drawn(edit.design) == "image a b stage(a late n) last<b"
    assert edit.notes == ("'late' took 'a', and cannot from its new place.",)
    edit = edits.move(design, [("last",)], (("stage",), 2))
    assert drawn(edit.design) == "image a b stage(a n last<input) late<a"
    assert edit.notes == ()


def test_move_into_itself_is_refused() -> None:
    with pytest.raises(EditError, match="'stage' cannot be moved into itself"):
        edits.move(residual(), [("stage",)], (("stage",), 0))


def test_move_that_would_make_a_cycle_says_what_it_changed() -> None:
    edit = edits.move(residual(), [("stage", "sum")], (("stage",), 0))
    assert drawn(edit.design) == "image stage×2(sum<input,input a short<input norm) flat"
    assert edit.notes == (
        "'sum' took 'a' and now takes 'input'.",
        "'sum' took 'norm' and now takes 'input'.",
        "'a' took 'input' and now takes 'sum'.",
        "The block 'stage' now ends in 'norm'.",
    )


def test_move_above_its_source_takes_what_that_takes() -> None:
    design = Design(layers=(*chain().layers, Activation(name="late", function="relu", inputs=("conv",))))
    edit = edits.move(design, [("late",)], ((), 1))
    assert drawn(edit.design) == "image late<image conv relu flat"
    assert edit.notes == ("'late' took 'conv' and now takes 'image'.",)


def test_move_of_a_source_below_its_taker_closes_the_chain_there() -> None:
    design = Design(layers=(*chain().layers[:3], Activation(name="late", function="relu", inputs=("conv",))))
    edit = edits.move(design, [("conv",)], ((), 4))
    assert drawn(edit.design) == "image relu late<image conv"
    assert edit.notes == ("'late' took 'conv' and now takes 'image'.",)


def test_remove_of_a_branch_point_takes_all_its_takers_along() -> None:
    design = Design(
        layers=(
            *chain().layers[:3],
            Conv2D(name="short", filters=4, kernel_size=1, inputs=("conv",)),
            Add(name="sum", inputs=("relu", "short")),
        )
    )
    edit = edits.remove(design, [("conv",)])
    assert drawn(edit.design) == "image relu short<image sum<relu,short"
    assert edit.notes == ("'short' took 'conv' and now takes 'image'.",)


def test_remove_of_a_merge_says_which_of_its_branches_goes_on() -> None:
    design = Design(
        layers=(
            Input(name="image", size=(8, 8), channels=4),
            Conv2D(name="a", filters=4, kernel_size=1),
            Conv2D(name="b", filters=4, kernel_size=1, inputs=("image",)),
            Add(name="sum", inputs=("a", "b")),
            Flatten(name="flat"),
        )
    )
    edit = edits.remove(design, [("sum",)])
    assert drawn(edit.design) == "image a b<image flat<a"
    assert edit.notes == ("'flat' took 'sum' and now takes 'a'.",)
    edit = edits.remove(design, [("b",), ("sum",)])
    assert drawn(edit.design) == "image a flat"
    assert edit.notes == ("'flat' took 'sum' and now takes 'a'.",)


def test_remove_of_the_end_of_a_block_says_what_it_ends_in_now() -> None:
    edit = edits.remove(residual(), [("stage", "sum")])
    assert drawn(edit.design) == "image stage×2(a short<input norm) flat"
    assert edit.notes == ("The block 'stage' now ends in 'norm'.",)


def test_remove_of_an_input_in_the_middle_says_what_follows_takes() -> None:
    second = Input(name="second", size=(8, 8), channels=3)
    design = Design(layers=(*chain().layers[:2], second, Activation(name="late", function="relu")))
    edit = edits.remove(design, [("second",)])
    assert drawn(edit.design) == "image conv late"
    assert edit.notes == ("'late' took 'second' and now takes 'conv'.",)


def test_remove_in_several_lists_at_once() -> None:
    edit = edits.remove(residual(), [("flat",), ("stage", "norm"), ("stage", "a")])
    assert drawn(edit.design) == "image stage×2(short<input sum<input,short)"
    assert edit.notes == ("'sum' took 'a' and now takes 'input'.", "'sum' took 'norm' and now takes 'short'.")


def test_move_from_several_lists_at_once() -> None:
    edit = edits.move(residual(), [("flat",), ("stage", "a")], ((), 1))
    assert drawn(edit.design) == "image a flat stage×2(short<input norm sum<input,norm)"


def test_move_by_one_row_and_no_further() -> None:
    assert drawn(edits.move_by(chain(), [("relu",)], -1).design) == "image relu conv flat"
    assert drawn(edits.move_by(chain(), [("image",), ("conv",)], 1).design) == "relu image conv flat"
    with pytest.raises(EditError, match="there is no row to move to"):
        edits.move_by(chain(), [("image",)], -1)
    with pytest.raises(EditError, match="select layers of one list to move them"):
        edits.move_by(residual(), [("image",), ("stage", "a")], 1)


def test_duplicate_puts_copies_below() -> None:
    edit = edits.duplicate(chain(), [("conv",), ("relu",)])
    assert drawn(edit.design) == "image conv relu conv_1 relu_1 flat"
    assert (edit.label, edit.focus) == ("Duplicate 2 layers", (("conv_1",), ("relu_1",)))


def test_set_field_names_the_object() -> None:
    edit = edits.set_field(chain(), [("conv",)], "kernel_size", [3, 5])
    assert edit.label == "Set kernel size of conv to 3 × 5"
    assert edit.key == "kernel_size:conv"
    conv = find(edit.design, ("conv",))
    assert isinstance(conv, Conv2D)
    assert conv.kernel_size == (3, 5)


def test_set_field_of_several_at_once() -> None:
    design = edits.duplicate(chain(), [("conv",)]).design
    edit = edits.set_field(design, [("conv",), ("conv_1",)], "filters", 7)
    assert edit.label == "Set filters of 2 layers to 7"
    assert [getattr(item, "filters", None) for item in edit.design.layers] == [None, 7, 7, None, None]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("filters", 0, "filters must be a whole number from 1 to 1,000,000,000, and received 0."),
        (
            "kernel_size",
            [3, 3, 3],
            "kernel_size of a Conv2D needs one integer, or 2 for its 2 spatial axes, and received 3.",
        ),
        ("pool_size", 2, "a Conv2D has no pool size."),
        ("padding", "sane", "Did you mean 'same'?"),
    ],
)
def test_set_field_refuses_with_a_sentence(field: str, value: object, sentence: str) -> None:
    with pytest.raises(EditError) as refusal:
        edits.set_field(chain(), [("conv",)], field, value)
    assert str(refusal.value).endswith(sentence)


def test_rename_takes_references_along() -> None:
    edit = edits.rename(residual(), ("stage", "norm"), "bn")
    assert drawn(edit.design) == "image stage×2(a short<input bn sum<a,bn) flat"
    assert (edit.label, edit.focus) == ("Rename norm to bn", (("stage", "bn"),))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "a name is one line of visible characters"),
        ("a\nb", "a name is one line of visible characters"),
        ("input", "'input' is reserved"),
        ("relu", "the name 'relu' is taken"),
        ("x" * 501, "name must be text of at most 500 characters"),
    ],
)
def test_rename_refuses_names_that_cannot_be(name: str, sentence: str) -> None:
    with pytest.raises(EditError, match=sentence):
        edits.rename(chain(), ("conv",), name)


def test_connect_and_what_cannot_be_connected() -> None:
    edit = edits.set_inputs(chain(), ("flat",), ["conv"])
    assert (drawn(edit.design), edit.label) == ("image conv relu flat<conv", "Connect flat to conv")
    with pytest.raises(EditError, match="comes later and would make a cycle"):
        edits.set_inputs(chain(), ("conv",), ["flat"])


def test_set_design() -> None:
    edit = edits.set_design(chain(), "convention", "keras")
    assert (edit.design.convention, edit.label) == ("keras", "Set convention to keras")
    with pytest.raises(EditError, match="convention must be one of pytorch, keras, caffe"):
        edits.set_design(chain(), "convention", "torch")


@given(data=st.data(), design=designs())
@settings(max_examples=60, deadline=None)
def test_any_sequence_of_edits_leaves_a_valid_design(data: st.DataObject, design: Design) -> None:
    for _ in range(5):
        paths = [path for path, _ in walk(design.layers)]
        if not paths:
            break
        edit = _random_edit(data, design, paths)
        if edit is None:
            continue
        assert list(structure_faults(edit.design.layers)) == []
        assert all(_is_there(edit.design, path) for path in edit.focus if path)
        analyze(edit.design)
        design = edit.design


def _is_there(design: Design, path: ItemPath) -> bool:
    return any(path == one for one, _ in walk(design.layers))


def _random_edit(data: st.DataObject, design: Design, paths: list[ItemPath]) -> Edit | None:
    try:
        return _drawn_edit(data, design, paths)
    except EditError:
        return None


STRUCTURAL: dict[str, Callable[[Design, list[ItemPath]], Edit]] = {
    "group": edits.group,
    "ungroup": edits.ungroup,
    "repeat": lambda design, paths: edits.repeat(design, paths, 2),
    "residual": lambda design, paths: add_residual(analyze(design), paths),
    "branch": lambda design, paths: branch(analyze(design), paths),
    "concatenate": lambda design, paths: concatenate(analyze(design), paths),
}
KINDS = ["remove", "move", "move_by", "duplicate", "insert", "rename", "freeze", *STRUCTURAL]


def _drawn_edit(data: st.DataObject, design: Design, paths: list[ItemPath]) -> Edit:
    some = data.draw(st.lists(st.sampled_from(paths), min_size=1, max_size=3))
    parents = [(), *(path for path, item in walk(design.layers) if isinstance(item, Block))]
    parent = data.draw(st.sampled_from(parents))
    place = (parent, data.draw(st.integers(0, len(edits.items_of(design, parent)))))
    kind = data.draw(st.sampled_from(KINDS))
    if kind in STRUCTURAL:
        return STRUCTURAL[kind](design, some)
    if kind == "remove":
        return edits.remove(design, some)
    if kind == "move":
        return edits.move(design, some, place)
    if kind == "move_by":
        return edits.move_by(design, some, data.draw(st.sampled_from([-1, 1])))
    if kind == "duplicate":
        return edits.duplicate(design, some, data.draw(st.sampled_from([None, place])))
    if kind == "insert":
        return edits.insert(design, place, [find(design, path) for path in some])
    if kind == "rename":
        return edits.rename(design, some[0], data.draw(st.sampled_from(["x", "input", "é/ü", "conv_1"])))
    return edits.set_field(design, some[:1], "note", data.draw(st.text(max_size=5)))


def test_strategy_reaches_blocks() -> None:
    """The property test above is worth what its designs are worth."""
    seen: list[bool] = []

    @given(design=designs())
    @settings(max_examples=40, deadline=None, database=None)
    def look(design: Design) -> None:
        seen.append(any(isinstance(item, Block) for _, item in walk(design.layers)))

    look()
    assert any(seen)


def test_edits_do_not_touch_the_design_they_start_from() -> None:
    design = chain()
    before = structs.asdict(design)
    edits.move(design, [("conv",)], ((), 4))
    edits.remove(design, [("conv",)])
    assert structs.asdict(design) == before
