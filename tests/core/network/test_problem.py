"""The words of problems."""

from __future__ import annotations

import pytest

from cnnstudio.core.network.problem import Problem, Refusal, did_you_mean, listed, with_article


@pytest.mark.parametrize(
    ("number", "article"),
    [
        *(
            (8, "an"),
            (11, "an"),
            (18, "an"),
            (80, "an"),
            (88, "an"),
            (800, "an"),
            (8000, "an"),
            (11_000, "an"),
            ("18,000", "an"),
            ("8,000", "an"),
        ),
        *(
            (1, "a"),
            (7, "a"),
            (10, "a"),
            (12, "a"),
            (110, "a"),
            (118, "a"),
            (1100, "a"),
            (180, "a"),
            ("110,000", "a"),
            ("1,800", "a"),
        ),
    ],
)
def test_the_article_follows_the_sound_of_the_number(number: int | str, article: str) -> None:
    assert with_article(f"{number} × 3 kernel") == f"{article} {number} × 3 kernel"


@pytest.mark.parametrize(
    "said", ["a kernel of 11", "an Add", "an Upsample", "a UnitNormalization", "an LSTM", "a LayerNorm"]
)
def test_a_word_has_the_article_of_its_sound(said: str) -> None:
    assert with_article(said.split(" ", 1)[1]) == said


@pytest.mark.parametrize(("parts", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_parts_are_listed_as_people_do(parts: list[str], text: str) -> None:
    assert listed(parts) == text


@pytest.mark.parametrize(
    ("received", "hint"),
    [("Conv2d", " Did you mean 'Conv2D'?"), ("covn2D", " Did you mean 'Conv2D'?"), ("Banana", "")],
)
def test_a_near_miss_is_named(received: str, hint: str) -> None:
    assert did_you_mean(received, ["Conv2D", "Flatten"]) == hint


def test_a_problem_is_place_sentence_and_remedy() -> None:
    assert (
        str(Problem("error", "conv", "window", "it does not fit.", "Use less.")) == "conv: it does not fit. Use less."
    )
    assert str(Problem("warning", "", "empty", "nothing there.", "")) == "nothing there."


def test_a_refusal_carries_its_remark() -> None:
    refusal = Refusal("rank", "it needs a map.", "Leave it out.")
    assert str(refusal) == "it needs a map. Leave it out."
    assert (refusal.remark.rule, refusal.remark.sentence, refusal.remark.remedy) == (
        "rank",
        "it needs a map.",
        "Leave it out.",
    )
