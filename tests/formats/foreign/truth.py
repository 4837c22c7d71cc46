"""The sample files of the frameworks and what the frameworks themselves say of them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.formats import read_file
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.format import ReadOptions
from cnnstudio.formats.import_report import ImportedNetwork

FOLDER = Path(__file__).parents[2] / "truth" / "exchange"


def samples(kind: str) -> list[str]:
    """The names of the samples of one framework."""
    return sorted(path.name.removesuffix(".truth.gz") for path in (FOLDER / kind).glob("*.truth.gz"))


def sample(kind: str, name: str, folder: Path) -> Path:
    """A sample file, unpacked into a folder where it is packed."""
    path = FOLDER / kind / name
    if path.exists():
        return path
    unpacked = folder / name
    unpacked.write_bytes(gzip.decompress((FOLDER / kind / f"{name}.gz").read_bytes()))
    return unpacked


def truth(kind: str, name: str) -> dict[str, Any]:
    """The framework's numbers for a sample."""
    said: dict[str, Any] = json.loads(gzip.decompress((FOLDER / kind / f"{name}.truth.gz").read_bytes()))
    return said


def imported(path: Path, *, fold: bool = True) -> tuple[DesignFile, Analysis, ImportedNetwork]:
    """A file as a design, its counts, and what the report says of its network."""
    file = read_file(path, ReadOptions(fold=fold))
    assert file.report is not None
    (network,) = file.report.networks
    return file, analyze(file.design), network
