"""Comments: the leading ones are saved again, and of the others it is known how many would be lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.network.design import Design
from cnnstudio.formats.design_file import Comments
from cnnstudio.formats.design_yaml import design_text, parse_design
from cnnstudio.formats.yaml.comments import find_comments
from tests.strategies import designs

HEAD = "cnnstudio: 1\nname: Netz\nlayers: []\n"
remarks = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20).map("#{}".format)


@st.composite
def commented(draw: st.DrawFn, text: str) -> tuple[str, str, int]:
    """The text under leading comments and with others in it: those leading, all of it, how many others."""
    gaps = draw(st.lists(st.sampled_from(["", "\n", " \n"]), max_size=3))
    leading = "".join(f"{draw(remarks)}\n{gap}" for gap in gaps)
    lines = text.splitlines()
    others = 0
    for i in range(len(lines)):
        kind = draw(st.sampled_from(["", "", "", "behind", "below"]))
        if kind:
            lines[i] += (" " if kind == "behind" else "\n  ") + draw(remarks)
            others += 1
    return leading, "\n".join(lines) + "\n", others


@given(st.data(), designs())
def test_leading_comments_survive_and_others_are_counted(data: st.DataObject, design: Design) -> None:
    text = design_text(design)
    leading, body, others = data.draw(commented(text))
    read = parse_design(leading + body)
    assert read.design == design
    assert read.comments.others == others
    saved = design_text(read.design, read.comments)
    assert saved == read.comments.leading + text
    assert find_comments(saved) == Comments(read.comments.leading, 0)
    assert [line for line in leading.splitlines() if line.strip()] == [
        line for line in read.comments.leading.splitlines() if line.strip()
    ]


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
    read = parse_design(leading + HEAD)
    assert read.comments == Comments(leading, 0)
    assert design_text(read.design, read.comments) == leading + HEAD


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("a: 1 # yes\nb: 'x # no' # yes\n", 2),
        ("a: x#no\nb: '#no'\nc: \"# no\"\n", 0),
        ("a: b#no #yes\n", 1),
        ("a: | # yes\n  # no\n  x # no\n# yes\nb: 1\n", 2),
        ("a: >- # yes\n  # no\n  x\n\n# yes\n  # yes\n", 3),
        ("a: |\n  x\n # yes\nb: 1", 1),
        ("a: [b, # yes\n  c] # yes\n# yes", 3),
        ("a: [b,#yes\n  c]\n", 1),
        ("a: 'ü 😀 # no' # yes\n", 1),
        ('a: "x\n  # no\n  y" # yes\n', 1),
        ("a: x\n  y # yes\n", 1),
        ("a: # yes\n  x\n", 1),
        ("a: 1 # yes # the same\n", 1),
        ("a: 1\n...\n# yes\n", 1),
        ("a: 1\r# yes\r\nb: 2\u2028# yes\n", 2),
    ],
)
def test_comments_are_told_from_signs_in_text(text: str, others: int) -> None:
    assert find_comments(text) == Comments("", others)


def test_comment_behind_the_document_mark_is_no_leading_one() -> None:
    read = parse_design("# leading\n---\n# another\n" + HEAD)
    assert read.comments == Comments("# leading\n", 1)
    assert design_text(read.design, read.comments) == "# leading\n" + HEAD


def test_content_behind_a_rare_line_end_is_not_taken_for_a_leading_comment() -> None:
    read = parse_design("# comment\u2028cnnstudio: 1\nname: Netz\nlayers: []\n")
    saved = design_text(read.design, read.comments)
    assert read.comments == Comments("", 1)
    assert parse_design(saved).design == read.design
