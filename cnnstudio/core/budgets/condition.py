"""Conditions on a network, as budgets and sweeps state them: `parameters <= 5M`, `memory(32, adam, bf16) <= 8GB`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, Literal, NoReturn

from msgspec import Struct, structs

from cnnstudio.core.arithmetic.numerals import whole_number
from cnnstudio.core.counting.quantities import QUANTITIES, QUANTITY
from cnnstudio.core.network.design import MAX_BUDGET_LENGTH
from cnnstudio.core.network.memory_setting import MAX_BATCH, MODES, OPTIMIZERS, PRECISIONS, Setting
from cnnstudio.core.network.problem import did_you_mean

Relation = Literal["<", "<=", ">", ">=", "=="]
MEMORY: Final = "memory"
"""The name of the peak of a GPU's memory, which is no sum over layers."""
CONDITION_KEYS: Final = (*(quantity.key for quantity in QUANTITIES if quantity.adds_up), MEMORY)
"""The quantities that a condition may be about."""
_EXAMPLES: Final = "such as 'parameters <= 5M' or 'memory(32, adam, bf16) <= 8GB'"
_SIGNS: Final[dict[str, Relation]] = {
    "<": "<",
    "<=": "<=",
    "≤": "<=",
    ">": ">",
    ">=": ">=",
    "≥": ">=",
    "==": "==",
    "=": "==",
}
_CONDITION: Final = re.compile(r"\s*(\w+)\s*(?:\(([^()]*)\))?\s*(<=|>=|==|[<>=≤≥])\s*(.*?)\s*")
_NUMBER: Final = re.compile(r"(\d[\d,_]{0,20}(?:\.\d{1,20})?)\s*(?:([kmgt]?)(i?)(b?))", re.IGNORECASE | re.ASCII)
_POWERS: Final = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_THOUSANDS: Final = re.compile(r"\d+|\d{1,3}(?:(?:,\d{3})+|(?:_\d{3})+)", re.ASCII)
_UPPER: Final = ("<", "<=")
"""The relations that bound from above."""


class Span(Struct, frozen=True):
    """All that a number may be: from `low` to `high`, which is None where nobody knows how much it is at most."""

    low: int
    high: int | None


class Condition(Struct, frozen=True):
    """A bound on a sum over the layers of a network, or on the peak of its memory.

    `key` is the key of a `Quantity` that adds up, or `memory`; `choices` are then what the bound says of the setting,
    the rest is as chosen for the design. `amount` is the number as it was written.
    """

    key: str
    relation: Relation
    number: int | float
    amount: str
    choices: tuple[tuple[str, Any], ...] = ()

    @property
    def text(self) -> str:
        """The condition as one writes it: `memory(32, adam, bf16) <= 8GB`."""
        return f"{self.subject} {self.relation} {self.amount}"

    @property
    def subject(self) -> str:
        """The bounded quantity: `parameters`, `memory(32, adam, bf16)`."""
        words = ", ".join("fused" if name == "fused" else str(value) for name, value in self.choices)
        return f"{self.key}({words})" if words else self.key

    def setting(self, chosen: Setting) -> Setting:
        """The setting for which memory is meant, in a design with those choices."""
        return structs.replace(chosen, **dict(self.choices))

    def holds(self, span: Span) -> bool | None:
        """True or False where that is sure of all that the number may be, else None."""
        number, low, high = self.number, span.low, span.high
        if self.relation == "==":
            is_out = low > number or (high is not None and high < number)
            return False if is_out else True if low == high else None
        if self.relation in _UPPER:
            if high is not None and _is(high, self.relation, number):
                return True
            return None if _is(low, self.relation, number) else False
        if _is(low, self.relation, number):
            return True
        return None if high is None or _is(high, self.relation, number) else False


def _is(value: int, relation: Relation, number: int | float) -> bool:
    if relation == "<":
        return value < number
    if relation == "<=":
        return value <= number
    return value > number if relation == ">" else value >= number


