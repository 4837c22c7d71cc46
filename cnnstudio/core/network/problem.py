"""Errors and warnings about a design: the place, the sentence, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct

Severity = Literal["error", "warning"]
Acceptable = Literal[
    "bias-before-norm",
    "caffe-rounding",
    "dense-on-map",
    "oversize-window",
    "same-padding",
    "unlike-strides",
    "unused",
    "unused-input",
]
"""The rules of warnings that a design can accept: it means what they warn of."""

BROKEN_BUDGET = "budget"
"""The rule of a budget that is broken. It is an error of the design as a whole, and leaves no layer uncounted."""


class Remark(Struct, frozen=True, gc=False):
    """Something legal but suspicious that a layer notices about itself; analysis makes a `Problem` of it.

    `lost` is the number of elements at the end of each axis of its input that it does not use.
    """

    rule: str
    sentence: str
    remedy: str
    lost: tuple[int, ...] = ()


class Refusal(Exception):
    """A layer cannot be computed: what it received against what it needs, and what to change."""

    def __init__(self, rule: str, sentence: str, remedy: str) -> None:
        super().__init__(f"{sentence} {remedy}")
        self.remark = Remark(rule, sentence, remedy)


class Problem(Struct, frozen=True, gc=False):
    """One problem of a design. An error leaves its layer uncounted, or breaks a budget; a warning does neither.

    `path` is the layer's (see `analysis.Row.path`, without repeat numbers), empty for the design as a whole;
    `rule` a stable key; `sentence` says what was received and what is needed, `remedy` what to change.
    """

    severity: Severity
    path: str
    rule: str
    sentence: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        return f"{place}{self.sentence} {self.remedy}".rstrip()


def listed(parts: list[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def with_article(text: str) -> str:
    """`a 7 × 7 kernel`, `an 8 × 8 kernel`, `an Add`: by the sound of what it begins with."""
    number = re.match(r"[0-9,]*", text)
    digits = number[0].replace(",", "") if number else ""
    # `an 11`, `an 18,000`, but `a 110`: it is said eleven or eighteen only where two digits stand before the thousands.
    says_eleven = digits[:2] in ("11", "18") and len(digits) % 3 == 2
    return f"an {text}" if says_eleven or _VOWEL.match(text) else f"a {text}"


# `an LSTM` and `an LPPool2D`, letter by letter; `an Unfold`, but `a UnitNormalization`, which begins as `you` does.
_VOWEL: Final = re.compile(r"8|[AEFHILMNORSX](?=[A-Z])|[AEIaei]|[Oo](?!ne)|[Uu](?=[a-z])(?!ni|s[aei])")


def require_known(word: str, choices: Iterable[str], what: str) -> str:
    """The word, if it is one of the choices; else ValueError with a near miss, or with all there are."""
    names = list(choices)
    if word in names:
        return word
    hint = did_you_mean(word, names) or f" There are: {', '.join(names)}."
    raise ValueError(f"there is no {what} '{word}'.{hint}")


def did_you_mean(received: str, known: list[str]) -> str:
    """` Did you mean 'Conv2D'?` for a near miss, else nothing."""
    from difflib import get_close_matches  # only wanted where something is wrong

    lowered = {name.lower(): name for name in known}
    matches = get_close_matches(received.lower(), lowered, n=1, cutoff=0.6)
    return f" Did you mean '{lowered[matches[0]]}'?" if matches else ""
