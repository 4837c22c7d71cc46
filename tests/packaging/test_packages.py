"""The parts of the packages. Whether they work is tried by `make test-packages`."""

from __future__ import annotations

import gzip
import importlib
import os
import runpy
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from PySide6.QtGui import QImage

from cnnstudio.cli import main
from cnnstudio.cli.completion import completion_of
from cnnstudio.cli.man_page import man_page
from tests.places import ROOT


@pytest.fixture(autouse=True)
def _beside_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scripts import each other."""
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))


def script(name: str) -> dict[str, Any]:
    """All that a script of packaging/ defines."""
    return runpy.run_path(str(ROOT / "packaging" / f"{name}.py"))


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_wheelhouse_holds_all_that_is_needed_to_run_at_the_tested_versions(python: str) -> None:
    pins = [Requirement(pin) for pin in script("make_wheelhouse")["pins"](python, None)]
    normal = script("third_party")["normal"]
    needed = {normal(package.name) for package in script("third_party")["runtime_packages"]()}
    assert {normal(pin.name) for pin in pins} == needed
    assert len(pins) == len(needed)
    numpy = next(pin for pin in pins if pin.name == "numpy")
    assert str(numpy.specifier) == ("==2.4.6" if python == "3.11" else "==2.5.5")


def test_another_qt_replaces_both_of_its_packages() -> None:
    pins = script("make_wheelhouse")["pins"]("3.11", "6.9.3")
    assert {"PySide6-Essentials==6.9.3", "shiboken6==6.9.3"} <= set(pins)


def test_a_missing_wheel_is_said_with_the_qt_that_would_do() -> None:
    wheelhouse = script("make_wheelhouse")
    machine = wheelhouse["SYSTEMS"]["linux"][1]
    assert wheelhouse["sentence"](machine, "3.12", ["PySide6-Essentials==6.11.3", "numpy==2.5.5"]) == (
        "Linux on arm64 with Python 3.12 cannot be installed from here: there is no wheel of PySide6-Essentials 6.11.3 "
        "and of numpy 2.5.5. PySide6-Essentials 6.9.3 would do where it has one: make wheelhouse QT=6.9.3."
    )
    assert "would do" not in wheelhouse["sentence"](machine, "3.12", ["numpy==2.5.5"])


@pytest.mark.usefixtures("qapp")
def test_icons_are_drawn_in_every_size(tmp_path: Path) -> None:
    icons = script("icons")
    icons["write"](tmp_path)
    for size in icons["SIZES"]:
        picture = QImage(str(tmp_path / "hicolor" / f"{size}x{size}" / "apps" / "cnnstudio.png"))
        assert (picture.width(), picture.height()) == (size, size)
        assert picture.pixelColor(size * 3 // 4, size * 3 // 4).blue() > 200
    windows = (tmp_path / "cnnstudio.ico").read_bytes()
    for at in range(struct.unpack_from("<H", windows, 4)[0]):
        width, *_, length, offset = struct.unpack_from("<BBBBHHII", windows, 6 + 16 * at)
        assert QImage.fromData(windows[offset : offset + length]).width() == (width or 256)
    macos = (tmp_path / "cnnstudio.icns").read_bytes()
    assert macos[:4] == b"icns"
    assert struct.unpack_from(">I", macos, 4)[0] == len(macos)


def test_every_command_line_of_the_readme_is_tried() -> None:
    lines = list(script("try_packages")["command_lines"]())
    assert "cnnstudio summary resnet-50 --convention keras" in lines
    assert "cnnstudio schema > design.schema.json" in lines


def test_words_of_a_menu_entry_are_unescaped_as_desktops_do(tmp_path: Path) -> None:
    entry = tmp_path / "a.desktop"
    entry.write_text('[Desktop Entry]\nExec="/home/\\\\$me/100%%/cnnstudio" --window %f\n', encoding="utf-8")
    words = script("try_packages")["desktop_words"](entry, Path("/a b.yaml"))
    assert words == ["/home/$me/100%/cnnstudio", "--window", "/a b.yaml"]


@pytest.mark.parametrize("words", [["{file}"], ["--window", "{file}"], ["{file}", "--window"]])
def test_a_start_from_the_desktop_tells_in_the_window(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "damaged.yaml"
    damaged.write_text("cnnstudio: [\n", encoding="utf-8")
    started: list[tuple[object, ...]] = []

    def run(*given: object, **_pages: object) -> int:
        started.append(given)
        return 0

    monkeypatch.setattr("cnnstudio.app.application.run", run)
    monkeypatch.setattr("cnnstudio.app.platform.lazy_qt.import_qt", lambda: None)
    monkeypatch.setattr("gc.disable", lambda: None)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    status = main([word.format(file=damaged) for word in words])
    if "--window" in words:
        assert (status, started) == (0, [(str(damaged), None)])
    else:
        assert (status, started) == (2, [])


def test_the_debian_package_carries_the_manual_page_and_completion(
    tmp_path: Path,
) -> None:
    script("make_deb")["lay_help"](tmp_path)
    assert gzip.decompress((tmp_path / "man/man1/cnnstudio.1.gz").read_bytes()).decode() == man_page()
    for shell, place in (
        ("bash", "bash-completion/completions/cnnstudio"),
        ("zsh", "zsh/vendor-completions/_cnnstudio"),
        ("fish", "fish/vendor_completions.d/cnnstudio.fish"),
    ):
        assert (tmp_path / place).read_text(encoding="utf-8") == completion_of(shell)


@pytest.fixture
def bundle_of_an_appimage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a bundle whose program says what it was given."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    make_deb = importlib.import_module("make_deb")
    folder = tmp_path / "dist" / "cnnstudio"
    (folder / "licences").mkdir(parents=True)
    (folder / "cnnstudio").write_text('#!/bin/sh\necho "$CNNSTUDIO_HOME" "$@"\n', encoding="utf-8")
    (folder / "cnnstudio").chmod(0o755)
    (tmp_path / "icons" / "hicolor").mkdir(parents=True)
    monkeypatch.setattr(make_deb.make_bundle, "FOLDER", folder)
    monkeypatch.setattr(make_deb, "ICONS", tmp_path / "icons")
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="Windows starts no AppImage")
def test_an_appimage_starts_the_program_portable_where_its_folder_is(bundle_of_an_appimage: Path) -> None:
    folder = bundle_of_an_appimage / "AppDir"
    script("make_appimage")["lay"](folder)
    for link in ("cnnstudio.desktop", "usr/bin/cnnstudio"):
        assert (folder / link).is_file()
    beside = bundle_of_an_appimage / "my files"
    beside.mkdir()

    def said() -> str:
        variables = {"APPIMAGE": str(beside / "a.AppImage"), "PATH": os.environ["PATH"]}
        words = [str(folder / "AppRun"), "summary", "a b"]
        return subprocess.run(words, env=variables, capture_output=True, text=True, check=True).stdout.strip()

    assert said() == "summary a b"
    (beside / "cnnstudio-data").mkdir()
    assert said() == f"{beside / 'cnnstudio-data'} summary a b"


def test_an_appimage_takes_only_a_runtime_with_its_licences(tmp_path: Path) -> None:
    appimage = script("make_appimage")
    runtime = tmp_path / "runtime"
    with pytest.raises(SystemExit, match="cannot be read: No such file"):
        appimage["runtime_of"](runtime)
    runtime.write_bytes(b"\x7fELF\x02\x01\x01\0\0\0\0")
    with pytest.raises(SystemExit, match="is no runtime of type 2"):
        appimage["runtime_of"](runtime)
    runtime.write_bytes(b"\x7fELF\x02\x01\x01\0AI\x02")
    assert appimage["runtime_of"](runtime) == runtime.read_bytes()
    with pytest.raises(SystemExit, match="the licences of the runtime"):
        appimage["licence_of"](runtime)


@pytest.mark.skipif(shutil.which("mksquashfs") is None, reason="mksquashfs, of squashfs-tools, is not installed")
def test_an_appimage_of_the_same_content_is_the_same_file(tmp_path: Path) -> None:
    appimage = script("make_appimage")
    folder, target = tmp_path / "AppDir", tmp_path / "a.AppImage"
    folder.mkdir()
    made = []
    for time in (1, 2_000_000_000):
        (folder / "AppRun").write_text("#!/bin/sh\n", encoding="utf-8")
        os.utime(folder / "AppRun", (time, time))
        appimage["pack"](b"runtime", folder, target)
        made.append(target.read_bytes())
    assert made[0].startswith(b"runtimehsqs")
    assert made[0] == made[1]
