"""Settings remembered between starts, and settings that somebody has spoilt."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings

from cnnstudio.app.platform.settings import Settings, WindowLayout


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept.ini"


def reopened(path: Path) -> Settings:
    return Settings(QSettings(str(path), QSettings.Format.IniFormat))


def test_everything_is_as_it_was_left(path: Path) -> None:
    settings = reopened(path)
    settings.theme_mode = "dark"
    settings.text_scale = 1.5
    settings.shape_order = "channels_first"
    settings.columns = ("macs",)
    settings.keeps_recovery = False
    layout = WindowLayout(QByteArray(b"\x00g"), QByteArray(b"s"), QByteArray(b"c"))
    settings.set_layout(layout)
    del settings
    again = reopened(path)
    assert (again.theme_mode, again.text_scale, again.shape_order) == ("dark", 1.5, "channels_first")
    assert (again.columns, again.keeps_recovery, again.layout()) == (("macs",), False, layout)
    again.columns = ("layer", "macs")
    assert again.columns == ("layer", "macs")


def test_a_first_start(path: Path) -> None:
    settings = reopened(path)
    assert (settings.theme_mode, settings.text_scale, settings.shape_order) == ("system", 1.0, "convention")
    assert (settings.columns, settings.keeps_recovery, settings.recent) == ((), True, [])
    assert all(part.isEmpty() for part in settings.layout())


def test_a_layout_can_be_forgotten(path: Path) -> None:
    settings = reopened(path)
    settings.set_layout(WindowLayout(QByteArray(b"g"), QByteArray(b"s"), QByteArray(b"c")))
    settings.clear_layout()
    assert all(part.isEmpty() for part in settings.layout())


def test_spoilt_settings_are_those_of_a_first_start(path: Path) -> None:
    path.write_text("[view]\ntheme=purple\ntext_scale=huge\nshape_order=@Invalid()\n[files]\nrecent=7\n")
    settings = reopened(path)
    assert (settings.theme_mode, settings.text_scale, settings.shape_order) == ("system", 1.0, "convention")
    assert settings.recent == []


@pytest.mark.parametrize(("kept", "scale"), [("9", 3.0), ("0", 0.6), ("nan", 1.0), ("1.25", 1.25)])
def test_a_text_scale_is_within_reason(path: Path, kept: str, scale: float) -> None:
    path.write_text(f"[view]\ntext_scale={kept}\n")
    assert reopened(path).text_scale == scale
