"""The frameworks' languages: one table each, layer type and spelling, read in both directions.

Export writes by them, import reads by them, and a foreign name in a design is explained by them. `DIALECTS` has them by
key; those in `COMPLETE` say of every layer type of the palette how it is spelled, or why it cannot be.
"""

from __future__ import annotations

from cnnstudio.dialects.caffe import CAFFE
from cnnstudio.dialects.darknet import DARKNET
from cnnstudio.dialects.dialect import Dialect, Spelling
from cnnstudio.dialects.keras import KERAS
from cnnstudio.dialects.matlab import MATLAB
from cnnstudio.dialects.onnx import ONNX
from cnnstudio.dialects.pytorch import PYTORCH

DIALECTS: dict[str, Dialect] = {dialect.key: dialect for dialect in (PYTORCH, KERAS, ONNX, CAFFE, DARKNET, MATLAB)}
"""Every dialect by its key, the most used first."""
COMPLETE = (PYTORCH, KERAS, ONNX)
"""The dialects that say something of every layer type."""


def find_spellings(name: str) -> list[tuple[Dialect, Spelling]]:
    """The meanings of a foreign name, in every dialect that knows it: exactly as written, else without regard
    to case.
    """
    exact = [(dialect, found) for dialect in DIALECTS.values() if (found := dialect.find(name)) is not None]
    return exact or [
        (dialect, found) for dialect in DIALECTS.values() if (found := dialect.find_anyhow(name)) is not None
    ]
