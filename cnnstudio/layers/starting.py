"""A new layer as the palette gives it."""

from __future__ import annotations

import msgspec

from cnnstudio.core.network.layer import Layer
from cnnstudio.layers import LAYER_TYPES


def starting_layer(type_name: str) -> Layer:
    """A new layer of this type with what it starts with, and without a name; KeyError if there is no such type."""
    layer_type = LAYER_TYPES[type_name]
    # By msgspec, which checks bounds and makes tuples of lists; the constructor of a Struct checks nothing.
    return msgspec.convert(layer_type.starts_with, layer_type)
