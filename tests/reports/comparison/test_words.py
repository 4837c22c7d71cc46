"""The words of a comparison: what a difference in parameters adds up from."""

from __future__ import annotations

import re

import pytest

from cnnstudio.core.comparison.comparison import compare
from cnnstudio.reports.comparison.words import causes_sentences
from tests.networks import builtin


def causes(first: str, last: str, conventions: tuple[str | None, str | None] = (None, None)) -> list[str]:
    analyses = [builtin(name, key) for name, key in zip((first, last), conventions, strict=True)]
    return causes_sentences(compare(analyses), ("A", "B"))


def test_biases_and_what_one_convention_alone_counts() -> None:
    assert causes("resnet-50", "resnet-50-keras") == [
        "B has 79,680 parameters more than A: +26,560 biases and +53,120 moving statistics, which only Keras counts."
    ]
    assert causes("resnet-50-keras", "resnet-50") == [
        "B has 79,680 parameters fewer than A: −26,560 biases and −53,120 moving statistics, which only Keras counts."
    ]


def test_the_same_number_has_no_causes() -> None:
    assert causes("vgg-16", "vgg-16") == []


@pytest.mark.parametrize("pair", [("vgg-16", "vgg-16-bn"), ("alexnet", "resnet-18"), ("densenet-121", "mobilenet-v1")])
@pytest.mark.parametrize("conventions", [("pytorch", "keras"), ("keras", "caffe"), ("keras", "keras")])
def test_the_parts_add_up(pair: tuple[str, str], conventions: tuple[str, str]) -> None:
    (sentence,) = causes(*pair, conventions)
    whole, _, told = sentence.partition(": ")
    signed = re.findall(r"([+−])([\d,]*\d)", told)
    numbers = [int(sign.replace("−", "-") + digits.replace(",", "")) for sign, digits in signed]
    total = int(re.findall(r"has ([\d,]+)", whole)[0].replace(",", ""))
    assert sum(numbers) == (total if " more " in whole else -total)
