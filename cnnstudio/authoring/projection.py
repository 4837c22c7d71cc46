"""The layer that gives a shortcut the shape of what it is added to."""

from __future__ import annotations

from cnnstudio.authoring.remedies.case import collapsed
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import WINDOW_RANK, Layer
from cnnstudio.layers.convolution import Conv1D, Conv2D, Conv3D


def projection(have: Shape, want: Shape) -> Layer | None:
    """The 1 × 1 convolution that makes one shape of another; None if none does, or for vectors."""
    if have.rank != want.rank or not 0 < have.rank <= WINDOW_RANK:
        return None
    strides = tuple(-(-size // to) for size, to in zip(have.spatial, want.spatial, strict=True))
    if any(-(-size // step) != to for size, step, to in zip(have.spatial, strides, want.spatial, strict=True)):
        return None
    convolution = (Conv1D, Conv2D, Conv3D)[have.rank - 1]
    return convolution(filters=want.channels, kernel_size=1, stride=collapsed(strides))
