"""The folders of a project around a file, and the texts in it that are worth reading. Nothing outside is opened."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

MAX_FOLDERS_UP = 4
_ROOT = (".git", "README.md", "readme.md", "README.rst", "requirements.txt", "setup.py", "pyproject.toml", "LICENSE")
"""Files that lie in the first folder of a project."""
_PASSED_OVER = {"site-packages", "node_modules", "__pycache__", "venv", "env", "build", "dist"}
_USING = [
    re.compile(words, re.IGNORECASE) for words in ("train", "main|run|option|config", "test|eval|solver|predict|demo")
]
"""Names of files that use networks, the likeliest first."""
MAX_FILES, MAX_TEXTS, MAX_FILE = 2_000, 300, 300_000
"""Files that are looked for, texts that are looked into, and the bytes of one of them."""


def up(folder: Path, times: int) -> Path:
    """The folder so many times above."""
    for _ in range(times):
        folder = folder.parent
    return folder


def is_root(folder: Path) -> bool:
    """True for a folder that looks like the first of a project."""
    return any((folder / name).exists() for name in _ROOT)


def is_project(folder: Path) -> bool:
    """True if the folder above may belong to the same project: its own holds a package or is one of its usual parts."""
    if (folder / "__init__.py").is_file() or folder.name in ("models", "model", "src", "lib", "nets", "networks"):
        return True
    ends = range(1, MAX_FOLDERS_UP + 1)
    return not is_root(folder) and any(is_root(up(folder, times)) for times in ends)


def root_of(path: Path) -> Path | None:
    """The first folder of the project that a file is in; None where nothing says which that is."""
    for times in range(MAX_FOLDERS_UP + 1):
        folder = up(path.parent, times)
        if is_root(folder):
            return folder
        if not is_project(folder):
            return None
    return None


def files_around(path: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """The files of a project with these endings, those that seem to use networks first, near ones before far ones."""
    root = root_of(path)
    folder = path.parent.resolve()
    found = list(_walked(root or path.parent, suffixes, is_deep=root is not None))

    def rank(item: Path) -> tuple[int, int, str]:
        far = len(os.path.relpath(item.parent.resolve(), folder).split(os.sep))
        use = next((place for place, words in enumerate(_USING) if words.search(item.stem)), len(_USING))
        return use, far, str(item)

    return sorted((item for item in found if item.resolve() != path.resolve()), key=rank)


def _walked(root: Path, suffixes: tuple[str, ...], *, is_deep: bool) -> Iterator[Path]:
    seen = 0
    for folder, inner, names in os.walk(root):
        inner[:] = [name for name in sorted(inner) if name not in _PASSED_OVER and name[:1] != "."] if is_deep else []
        for name in sorted(names):
            seen += 1
            if seen > MAX_FILES:
                return
            if name.lower().endswith(suffixes):
                yield Path(folder) / name


def text_of(path: Path) -> str:
    """The text of a file; "" for one that is too large or cannot be read."""
    try:
        if path.stat().st_size > MAX_FILE:
            return ""
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return ""
