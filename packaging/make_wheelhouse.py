"""`make wheelhouse`: what `pip` would fetch, in a folder with installers that need no network, root or compiler.

`python packaging/make_wheelhouse.py [--all] [--qt VERSION]`, in the project's environment with the extra `bundle`.
Makes dist/cnnstudio-VERSION-wheelhouse-SYSTEM and an archive of it, for the system that this runs on or for all.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from packaging.requirements import Requirement

ROOT: Final = Path(__file__).resolve().parent.parent
INSTALLERS: Final = ROOT / "packaging" / "wheelhouse"
DIST: Final = ROOT / "dist"
CONSTRAINTS: Final = ROOT / "packaging" / "constraints.txt"
DESKTOP: Final = ("packaging/desktop/cnnstudio.desktop", "packaging/desktop/cnnstudio.xml", "build/icons/cnnstudio.ico")
PYTHONS: Final = ("3.11", "3.12", "3.13")
TEXTS: Final = ("LICENSE", "THIRD-PARTY.txt", "packaging/EXCHANGE-QT.txt")
PIP: Final = "pip>=25"
"""It installs the others, for the system's Python may have none."""
QT: Final = ("PySide6-Essentials", "shiboken6")
OLD_QT: Final = "6.9.3"
"""The newest Qt whose wheels for Linux load with glibc 2.28; later ones need 2.34."""


class Machine(NamedTuple):
    """A kind of machine: its name in sentences, and the tags of the wheels that it takes, the newest first."""

    name: str
    tags: tuple[str, ...]


def manylinux(machine: str, newest: int) -> tuple[str, ...]:
    """The tags of Linux: those of every glibc from 2.17 to `newest`, and the older name of the first."""
    return (*(f"manylinux_2_{minor}_{machine}" for minor in range(newest, 16, -1)), f"manylinux2014_{machine}")


SYSTEMS: Final = {
    "linux": (
        Machine("Linux on x86-64", manylinux("x86_64", 34)),
        Machine("Linux on arm64", manylinux("aarch64", 39)),
    ),
    "windows": (Machine("Windows on x86-64", ("win_amd64",)), Machine("Windows on arm64", ("win_arm64",))),
    "macos": (
        Machine("macOS on x86-64", ("macosx_13_0_x86_64",)),
        Machine("macOS on arm64", ("macosx_13_0_arm64",)),
    ),
}
HOSTS: Final = {"Linux": "linux", "Windows": "windows", "Darwin": "macos"}


def main() -> None:
    """One wheelhouse for each system asked for; a sentence says where a wheel is missing."""
    options = parse_arguments()
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    icons = [sys.executable, str(ROOT / "packaging" / "icons.py"), str(ROOT / "build" / "icons")]
    subprocess.run(icons, check=True, env=environment)
    project = build_project()
    missing: list[str] = []
    for system in SYSTEMS if options.all else [HOSTS[platform.system()]]:
        folder = DIST / f"{project.name.split('-py3')[0]}-wheelhouse-{system}"
        shutil.rmtree(folder, ignore_errors=True)
        missing += fill(folder, SYSTEMS[system], project, options.qt)
        archive = pack(folder, system)
        print(f"{archive.relative_to(ROOT)}: {archive.stat().st_size / 1e6:.0f} MB")
    for sentence in missing:
        print(sentence, file=sys.stderr)


def parse_arguments() -> argparse.Namespace:
    """`--all` is for every system; `--qt` takes another Qt than the tested one, for old machines."""
    parser = argparse.ArgumentParser(description="Make the wheelhouse.")
    parser.add_argument("--all", action="store_true", help="for Linux, Windows and macOS, not for this system alone")
    parser.add_argument("--qt", metavar="VERSION", help=f"another version of PySide6-Essentials, such as {OLD_QT}")
    return parser.parse_args()


def build_project() -> Path:
    """The project's own wheel, by way of its source distribution, so that nothing else of the checkout gets in."""
    folder = ROOT / "build" / "wheel"
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob("*.whl"))


def pins(python: str, qt: str | None) -> list[str]:
    """All that is needed to run under a Python, each at its tested version: the section `run` of the constraints."""
    section = re.search(r"^# run\n(.*?)\n\n", CONSTRAINTS.read_text(encoding="utf-8"), re.M | re.S)
    assert section is not None
    wanted = []
    for line in section[1].splitlines():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"python_version": python}):
            another = qt if requirement.name in QT else None
            wanted.append(f"{requirement.name}=={another}" if another else f"{requirement.name}{requirement.specifier}")
    return wanted


def fill(folder: Path, machines: tuple[Machine, ...], project: Path, qt: str | None) -> list[str]:
    """Fetches the wheels and lays the installers beside them; returns a sentence for each that there is not."""
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    shutil.copy(project, wheels)
    fetch([PIP], wheels, [])
    missing = [*missing_wheels(wheels, machines, qt)]
    for name in (*TEXTS, "resources/icons/cnnstudio.svg", *DESKTOP):
        shutil.copy(ROOT / name, folder)
    for name in ("install.sh", "install.cmd", "README.txt"):
        shutil.copy(INSTALLERS / name, folder)
    (folder / "install.sh").chmod(0o755)
    (folder / "MISSING.txt").write_text("\n".join(missing or ["Nothing is missing."]) + "\n", encoding="utf-8")
    return missing


def missing_wheels(wheels: Path, machines: tuple[Machine, ...], qt: str | None) -> Iterator[str]:
    """Fetches for every machine and Python, all at once or, if that fails, each by itself; says what there is not."""
    for machine in machines:
        tags = [word for tag in machine.tags for word in ("--platform", tag)]
        for python in PYTHONS:
            where = ["--python-version", python, "--implementation", "cp", *tags]
            wanted = pins(python, qt)
            if not fetch(wanted, wheels, where):
                lacking = [pin for pin in wanted if not fetch([pin], wheels, where)]
                if lacking:
                    yield sentence(machine, python, lacking)


def sentence(machine: Machine, python: str, lacking: list[str]) -> str:
    """Says what is missing where, and what would do."""
    text = f"{machine.name} with Python {python} cannot be installed from here: there is no wheel of "
    text += " and of ".join(pin.replace("==", " ") for pin in lacking) + "."
    if any(pin.startswith(QT) for pin in lacking):
        text += f" PySide6-Essentials {OLD_QT} would do where it has one: make wheelhouse QT={OLD_QT}."
    return text


def fetch(wanted: list[str], wheels: Path, where: list[str]) -> bool:
    """One call of pip; False if there is no such wheel. Ends the program if pip fails for another reason."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command = [*pip, "--only-binary=:all:", "--dest", str(wheels), *where, *wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 and "No matching distribution" not in done.stderr:
        sys.exit(f"pip could not fetch {', '.join(wanted)}. Is there a network?\n{done.stderr.strip()[-600:]}")
    return done.returncode == 0


def pack(folder: Path, system: str) -> Path:
    """A zip for Windows, else a tar that is not compressed again, as wheels are."""
    if system == "windows":
        target = folder.with_name(f"{folder.name}.zip")
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            for file in sorted(folder.rglob("*")):
                archive.write(file, Path(folder.name) / file.relative_to(folder))
        return target
    target = folder.with_name(f"{folder.name}.tar")
    with tarfile.open(target, "w") as archive:
        archive.add(folder, arcname=folder.name)
    return target


if __name__ == "__main__":
    main()
