"""The choice of what goes into the bundle, and the cleaning of its libraries."""

from __future__ import annotations

import ast
import os
import re
import runpy
import shutil
import sys
from importlib.metadata import distribution, packages_distributions
from pathlib import Path
from typing import Any

import PySide6
import pytest

from cnnstudio.version import PACKAGES
from tests.places import ROOT

NATIVE_FILES = runpy.run_path(str(ROOT / "packaging" / "native_files.py"))
SPEC = ast.parse((ROOT / "packaging" / "cnnstudio.spec").read_text(encoding="utf-8"))
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads libraries of Linux")


def of_the_spec(*names: str) -> dict[str, Any]:
    """Constants and functions of the spec, which as a whole runs in PyInstaller alone."""
    nodes: list[ast.stmt] = [
        node
        for node in SPEC.body
        if (isinstance(node, ast.FunctionDef) and node.name in names)
        or (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in names)
    ]
    known = {"ROOT": ROOT, "re": re, "runpy": runpy, "Path": Path}
    known |= {"distribution": distribution, "packages_distributions": packages_distributions}
    exec(compile(ast.Module(nodes, []), "cnnstudio.spec", "exec"), known)
    return known


@pytest.mark.parametrize(
    "place",
    [
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/wayland-shell-integration/libxdg-shell.so",
        "PySide6/Qt/plugins/wayland-decoration-client/libadwaita.so",
        "PySide6/Qt/plugins/xcbglintegrations/libqxcb-egl-integration.so",
        "PySide6/Qt/plugins/printsupport/libcupsprintersupport.so",
        "PySide6/Qt/plugins/iconengines/libqsvgicon.so",
        "PySide6/Qt/plugins/imageformats/libqsvg.so",
        "PySide6/Qt/plugins/imageformats/libqjpeg.so",
        "PySide6/Qt/plugins/platforminputcontexts/libibusplatforminputcontextplugin.so",
        "PySide6/Qt/plugins/platformthemes/libqxdgdesktopportal.so",
        "PySide6/Qt/lib/libQt6DBus.so.6",
        "PySide6/Qt/lib/libQt6PrintSupport.so.6",
        "libQt6Svg.so.6",
        "libxkbcommon-x11.so.0",
        "PySide6/QtOpenGL.abi3.so",
        "PySide6\\plugins\\platforms\\qwindows.dll",
    ],
)
def test_what_windows_printing_and_screen_readers_need_stays(place: str) -> None:
    entry = (place, "/from", "BINARY")
    assert of_the_spec("UNUSED", "without_unused")["without_unused"]([entry]) == [entry]


@pytest.mark.parametrize(
    ("place", "source", "kind"),
    [
        ("PySide6/Qt/plugins/platforms/libqvnc.so", "/from", "BINARY"),
        ("PySide6/Qt/lib/libQt6Network.so.6", "/from", "BINARY"),
        ("libQt6Network.so.6", "PySide6/Qt/lib/libQt6Network.so.6", "SYMLINK"),
        ("PySide6/Qt/translations/qt_de.qm", "/from", "DATA"),
        ("libcups.so.2", "/usr/lib/x86_64-linux-gnu/libcups.so.2", "BINARY"),
    ],
)
def test_what_nothing_uses_stays_out_with_the_links_to_it(place: str, source: str, kind: str) -> None:
    assert of_the_spec("UNUSED", "without_unused")["without_unused"]([(place, source, kind)]) == []


def test_packages_for_tests_and_tools_stay_out_and_those_with_a_notice_come_along() -> None:
    left_out = set(of_the_spec("not_needed")["not_needed"]())
    assert {"pytest", "hypothesis", "distributed", "mypy"} <= left_out
    assert left_out.isdisjoint({"cnnstudio", "PySide6", "shiboken6", "numpy", "yaml", "msgspec", "markupsafe"})


def test_a_bundle_tells_the_version_of_every_package_that_is_named() -> None:
    told = of_the_spec("PROGRAM", "told_versions")["told_versions"]()
    folders = [folder for source, folder in told if Path(source).read_text(encoding="utf-8").startswith("Metadata-")]
    assert len(folders) == len(PACKAGES)
    assert all(re.fullmatch(r"[\w.]+-[\d.]+\.dist-info", folder) for folder in folders)


