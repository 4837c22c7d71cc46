"""`make bundle`: the program as one folder that needs no Python, packed for the system that this runs on.

In the project's environment, with the extra `bundle`. Leaves the folder in dist/cnnstudio, and beside it
cnnstudio-VERSION-SYSTEM-MACHINE.tar.gz.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zlib
from collections import defaultdict
from pathlib import Path
from typing import Final

import native_files

ROOT: Final = Path(__file__).resolve().parent.parent
BUILD: Final = ROOT / "build"
FOLDER: Final = ROOT / "dist" / "cnnstudio"
TEXTS: Final = ("LICENSE", "THIRD-PARTY.txt", "packaging/EXCHANGE-QT.txt")
GLIBC: Final = re.compile(rb"GLIBC_2\.(\d+)")
READ_ME: Final = """\
CNN Studio {version}: design convolutional networks and see at once what they cost.

Start `cnnstudio` in this folder, from the desktop or a terminal; `cnnstudio --help` lists the commands. Nothing is
installed: the folder may lie anywhere, and deleting it removes the program. What the program remembers lies in the
user's folders for settings, in each under CNNStudio.

{system}

LICENSE              the licence of CNN Studio
THIRD-PARTY.txt      the notices of the packages in it
licences             those of Python and of the system's libraries in it
EXCHANGE-QT.txt      how to run it with another Qt
"""
LINUX: Final = """\
Built on glibc {built}; every file in it loads with glibc {needed} or later. Of the system it needs libGL, libEGL,
libX11 and libxcb (on Debian and Ubuntu the packages libgl1, libegl1, libx11-6 and libxcb1); to print
also libcups (libcups2)."""

PARTS: Final = {
    "Qt's Unicode data (ICU)": r"_internal/PySide6/Qt/lib/libicu",
    "Qt's libraries": r"_internal/PySide6/Qt/lib/",
    "Qt's plugins": r"_internal/PySide6/Qt/plugins/",
    "Qt for Python": r"_internal/(PySide6|shiboken6)/",
    "numpy": r"_internal/numpy(\.libs)?/",
    "Python and its modules": r"_internal/(python3|libpython3|base_library)",
    "CNN Studio and all that is written in Python": r"cnnstudio(-window)?(\.exe)?$",
    "pictures, manual, designs, fonts": r"_internal/resources/",
    "libraries of the system": r"_internal/lib[^/]+\.so",
    "packages that are compiled": r"_internal/.*\.(so|pyd)$",
    "licences and all else": r"",
}
"""A pattern for each part; a file belongs to the first that its place matches."""


def version() -> str:
    """The version of the program, read from its only place."""
    text = (ROOT / "cnnstudio" / "version.py").read_text(encoding="utf-8")
    match = re.search(r'__version__ = "(.+)"', text)
    assert match is not None
    return match[1]


def archive_name() -> str:
    """Without a suffix: cnnstudio-1.0.0-linux-x86_64."""
    return f"cnnstudio-{version()}-{platform.system().lower()}-{platform.machine().lower()}"


def main() -> None:
    """Makes the icons, the folder, the texts in it, and packs it."""
    BUILD.mkdir(exist_ok=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    icons = [sys.executable, str(ROOT / "packaging" / "icons.py"), str(BUILD / "icons")]
    subprocess.run(icons, check=True, env=environment)
    recipe = str(ROOT / "packaging" / "cnnstudio.spec")
    places = ["--distpath", str(ROOT / "dist"), "--workpath", str(BUILD)]
    subprocess.run(
        [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN", *places, recipe],
        check=True,
        cwd=ROOT,
    )
    if sys.platform == "linux":
        native_files.clean(FOLDER / "_internal")
    add_texts()
    target = pack()
    print(table(FOLDER))
    print(f"{FOLDER.relative_to(ROOT)}: {size_of(FOLDER):.0f} MB")
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1e6:.0f} MB")


def add_texts() -> None:
    """The licences and the README of the folder."""
    for name in TEXTS:
        shutil.copy(ROOT / name, FOLDER)
    licences = FOLDER / "licences"
    licences.mkdir()
    shutil.copy(Path(sysconfig.get_path("stdlib")) / "LICENSE.txt", licences / "Python.txt")
    system = "Built for this system only."
    if sys.platform == "linux":
        for package in sorted(system_packages()):
            shutil.copy(Path("/usr/share/doc") / package / "copyright", licences / f"{package}.txt")
        system = LINUX.format(built=platform.libc_ver()[1], needed=needed_glibc())
    (FOLDER / "README.txt").write_text(READ_ME.format(version=version(), system=system), encoding="utf-8")


def system_packages() -> set[str]:
    """The Debian packages whose libraries lie in the bundle. Ends the build if one belongs to none."""
    lines = (BUILD / "libraries.txt").read_text(encoding="utf-8").splitlines()
    sources = [Path(line.split("\t")[1]).resolve() for line in lines]
    return {package_of(path) for path in sources if path.is_relative_to("/usr/lib") or path.is_relative_to("/lib")}


def package_of(path: Path) -> str:
    """The Debian package that a library belongs to; dpkg knows it by the name with or without /usr."""
    for name in (str(path), str(path).removeprefix("/usr")):
        found = subprocess.run(["dpkg", "-S", name], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return found.stdout.partition(":")[0]
    sys.exit(f"{path} goes into the bundle, and no Debian package says under which licence. Build on Debian or Ubuntu.")


def needed_glibc() -> str:
    """The least glibc with which every file of the bundle loads, read from the names that they ask for."""
    asked = [2]
    for file in native_files.native_files(FOLDER):
        asked += map(int, GLIBC.findall(file.read_bytes()))
    return f"2.{max(asked)}"


def pack() -> Path:
    """The folder as an archive of the same content for the same content: root's, in the order of names."""
    target = ROOT / "dist" / f"{archive_name()}.tar.gz"

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        return entry

    with tarfile.open(target, "w:gz", compresslevel=9) as archive:
        archive.add(FOLDER, arcname=archive_name(), filter=plain)
    return target


def weights(folder: Path) -> dict[str, tuple[int, int]]:
    """The bytes of each part, as they are and packed, the largest first. What is linked counts once."""
    plain: dict[str, int] = defaultdict(int)
    packed: dict[str, int] = defaultdict(int)
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            place = file.relative_to(folder).as_posix()
            part = next(name for name, pattern in PARTS.items() if re.match(pattern, place))
            content = file.read_bytes()
            plain[part] += len(content)
            packed[part] += len(zlib.compress(content, 6))
    return {part: (plain[part], packed[part]) for part in sorted(plain, key=plain.__getitem__, reverse=True)}


def table(folder: Path) -> str:
    """The weights for a reader, in megabytes."""
    rows = [f"{part:46} {plain / 1e6:6.1f} {packed / 1e6:6.1f}" for part, (plain, packed) in weights(folder).items()]
    return "\n".join([f"{'MB':46} {'plain':>6} {'packed':>6}", *rows])


def size_of(folder: Path) -> float:
    """Megabytes of the files in a folder; what is linked counts once."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink()) / 1e6


if __name__ == "__main__":
    main()
