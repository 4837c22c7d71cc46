"""Edits: what they do, what they say, and that whatever they do leaves a valid design."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.authoring.blocks.branches import add_residual, branch, concatenate
from cnnstudio.authoring.retyping import change_type
from cnnstudio.core import edits
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.edits import Edit, EditError
from cnnstudio.core.network.design import Block, Design, ItemPath, find, structure_faults, walk
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add, Concat
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.starting import starting_layer
from cnnstudio.layers.structure import Input, Output
from tests.examples import share
from tests.networks import MAP, chain, conv, design_of, drawn, paths, residual
from tests.strategies import designs


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


def test_what_does_not_go_on_with_a_chain_leaves_it_as_it_is() -> None:
    second = Input(name="second", size=(8, 8), channels=3)
    edit = edits.insert(chain(), ((), 2), (second, BatchNorm(name="norm")))
    assert (drawn(edit.design), edit.notes) == ("image conv second norm relu<conv flat", ())
    edit = edits.insert(chain(), ((), 2), (BatchNorm(name="norm", inputs=("image",)),))
    assert (drawn(edit.design), edit.notes) == ("image conv norm<image relu<conv flat", ())
    edit = edits.insert(chain(), ((), 2), (Output(name="early"),))
    assert (drawn(edit.design), edit.notes) == ("image conv early relu<conv flat", ())
    edit = edits.insert(chain(), ((), 2), (BatchNorm(name="norm", inputs=("conv",)), Flatten(name="f")))
    assert edit.notes == ()


def test_duplicate_puts_copies_below() -> None:
    edit = edits.duplicate(chain(), [("conv",), ("relu",)])
    assert drawn(edit.design) == "image conv relu conv_1 relu_1 flat"
    assert (edit.label, edit.focus) == ("Duplicate 2 layers", (("conv_1",), ("relu_1",)))


def test_a_copy_of_a_numbered_layer_gets_the_next_number() -> None:
    design = design_of(conv("conv_3"), conv("conv_4"))
    assert drawn(edits.duplicate(design, paths("conv_3")).design) == "image conv_3 conv_1 conv_4"
    assert drawn(edits.duplicate(design_of(conv("3x3")), paths("3x3")).design) == "image 3x3 3x3_1"


def test_a_merge_with_inputs_enough_says_only_what_it_lost() -> None:
    second = Input(name="second", size=(8, 8), channels=4)
    merge = Concat(name="merge", inputs=("image", "second", "conv"))
    edit = edits.remove(Design(layers=(MAP, second, conv("conv", "image"), merge)), paths("second"))
    assert drawn(edit.design) == "image conv<image merge<image,conv"
    assert edit.notes == ("'merge' took 'second' and now takes nothing.",)


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
def test_any_sequence_of_edits_leaves_a_valid_design(data: st.DataObject, design: Design) -> None:
    analysis = analyze(design)
    for _ in range(5):
        paths = [path for path, _ in walk(design.layers)]
        if not paths:
            break
        edit = _random_edit(data, design, paths)
        if edit is None:
            continue
        assert list(structure_faults(edit.design.layers)) == []
        assert all(_is_there(edit.design, path) for path in edit.focus if path)
        analysis = analyze(edit.design, previous=analysis)
        assert analysis == analyze(edit.design)
        design = edit.design


def _is_there(design: Design, path: ItemPath) -> bool:
    return any(path == found for found, _ in walk(design.layers))


def _random_edit(data: st.DataObject, design: Design, paths: list[ItemPath]) -> Edit | None:
    try:
        return _drawn_edit(data, design, paths)
    except EditError:
        return None


STRUCTURAL: dict[str, Callable[[Design, list[ItemPath]], Edit]] = {
    "group": edits.group,
    "ungroup": edits.ungroup,
    "repeat": lambda design, paths: edits.repeat(design, paths, 2),
    "at_each_step": edits.at_each_step,
    "use_again": edits.use_again,
    "share": lambda design, paths: edits.share(design, paths[0], paths[-1]),
    "residual": lambda design, paths: add_residual(analyze(design), paths),
    "branch": lambda design, paths: branch(analyze(design), paths),
    "concatenate": lambda design, paths: concatenate(analyze(design), paths),
}
KINDS = ["remove", "move", "move_by", "duplicate", "insert", "rename", "freeze", *STRUCTURAL, "new", "unsaid", "retype"]


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
    if kind == "new":
        return edits.insert(design, place, [starting_layer(data.draw(st.sampled_from(sorted(LAYER_TYPES))))])
    if kind == "unsaid":
        return edits.set_inputs(design, some[0], ())
    if kind == "retype":
        return change_type(design, some[:1], data.draw(st.sampled_from(sorted(LAYER_TYPES))))
    if kind == "rename":
        return edits.rename(design, some[0], data.draw(st.sampled_from(["x", "input", "é/ü", "conv_1"])))
    return edits.set_field(design, some[:1], "note", data.draw(st.text(max_size=5)))


def test_strategy_reaches_blocks() -> None:
    """The property test above is worth what its designs are worth."""
    seen: list[bool] = []

    @given(design=designs())
    @share(1 / 2, database=None)
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


def test_one_size_of_a_map_is_that_of_all_its_axes() -> None:
    """In a file an integer is the length of a sequence; typed for an image it is no wish to have one."""
    edit = edits.set_field(chain(), [("image",)], "size", 100)
    assert find(edit.design, ("image",)) == Input(name="image", size=(100, 100), channels=3)
    assert edit.label == "Set size of image to 100 × 100"
    edit = edits.set_field(chain(), [("image",)], "size", [100])
    assert find(edit.design, ("image",)) == Input(name="image", size=(100,), channels=3)
