"""Shared weights in a design file: what both have in common is written once."""

from __future__ import annotations

import jsonschema
import pytest
import yaml
from msgspec import structs

from cnnstudio.core.network.design import Block
from cnnstudio.formats.design_yaml import design_text, parse_design, parse_items
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.schema import design_schema
from tests.networks import conv, design_of

SHARED = design_of(
    conv("a", filters=4, padding=1),
    conv("b", filters=4, padding=1, shares="a"),
    Block(name="left", layers=(conv("c"),)),
    Block(name="right", layers=(conv("c"),), inputs=("a",), shares="left"),
)


def test_what_both_have_is_written_once_and_read_again() -> None:
    text = design_text(SHARED)
    assert "- {type: Conv2D, name: b, shares: a}\n" in text
    assert "- {type: Block, name: right, inputs: [a], shares: left}\n" in text
    assert parse_design(text).design == SHARED


def test_comments_inside_a_block_are_written_where_its_layers_are() -> None:
    text = design_text(SHARED).replace("  - {type: Conv2D, name: c", "  # the first\n  - {type: Conv2D, name: c")
    assert "# the first" in text
    assert design_text(parse_design(text).design) == text


def test_fields_that_differ_from_the_owner_s_are_written() -> None:
    unlike = structs.replace(SHARED, layers=(*SHARED.layers[:2], conv("d", filters=4, padding=1, stride=1, shares="a")))
    owner = structs.replace(unlike, layers=(unlike.layers[0], conv("a", filters=4, stride=2), *unlike.layers[2:]))
    assert parse_design(design_text(owner)).design == owner


def test_the_lines_of_a_shared_block_are_known() -> None:
    found = parse_design(design_text(SHARED)).lines
    assert {"right", "right/c"} <= found.keys()


def test_the_schema_wants_no_field_that_the_owner_gives() -> None:
    jsonschema.validate(yaml.safe_load(design_text(SHARED)), design_schema())


def test_items_of_the_clipboard_share_too() -> None:
    owner, user = parse_items("[{type: Dense, name: a, units: 3, bias: false}, {type: Dense, name: b, shares: a}]")
    assert structs.replace(user, name="a", shares="") == owner


def test_a_field_that_no_owner_gives_is_missing() -> None:
    with pytest.raises(FileError, match="filters is missing"):
        parse_design("{cnnstudio: 1, layers: [{type: Conv2D, name: b, kernel_size: 3, shares: a}]}")


def test_blocks_that_double_with_every_line_are_refused() -> None:
    # Each level holds the one below, and once more what shares it.
    text = "{type: Conv2D, name: c, filters: 1, kernel_size: 1}"
    for depth in range(18):
        above = "/".join(f"b{at}" for at in range(17, depth - 1, -1))
        name = f"b{depth - 1}" if depth else "c"
        kind = "Block" if depth else "Conv2D"
        text = f"{{type: Block, name: b{depth}, layers: [{text}, {{type: {kind}, name: x, shares: {above}/{name}}}]}}"
    with pytest.raises(FileError, match="more than 200,000 layers; share less"):
        parse_design(f"{{cnnstudio: 1, layers: [{text}]}}")