@lru_cache(maxsize=512)
def condition_from(text: str) -> Condition:
    """The condition that a text states: a quantity, `<`, `<=`, `>`, `>=` or `==`, and a number.

    The quantity is the key of one that adds up, or `memory(batch, optimizer, precision)`. The number may end in k, M,
    G or T for thousands, or in a unit of bytes, from B to TB or TiB, if the quantity is bytes. For memory 1 GB is
    1,024 MiB, as for cards. Raises ValueError with one sentence.
    """
    match = _CONDITION.fullmatch(text) if len(text) <= MAX_BUDGET_LENGTH else None
    if match is None:
        _refuse("a condition is a quantity, one of < <= > >= ==, and a number", text)
    key, words, sign, amount = match.groups()
    if key not in CONDITION_KEYS:
        raise ValueError(f"there is no quantity '{key}' that adds up.{did_you_mean(key, list(CONDITION_KEYS))}")
    if words is not None and key != MEMORY:
        _refuse(f"only {MEMORY} has a setting in brackets", text)
    number = _number(key, amount, text)
    return Condition(key, _SIGNS[sign], number, " ".join(amount.split()), _choices(words or ""))


def tightest(budgets: Iterable[str], key: str) -> Condition | None:
    """The least upper bound of a quantity among budgets; None where there is none."""
    found: list[Condition] = []
    for text in budgets:
        with suppress(ValueError):
            found.append(condition_from(text))
    bounds = [condition for condition in found if condition.key == key and condition.relation in _UPPER]
    return min(bounds, key=lambda condition: condition.number, default=None)


def _number(key: str, amount: str, text: str) -> int | float:
    match = _NUMBER.fullmatch(amount)
    if match is None:
        _refuse("a condition ends in a number, which may end in k, M, G, T or a unit of bytes", text)
    digits, prefix, binary, byte = match.groups()
    # `1,5M` may be meant as one and a half, and is fifteen to who reads over the comma.
    if not _THOUSANDS.fullmatch(digits.partition(".")[0]):
        _refuse("commas stand between thousands, as in 5,000,000, and decimals follow a point, as in 1.5M", text)
    is_bytes = key == MEMORY or QUANTITY[key].unit.kind == "bytes"
    if (binary or byte) and not is_bytes:
        _refuse(f"{QUANTITY[key].name} are not counted in bytes", text)
    if binary and not (prefix and byte):
        _refuse("units of bytes are B, KB, MB, GB and TB, or KiB, MiB, GiB and TiB", text)
    base = 1024 if binary or key == MEMORY else 1000
    number = Fraction(digits.replace(",", "").replace("_", "")) * base ** _POWERS[prefix.lower()]
    return int(number) if number.denominator == 1 else float(number)


def _choices(words: str) -> tuple[tuple[str, Any], ...]:
    """The choices of the words in brackets: a batch, an optimizer, a precision, `train` or `inference`, `fused`."""
    found: dict[str, Any] = {}
    for word in filter(None, (part.strip() for part in words.split(","))):
        name, value = _choice(word)
        if name in found:
            raise ValueError(f"the setting of memory names the {name} twice: '{found[name]}' and '{word}'")
        found[name] = value
    return tuple(found.items())


def _choice(word: str) -> tuple[str, Any]:
    batch = whole_number(word, 1, MAX_BATCH)
    if batch is not None:
        return "batch", batch
    named = {"optimizer": OPTIMIZERS, "precision": PRECISIONS, "mode": MODES, "fused": ("fused",)}
    for name, words in named.items():
        if word.lower() in words:
            return name, name == "fused" or word.lower()
    known = [known for words in named.values() for known in words]
    raise ValueError(
        f"the setting of memory is a batch from 1 to {MAX_BATCH:,} and any of {', '.join(known)}, "
        f"and received '{word}'.{did_you_mean(word, known)}"
    )


def _refuse(rule: str, text: str) -> NoReturn:
    received = text if len(text) <= MAX_BUDGET_LENGTH else f"{text[:MAX_BUDGET_LENGTH]}…"
    raise ValueError(f"{rule}, {_EXAMPLES}, and received '{received}'.")
