"""`make appimage RUNTIME=FILE`: the bundle that `make bundle` has left in dist/cnnstudio, as one file that runs.

An AppImage is a program that mounts a packed folder and starts what is in it. That program, the runtime of type 2, is
MIT-licensed and comes from https://github.com/AppImage/type2-runtime; neither Debian nor PyPI has it as a package, so
that RUNTIME names the file, beside which lies its LICENSE. Without it the folder alone is made, in
build/cnnstudio.AppDir. Standard library only; of the system it needs mksquashfs, from squashfs-tools.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import make_bundle
import make_deb

APP_DIR: Final = make_bundle.BUILD / "cnnstudio.AppDir"
SOURCE: Final = "https://github.com/AppImage/type2-runtime"
ELF: Final = b"\x7fELF"
TYPE_2: Final = b"AI\x02"
"""The mark of a runtime of type 2, in the ninth byte of its file and those that follow."""
START: Final = """\
#!/bin/sh
# A folder cnnstudio-data beside the AppImage makes the program portable, as beside the program of a bundle.
portable=$(dirname "${APPIMAGE:-/}")/cnnstudio-data
if [ -d "$portable" ]; then export CNNSTUDIO_HOME="${CNNSTUDIO_HOME:-$portable}"; fi
exec "$(dirname "$(readlink -f "$0")")/opt/cnnstudio/cnnstudio" "$@"
"""


def main() -> None:
    """Lays the folder, and packs it behind the runtime where one is named."""
    name = os.environ.get("RUNTIME", "")
    runtime = runtime_of(Path(name)) if name else b""
    lay(APP_DIR)
    if not runtime:
        sys.exit(
            f"{APP_DIR.relative_to(make_bundle.ROOT)} is ready. An AppImage begins with a runtime of type 2: fetch one "
            f"from {SOURCE}, or build it, and type: make appimage RUNTIME=FILE"
        )
    shutil.copy(licence_of(Path(name)), APP_DIR / "opt" / "cnnstudio" / "licences" / "AppImage-runtime.txt")
    target = make_bundle.ROOT / "dist" / f"CNN_Studio-{make_bundle.version()}-{os.uname().machine}.AppImage"
    pack(runtime, APP_DIR, target)
    print(f"{target.relative_to(make_bundle.ROOT)}: {target.stat().st_size / 1e6:.0f} MB")


def lay(folder: Path) -> None:
    """The tree of the Debian package, and on top what an AppImage starts, its menu entry and its icon."""
    make_deb.lay(folder)
    command = folder / "usr" / "bin" / "cnnstudio"
    command.unlink()
    command.symlink_to("../../opt/cnnstudio/cnnstudio")
    (folder / "AppRun").write_text(START, encoding="utf-8")
    (folder / "AppRun").chmod(0o755)
    (folder / "cnnstudio.desktop").symlink_to("usr/share/applications/cnnstudio.desktop")
    (folder / "cnnstudio.png").symlink_to("usr/share/icons/hicolor/256x256/apps/cnnstudio.png")
    (folder / ".DirIcon").symlink_to("cnnstudio.png")


def licence_of(runtime: Path) -> Path:
    """The licences of the runtime and of what is linked into it, which lie beside it. Ends the program without them."""
    file = runtime.with_name("LICENSE")
    if not file.is_file():
        sys.exit(f"{file} is missing: the licences of the runtime, of {SOURCE}, which the package has to carry.")
    return file


def runtime_of(file: Path) -> bytes:
    """The content of a runtime. Ends the program with a sentence if the file is none."""
    try:
        content = file.read_bytes()
    except OSError as error:
        sys.exit(f"The runtime {file} cannot be read: {error.strerror}.")
    if not content.startswith(ELF) or content[8:11] != TYPE_2:
        sys.exit(f"{file} is no runtime of type 2: those of {SOURCE} are.")
    return content


def pack(runtime: bytes, folder: Path, target: Path) -> None:
    """Writes the runtime and behind it the folder, root's and of the same bytes for the same content."""
    if shutil.which("mksquashfs") is None:
        sys.exit(
            "mksquashfs, which packs the folder, was not found; on Debian and Ubuntu type: apt install squashfs-tools"
        )
    packed = target.with_suffix(".squashfs")
    words = [
        "mksquashfs",
        str(folder),
        str(packed),
        "-noappend",
        "-root-owned",
        "-comp",
        "zstd",
        "-quiet",
        "-no-progress",
    ]
    # One time for all, so that the same content is the same file; the variable would forbid to name it.
    environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    subprocess.run([*words, "-mkfs-time", "0", "-all-time", "0"], check=True, env=environment)
    with target.open("wb") as whole, packed.open("rb") as rest:
        whole.write(runtime)
        shutil.copyfileobj(rest, whole)
    packed.unlink()
    target.chmod(0o755)


if __name__ == "__main__":
    main()
