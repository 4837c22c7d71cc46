"""Comments: each is kept at what it stands at, to the byte where the studio would have written it there."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.core.edits import duplicate, insert, move, remove, set_field, ungroup
from cnnstudio.core.edits.inserting import paste
from cnnstudio.core.network.comments import Comment, Comments, lines_of
from cnnstudio.core.network.design import Block, Design, Item, find, walk
from cnnstudio.formats.design_yaml import design_text, items_text, parse_design, parse_items
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.yaml import comments as comments_module
from cnnstudio.layers.structure import Identity
from tests.strategies import designs

HEAD = "cnnstudio: 1\nname: Netz\nlayers: []\n"
COMMENTED = """\
# The network of sheet 3.

cnnstudio: 1  # of the format
name: Netz
# What it is for
note: |  # in two lines
  two
  lines
layers:  # from the top
# grey
- {type: Input, name: image, size: [8, 8], channels: 3} # small

# Stage 1
# -------
- type: Block # as in the paper
  name: stage
  repeat: 2 # twice
  # inside
  layers:
  # first
  - {type: Conv2D, name: a, filters: 3, kernel_size: 3, padding: same}\t# same
  - type: Conv2D
    name: b
    filters: 3  # as many
    # why 3?
    kernel_size: 3
    padding: same
  # end of the stage
- {type: Flatten, name: flat}
  # all of it

# The head
- {type: Dense, name: head, units: 3}
  # three classes
