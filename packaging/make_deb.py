"""`make deb`: a Debian package of the bundle that `make bundle` has left in dist/cnnstudio.

It lays the bundle in /opt/cnnstudio, and beside it the command, the menu entry, the type of files, icons and the texts
for software centres. HOMEPAGE=address names the web site that serves the files of this repository, for the link and the
screenshots in software centres; DEBFULLNAME and DEBEMAIL name who answers for the package. Standard library only; of
the system it needs dpkg-deb, and lets lintian and appstreamcli judge the package where they are installed.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import make_bundle

ROOT: Final = make_bundle.ROOT
DESKTOP: Final = ROOT / "packaging" / "desktop"
ICONS: Final = ROOT / "build" / "icons"
TREE: Final = ROOT / "build" / "deb"
CONTROL: Final = """\
Package: cnnstudio
Version: {version}
Architecture: {machine}
Maintainer: {maintainer}
Installed-Size: {kilobytes}
Depends: libc6 (>= {glibc}), libgl1, libegl1, libx11-6, libxcb1
Suggests: libcups2
Section: education
Priority: optional
{homepage}Description: designer of convolutional networks
 Shows the tensor size after every layer, weights and biases,
 multiply-accumulates, memory and receptive field of a convolutional network
 while it is designed, each with the formula that gave it. It needs no
 framework and no network connection.
"""
CHANGES: Final = """\
cnnstudio ({version}) unstable; urgency=medium

  * What has changed in the program stands in NEWS.gz, beside this file.

 -- {maintainer}  {date}
"""
COMMON: Final = {"GPL-3.0-only": "GPL-3", "LGPL-3.0-only": "LGPL-3", "Apache-2.0": "Apache-2.0"}
"""Licences whose texts every Debian has, by their names in packaging/licences and there."""
PICTURES: Final = {
    "studio-light.png": "A network, its tensor sizes and what it costs",
    "diagram-light.png": "The diagram of a network with branches",
}
"""Screenshots for software centres: files of docs/pictures, and what they show."""


def main() -> None:
    """Lays the tree and packs it."""
    lay(TREE)
    target = ROOT / "dist" / f"cnnstudio_{make_bundle.version()}_{machine()}.deb"
    lay_papers(TREE / "usr" / "share")
    write_control()
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zxz", "-z3", "-b", str(TREE), str(target)], check=True)
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1e6:.0f} MB")
    check("appstream", ["appstreamcli", "validate-tree", "--no-net", str(TREE)])
    allowed = ["--allow-root"] if os.geteuid() == 0 else []
    check("lintian", ["lintian", "--fail-on", "error,warning", *allowed, str(target)])


def check(package: str, command: list[str]) -> None:
    """Ends with the judge's own words if the package does not pass; says so where the judge is not installed."""
    if shutil.which(command[0]) is None:
        print(
            f"{command[0]} is not installed, so that it did not judge the package; as root type: apt install {package}"
        )
    elif subprocess.run(command, check=False).returncode != 0:
        sys.exit(
            f"{command[0]} objects to the package; a tag that cannot be mended needs a line with its reason in "
            "packaging/desktop/lintian-overrides"
        )
    else:
        print(f"{command[0]}: passed")


def machine() -> str:
    """Debian's name for this kind of machine."""
    return subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout.strip()


def lay(tree: Path) -> None:
    """The bundle, the command as a link to it, and what desktops and software centres read. Ends without a bundle."""
    if not make_bundle.FOLDER.is_dir():
        sys.exit("There is no bundle in dist/cnnstudio to make a package of; type: make bundle")
    shutil.rmtree(tree, ignore_errors=True)
    (tree / "opt").mkdir(parents=True)
    shutil.copytree(make_bundle.FOLDER, tree / "opt" / "cnnstudio", symlinks=True)
    (tree / "usr" / "bin").mkdir(parents=True)
    (tree / "usr" / "bin" / "cnnstudio").symlink_to("/opt/cnnstudio/cnnstudio")
    lay_desktop(tree / "usr" / "share")
    lay_help(tree / "usr" / "share")
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            runs = path.stat().st_mode & 0o111 and ".so" not in path.suffixes
            path.chmod(0o755 if path.is_dir() or runs else 0o644)


def lay_desktop(share: Path) -> None:
    """The files by which desktops and software centres know the program."""
    shutil.copytree(ICONS / "hicolor", share / "icons" / "hicolor")
    for name, folder in (("cnnstudio.desktop", "applications"), ("cnnstudio.xml", "mime/packages")):
        (share / folder).mkdir(parents=True)
        shutil.copy(DESKTOP / name, share / folder)
    (share / "metainfo").mkdir()
    (share / "metainfo" / "org.cnnstudio.CNNStudio.metainfo.xml").write_text(metainfo(homepage()), encoding="utf-8")


