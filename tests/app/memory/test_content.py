"""The content of the memory view."""

from __future__ import annotations

from msgspec import structs

from cnnstudio.app.memory.content import content_of
from cnnstudio.core.memory.answer import answer_of
from cnnstudio.core.network.memory_setting import Setting, card_named
from tests.networks import builtin


def test_it_is_the_answer_of_all_and_that_for_the_usual_card_where_none_is_chosen() -> None:
    analysis, setting = builtin("resnet-18"), Setting(batch=16, precision="bf16", gpu="8GB")
    answer = answer_of(analysis, setting)
    content = content_of(analysis, setting, card_named("4GB"))
    assert (content.model, content.estimate, content.on_card) == (answer.model, answer.estimate, answer.on_card)
    without = structs.replace(setting, gpu="")
    assert answer_of(analysis, without).on_card is None
    assert content_of(analysis, without, card_named("8GB")).on_card == answer.on_card
