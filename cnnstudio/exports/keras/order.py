"""The order of a flattened map: channels first in the design, last in Keras.

Where only Dense layers take the vector, the order is that of their weights, and Keras' own Flatten will do. Where a
layer mixes neighbours, or the vector is an output, the axes are exchanged before it.
"""

from __future__ import annotations

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.network.design import walk
from cnnstudio.exports.keras.layers import KerasSaid
from cnnstudio.exports.keras.naming import layer
from cnnstudio.exports.source.statements import call
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.normalization import BatchNorm, Rescaling
from cnnstudio.layers.regularization import DropLayer
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Identity

SINGLE = (Activation, BatchNorm, DropLayer, Identity, Rescaling)
"""Layers that treat each element of a vector by itself, or all alike."""


def ordered_flattens(analysis: Analysis) -> frozenset[str]:
    """The places of Flatten layers whose order matters to what takes their output."""
    if not any(isinstance(item, Flatten) for _, item in walk(analysis.design.layers)):
        return frozenset()
    takers: dict[str, list[Row]] = {}
    for row in analysis.rows:
        for path in row.inputs:
            takers.setdefault(path, []).append(row)
    flattens = [row for row in analysis.rows if isinstance(row.layer, Flatten) and _is_mixed(row)]
    return frozenset([row.place for row in flattens if _matters(row, takers)])


def _is_mixed(row: Row) -> bool:
    """True if the order of the two frameworks differs at all."""
    return any(shape.channels > 1 and shape.positions > 1 for shape in row.taken_shapes)


def _matters(row: Row, takers: dict[str, list[Row]]) -> bool:
    waiting, seen = [row], {row.path}
    while waiting:
        taking = takers.get(waiting.pop().path, [])
        if not taking:
            return True
        for taker in taking:
            if isinstance(taker.layer, Dense):
                continue
            if not isinstance(taker.layer, SINGLE):
                return True
            if taker.path not in seen:
                seen.add(taker.path)
                waiting.append(taker)
    return False


def flatten_in_order(shape: Shape) -> KerasSaid:
    """A Flatten with the channels first, as in the design."""
    exchange = layer(call("layers.Permute", ("dims", (shape.rank + 1, *range(1, shape.rank + 1)))), suffix="_first")
    return KerasSaid(layer(call("layers.Flatten"), exchange))
