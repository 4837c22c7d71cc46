"""The words of the families of layers, translated."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from cnnstudio.layers.families import FAMILY


def family_titles() -> dict[str, str]:
    """The titles of the families, by key, and of blocks."""
    return {key: QCoreApplication.translate("Chart", family.title) for key, family in FAMILY.items()}
