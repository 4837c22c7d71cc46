"""Connections in words, for those who do not see the rails and for tips: what a layer takes, and where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication

from cnnstudio.core.design import Item
from cnnstudio.core.wiring import feeds, takers

MOST_NAMED: Final = 4
translate = QCoreApplication.translate


def connection_words(items: tuple[Item, ...], index: int, block: str = "") -> tuple[str, ...]:
    """`takes conv1 and input`, `goes to add`: what of it there is, for an item of a list, which a block may hold."""
    inside = bool(block)
    taken = feeds(items, index, inside=inside)
    followed = takers(items, items[index].name, inside=inside)
    words = []
    if taken:
        words.append(translate("ConnectionWords", "takes {names}").format(names=_joined(taken)))
    if followed:
        words.append(translate("ConnectionWords", "goes to {names}").format(names=_joined(followed)))
    if inside and index == len(items) - 1:
        words.append(translate("ConnectionWords", "is the output of {name}").format(name=block))
    return tuple(words)


def _joined(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`; of many, the first and how many more."""
    if len(names) > MOST_NAMED:
        shown = ", ".join(names[: MOST_NAMED - 1])
        return translate("ConnectionWords", "{names} and {count} more").format(
            names=shown, count=len(names) - MOST_NAMED + 1
        )
    if len(names) == 1:
        return names[0]
    return translate("ConnectionWords", "{names} and {last}").format(names=", ".join(names[:-1]), last=names[-1])
