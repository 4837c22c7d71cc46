"""A row of the layer tree in words: what a screen reader says, and what a tip tells."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from cnnstudio.app.appearance.tips import plain_tip
from cnnstudio.app.layer_list.connection_words import connection_words
from cnnstudio.app.layer_list.nodes import TreeNode
from cnnstudio.core.arithmetic.numerals import UNKNOWN
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.columns import COLUMN
from cnnstudio.core.counting.rows import BlockRow, unknown_text
from cnnstudio.core.network.design import Block

translate = QCoreApplication.translate


def spoken(node: TreeNode, remark: str = "") -> str:
    """Name, type, output, connections and a remark."""
    item = node.item
    if item is None:
        return ""
    known = node.entry.output_shape if node.entry else None
    shape = known or (unknown_text(node.entry) if node.entry else UNKNOWN)
    output = translate("LayerWords", "output {shape}").format(shape=shape)
    return ", ".join(filter(None, [item.name, item.type_name, output, *_wires(node), *_sharing(node), remark]))


def _wires(node: TreeNode) -> tuple[str, ...]:
    """The connections in words."""
    if node.parent is None:
        return ()
    items = tuple(child.item for child in node.parent.children if child.item)
    around = node.parent.item
    return connection_words(items, node.row, around if isinstance(around, Block) else None)


def _sharing(node: TreeNode) -> tuple[str, ...]:
    """Whose weights it uses, if they are not its own."""
    owner = node.entry.owner if node.entry is not None else ""
    return (translate("LayerWords", "weights shared with {owner}").format(owner=owner),) if owner else ()


def tip(node: TreeNode, analysis: Analysis, remark: str = "") -> str:
    """The problems, a remark, what a block costs, and the note."""
    place = node.entry.place if node.entry else None
    lines = [str(problem) for problem in analysis.problems if problem.path == place]
    if remark:
        lines.append(remark)
    lines += _sharing(node)
    if isinstance(node.entry, BlockRow):
        lines.append(_subtotals(node.entry, analysis))
    if node.item is not None and node.item.note:
        lines.append(node.item.note)
    return plain_tip("\n".join(lines))


def _subtotals(entry: BlockRow, analysis: Analysis) -> str:
    """The cost of a block, all its repeats together."""
    text = translate("LayerWords", "Parameters: {parameters}, MACs: {macs}, layers: {layers}")
    return text.format(
        parameters=COLUMN["parameters"].cell(entry, analysis),
        macs=COLUMN["macs"].cell(entry, analysis),
        layers=f"{entry.totals.layers:,}",
    )
