"""The result of reading a file: a design, and what the file says besides."""

from __future__ import annotations

from msgspec import Struct, field

from cnnstudio.core.network.design import Design
from cnnstudio.formats.import_report import ImportReport
from cnnstudio.formats.saving.stamp import ABSENT, Stamp


class DesignFile(Struct, frozen=True):
    """A design as read, with the line of each item.

    `lines` is keyed by the item's place (`stage2/conv1`).
    `report` is there if the design was imported: it is new and unsaved then, and the file is never written. `stamp`
    is that of the file, ABSENT for a text that was not read from one.
    """

    design: Design
    lines: dict[str, int] = field(default_factory=dict)
    report: ImportReport | None = None
    stamp: Stamp = ABSENT
