"""Tests of what a design file says of memory and budgets."""

from __future__ import annotations

import jsonschema
import pytest
from msgspec import structs

from cnnstudio.core.network.design import Design
from cnnstudio.core.network.memory_setting import Setting
from cnnstudio.formats.design_yaml import design_text, parse_design, plain_design
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.schema import design_schema

PLAIN = "cnnstudio: 1\nname: x\nlayers:\n- {type: Input, name: image, size: 8, channels: 3}\n"


def changed(design: Design, *texts: str, memory: Setting | None = None) -> Design:
    return structs.replace(design, budgets=texts, memory=memory)


@pytest.mark.parametrize("memory", [None, Setting(), Setting(batch=8, optimizer="sgd", fused=True, gpu="RTX 4090")])
def test_memory_and_budgets_come_back_from_a_file(memory: Setting | None) -> None:
    design = changed(parse_design(PLAIN).design, "parameters <= 5M", "memory(32, adam, bf16) <= 8GB", memory=memory)
    text = design_text(design)
    assert parse_design(text).design == design
    jsonschema.validate(_lists(plain_design(design)), design_schema())


def test_a_file_without_them_says_and_means_nothing_new() -> None:
    design = parse_design(PLAIN).design
    assert (design.memory, design.budgets) == (None, ())
    assert design_text(design) == PLAIN


def test_every_fault_in_them_is_named_with_its_place() -> None:
    said = "memory: {batch: 0, optimizer: adm}\nbudgets: [macs <= 5M, macs is low]\n"
    with pytest.raises(FileError) as caught:
        parse_design(PLAIN.replace("layers", said + "layers", 1))
    found = [(fault.line, fault.sentence) for fault in caught.value.faults]
    assert [line for line, _ in found] == [3, 3, 4]
    assert found[0][1].startswith("memory: batch must be a whole number from 1 to 1,000,000, and received 0")
    assert "Did you mean 'adam'?" in found[1][1]
    assert found[2][1].startswith("budgets[1]: a condition is a quantity")


@pytest.mark.parametrize("wrong", ["memory: {gpu: 8 Gigs}", "memory: 8GB", "budgets: macs", "budgets: [3]"])
def test_other_forms_are_refused(wrong: str) -> None:
    with pytest.raises(FileError, match=wrong.partition(":")[0]):
        parse_design(PLAIN.replace("layers", f"{wrong}\nlayers", 1))


def _lists(value: object) -> object:
    """The value with lists for tuples, as JSON has it."""
    if isinstance(value, dict):
        return {key: _lists(inner) for key, inner in value.items()}
    return [_lists(inner) for inner in value] if isinstance(value, list | tuple) else value
