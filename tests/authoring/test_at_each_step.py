"""Choices and remedies inside a block that is applied at each step: those for one step."""

from __future__ import annotations

from cnnstudio.authoring.input_choices import input_choices
from cnnstudio.authoring.remedies.catalogue import remedies_for
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Block, Design
from cnnstudio.core.network.distribution import step_axes_in
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.structure import Input

VIDEO = Input(name="video", size=(5, 16, 12), channels=3)


def design_of(*layers: Conv2D) -> Design:
    return Design(layers=(VIDEO, Block(name="frames", time_distributed=True, layers=layers)))


def test_an_earlier_map_of_the_step_fits() -> None:
    convs = tuple(Conv2D(name=name, filters=3, kernel_size=3, padding="same") for name in ("one", "two", "three"))
    design = design_of(*convs)
    assert step_axes_in(design, ("frames",)) == 1
    assert {choice.name: choice.fits for choice in input_choices(analyze(design), ("frames", "three"))} == {
        "input": True,
        "one": True,
        "two": True,
    }


def test_a_window_that_is_too_large_has_the_remedies_that_it_has_for_one_step() -> None:
    large = Conv2D(name="large", filters=3, kernel_size=99)
    analyses = [
        analyze(design_of(large)),
        analyze(Design(layers=(Input(name="image", size=(16, 12), channels=3), large))),
    ]
    texts = [[remedy.text for remedy in remedies_for(each.design, each, each.errors[0])] for each in analyses]
    assert texts[0] == [text for text in texts[1] if text in texts[0]] != []