# That is all.
"""
remarks = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20).map(
    lambda text: f"# {text}".rstrip()
)


def everything_said(design: Design) -> list[str]:
    """All comments of a design, blank lines left out."""
    holders = (design.comments, *(item.comments for _, item in walk(design.layers)))
    return sorted(line.strip() for comments in holders for line in lines_of(comments) if line.strip())


def without_comments(design: Design) -> Design:
    """The design as if nobody had written any."""
    return structs.replace(design, layers=tuple(map(_bare, design.layers)), comments=())


def _bare(item: Item) -> Item:
    if isinstance(item, Block):
        item = structs.replace(item, layers=tuple(map(_bare, item.layers)))
    return structs.replace(item, comments=())


def test_comments_stay_to_the_byte() -> None:
    assert design_text(parse_design(COMMENTED).design) == COMMENTED


def test_comments_belong_to_what_they_stand_at() -> None:
    design = parse_design(COMMENTED).design
    assert find(design, ("stage",)).comments == (
        Comment(above=("", "# Stage 1", "# -------"), end=" # as in the paper"),
        Comment("repeat", end=" # twice"),
        Comment("layers", above=("# inside",)),
    )
    assert find(design, ("stage", "b")).comments == (
        Comment("filters", end="  # as many"),
        Comment("kernel_size", above=("# why 3?",)),
        Comment(below=("# end of the stage",)),
    )
    assert find(design, ("flat",)).comments == (Comment(below=("# all of it",)),)
    assert design.comments[-1] == Comment("layers", end="  # from the top")
    assert design.comments[0] == Comment(above=("# The network of sheet 3.", ""), below=("# That is all.",))


@st.composite
def commented(draw: st.DrawFn, text: str) -> str:
    """The text with comments where the studio writes them: above lines of items, and at the ends of such lines."""
    lines = []
    for line in text.splitlines():
        begins = line.lstrip().startswith("- {") or line.startswith("- ")
        dash = line[: len(line) - len(line.lstrip())]
        if begins and draw(st.booleans()):
            lines += [dash + above for above in draw(st.lists(remarks, min_size=1, max_size=2))]
        lines.append(f"{line} {draw(remarks)}" if begins and draw(st.booleans()) else line)
    return "\n".join(lines) + "\n"


@given(st.data(), designs())
def test_commented_text_is_written_again_to_the_byte(data: st.DataObject, design: Design) -> None:
    design = structs.replace(design, note="")
    text = data.draw(commented(design_text(design)))
    read = parse_design(text).design
    assert without_comments(read) == design
    assert design_text(read) == text


@given(st.data(), designs())
def test_no_comment_is_lost_wherever_it_stands(data: st.DataObject, design: Design) -> None:
    # A note of several lines would hold what is put into it.
    design = structs.replace(design, note="")
    lines = design_text(design).splitlines()
    said = []
    for number, line in enumerate(lines):
        kind = data.draw(st.sampled_from(["", "", "end", "below"]))
        if kind:
            said.append(data.draw(remarks))
            indent = data.draw(st.sampled_from(["", " ", "  ", "    "]))
            lines[number] = f"{line} {said[-1]}" if kind == "end" else f"{line}\n{indent}{said[-1]}"
    read = parse_design("\n".join(lines) + "\n").design
    assert everything_said(read) == sorted(said)
    assert without_comments(read) == design
    saved = design_text(read)
    again = parse_design(saved).design
    assert everything_said(again) == sorted(said)
    assert design_text(again) == saved


@pytest.mark.parametrize(
    "leading",
    [
        "",
        "# one\n",
        "# one\n\n\n# two\n\n",
        "\n\n# late\n",
        "  # indented\n    # more\n",
        "#\n",
        "# ü 😀 'quotes' a: b\n",
    ],
)
def test_leading_comment_is_kept_to_the_byte(leading: str) -> None:
    assert design_text(parse_design(leading + HEAD).design) == leading + HEAD


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: x # yes\nnote: 'x # no' # yes\n", 2),
        ("name: x#no\nnote: '# no'\n", 0),
        ('note: "x\n  # no\n  y" # yes\n', 1),
        ("name: b#no #yes\n", 1),
        ("note: | # yes\n  # no\n  x # no\n# yes\nname: a\n", 2),
        ("note: >- # yes\n  # no\n  x\n\n# yes\n  # yes\n", 3),
        ("accepted: [unused-input, # yes\n  odd-kernel] # the same\n# yes\n", 2),
        ("note: 'ü 😀 # no' # yes\n", 1),
        ("note: x\n  y # yes\n", 1),
        ("note: # yes\n  x\n", 1),
        ("name: x # yes # the same\n", 1),
        ("name: x\u2028# yes\nnote: y # yes\n", 2),
    ],
)
def test_comments_are_told_from_signs_in_text(text: str, said: int) -> None:
    found = comments_module.find_comments(f"{text}layers: []\n")
    assert sum(len(lines_of(comments)) for comments in found.values()) == said


def test_comments_of_a_list_in_braces_are_joined_at_its_field() -> None:
    text = "cnnstudio: 1\nlayers:\n- type: Input\n  size: [8, # high\n    8] # wide\n  channels: 3\n"
    assert "  size: [8, 8] # high # wide\n" in design_text(parse_design(text).design)


def test_comment_at_a_field_that_is_not_written_stands_above_its_item() -> None:
    text = "cnnstudio: 1\nconvention: pytorch # usual\nlayers:\n- type: Flatten\n  trainable: true # too\n"
    assert design_text(parse_design(text).design) == (
        "cnnstudio: 1\nname: Untitled\n# usual\nlayers:\n# too\n- type: Flatten\n  name: flatten_1\n"
    )


def test_comment_behind_the_document_mark_and_after_the_end() -> None:
    read = parse_design(f"# leading\n---\n# another\n{HEAD}...\n# last\n")
    assert design_text(read.design) == f"# leading\n# another\n{HEAD}# last\n"


def test_too_many_comments_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comments_module, "MAX_LINES", 2)
    assert parse_design(HEAD + "# 1\n# 2\n").design.comments
    for text, line in ((HEAD + "# 1\n# 2\n# 3\n", 6), ("#\n\n#\n" + HEAD, 1), (HEAD + "\n\n# 1\n", 6)):
        sentence = "has more than 2 lines of comments, with the empty ones above them; delete some of them."
        with pytest.raises(FileError, match=re.escape(f"design:{line}:1: {sentence}")):
            parse_design(text)


def test_comments_are_no_field_of_a_file() -> None:
    with pytest.raises(FileError, match=r"design:3:19: layers\[0\]: there is no field 'comments' here\."):
        parse_design("cnnstudio: 1\nlayers:\n- {type: Flatten, comments: []}\n")


# Edits.


def comments_at(design: Design, *path: str) -> Comments:
    """The comments of an item."""
    return find(design, path).comments


def test_comments_go_where_their_layer_goes() -> None:
    design = parse_design(COMMENTED).design
    flat = comments_at(design, "flat")
    assert comments_at(move(design, [("flat",)], (("stage",), 0)).design, "stage", "flat") == flat
    assert comments_at(set_field(design, [("flat",)], "name", "f").design, "f") == flat
    assert comments_at(insert(design, ((), 1), [Identity(name="x")]).design, "flat") == flat
    assert "# all of it" not in everything_said(remove(design, [("flat",)]).design)


def test_copies_take_their_comments_along() -> None:
    design = parse_design(COMMENTED).design
    flat = comments_at(design, "flat")
    assert comments_at(duplicate(design, [("flat",)]).design, "flat_1") == flat
    pasted = paste(design, ((), 4), parse_items(items_text((find(design, ("flat",)),)))).design
    assert comments_at(pasted, "flat_1") == flat


def test_comments_of_a_block_that_is_dissolved_stand_above_its_layers() -> None:
    design = ungroup(parse_design(COMMENTED).design, [("stage",)]).design
    assert comments_at(design, "a_1")[0].above == (
        *("", "# Stage 1", "# -------", "# as in the paper", "# twice", "# inside", "# first"),
    )


def test_comments_in_lists_of_items_survive() -> None:
    items = parse_design(COMMENTED).design.layers
    assert parse_items(items_text(items)) == items
