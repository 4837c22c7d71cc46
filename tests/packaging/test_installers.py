"""The Debian package's texts, the bare system that it is tried in, and the installer for Windows."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from tests.places import ROOT

NAMES = ("chroot", "make_bundle", "make_deb", "make_installer")


@pytest.fixture
def packaging(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    """The scripts, which import each other."""
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    return {name: __import__(name) for name in NAMES}


def needs(program: str) -> pytest.MarkDecorator:
    """A test that is skipped where a program is missing."""
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


# Debian


def test_screenshots_stand_in_the_metadata_where_there_is_a_homepage(packaging: dict[str, ModuleType]) -> None:
    make_deb = packaging["make_deb"]
    assert ElementTree.fromstring(make_deb.metainfo("")).find("screenshots") is None
    root = ElementTree.fromstring(make_deb.metainfo("https://example.org/a?b&c"))
    images = [image.text or "" for image in root.iter("image")]
    assert root.findtext("url") == "https://example.org/a?b&c"
    assert images
    for image in images:
        assert (ROOT / image.removeprefix("https://example.org/a?b&c/")).is_file()


@needs("appstreamcli")
@pytest.mark.parametrize("homepage", ["", "https://example.org/cnnstudio"])
def test_the_metadata_pass_appstreamcli(homepage: str, packaging: dict[str, ModuleType], tmp_path: Path) -> None:
    file = tmp_path / "org.cnnstudio.CNNStudio.metainfo.xml"
    file.write_text(packaging["make_deb"].metainfo(homepage), encoding="utf-8")
    done = subprocess.run(["appstreamcli", "validate", "--no-net", str(file)], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()


def test_texts_that_every_debian_has_are_named_and_not_repeated(packaging: dict[str, ModuleType]) -> None:
    notice = packaging["make_deb"].copyright_notice()
    assert "Permission is hereby granted" in notice
    for name in ("GPL-3", "LGPL-3", "Apache-2.0"):
        assert f"/usr/share/common-licenses/{name}." in notice
    assert "LGPL" in notice
    assert "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" not in notice
    assert "How to Apply These Terms to Your New Programs" not in notice


def test_a_tag_of_lintian_is_overridden_with_its_reason() -> None:
    blocks = (ROOT / "packaging" / "desktop" / "lintian-overrides").read_text(encoding="utf-8").strip().split("\n\n")
    assert len(blocks) > 2
    for block in blocks:
        assert block.startswith("# "), f"no reason stands above: {block}"


def test_who_answers_for_the_package_is_told_by_the_variables_of_debian(
    packaging: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEBFULLNAME", "Ada L.")
    monkeypatch.setenv("DEBEMAIL", "ada@example.org")
    assert packaging["make_deb"].maintainer() == "Ada L. <ada@example.org>"


def test_a_judge_that_objects_ends_the_build(
    packaging: dict[str, ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    check = packaging["make_deb"].check
    check("nothing", ["a-judge-that-is-not-there"])
    assert "a-judge-that-is-not-there is not installed" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="false objects to the package"):
        check("coreutils", ["false"])


# The bare system


def test_a_bare_system_is_made_by_root_alone(packaging: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> None:
    chroot = packaging["chroot"]
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(chroot.NoChroot, match="is made by root alone"):
        chroot.make(Path("root"), Path("package"), Path("cache"))


def test_a_missing_debootstrap_is_named(packaging: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> None:
    chroot = packaging["chroot"]
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(chroot.NoChroot, match="apt install debootstrap"):
        chroot.make(Path("root"), Path("package"), Path("cache"))


@needs("dpkg-deb")
def test_the_bare_system_has_what_the_package_depends_on(packaging: dict[str, ModuleType], tmp_path: Path) -> None:
    (tmp_path / "tree" / "DEBIAN").mkdir(parents=True)
    values = {"version": "1", "maintainer": "a <a@example.org>", "machine": "all", "kilobytes": 1, "glibc": "2.36"}
    control = packaging["make_deb"].CONTROL.format(**values, homepage="")
    (tmp_path / "tree" / "DEBIAN" / "control").write_text(control, encoding="utf-8")
    package = tmp_path / "a.deb"
    subprocess.run(["dpkg-deb", "-b", str(tmp_path / "tree"), str(package)], check=True, capture_output=True)
    assert packaging["chroot"].dependencies(package) == ["libc6", "libgl1", "libegl1", "libx11-6", "libxcb1"]


def test_what_a_package_leaves_is_seen_and_the_books_of_dpkg_are_not(
    packaging: dict[str, ModuleType], tmp_path: Path
) -> None:
    kept = ("opt/cnnstudio/a", "var/lib/dpkg/info/cnnstudio.list", "usr/share/mime/x")
    for name in (*kept, "var/log/dpkg.log", "var/lib/dpkg/status-old", "tmp/a"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = {name for name in packaging["chroot"].files(tmp_path) if (tmp_path / name).is_file()}
    assert found == set(kept)


# Windows


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """A folder like the bundle for Windows."""
    folder = tmp_path / "cnnstudio"
    for name in ("cnnstudio.exe", "cnnstudio-window.exe", "_internal/Qt6Core.dll", "_internal/docs/größe $1.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def test_what_the_installer_lays_is_removed_file_by_file(packaging: dict[str, ModuleType], stand_in: Path) -> None:
    assert list(packaging["make_installer"].removal(stand_in)) == [
        r'Delete "$INSTDIR\cnnstudio.exe"',
        r'Delete "$INSTDIR\cnnstudio-window.exe"',
        r'Delete "$INSTDIR\_internal\docs\größe $$1.md"',
        r'RMDir "$INSTDIR\_internal\docs"',
        r'Delete "$INSTDIR\_internal\Qt6Core.dll"',
        r'RMDir "$INSTDIR\_internal"',
    ]


def test_all_that_the_installer_writes_its_uninstaller_takes_back() -> None:
    script = (ROOT / "packaging" / "windows" / "cnnstudio.nsi").read_text(encoding="utf-8")
    lay, _, remove = script.partition('Section "Uninstall"')
    keys = set(re.findall(r'WriteReg(?:Str|DWORD) SHCTX "([^"]+)"', lay))
    deleted = re.findall(r'DeleteRegKey SHCTX "([^"]+)"', remove)
    assert {key for key in keys if not key.startswith(tuple(deleted))} == set()
    shared = re.findall(r'WriteRegNone SHCTX ("[^"]+" "[^"]+")', lay)
    assert shared == re.findall(r'DeleteRegValue SHCTX ("[^"]+" "[^"]+")', remove)
    assert re.findall(r'CreateShortcut ("[^"]+")', lay) == re.findall(r'Delete ("\$SMPROGRAMS[^"]+")', remove)
    assert "RMDir /r" not in script


@needs("makensis")
@pytest.mark.usefixtures("qapp")
def test_the_installer_for_windows_compiles_without_a_warning(
    packaging: dict[str, ModuleType], stand_in: Path, tmp_path: Path
) -> None:
    runpy.run_path(str(ROOT / "packaging" / "icons.py"))["write"](tmp_path / "icons")
    target = tmp_path / "cnnstudio-windows-setup.exe"
    packaging["make_installer"].make(stand_in, tmp_path / "icons" / "cnnstudio.ico", target)
    assert target.read_bytes()[:2] == b"MZ"
    assert not target.with_suffix(".nsh").exists()
