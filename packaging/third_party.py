"""Writes THIRD-PARTY.txt: the notices of every package that CNN Studio needs to run, and of its fonts and icons.

`python packaging/third_party.py`, in the project's environment. The names come from the requirements of the installed
packages, the texts from their own licence files; a package without one gets the text of its licence from
packaging/licences. Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
NOTICES: Final = ROOT / "THIRD-PARTY.txt"
LICENCES: Final = ROOT / "packaging" / "licences"
RULE: Final = "=" * 78
# Qt is used under the LGPL, which adds to the GPL; graphlay offers a choice, and its package carries neither text.
CHOSEN: Final[dict[str, tuple[str, ...]]] = {
    "pyside6-essentials": ("LGPL-3.0-only", "GPL-3.0-only"),
    "shiboken6": ("LGPL-3.0-only", "GPL-3.0-only"),
    "graphlay": ("Apache-2.0",),
}
ASSETS: Final = (
    ("DejaVu fonts (resources/fonts)", ROOT / "resources" / "fonts" / "LICENSE"),
    ("Icons (resources/icons)", ROOT / "resources" / "icons" / "LICENSE"),
)
HEAD: Final = """\
Third-party notices of CNN Studio

CNN Studio itself is under the MIT licence (LICENSE). It needs the packages below, which are installed beside it
and are not changed. Qt (PySide6-Essentials, shiboken6) is used under the GNU Lesser General Public License,
version 3: its libraries are shared libraries of their own, and may be replaced by other versions of them.

Made by packaging/third_party.py from the installed packages. Do not edit it by hand.
"""


def normal(name: str) -> str:
    """The name of a package as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required_by(name: str, installed: dict[str, Distribution]) -> Iterator[str]:
    """The packages that one needs to run, extras left out; those for other systems only if they are installed."""
    for requirement in distribution(name).requires or ():
        wanted, _, marker = requirement.partition(";")
        match = re.match(r"[A-Za-z0-9._-]+", wanted)
        if match and "extra" not in marker and normal(match[0]) in installed:
            yield normal(match[0])


def runtime_packages(root: str = "cnnstudio") -> list[Distribution]:
    """Every installed package that `root` needs to run, directly or not, by name."""
    installed = {normal(found.name): found for found in distributions()}
    seen: set[str] = set()
    waiting = list(required_by(root, installed))
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += required_by(name, installed)
    return [installed[name] for name in sorted(seen)]


def fields_of(package: Distribution, key: str) -> list[str]:
    """The values of a field in the metadata of a package."""
    return [str(value) for value in package.metadata.get_all(key) or ()]


def licence_of(package: Distribution) -> str:
    """The licence as the package names it: an SPDX expression, else its own words or its classifier."""
    classifiers = [text.rsplit(":: ", 1)[-1] for text in fields_of(package, "Classifier") if "License" in text]
    return next(iter([*fields_of(package, "License-Expression"), *fields_of(package, "License"), *classifiers]))


def home_of(package: Distribution) -> str:
    """The address of the project."""
    links = [text.split(", ", 1) for text in fields_of(package, "Project-URL")]
    named = {label.lower(): address for label, address in links}
    return next(iter(fields_of(package, "Home-page")), named.get("homepage", named.get("source", "")))


def texts_of(package: Distribution) -> list[str]:
    """The licence texts: of the package's own files, else those chosen in `CHOSEN`. Raises LookupError for none."""
    files = [file for file in package.files or () if re.search("licen[cs]e|copying", file.name, re.I)]
    found = [file.read_text(encoding="utf-8") for file in files if file.suffix in ("", ".txt", ".md")]
    chosen = [(LICENCES / f"{name}.txt").read_text("utf-8") for name in CHOSEN.get(normal(package.name), ())]
    if not found and not chosen:
        raise LookupError(f"{package.name} carries no licence text; add it to packaging/licences and to CHOSEN.")
    return found or chosen


def notices() -> str:
    """The whole file; a text that several packages share stands once."""
    parts, placed = [HEAD], dict[str, str]()
    for package in runtime_packages():
        title = f"{package.name} {package.version}"
        parts.append(f"{RULE}\n{title}\nLicence: {licence_of(package)}\nProject: {home_of(package)}\n{RULE}\n")
        for text in dict.fromkeys(text.strip() for text in texts_of(package)):
            parts.append(f"(the same text as below {placed[text]})\n" if text in placed else f"{text}\n")
            placed.setdefault(text, title)
    parts += [f"{RULE}\n{title}\n{RULE}\n\n{path.read_text('utf-8').strip()}\n" for title, path in ASSETS]
    return "\n".join(line.rstrip() for line in "\n".join(parts).splitlines()) + "\n"


if __name__ == "__main__":
    NOTICES.write_text(notices(), encoding="utf-8", newline="\n")
