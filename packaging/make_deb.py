"""`make deb`: a Debian package of the bundle that `make bundle` has left in dist/cnnstudio.

It lays the bundle in /opt/cnnstudio, and beside it the command, the menu entry, the type of files, icons and the texts
for software centres. Standard library only; of the system it needs dpkg-deb.
"""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import make_bundle

ROOT: Final = make_bundle.ROOT
DESKTOP: Final = ROOT / "packaging" / "desktop"
TREE: Final = ROOT / "build" / "deb"
CONTROL: Final = """\
Package: cnnstudio
Version: {version}
Architecture: {machine}
Maintainer: CNN Studio authors <cnnstudio@localhost>
Installed-Size: {kilobytes}
Depends: libc6 (>= {glibc}), libgl1, libegl1, libx11-6, libxcb1
Section: education
Priority: optional
Description: designer of convolutional networks
 Shows the tensor size after every layer, weights and biases,
 multiply-accumulates, memory and receptive field of a convolutional network
 while it is designed, each with the formula that gave it. It needs no
 framework and no network connection.
"""


def main() -> None:
    """Lays the tree and packs it."""
    if not make_bundle.FOLDER.is_dir():
        sys.exit("There is no bundle in dist/cnnstudio to make a package of; type: make bundle")
    shutil.rmtree(TREE, ignore_errors=True)
    lay_program()
    lay_texts()
    target = ROOT / "dist" / f"cnnstudio_{make_bundle.version()}_{machine()}.deb"
    write_control()
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zxz", "-z3", "-b", str(TREE), str(target)], check=True)
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1e6:.0f} MB")


def machine() -> str:
    """Debian's name for this kind of machine."""
    return subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout.strip()


def lay_program() -> None:
    """The bundle, and the command as a link to it; files that all may read and only root may change."""
    (TREE / "opt").mkdir(parents=True)
    shutil.copytree(make_bundle.FOLDER, TREE / "opt" / "cnnstudio", symlinks=True)
    (TREE / "usr" / "bin").mkdir(parents=True)
    (TREE / "usr" / "bin" / "cnnstudio").symlink_to("/opt/cnnstudio/cnnstudio")


def lay_texts() -> None:
    """The files by which desktops and software centres know the program."""
    share = TREE / "usr" / "share"
    shutil.copytree(ROOT / "build" / "icons" / "hicolor", share / "icons" / "hicolor")
    for name, folder in (("cnnstudio.desktop", "applications"), ("cnnstudio.xml", "mime/packages")):
        (share / folder).mkdir(parents=True)
        shutil.copy(DESKTOP / name, share / folder)
    (share / "metainfo").mkdir()
    text = (DESKTOP / "cnnstudio.metainfo.xml").read_text(encoding="utf-8")
    text = text.replace("@VERSION@", make_bundle.version()).replace("@DATE@", time.strftime("%Y-%m-%d"))
    (share / "metainfo" / "org.cnnstudio.CNNStudio.metainfo.xml").write_text(text, encoding="utf-8")
    lay_help(share)
    documents = share / "doc" / "cnnstudio"
    documents.mkdir(parents=True)
    parts = [(ROOT / name).read_text(encoding="utf-8") for name in ("LICENSE", "THIRD-PARTY.txt")]
    (documents / "copyright").write_text("\n".join(parts), encoding="utf-8")
    write_packed(documents / "changelog.gz", (ROOT / "CHANGELOG.md").read_bytes())


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
    for path in [TREE, *TREE.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o111 else 0o644)
    match = re.search(r"loads with glibc ([\d.]+)", (make_bundle.FOLDER / "README.txt").read_text(encoding="utf-8"))
    assert match is not None
    (TREE / "DEBIAN").mkdir()
    kilobytes = round(make_bundle.size_of(TREE) * 1000)
    fields = {"version": make_bundle.version(), "machine": machine(), "glibc": match[1], "kilobytes": kilobytes}
    (TREE / "DEBIAN" / "control").write_text(CONTROL.format_map(fields), encoding="utf-8")


if __name__ == "__main__":
    main()
