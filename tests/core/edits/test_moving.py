"""Deleting and moving: chains close, connections stay meaningful, and what had to change is said."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core import edits
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.edits import EditError, Place
from cnnstudio.core.network.design import Block, Design, Item, ItemPath, find, structure_faults, walk
from cnnstudio.core.network.wiring import unused
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add, Concat
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Input, Output
from tests.examples import share
from tests.networks import MAP, builtin, chain, conv, design_of, drawn, paths, residual


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
        ([("conv",), ("relu",)], ((), 4), "image flat conv relu", "Move 2 layers below flat"),
        ([("conv",)], ((), 1), "image conv relu flat", "Move conv below image"),
        ([("conv",)], ((), 2), "image conv relu flat", "Move conv below image"),
        ([("conv",), ("flat",)], ((), 4), "image relu conv flat", "Move 2 layers below relu"),
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
    assert drawn(edit.design) == "image stage×2(a norm<input sum<a,norm) short flat"
    assert edit.notes == ("'norm' took 'short' and now takes 'input'.",)


def test_what_moves_out_behind_its_block_takes_what_the_block_gives_out() -> None:
    stage = Block(
        name="stage", layers=(*residual_layers("a", "b"), Add(name="sum", inputs=("b", "input")), Flatten(name="end"))
    )
    design = Design(layers=(Input(name="image", size=(8, 8), channels=4), stage))
    edit = edits.move(design, [("stage", "sum"), ("stage", "end")], ((), 2))
    assert drawn(edit.design) == "image stage(a b) sum<stage,image end"
    assert edit.notes == ()
    with pytest.raises(EditError, match="nothing would take 'a' any more"):
        edits.move(residual(), [("stage", "sum")], ((), 2))


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
    assert drawn(edit.design) == "image a b stage(a n last) late<a"
    assert edit.notes == ()


def test_move_into_itself_is_refused() -> None:
    with pytest.raises(EditError, match="'stage' cannot be moved into itself"):
        edits.move(residual(), [("stage",)], (("stage",), 0))


def test_a_merge_does_not_go_above_its_branches_in_their_block() -> None:
    with pytest.raises(EditError, match="'sum' takes 'a' and 'norm', and cannot stand above them; select the layers"):
        edits.move(residual(), [("stage", "sum")], (("stage",), 0))


def test_nothing_goes_above_what_feeds_all() -> None:
    with pytest.raises(EditError, match="'flat' needs an input, and nothing stands above the first row"):
        edits.move(chain(), [("flat",)], ((), 0))
    with pytest.raises(EditError, match="'conv' takes 'image', and cannot stand above it"):
        edits.move(chain(), [("image",)], ((), 3))


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
    assert edit.notes == ("'flat' took 'sum' and now takes 'a'.", "Nothing takes 'b' now.")
    edit = edits.remove(design, [("b",), ("sum",)])
    assert drawn(edit.design) == "image a flat"
    assert edit.notes == ("'flat' took 'sum' and now takes 'a'.",)


def test_remove_of_the_end_of_a_block_says_what_it_ends_in_now() -> None:
    edit = edits.remove(residual(), [("stage", "sum")])
    assert drawn(edit.design) == "image stage×2(a short<input norm) flat"
    assert edit.notes == ("The block 'stage' now ends in 'norm'.", "Nothing takes 'a' now.")


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
    assert drawn(edits.move_by(chain(), [("conv",), ("relu",)], 1).design) == "image flat conv relu"
    with pytest.raises(EditError, match="there is no row to move to"):
        edits.move_by(chain(), [("image",)], -1)
    with pytest.raises(EditError, match="select layers of one list to move them"):
        edits.move_by(residual(), [("image",), ("stage", "a")], 1)


@pytest.fixture(params=["a b c", "a c b", "c b a"])
def branched(request: pytest.FixtureRequest) -> Design:
    """Three branches from one layer that a Concat joins, and two layers after it."""
    branches = [Conv2D(name=name, filters=4, kernel_size=1, inputs=("stem",)) for name in ("a", "b", "c")]
    merge = Concat(name="join", inputs=tuple(str(request.param).split()))
    rest = [Conv2D(name=name, filters=4, kernel_size=1) for name in ("d", "e")]
    stem = Conv2D(name="stem", filters=4, kernel_size=1)
    return Design(layers=(Input(name="image", size=(8, 8), channels=4), stem, *branches, merge, *rest))


@pytest.mark.parametrize(("at", "follower"), [(7, "d"), (8, "e")])
def test_a_merge_that_moves_on_leaves_no_branch_behind(branched: Design, at: int, follower: str) -> None:
    edit = edits.move(branched, [("join",)], ((), at))
    assert unused(edit.design.layers, inside=()) == ()
    first, *others = find(branched, ("join",)).inputs
    assert find(edit.design, ("join",)).inputs == (follower, *others)
    assert find(edit.design, ("d",)).inputs in ((first,), ())


def test_a_drop_at_its_own_place_leaves_a_merge_as_it_is(branched: Design) -> None:
    for at in (5, 6):
        assert edits.move(branched, [("join",)], ((), at)).design == branched


def test_a_chain_goes_on_with_what_nothing_else_takes() -> None:
    convs = [Conv2D(name=name, filters=4, kernel_size=1) for name in ("stem", "a", "b", "last")]
    merge = Add(name="sum", inputs=("stem", "a", "b"))
    design = Design(layers=(Input(name="image", size=(8, 8), channels=4), *convs[:3], merge, convs[3]))
    edit = edits.remove(design, [("sum",)])
    assert drawn(edit.design) == "image stem a b last"
    assert edit.notes == ("'last' took 'sum' and now takes 'b'.",)


def test_whatever_goes_no_branch_is_left_without_saying_so(branched: Design) -> None:
    known = set(unused(branched.layers, inside=()))
    tried = [edits.remove(branched, [(item.name,)]) for item in branched.layers]
    for edit in tried:
        left = [name for name in unused(edit.design.layers, inside=()) if name not in known]
        told = [note for note in edit.notes if note.startswith("Nothing takes ")]
        assert [name for name in left if f"'{name}'" not in " ".join(told)] == [], edit.label
        assert bool(told) == bool(left), edit.label


@pytest.mark.parametrize(
    ("names", "at", "after"),
    [
        ("join", 1, "image a<image b<image c<image join<a,b,c stem d e"),
        ("join d", 1, "image a<image b<image c<image join<a,b,c d stem e"),
        ("a join", 1, "image a<image b<image c<image join<a,b,c stem d e"),
        ("b d", 8, "image stem a<stem c<stem join<a,stem,c e b<e d"),
    ],
)
def test_several_rows_and_merges_move_with_what_they_need(names: str, at: int, after: str) -> None:
    branches = [conv(name, "stem") for name in ("a", "b", "c")]
    design = design_of(conv("stem"), *branches, Concat(name="join", inputs=("a", "b", "c")), conv("d"), conv("e"))
    edit = edits.move(design, paths(*names.split()), ((), at))
    assert drawn(edit.design) == after
    assert [path[-1] for path in edit.focus] == names.split()


@pytest.mark.parametrize(
    ("places", "target"),
    [
        ([("up3", "conv2"), ("concat1",)], (("down1",), 2)),
        ([("concat3",), ("up4", "conv2")], (("down2",), 1)),
        ([("down1",), ("crop2",), ("down4", "conv1"), ("concat3",)], (("up3",), 2)),
        ([("bottom", "conv2"), ("pool2",), ("upconv2",), ("concat3",)], (("up1",), 0)),
    ],
)
def test_a_merge_may_carry_the_block_along_that_another_row_was_in(places: list[ItemPath], target: Place) -> None:
    design = builtin("u-net").design
    with suppress(EditError):
        after = edits.move(design, places, target).design
        assert sum(1 for _ in walk(after.layers)) == sum(1 for _ in walk(design.layers))


@given(data=st.data())
@share(1 / 2)
def test_wherever_rows_move_nothing_is_left_dangling(data: st.DataObject) -> None:
    design = data.draw(networks())
    names = [item.name for item in design.layers]
    some = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True))
    at = data.draw(st.integers(0, len(names)))
    try:
        after = edits.move(design, paths(*some), ((), at)).design
    except EditError:
        # Only rows that would stand above what they join, or an input below what takes it, cannot move.
        assert {item.name for item in design.layers if type(item) in (Add, Concat, Input)} & set(some) or at == 0
        return
    assert sorted(item.name for item in after.layers) == sorted(names)
    assert not list(structure_faults(after.layers))
    assert set(unused(after.layers, inside=())) <= set(unused(design.layers, inside=()))
    assert [problem.sentence for problem in analyze(after).problems if problem.severity == "error"] == []


@st.composite
def networks(draw: st.DrawFn) -> Design:
    """Networks of layers that keep the shape of their input, with branches, merges and outputs; nothing dangles."""
    rows: list[Item] = [MAP]
    loose: list[str] = []
    for number in range(draw(st.integers(2, 9))):
        before = rows[-1].name
        match draw(st.sampled_from(["conv", "conv", "branch", "merge", "output"])):
            case "branch" if len(loose) < 2:
                loose.append(before)
                rows.append(conv(f"branch{number}", draw(st.sampled_from([item.name for item in rows]))))
            case "merge" if loose:
                rows.append(Add(name=f"sum{number}", inputs=(loose.pop(), before)))
            case "output" if not loose:
                rows += [Output(name=f"out{number}"), conv(f"conv{number}", before)]
            case _:
                rows.append(conv(f"conv{number}"))
    if loose:
        rows.append(Add(name="last", inputs=(*loose, rows[-1].name)))
    return Design(layers=tuple(rows))
