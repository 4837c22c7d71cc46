"""Format versions: files of version 1 load for ever, and a file of an earlier version is brought up to date."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.comments import Comment
from cnnstudio.formats.design_yaml import items_text, parse_design, plain_design, read_design
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.migration import FORMAT_VERSION, MIGRATIONS
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.starting import starting_layer
from tests.formats.meaning import contradicts, meaning_of
from tests.places import FILES

V1 = FILES / "v1"
SAMPLES = sorted(V1.glob("*.yaml"))


# Files of version 1 are never changed again; what they mean stands beside them.


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_sample_means_what_it_meant(path: Path) -> None:
    recorded = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert not contradicts(recorded, meaning_of(read_design(path)))


def test_a_changed_meaning_would_be_noticed() -> None:
    meaning = meaning_of(read_design(V1 / "alexnet.yaml"))
    grown = {**meaning, "new": 1}
    assert not contradicts(meaning, grown)
    assert contradicts(grown, meaning)
    assert contradicts({**meaning, "lines": {}} | {"totals": {"weights": 1}}, meaning)
    assert contradicts({"design": {"layers": meaning["design"]["layers"][:-1]}}, meaning)


ADDED = V1 / "added-layers.yaml"
"""The layer types that came after the first release, as they were when they came: `--regenerate` adds new ones."""


def test_samples_hold_every_layer_type(request: pytest.FixtureRequest) -> None:
    held = "\n".join(path.read_text(encoding="utf-8") for path in SAMPLES)
    missing = [name for name in LAYER_TYPES if f"type: {name}" not in held]
    if missing and request.config.getoption("--regenerate"):
        text = ADDED.read_text(encoding="utf-8") + "".join(map(_line, missing))
        ADDED.write_text(text, encoding="utf-8")
        meaning = json.dumps(meaning_of(read_design(ADDED)), indent=1, ensure_ascii=False)
        ADDED.with_suffix(".json").write_text(meaning + "\n", encoding="utf-8")
        missing = []
    assert missing == []


def _line(name: str) -> str:
    """A new layer of a type as one more line of the sample."""
    inputs = ("image",) * LAYER_TYPES[name].min_inputs
    return items_text((structs.replace(starting_layer(name), name=name.lower(), inputs=inputs),))


def test_every_earlier_version_has_a_step() -> None:
    assert len(MIGRATIONS) == FORMAT_VERSION - 1
    assert plain_design(read_design(SAMPLES[0]).design)["cnnstudio"] == FORMAT_VERSION


# Migration, with steps made up for the test: 1 called filters `maps`, 2 had `net` for name and named no convention.

VERSION_1 = """# Of old.
cnnstudio: 1
net: Old
layers:
- {type: Input, name: image, size: [8, 8], channels: 3}
- type: Block
  name: stage
  layers:
  - {type: Conv2D, name: conv, maps: 4, kernel_size: 3}
"""


def maps_are_filters(top: dict[str, Any]) -> dict[str, Any]:
    """From 1 to 2: changes what it is given."""

    def rename(items: list[dict[str, Any]]) -> None:
        for item in items:
            if "maps" in item:
                item["filters"] = item.pop("maps")
            rename(item.get("layers", []))

    rename(top["layers"])
    return top


def net_is_name(top: dict[str, Any]) -> dict[str, Any]:
    """From 2 to 3: builds it anew."""
    layers = [dict(item) if item["type"] == "Input" else item for item in top["layers"]]
    return {"name": top["net"], "convention": "caffe", "layers": layers}


STEPS = (maps_are_filters, net_is_name)


def test_file_of_an_earlier_version_takes_every_step() -> None:
    read = parse_design(VERSION_1, migrations=STEPS)
    assert (read.design.name, read.design.convention) == ("Old", "caffe")
    assert analyze(read.design).totals.parameters == (3 * 3 * 3 + 1) * 4
    assert read.design.comments == (Comment(above=("# Of old.",)),)


def test_items_keep_their_lines_where_a_step_passes_them_on() -> None:
    assert parse_design(VERSION_1, migrations=STEPS).lines == {"stage": 6, "stage/conv": 9}


def test_file_of_the_version_between_takes_the_last_step_alone() -> None:
    text = VERSION_1.replace("cnnstudio: 1", "cnnstudio: 2").replace("maps", "filters")
    assert parse_design(text, migrations=STEPS).design == parse_design(VERSION_1, migrations=STEPS).design


def test_file_of_the_current_version_takes_no_step() -> None:
    text = "cnnstudio: 3\nname: New\nlayers:\n- {type: Conv2D, maps: 4, kernel_size: 3}\n"
    with pytest.raises(FileError, match=r"design:4:18: layers\[0\]: there is no field 'maps' here\."):
        parse_design(text, migrations=STEPS)


def test_fault_in_an_earlier_version_is_found_in_the_file() -> None:
    with pytest.raises(FileError) as caught:
        parse_design(VERSION_1.replace("kernel_size: 3", "kernel_size: 0"), migrations=STEPS)
    assert [(fault.line, fault.column) for fault in caught.value.faults] == [(9, 41)]


def test_fault_in_a_field_that_a_step_renamed_is_found_at_its_layer() -> None:
    with pytest.raises(FileError, match=r"design:9:5: .*: filters must be a whole number from 1"):
        parse_design(VERSION_1.replace("maps: 4", "maps: 0"), migrations=STEPS)


def test_newer_version_says_what_is_read() -> None:
    with pytest.raises(FileError, match="format version 4, and this program reads up to 3; open it with a newer"):
        parse_design("cnnstudio: 4\nsomething: else\n", migrations=STEPS)