def lay_papers(share: Path) -> None:
    """The texts that Debian asks of a package."""
    documents = share / "doc" / "cnnstudio"
    documents.mkdir(parents=True)
    (documents / "copyright").write_text(copyright_notice(), encoding="utf-8")
    date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(built_at()))
    changes = CHANGES.format(version=make_bundle.version(), maintainer=maintainer(), date=date)
    write_packed(documents / "changelog.gz", changes.encode())
    write_packed(documents / "NEWS.gz", (ROOT / "CHANGELOG.md").read_bytes())
    (share / "lintian" / "overrides").mkdir(parents=True)
    shutil.copy(DESKTOP / "lintian-overrides", share / "lintian" / "overrides" / "cnnstudio")


def maintainer() -> str:
    """Name and address of those who answer for the package: Debian's variables say it, else nobody does."""
    name = os.environ.get("DEBFULLNAME", "CNN Studio authors")
    return f"{name} <{os.environ.get('DEBEMAIL', 'nobody@cnnstudio.invalid')}>"


def homepage() -> str:
    """The address under which the files of this repository are served, without a slash at its end; empty for none."""
    return os.environ.get("HOMEPAGE", "").rstrip("/")


def built_at() -> float:
    """The time that the package tells; SOURCE_DATE_EPOCH sets it."""
    return float(os.environ.get("SOURCE_DATE_EPOCH", time.time()))


def metainfo(address: str) -> str:
    """The text for software centres; with a homepage also screenshots, which only an address can show."""
    shown = [
        f"    <screenshot{kind}>\n"
        f"      <caption>{caption}</caption>\n      <image>{escape(address)}/docs/pictures/{name}</image>\n"
        "    </screenshot>\n"
        for kind, (name, caption) in zip((' type="default"', ""), PICTURES.items(), strict=True)
    ]
    links = f'  <url type="homepage">{escape(address)}</url>\n  <screenshots>\n{"".join(shown)}  </screenshots>\n'
    text = (DESKTOP / "cnnstudio.metainfo.xml").read_text(encoding="utf-8")
    text = text.replace("@VERSION@", make_bundle.version())
    text = text.replace("@DATE@", time.strftime("%Y-%m-%d", time.gmtime(built_at())))
    return text.replace("  <!-- @LINKS@ -->\n", links if address else "")


def copyright_notice() -> str:
    """The licences of the program and of all in it; for texts that every Debian has, where they lie."""
    text = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in ("LICENSE", "THIRD-PARTY.txt"))
    for name, common in COMMON.items():
        lines = (make_bundle.ROOT / "packaging" / "licences" / f"{name}.txt").read_text(encoding="utf-8").strip()
        whole = "\n".join(line.rstrip() for line in lines.splitlines())
        text = text.replace(whole, f"The text lies in /usr/share/common-licenses/{common}.")
    return text


def lay_help(share: Path) -> None:
    """The manual page and the completion of shells, as the program itself writes them."""
    from cnnstudio.cli.completion import completion_of
    from cnnstudio.cli.man_page import man_page

    completions = {
        "bash": "bash-completion/completions/cnnstudio",
        "zsh": "zsh/vendor-completions/_cnnstudio",
        "fish": "fish/vendor_completions.d/cnnstudio.fish",
    }
    for shell, place in completions.items():
        (share / place).parent.mkdir(parents=True)
        (share / place).write_text(completion_of(shell), encoding="utf-8")
    (share / "man" / "man1").mkdir(parents=True)
    write_packed(share / "man" / "man1" / "cnnstudio.1.gz", man_page().encode())


def write_packed(path: Path, content: bytes) -> None:
    """Writes a file packed, always the same for the same content."""
    with path.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=9, mtime=0) as file:
        file.write(content)


def write_control() -> None:
    """The description of the package, with the glibc that the README of the bundle names."""
    match = re.search(r"loads with glibc ([\d.]+)", (make_bundle.FOLDER / "README.txt").read_text(encoding="utf-8"))
    assert match is not None
    (TREE / "DEBIAN").mkdir()
    kilobytes = round(make_bundle.size_of(TREE) * 1000)
    fields = {"version": make_bundle.version(), "machine": machine(), "glibc": match[1], "kilobytes": kilobytes}
    fields |= {"maintainer": maintainer(), "homepage": f"Homepage: {homepage()}\n" if homepage() else ""}
    (TREE / "DEBIAN" / "control").write_text(CONTROL.format_map(fields), encoding="utf-8")


if __name__ == "__main__":
    main()
