"""Text and design say the same: written and read again a design is itself, and its text does not change."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.network.design import Block, Design
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.formats.design_yaml import design_text, parse_design, read_design, write_design
from cnnstudio.formats.yaml.events import build
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.structure import Identity
from tests.examples import share
from tests.hostile import NAMES, NOTES, renamed
from tests.networks import IMAGE
from tests.strategies import designs, layers


@given(designs())
def test_design_survives(design: Design) -> None:
    text = design_text(design)
    read = parse_design(text)
    assert read.design == design
    assert design_text(read.design) == text


@given(renamed(designs()))
def test_design_with_hostile_names_survives(design: Design) -> None:
    text = design_text(design)
    read = parse_design(text)
    assert read.design == design
    assert design_text(read.design) == text


@pytest.mark.parametrize("layer_type", LAYER_TYPES.values(), ids=LAYER_TYPES)
@given(data=st.data())
@share(1 / 4)
def test_layer_of_every_type_survives(layer_type: type, data: st.DataObject) -> None:
    rank = getattr(layer_type, "rank", 2)
    design = Design(layers=(data.draw(layers(layer_type, rank)),))
    named = parse_design(design_text(design)).design
    assert parse_design(design_text(named)).design == named


@pytest.mark.parametrize("name", NAMES)
def test_name_survives_in_every_place(name: str) -> None:
    inner = Block(name=name, layers=(Identity(name=name), Identity(name="x", inputs=(name,))))
    design = Design(name=name, layers=(IMAGE, inner, Dense(name="fc", units=3, inputs=(name,))))
    text = design_text(design)
    assert parse_design(text).design == design
    assert design_text(parse_design(text).design) == text


def test_signs_of_every_script_are_written_as_they_are() -> None:
    names = ("😀 conv", "שלום", "日本語の層", "𝕳𝖊𝖑𝖑𝖔", "é")
    text = design_text(Design(layers=tuple(Identity(name=name) for name in names)))
    assert [line.split("name: ")[1] for line in text.splitlines()[3:]] == [f"{name}}}" for name in names]


def test_a_sign_beyond_the_basic_plane_changes_no_other_line() -> None:
    layers = (IMAGE, Dense(name="1e-5", units=3, note="two\nlines"), Identity(name="x: y"))
    plain, with_emoji = (design_text(Design(name=name, note="a\nb", layers=layers)) for name in ("N", "😀"))
    assert plain.replace("name: N\n", "name: 😀\n") == with_emoji


@pytest.mark.parametrize("note", NOTES)
def test_note_survives_in_every_place(note: str) -> None:
    block = Block(name="block", note=note, layers=(Identity(name="inner", note=note),))
    design = Design(name="Netz", note=note, layers=(IMAGE, block))
    text = design_text(design)
    assert parse_design(text).design == design
    assert design_text(parse_design(text).design) == text


@pytest.mark.parametrize("name", NAMES)
def test_readers_of_yaml_1_1_take_names_for_text(name: str) -> None:
    text = design_text(Design(name=name, layers=(Identity(name=name),)))
    loaded = yaml.safe_load(text)
    assert (loaded["name"], loaded["layers"][0]["name"]) == (name, name)


@pytest.mark.parametrize("path", builtin_paths().values(), ids=builtin_paths())
def test_built_in_design_is_as_the_studio_writes_it(path: Path) -> None:
    read = read_design(path)
    assert design_text(read.design) == path.read_text(encoding="utf-8")


def test_bytes_of_a_file_stay(tmp_path: Path) -> None:
    path = tmp_path / "design.yaml"
    path.write_bytes("# Bemerkung ü\n\ncnnstudio: 1\nname: ü\nlayers: []\n".encode())
    before = path.read_bytes()
    read = read_design(path)
    write_design(path, read.design)
    assert path.read_bytes() == before


def test_a_simple_layer_is_one_line_without_its_defaults() -> None:
    text = (
        "cnnstudio: 1\n"
        "name: Netz\n"
        "note: |\n"
        "  two\n"
        "  lines\n"
        "convention: keras\n"
        "element_type: float16\n"
        "layers:\n"
        "- {type: Input, name: image, size: [8, 8], channels: 3}\n"
        "- type: Block\n"
        "  name: stage\n"
        "  repeat: 2\n"
        "  layers:\n"
        "  - {type: Conv2D, name: conv, filters: 3, kernel_size: 3, padding: [[0, 1], 2], bias: false}\n"
        "  - {type: Add, name: sum, inputs: [conv, input]}\n"
        '  - {type: Identity, name: 1e-5, note: "two\\nlines"}\n'
    ).replace("name: 1e-5", "name: '1e-5'")
    assert design_text(parse_design(text).design) == text


def test_stated_defaults_are_left_out_and_fields_put_in_order() -> None:
    shuffled = (
        "layers:\n"
        "  - kernel_size: 3\n"
        "    stride: 1\n"
        "    padding: valid\n"
        "    filters: 8\n"
        "    trainable: true\n"
        "    type: Conv2D\n"
        "element_type: float32\n"
        "convention: pytorch\n"
        "name: Netz\n"
        "cnnstudio: 1\n"
    )
    assert design_text(parse_design(shuffled).design) == (
        "cnnstudio: 1\nname: Netz\nlayers:\n- {type: Conv2D, name: conv2d_1, filters: 8, kernel_size: 3}\n"
    )


@pytest.mark.parametrize(
    ("written", "value"),
    [("012", 12), ("+5", 5), ("0x10", 16), ("0o17", 15), ("1000000000", 1_000_000_000)],
)
def test_whole_numbers_are_those_of_yaml_1_2(written: str, value: int) -> None:
    design = parse_design(f"cnnstudio: 1\nlayers: [{{type: Dense, units: {written}}}]").design
    assert design.layers == (Dense(name="dense_1", units=value),)


@pytest.mark.parametrize(
    ("written", "value"), [("1e-5", 1e-5), ("1.5E+2", 150.0), (".5", 0.5), ("5.", 5.0), ("-0.0", -0.0), ("3", 3.0)]
)
def test_numbers_are_those_of_yaml_1_2(written: str, value: float) -> None:
    text = f"cnnstudio: 1\nname: Netz\nlayers:\n- {{type: Rescaling, name: scale, scale: {written}}}\n"
    design = parse_design(text).design
    assert build(text).value["layers"][0]["scale"] == value
    assert parse_design(design_text(design)).design == design
    assert yaml.safe_load(design_text(design))["layers"][0].get("scale", 1.0) == value


@pytest.mark.parametrize("name", ["763", "1.10", "007", "1e5", "0x10", "-3"])
def test_a_name_that_reads_as_a_number_is_text(name: str) -> None:
    layers = (
        "- {type: Input, name: 1.1, size: [8, 8], channels: 4}\n"
        f"- {{type: Conv2D, name: {name}, filters: 4, kernel_size: 1}}\n"
        f"- {{type: Conv2D, name: other, filters: 4, kernel_size: 1, shares: {name}, inputs: [1.1]}}\n"
    )
    text = f"cnnstudio: 1\nname: {name}\nlayers:\n{layers}- {{type: Add, name: sum, inputs: [{name}, other, 1.1]}}\n"
    design = parse_design(text).design
    assert [design.name, *(item.name for item in design.layers)] == [name, "1.1", name, "other", "sum"]
    assert (design.layers[2].shares, design.layers[3].inputs) == (name, (name, "other", "1.1"))
    assert parse_design(design_text(design)).design == design