@linux_only
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, "C.UTF-8"),
        ({"LANG": "C"}, "C.UTF-8"),
        ({"LC_CTYPE": "POSIX", "LANG": "de_DE.UTF-8"}, "C.UTF-8"),
        ({"LANG": "de_DE.UTF-8"}, None),
        ({"LC_ALL": "C"}, None),
    ],
)
def test_a_bundle_writes_utf_8_where_nobody_names_a_language(
    said: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**said, "LD_LIBRARY_PATH": "/bundle"}.items():
        monkeypatch.setenv(name, value)
    runpy.run_path(str(ROOT / "packaging" / "bundle_start.py"))
    assert os.environ.get("LC_CTYPE") == expected
    assert "LD_LIBRARY_PATH" not in os.environ


def test_a_library_of_the_system_goes_with_the_last_that_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"/wheel/a.so": {"libx.so"}, "/usr/lib/libx.so": {"liby.so"}, "/usr/lib/liby.so": set[str]()}
    known = of_the_spec("without_orphans")
    monkeypatch.setitem(known, "runpy", Runpy({str(Path(name)): names for name, names in asked.items()}))
    entries = [("a.so", "/wheel/a.so", "EXTENSION"), *((n, f"/usr/lib/{n}", "BINARY") for n in ("libx.so", "liby.so"))]
    assert known["without_orphans"]([*entries, ("libz.so", "/usr/lib/libz.so", "BINARY")]) == entries


class Runpy:
    """Gives the spec the names that each file asks for."""

    def __init__(self, asked: dict[str, set[str]]) -> None:
        self._asked = asked

    def run_path(self, _path: str) -> dict[str, Any]:
        return {"needed_libraries": lambda file: self._asked[str(file)]}


@linux_only
def test_search_paths_of_another_machine_are_dropped(tmp_path: Path) -> None:
    """A path that begins at the library itself stays."""
    qt = Path(PySide6.__path__[0]) / "QtCore.abi3.so"
    original = qt.read_bytes()
    kept, foreign = tmp_path / "kept.so", tmp_path / "foreign.so"
    shutil.copy(qt, kept)
    # As a Python leaves them that was built in a home.
    foreign.write_bytes(original.replace(b"$ORIGIN", b"/home/a"))
    for file in (kept, foreign):
        NATIVE_FILES["drop_search_paths"](file)
    assert kept.read_bytes() == original
    assert search_paths(kept) > 0
    assert search_paths(foreign) == 0
    assert NATIVE_FILES["needed_libraries"](foreign) == NATIVE_FILES["needed_libraries"](qt)
    assert "libQt6Core.so.6" in NATIVE_FILES["needed_libraries"](qt)


def search_paths(file: Path) -> int:
    """The number of entries of a library that tell the loader where to search."""
    _, entries, _ = NATIVE_FILES["_dynamic"](bytearray(file.read_bytes()))
    return sum(kind in NATIVE_FILES["SEARCH_PATHS"] for kind, _ in entries)


def test_the_weights_of_a_bundle_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {
        "cnnstudio": 7,
        "_internal/PySide6/Qt/lib/libicudata.so.73": 900,
        "_internal/PySide6/Qt/lib/libQt6Core.so.6": 60,
        "_internal/PySide6/QtCore.abi3.so": 50,
        "_internal/libz.so.1": 40,
        "_internal/yaml/_yaml.so": 30,
        "LICENSE": 3,
    }
    for name, size in sizes.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * size)
    # It imports native_files, which lies beside it.
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    make_bundle = runpy.run_path(str(ROOT / "packaging" / "make_bundle.py"))
    weights = make_bundle["weights"](tmp_path)
    assert [plain for plain, _ in weights.values()] == sorted(sizes.values(), reverse=True)
    assert next(iter(weights)) == "Qt's Unicode data (ICU)"
    assert all(packed < 30 for _, packed in weights.values())
    assert make_bundle["table"](tmp_path).count("\n") == len(sizes)
