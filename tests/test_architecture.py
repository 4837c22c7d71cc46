"""The shape of the package: no import circle, small rooms, tests that mirror it, imports late only for a reason."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.fresh_python import printed_by
from tests.places import ROOT

PACKAGE: Final = ROOT / "cnnstudio"
MAX_MODULES: Final = 16
"""Modules in a folder, `__init__` not counted: so many names one can take in at a glance."""
MAX_LINES: Final = 400
MAX_FUNCTION_LINES: Final = 40
APART: Final = frozenset(
    {"benchmarks", "bounds", "designs", "e2e", "files", "frameworks", "goldens", "packaging", "truth"}
)
"""Folders of tests that belong to no package: data, and what is tried of the whole program."""


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package by its dotted name, parsed."""
    return {_dotted(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(module: ast.AST) -> Iterator[str]:
    """The modules of the package that a part of the code imports, wherever in it and for whatever."""
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in modules() else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def circles(arrows: dict[str, set[str]]) -> list[set[str]]:
    """The groups of modules that lead back to each other."""

    def reached_from(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = list(arrows[start])
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += arrows[name]
        return seen

    reach = {name: reached_from(name) for name in arrows}
    groups = {
        frozenset({other for other in reach[name] if name in reach[other]}) for name in arrows if name in reach[name]
    }
    return [set(group) for group in groups]


def test_a_circle_is_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == [{"b", "c"}]


def test_no_module_leads_back_to_itself() -> None:
    """Imports for types and late imports are counted: a reader follows them all the same."""
    arrows = {
        name: {other for other in imported(module) if other in modules()} - {name} for name, module in modules().items()
    }
    assert circles(arrows) == []


def test_no_folder_is_crowded() -> None:
    crowd = Counter(
        path.parent.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*.py") if path.stem != "__init__"
    )
    assert {folder: count for folder, count in crowd.items() if count > MAX_MODULES} == {}


def test_no_file_is_dreaded() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8").count("\n")
        for path in PACKAGE.rglob("*.py")
    }
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_no_function_is_long() -> None:
    long = {
        f"{name}.{node.name}": length
        for name, module in modules().items()
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION_LINES
    }
    assert long == {}


def test_tests_mirror_the_package() -> None:
    """The tests of a room are where the room is."""
    tests = ROOT / "tests"
    # Folders with modules: of one that was moved, compiled modules may be left.
    folders = sorted({path.parent.relative_to(tests) for path in tests.rglob("*.py")} - {Path()})
    strange = [
        folder.as_posix() for folder in folders if folder.parts[0] not in APART and not (PACKAGE / folder).is_dir()
    ]
    assert strange == []


def late_imports() -> dict[str, set[str]]:
    """Parts of the package that are imported inside functions, by the module that does so.

    Names of Qt are left out: a class of Qt is made when its name is imported first, its module loaded or not.
    """
    found: dict[str, set[str]] = {}
    for name, module in modules().items():
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.setdefault(name, set()).update(modules().keys() & set(imported(node)))
    return found


def loaded_by(*names: str) -> set[str]:
    """The modules that are there once these have been imported in a fresh Python."""
    script = "; ".join([*(f"import {name}" for name in names), "import sys; print(*sys.modules, sep='\\n')"])
    return set(printed_by(script))


@pytest.mark.parametrize(
    ("package", "start"),
    [
        ("cnnstudio.app", ("cnnstudio.app.application",)),
        ("cnnstudio.cli", ("cnnstudio.cli",)),
    ],
)
def test_late_imports_spare_a_start(package: str, start: tuple[str, ...]) -> None:
    """Modules that a start loads anyway are imported at the top, where a reader looks for them."""
    loaded = loaded_by(*start)
    idle = {
        name: sorted(late & loaded)
        for name, late in late_imports().items()
        if name.startswith(package) and name in loaded and late & loaded
    }
    assert idle == {}
