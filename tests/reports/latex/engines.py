"""The TeX engines of the machine, as far as they can set a page."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest

ENGINES: Final = ("pdflatex", "lualatex", "xelatex")
PACKAGES: Final = ("amsmath", "array", "booktabs", "geometry", "iftex", "longtable", "tikz", "xcolor")
PACKAGES_OF_PDFLATEX: Final = ("fontenc", "inputenc", "textcomp")
PACKAGES_OF_OTHERS: Final = ("fontspec",)
SECONDS: Final = 200


def set_page(engine: str, text: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Lets an engine make `report.pdf` in the folder; it stops at the first error."""
    (folder / "report.tex").write_text(text, encoding="utf-8")
    words = [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "report.tex"]
    return subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)


@cache
def fault_of(engine: str) -> str:
    """The reason why an engine cannot be relied on; empty if it sets a page with the packages that reports load.

    An engine of a TeX installed in part stops before the first letter: LuaLaTeX without luaotfload, any without tikz.
    """
    if shutil.which(engine) is None:
        return f"{engine} is not installed"
    own = PACKAGES_OF_PDFLATEX if engine == "pdflatex" else PACKAGES_OF_OTHERS
    options = {"fontenc": "[T1]", "inputenc": "[utf8]"}
    loaded = "".join(rf"\usepackage{options.get(name, '')}{{{name}}}" for name in (*PACKAGES, *own))
    text = rf"\documentclass{{article}}{loaded}\begin{{document}}A page.\end{{document}}"
    with TemporaryDirectory() as folder:
        try:
            done = set_page(engine, text, Path(folder))
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{engine} cannot set a page: {error}"
        if done.returncode == 0 and (Path(folder) / "report.pdf").exists():
            return ""
    complaints = [line for line in done.stdout.decode("utf-8", "replace").splitlines() if line.startswith("!")]
    return f"{engine} cannot set a page: {(complaints or ['no reason given'])[0]}"


def compiled(engine: str, text: str, folder: Path) -> str:
    """The text of the PDF that an engine makes; skips the test where it could make none of anybody's."""
    fault = fault_of(engine) or ("" if shutil.which("pdftotext") else "pdftotext is not installed")
    if fault:
        pytest.skip(f"{fault}, so that nothing compiles what was written")
    done = set_page(engine, text, folder)
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-3000:]
    read = subprocess.run(["pdftotext", "-layout", "report.pdf", "-"], cwd=folder, capture_output=True, check=True)
    return read.stdout.decode("utf-8")
