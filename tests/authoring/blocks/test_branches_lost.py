"""Merges that have lost their inputs, and branches."""

from __future__ import annotations

import pytest

from cnnstudio.authoring.blocks.branches import branch
from cnnstudio.core import edits
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.edits import EditError
from cnnstudio.core.network.design import Design
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.merge import Subtract
from cnnstudio.layers.structure import Input


def test_a_merge_that_has_lost_its_inputs_is_no_branch() -> None:
    merge = Subtract(name="merge", inputs=("image", "image"))
    layers = (Input(name="image", size=(1,), channels=1), Activation(name="relu", function="relu"), merge)
    lost = edits.remove(Design(layers=layers), [("image",)]).design
    with pytest.raises(EditError, match="'merge' joins several branches"):
        branch(analyze(lost), [("merge",)])
