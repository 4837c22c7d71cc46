"""The installer for Windows, made of the bundle that `make_bundle.py` has left in dist/cnnstudio there.

`python packaging/make_installer.py`. It needs makensis, of NSIS 3, which Debian has too: the script can be compiled
where there is no Windows. Standard library only.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import make_bundle

SCRIPT: Final = make_bundle.ROOT / "packaging" / "windows" / "cnnstudio.nsi"
PROGRAM: Final = "cnnstudio-window.exe"


def main() -> None:
    """Compiles the installer, or says in one sentence what is missing."""
    if not (make_bundle.FOLDER / PROGRAM).is_file():
        sys.exit(
            f"There is no bundle for Windows in dist/cnnstudio: {PROGRAM} is missing; make one, on Windows, by: "
            "python packaging/make_bundle.py"
        )
    if shutil.which("makensis") is None:
        sys.exit("makensis, which compiles the installer, was not found; install NSIS 3.")
    target = make_bundle.ROOT / "dist" / f"{make_bundle.archive_name()}-setup.exe"
    make(make_bundle.FOLDER, make_bundle.BUILD / "icons" / "cnnstudio.ico", target)
    print(f"{target.relative_to(make_bundle.ROOT)}: {target.stat().st_size / 1e6:.0f} MB")


def make(folder: Path, icon: Path, target: Path) -> None:
    """Compiles the installer of a folder. Raises CalledProcessError if NSIS objects; a warning counts."""
    listed = target.with_suffix(".nsh")
    # NSIS takes a file without this mark for one in the code page of Windows.
    listed.write_text("\n".join(removal(folder)) + "\n", encoding="utf-8-sig")
    version = make_bundle.version()
    numbers = ".".join([*re.findall(r"\d+", version), "0", "0", "0", "0"][:4])
    words = {"VERSION": version, "NUMBERS": numbers, "FOLDER": folder, "LISTED": listed, "ICON": icon, "TARGET": target}
    defined = [f"-D{name}={value}" for name, value in words.items()]
    subprocess.run(["makensis", "-V2", "-WX", "-INPUTCHARSET", "UTF8", *defined, str(SCRIPT)], check=True)
    listed.unlink()


def removal(folder: Path) -> Iterator[str]:
    """The instructions that remove what a folder holds, each folder after what is in it."""
    for path in sorted(folder.rglob("*"), reverse=True):
        place = str(path.relative_to(folder)).replace("/", "\\").replace("$", "$$")
        yield f'{"RMDir" if path.is_dir() else "Delete"} "$INSTDIR\\{place}"'


if __name__ == "__main__":
    main()
