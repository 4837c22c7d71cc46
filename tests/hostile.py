"""Texts that break careless readers and writers, as names and notes of designs."""

from __future__ import annotations

from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.core.network.design import BLOCK_INPUT, Block, Design, Item
from cnnstudio.core.network.layer import MAX_NAME_LENGTH

NAMES = (
    "😀 conv",
    "🇩🇪",
    "n" * 300,
    "é" * MAX_NAME_LENGTH,
    "שלום",
    "مرحبا 1",
    "'single' and \"double\"",
    "# no comment",
    "a # b",
    "a: b",
    "a:",
    ": a",
    "- a",
    "-",
    "? a",
    "? ",
    "no",
    "yes",
    "on",
    "y",
    "null",
    "~",
    "true",
    "1",
    "012",
    "1_000",
    "0x10",
    "1e-5",
    "1e999",
    ".5",
    ".inf",
    ".nan",
    "2026-11-21",
    "3:30",
    "<<",
    "=",
    "=1+1",
    "=cmd|' /C calc'!A1",
    "＝1+1",
    "+1",
    "-1",
    "@home",
    "`tick`",
    "%d %s",
    "{a: b}",
    "[a, b]",
    "a, b",
    "&a",
    "*a",
    "!a",
    "!!int 3",
    "| pipe |",
    "> more",
    "---",
    "...",
    " leading",
    "trailing ",
    "  both  ",
    "two  spaces",
    "back\\slash",
    "\\n",
    "C:\\Users\\U0001F600",
    "a/b[1]",
    "</script><script>alert(1)</script>",
    "<b>&amp;</b>",
    "$x$ \\textbf{x} _x_ **x**",
    "![x](http://example.org)",
    "日本語の層",
    "𝕳𝖊𝖑𝖑𝖔",
    "a\u0301\u0323 combining",
)
"""Names that a design may have."""

NOTES = (
    *NAMES,
    "two\nlines",
    "ends with a line\n",
    "\nbegins with one",
    "a\n\n\nb\n\n",
    "  indented\nthen not",
    "tab\tand\ttab\n\tindented",
    "# looks like\n# a comment",
    "trailing space \nhere ",
    "--- \n...",
    "a: 1\nb: |\n  c",
    " \n ",
    "\n",
    "next\x85line",
    "line\u2028separator\u2029paragraph",
    "carriage\rreturn\r\n",
    "zero\u200bwidth\u200d\ufeff",
    "override \u202e\u2066",
    "bell \x07 escape \x1b[31m nul \x00",
    "long " * 500,
)
"""Notes may have several lines, and any character."""

printable = st.characters(exclude_categories=["C", "Z"], include_characters=" ")
random_names = st.text(printable, min_size=1, max_size=8).filter(lambda text: text.strip() and text != BLOCK_INPUT)
names = st.one_of(st.sampled_from(NAMES), random_names)
notes = st.one_of(st.sampled_from(NOTES), st.text(max_size=12))


@st.composite
def renamed(draw: st.DrawFn, designs: st.SearchStrategy[Design]) -> Design:
    """Designs under hostile names and notes, with connections to match."""
    design = draw(designs)
    items = draw(_renamed_items(design.layers))
    return structs.replace(design, name=draw(notes)[:MAX_NAME_LENGTH], note=draw(notes), layers=items)


@st.composite
def _renamed_items(draw: st.DrawFn, items: tuple[Item, ...]) -> tuple[Item, ...]:
    return draw(_renamed_list(items))[0]


@st.composite
def _renamed_list(draw: st.DrawFn, items: tuple[Item, ...]) -> tuple[tuple[Item, ...], dict[str, str]]:
    """The items, and their new names by the old ones."""
    fresh = draw(st.lists(names, min_size=len(items), max_size=len(items), unique=True))
    new = {item.name: name for item, name in zip(items, fresh, strict=True)}
    return tuple(draw(_renamed_item(item, new)) for item in items), new


@st.composite
def _renamed_item(draw: st.DrawFn, item: Item, new: dict[str, str]) -> Item:
    inputs = tuple(new.get(name, name) for name in item.inputs)
    if isinstance(item, Block):
        layers, inner = draw(_renamed_list(item.layers))
        outputs = tuple([inner[name] for name in item.further_outputs])
        item = structs.replace(item, layers=layers, further_outputs=outputs)
    return structs.replace(item, name=new[item.name], inputs=inputs, note=draw(notes))
