"""Every row of the frameworks' truth that is not compared, with the reason in words and the exact number."""

from __future__ import annotations

NO_UNFOLD = "the studio has no layer that lays out the windows of a convolution as columns"
NO_POWER_POOL = "the studio has no pooling by a power mean"
NO_EMBEDDING = "the studio has no table lookup: its inputs are numbers, not words"
PARTLY_SHARED_SLOPES = "the studio's PReLU has a slope a layer, a channel or an element, not one a row or a column"
KERAS_CONTRADICTS_ITSELF = "Keras promises an output shape, and then the run of the same layer fails"

TORCH_KINDS = {"Unfold": NO_UNFOLD, "LPPool2d": NO_POWER_POOL}
KERAS_KINDS = {"Embedding": NO_EMBEDDING}
