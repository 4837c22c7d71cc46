"""The answer about memory that command line, programs, reports and the window give alike."""

from __future__ import annotations

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.memory.answer import Figures, answer_of
from cnnstudio.core.memory.fitting import largest_batch, verdict_of
from cnnstudio.core.network.design import Design
from cnnstudio.core.network.memory_setting import Setting, card_named
from cnnstudio.layers.structure import Opaque
from tests.networks import builtin, design_of

SETTING = Setting(batch=16, precision="bf16", gpu="8GB")


def test_the_answer_is_that_of_its_parts() -> None:
    answer = answer_of(builtin("resnet-18"), SETTING)
    found = answer.figures()
    assert (found.verdict, found.peak_at) == ("fits", answer.model.rows[answer.estimate.at or 0].path)
    assert found.kept_bytes == answer.model.kept(16).value
    assert found.verdict == verdict_of(answer.model, SETTING, card_named("8GB"))
    largest = largest_batch(answer.model, SETTING, card_named("8GB"))
    assert largest is not None
    assert (found.fits, found.may_fit) == (largest.fits, largest.may_fit)
    words = dict(answer.facts())
    assert answer.lines()[-2:] == [f"8GB: {words['Card 8GB']}", f"Largest batch: {words['Largest batch']}"]


def test_what_is_unknown_has_no_figures() -> None:
    answer = answer_of(analyze(design_of(Opaque(name="what", channels=4, parameters=0))), SETTING)
    assert answer.figures() == Figures(verdict="unknown")
    assert answer.lines()[-1] == "8GB: unknown, as a part of the network is"


def test_where_nothing_runs_the_peak_is_at_no_layer() -> None:
    assert answer_of(analyze(Design()), Setting(mode="inference")).figures().peak_at is None
