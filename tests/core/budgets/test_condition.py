"""Tests of conditions on a network."""

from __future__ import annotations

import pytest

from cnnstudio.core.budgets.condition import CONDITION_KEYS, Condition, Span, condition_from, tightest
from cnnstudio.core.network.memory_setting import Setting


@pytest.mark.parametrize(
    ("text", "key", "relation", "number"),
    [
        ("parameters <= 5M", "parameters", "<=", 5_000_000),
        ("parameters<5,000,000", "parameters", "<", 5_000_000),
        ("parameters<5_000_000.5k", "parameters", "<", 5_000_000_500),
        ("macs ≥ 0.3 G", "macs", ">=", 300_000_000),
        ("layers == 18", "layers", "==", 18),
        ("activation_bytes > 1.5KiB", "activation_bytes", ">", 1536),
        ("parameter_bytes <= 8MB", "parameter_bytes", "<=", 8_000_000),
        ("parameter_bytes <= 8", "parameter_bytes", "<=", 8),
        ("memory <= 8GB", "memory", "<=", 8 << 30),
        ("memory(32, adam, bf16) <= 512 mib", "memory", "<=", 512 << 20),
    ],
)
def test_reads_quantity_relation_and_number(text: str, key: str, relation: str, number: float) -> None:
    condition = condition_from(text)
    assert (condition.key, condition.relation, condition.number) == (key, relation, number)


def test_takes_the_setting_in_brackets_and_leaves_the_rest_as_chosen() -> None:
    condition = condition_from("memory( bf16 ,64, fused) <= 8GB")
    chosen = Setting(batch=2, optimizer="momentum", precision="fp32", mode="train")
    expected = Setting(batch=64, optimizer="momentum", precision="bf16", mode="train", fused=True)
    assert condition.setting(chosen) == expected
    assert condition_from("memory <= 8GB").setting(chosen) == chosen


@pytest.mark.parametrize("key", CONDITION_KEYS)
def test_writes_what_it_reads(key: str) -> None:
    condition = condition_from(f"{key} <= 1,200k")
    assert condition_from(condition.text) == condition
    assert condition_from("memory(fused,8,sgd)<2GiB").text == "memory(fused, 8, sgd) < 2GiB"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "a condition is a quantity, one of < <= > >= =="),
        ("parameters", "a condition is a quantity"),
        ("parameters <= many", "ends in a number.* received 'parameters <= many'"),
        ("parameters <= -5", "ends in a number"),
        ("parameters <= 5MB", "parameters are not counted in bytes"),
        ("parameter_bytes <= 5Mi", "units of bytes are B, KB"),
        ("parametres <= 5M", "no quantity 'parametres' that adds up. Did you mean 'parameters'?"),
        ("receptive_field <= 5", "no quantity 'receptive_field' that adds up"),
        ("parameters <= 1,5M", "commas stand between thousands.* received 'parameters <= 1,5M'"),
        ("parameters <= 1,2345", "commas stand between thousands"),
        ("parameters <= 1,000,00", "commas stand between thousands"),
        ("parameters <= 1234,567", "commas stand between thousands"),
        ("parameters <= 1,", "commas stand between thousands"),
        ("parameters <= 1_5M", "commas stand between thousands"),
        ("parameters <= 1,000_000", "commas stand between thousands"),
        ("macs(32) <= 5M", "only memory has a setting in brackets"),
        ("memory(adma) <= 5G", "received 'adma'. Did you mean 'adam'?"),
        ("memory(0) <= 5G", "a batch from 1 to"),
        ("memory(8, 9) <= 5G", "names the batch twice"),
        ("x" * 10_000, "a condition is a quantity"),
        ("parameters <= " + "9" * 150, "ends in a number"),
    ],
)
def test_refuses_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        condition_from(text)


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        ("<", (True, False, False, None, None, False)),
        ("<=", (True, True, False, None, None, None)),
        (">", (False, False, True, None, None, None)),
        (">=", (False, True, True, None, None, True)),
        ("==", (False, True, False, None, None, None)),
    ],
)
def test_is_sure_only_where_the_whole_span_is(relation: str, expected: tuple[bool | None, ...]) -> None:
    condition: Condition = condition_from(f"macs {relation} 10")
    spans = (Span(9, 9), Span(10, 10), Span(11, 11), Span(9, 11), Span(9, None), Span(10, None))
    assert tuple(condition.holds(span) for span in spans) == expected
    assert condition.holds(Span(11, None)) is (relation in (">", ">="))


def test_the_least_upper_bound_is_the_tightest() -> None:
    budgets = ("macs <= 2G", "parameters < 9M", "macs < 1G", "macs >= 3", "no budget")
    assert tightest(budgets, "macs") == condition_from("macs < 1G")
    assert tightest(budgets, "weights") is None
