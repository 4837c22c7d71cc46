"""Keeps budgets with a design."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import structs

from cnnstudio.core.budgets.condition import condition_from
from cnnstudio.core.edits import Edit, EditError
from cnnstudio.core.network.design import Design


def set_budgets(design: Design, texts: Iterable[str]) -> Edit:
    """Gives a design these budgets, each once; EditError for one that is no condition."""
    try:
        budgets = tuple(dict.fromkeys(condition_from(text).text for text in texts))
    except ValueError as error:
        raise EditError(str(error)) from None
    return Edit(structs.replace(design, budgets=budgets), "Set budgets")
