"""A format that nobody else reads, added for one test: what is imported by it is as long as its file says."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio import formats
from cnnstudio.core.network.design import Design
from cnnstudio.formats import FORMATS
from cnnstudio.formats.content import Sample
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.fault import FileError, FileFault
from cnnstudio.formats.format import Format, ReadOptions
from cnnstudio.formats.import_report import ImportReport
from cnnstudio.layers.structure import Input

MARK = "STONE"
REPORT = ImportReport("stone", "mason 1.0")


def _recognizes(sample: Sample) -> bool:
    return sample.head.startswith(MARK.encode())


def _read(path: Path, options: ReadOptions) -> DesignFile:
    if path.read_text(encoding="utf-8") != MARK:
        raise FileError(str(path), [FileFault(0, 0, "the stone is broken.")])
    channels, *size = options.input_size or (3, 8, 8)
    image = Input(name="image", size=tuple(size), channels=channels)
    return DesignFile(Design(name=path.stem, layers=(image,)), report=REPORT)


STONE = Format("stone", "Stone tablets", (".stone", ".rock"), _recognizes, _read)


@pytest.fixture
def stone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Adds the format, which can be read and not written, for one test."""
    monkeypatch.setattr(formats, "FORMATS", (*FORMATS, STONE))
