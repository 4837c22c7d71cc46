"""Connections in words, for those who do not see the rails and for tips: what a layer takes, and where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication

from cnnstudio.core.network.design import BLOCK_INPUT, Block, Item
from cnnstudio.core.network.wiring import feeds, takers

if TYPE_CHECKING:
    from cnnstudio.authoring.connections import Connection

MAX_NAMED: Final = 4
translate = QCoreApplication.translate


def connection_words(items: tuple[Item, ...], index: int, block: Block | None = None) -> tuple[str, ...]:
    """`takes conv1 and input`, `goes to add`: what of it there is, for an item of a list, which a block may hold."""
    inside = block.input_names if block else ()
    taken = feeds(items, index, inside=inside)
    followed = takers(items, items[index].name, inside=inside)
    words = []
    if taken:
        words.append(translate("ConnectionWords", "takes {names}").format(names=_joined(taken)))
    if followed:
        words.append(translate("ConnectionWords", "goes to {names}").format(names=_joined(followed)))
    if block and index == len(items) - 1:
        words.append(translate("ConnectionWords", "is the output of {name}").format(name=block.name))
    return tuple(words)


def promise(connection: Connection) -> str:
    """The effect of a connection, in one line."""
    name = source_words(connection)
    if connection.replaced:
        text = translate("ConnectionWords", "Connect {name} to {target}, in place of {replaced}")
    else:
        text = translate("ConnectionWords", "Connect {name} to {target}")
    words = text.format(name=name, target=connection.target[-1], replaced=connection.replaced)
    return (
        words if connection.fits else translate("ConnectionWords", "{words}; the shapes do not fit").format(words=words)
    )


def source_words(connection: Connection) -> str:
    """The source of a connection, as its target sees it."""
    if connection.name != BLOCK_INPUT:
        return connection.name
    return translate("ConnectionWords", "the input of {block}").format(block=connection.target[-2])


def _joined(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`; of many, the first and how many more."""
    if len(names) > MAX_NAMED:
        shown = ", ".join(names[: MAX_NAMED - 1])
        return translate("ConnectionWords", "{names} and {count} more").format(
            names=shown, count=len(names) - MAX_NAMED + 1
        )
    if len(names) == 1:
        return names[0]
    return translate("ConnectionWords", "{names} and {last}").format(names=", ".join(names[:-1]), last=names[-1])
