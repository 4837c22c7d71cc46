"""A bare Debian in a folder, in which a package is tried: nothing is there but what the package says that it needs.

Standard library only; of the system it needs debootstrap, unshare and root.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

ENTER: Final = """\
root=$1 home=$2
shift 2
for folder in "$home" /dev /proc /tmp/.X11-unix; do
    if [ -d "$folder" ]; then mkdir -p "$root$folder" && mount --rbind "$folder" "$root$folder" || exit; fi
done
exec chroot "$root" "$@"
"""
"""Run by sh. Only this one command sees the mounted folders, and they go with it."""


class NoChroot(Exception):
    """This machine cannot make one; the sentence says why."""


def make(root: Path, package: Path, cache: Path) -> None:
    """A bare system with what a Debian package depends on. Raises NoChroot where that cannot be made."""
    if os.geteuid() != 0:
        raise NoChroot("a bare system to install it in is made by root alone")
    if shutil.which("debootstrap") is None:
        raise NoChroot("debootstrap, which makes a bare system to install it in, is missing: apt install debootstrap")
    if subprocess.run(["unshare", "-n", "-m", "true"], capture_output=True, check=False).returncode != 0:
        raise NoChroot("this machine lets nobody mount folders or leave the network, so that no bare system can run")
    release, mirror = release_of_this_system()
    cache.mkdir(parents=True, exist_ok=True)
    wanted = f"--include={','.join(dependencies(package))}"
    words = ["debootstrap", "--variant=minbase", f"--cache-dir={cache}", wanted, release, str(root), mirror]
    made = subprocess.run(words, capture_output=True, encoding="utf-8", check=False)
    if made.returncode != 0:
        said = [line for line in (made.stderr + made.stdout).splitlines() if not line.startswith("I:")]
        told = "; ".join(said[:2]) or "nothing"
        raise NoChroot(f"debootstrap could not make a bare system to install it in, and said: {told}")


def dependencies(package: Path) -> list[str]:
    """The names of the packages that one depends on, without what is only recommended."""
    words = ["dpkg-deb", "--field", str(package), "Depends"]
    fields = subprocess.run(words, check=True, capture_output=True, encoding="utf-8").stdout
    return re.findall(r"(?:^|,\s*)([a-z0-9][a-z0-9.+-]+)", fields)


def release_of_this_system() -> tuple[str, str]:
    """The name of this system's release, and where its packages come from. Raises NoChroot if apt does not say."""
    release = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    words = ["apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Created-By: Packages"]
    try:
        told = subprocess.run(words, capture_output=True, encoding="utf-8", check=False).stdout
    except FileNotFoundError:
        told = ""
    for line in told.splitlines():
        name, _, address = line.partition(" ")
        if name == release:
            return release, address
    raise NoChroot("a bare system to install it in comes from the sources of apt, and this system has none")


def entered(root: Path, home: Path) -> list[str]:
    """The beginning of a command that is to run in there, without a network, with the home at its usual place."""
    return ["unshare", "-n", "-m", "sh", "-c", ENTER, "sh", str(root), str(home)]


def files(root: Path) -> set[str]:
    """All that is in there, but for what every installation leaves: logs, and the books of dpkg and apt."""
    found = {path.relative_to(root).as_posix() for path in root.rglob("*")}
    books = ("tmp/", "var/log/", "var/lib/apt/", "var/lib/dpkg/", "var/cache/")
    return {name for name in found if "cnnstudio" in Path(name).name or not name.startswith(books)}
