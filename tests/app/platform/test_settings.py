"""Settings remembered between starts, and settings that somebody has spoilt."""

from __future__ import annotations

import os
import pickle
import random
import struct
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QByteArray

from cnnstudio.app.platform.settings import Settings, WindowLayout
from cnnstudio.app.platform.settings_file import SettingsFile, user_settings
from tests.places import ROOT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept.json"


def reopened(path: Path) -> Settings:
    return Settings(SettingsFile(path))


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


SPOILT = {
    "nothing": b"",
    "not JSON": b"{",
    "a list": b"[1, 2]",
    "not text": b"\xff\xfe\x00",
    "deeply nested": b'{"a": ' + b"[" * 200_000,
    "of other types": b'{"view/theme": 7, "view/text_scale": "huge", "view/shape_order": null, "files/recent": 7, '
    b'"window/geometry": {}, "table/columns": [1, null], "files/keeps_recovery": "no", "report/folder": "a\\u0000b"}',
    "of no known value": b'{"view/theme": "purple", "view/text_scale": [1], "files/recent": ["a\\u0000b", 1]}',
}


@pytest.mark.parametrize("content", SPOILT.values(), ids=SPOILT)
def test_spoilt_settings_are_those_of_a_first_start(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    settings = reopened(path)
    assert (settings.theme_mode, settings.text_scale, settings.shape_order) == ("system", 1.0, "convention")
    assert (settings.recent, settings.columns, settings.keeps_recovery) == ([], (), True)
    assert settings.report_folder == Path.home()
    assert all(part.isEmpty() for part in settings.layout())
    settings.theme_mode = "dark"
    assert reopened(path).theme_mode == "dark"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no names here")
@pytest.mark.parametrize("kind", ["pipe", "endless", "folder"])
def test_settings_that_are_no_file_hold_nobody_up(path: Path, kind: str) -> None:
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "endless":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    settings = reopened(path)
    settings.theme_mode = "dark"
    assert settings.theme_mode == "dark", "remembered until the program ends"


@pytest.mark.parametrize(("kept", "scale"), [("9", 3.0), ("0", 0.6), ('"nan"', 1.0), ("1.25", 1.25), ('"1.5"', 1.5)])
def test_a_text_scale_is_within_reason(path: Path, kept: str, scale: float) -> None:
    path.write_text(f'{{"view/text_scale": {kept}}}')
    assert reopened(path).text_scale == scale


def test_programs_share_their_settings_and_keep_what_a_later_version_added(path: Path) -> None:
    path.write_text('{"later/version": {"nested": [1, 2]}}')
    first, second = reopened(path), reopened(path)
    first.theme_mode = "dark"
    second.columns = ("macs",)
    assert msgspec.json.decode(path.read_bytes()) == {
        "later/version": {"nested": [1, 2]},
        "view/theme": "dark",
        "table/columns": ["macs"],
    }


def test_a_file_whose_name_is_not_unicode_is_not_remembered(path: Path) -> None:
    settings = reopened(path)
    settings.add_recent(Path(os.fsdecode(b"/tmp/\xff.yaml")))
    settings.theme_mode = "dark"
    assert reopened(path).theme_mode == "dark"


def test_a_damaged_layout_is_no_layout(path: Path) -> None:
    """Qt crashes or hangs on many of them, and did so at every start."""
    settings = reopened(path)
    state = QByteArray(bytes(range(200)))
    settings.set_layout(WindowLayout(state, state, state))
    text = path.read_text()
    chance = random.Random(1)
    for _ in range(50):
        at = chance.randrange(text.index(":") + 1, len(text))
        path.write_text(text[:at] + chance.choice("AQ9/\x7f") + text[at + 1 :])
        assert all(part in (state, QByteArray()) for part in reopened(path).layout())


# What versions before kept in an INI file of Qt.

EARLIER = r"""[General]
at=@@foo

[files]
keeps_recovery=false
none=@Invalid()
recent="/home/ü/a, b.yaml", /x/\"q\".yaml, "/p\\q;r", @@x.yaml, /emoji 😀.yaml
%FC%25k=left out

[report]
choice="{\"form\": \"pdf\", \"parts\": [\"a\",\"b\"]}"

[table]
columns=layer, macs

[view]
text_scale=1.5
theme=dark

[window]
geometry=@ByteArray(\0\x1\x61\xff)
poison=@Variant(\0\0\0\x7f\0\0\0\x18PySide::PyObjectWrapper\0\0\0\0'\x80\x4\x95\x1c\0)
"""


@pytest.fixture
def earlier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The INI file of an earlier version, where this user has it."""
    monkeypatch.setenv("APPDATA" if os.name == "nt" else "XDG_CONFIG_HOME", str(tmp_path / "config"))
    path = tmp_path / "config" / "CNNStudio" / "CNNStudio.ini"
    path.parent.mkdir(parents=True)
    path.write_text(EARLIER, encoding="utf-8")
    return path


def test_settings_of_an_earlier_version_are_taken_over_once(earlier: Path) -> None:
    settings = Settings()
    assert (settings.theme_mode, settings.text_scale, settings.columns) == ("dark", 1.5, ("layer", "macs"))
    assert settings.keeps_recovery is False
    assert settings.report_choice == '{"form": "pdf", "parts": ["a","b"]}'
    recent = ["/home/ü/a, b.yaml", '/x/"q".yaml', r"/p\q;r", "@x.yaml", "/emoji 😀.yaml"]
    assert user_settings().value("files/recent") == recent
    assert all(part.isEmpty() for part in settings.layout()), "what Qt alone can read is left where it is"
    settings.theme_mode = "light"
    earlier.write_text(EARLIER.replace("1.5", "2.5"))
    assert (Settings().theme_mode, Settings().text_scale) == ("light", 1.5)


class Poison:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


def test_what_a_settings_file_holds_is_never_run(earlier: Path, tmp_path: Path) -> None:
    """PySide unpickles an object that an INI file of Qt holds; here nothing but plain code reads such a file."""
    content = pickle.dumps(Poison(tmp_path / "run"))
    wrapped = b"\0\0\0\x7f\0\0\0\x18PySide::PyObjectWrapper\0" + struct.pack(">I", len(content)) + content
    poison = "@Variant(" + "".join(f"\\x{byte:x}" for byte in wrapped) + ")"
    earlier.write_text(f"[view]\ntheme={poison}\ntext_scale=2.0\n[files]\nrecent={poison}, {poison}\n")
    settings = Settings()
    assert (settings.theme_mode, settings.recent, settings.text_scale) == ("system", [], 2.0)
    settings.theme_mode = "dark"
    assert "Wrapper" not in user_settings_path(earlier).read_text()
    assert not (tmp_path / "run").exists()


def user_settings_path(earlier: Path) -> Path:
    """The JSON file beside an earlier one."""
    return earlier.with_name("settings.json")


def test_no_source_reads_settings_by_qt() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "cnnstudio").rglob("*.py")]
    assert not [text for text in sources if "QSettings" in text]
