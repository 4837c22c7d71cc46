"""`make test-packages`: every package in dist/ is installed, tried as its users would, and removed.

Each runs without a network, with an empty environment and a home of its own: every command line of the README, the
window on a virtual screen, opened by the arguments of a double click, and a look at what removing leaves behind. The
Debian package is tried in a bare system of its own. Linux only. Standard library only; of the system it needs unshare,
Xvfb, xdotool and, for the Debian package, debootstrap and root.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from configparser import RawConfigParser
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import chroot

ROOT: Final = Path(__file__).resolve().parent.parent
DIST: Final = ROOT / "dist"
PATIENCE_SECONDS: Final = 60.0
PATH: Final = "/usr/bin:/bin"
ELSE: Final = {
    "cnnstudio verify my.yaml --with pytorch": (2, "PyTorch is not installed|python3 cannot be started"),
    "cnnstudio budgets my.yaml --budget 'macs <= 300M'": (1, "broken"),
}
"""Lines of the README that do not end with 0: how they end, and a pattern of what they say. One needs a framework, in
the other the network that is tried costs more than the budget."""
SOURCE: Final = """\
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, num_classes=5):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(8, num_classes)

    def forward(self, x):
        return self.head(self.features(x))
"""
"""A network in Python's source, which one line of the README imports and a later one writes over."""
OTHERS: Final = ("work", ".cache", ".config", ".local/share", ".local/state")
"""Folders of a home that are there before. What the user makes in them is no trace of a package."""


class Installed(NamedTuple):
    """A package that is installed: its command, the file of its menu entry if it has one, how it is removed, and what
    a command begins with that is to run where it is installed."""

    command: Path
    entry: Path | None
    remove: Callable[[], None]
    there: list[str]


class Failed(Exception):
    """A package is not as it was expected."""


def main() -> int:
    """Tries all that are there, or those named; 1 if one fails or if there is none."""
    makers = {
        "bundle": install_bundle,
        "wheelhouse": install_wheelhouse,
        "deb": install_deb,
        "appimage": install_appimage,
    }
    wanted = sys.argv[1:] or list(makers)
    passed = failed = skipped = 0
    for name in wanted:
        try:
            tried = try_package(name, makers[name])
        except Failed as error:
            failed += 1
            print(f"{name}: FAILED: {error}")
        except chroot.NoChroot as error:
            skipped += 1
            print(f"{name}: skipped: {error}.")
        else:
            passed += tried
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed + skipped else 0


def try_package(name: str, install: Callable[[Path], Installed | None]) -> bool:
    """The life of one package, from its installation to its removal; False if it has not been built."""
    with tempfile.TemporaryDirectory(prefix="cnnstudio-try-") as folder:
        home = Path(folder, "home of $me")
        for used in OTHERS:
            (home / used).mkdir(parents=True)
        before = files_in(home)
        installed = install(home)
        if installed is None:
            print(f"{name}: not built, so not tried")
            return False
        try_versions(installed, home)
        count = try_commands(installed, home)
        with screen() as display:
            opened = try_window(installed, home, display)
        installed.remove()
        left = {file for file in files_in(home) - before if not file.startswith(("work/", ".cache/"))}
        left = {file for file in left if "CNNStudio" not in file}
        expect(not left, f"removing leaves {', '.join(sorted(left)[:5])}")
        print(f"{name}: {count} command lines, window after {opened:.1f} s, removed without a trace", flush=True)
    return True


def expect(condition: object, sentence: str) -> None:
    """Failed with the sentence unless the condition holds."""
    if not condition:
        raise Failed(sentence)


def files_in(folder: Path) -> set[str]:
    """Every file and folder below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def offline(
    words: list[str | Path], home: Path, where: Path, there: list[str], **more: str
) -> subprocess.CompletedProcess[str]:
    """Runs a command with an empty environment and without a network."""
    command = [*there, *bare(home, where, **more), *map(str, words)]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False)


def bare(home: Path, where: Path, **more: str) -> list[str]:
    """The beginning of a command that is to know nothing but a home, and to run in a folder."""
    variables = {"HOME": str(home), "PATH": PATH, **more}
    return ["env", "-i", "-C", str(where), *(f"{key}={value}" for key, value in variables.items())]


def no_network() -> list[str]:
    """The beginning of a command that is to have no network."""
    return ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-r", "-n"]


# Installing


def install_bundle(home: Path) -> Installed | None:
    """The archive unpacked."""
    archive = newest("cnnstudio-*-linux-*.tar.gz")
    if archive is None:
        return None
    place = home.parent / "a folder"
    place.mkdir()
    subprocess.run(["tar", "-xzf", str(archive), "-C", str(place), "--strip-components=1"], check=True)
    for text in ("LICENSE", "THIRD-PARTY.txt", "EXCHANGE-QT.txt"):
        expect((place / text).is_file(), f"{text} is missing")
    return Installed(place / "cnnstudio", None, lambda: shutil.rmtree(place), no_network())


def install_wheelhouse(home: Path) -> Installed | None:
    """The archive unpacked, and its installer run by the Python that runs this."""
    archive = newest("cnnstudio-*-wheelhouse-linux.tar")
    if archive is None:
        return None
    place = home.parent / "wheelhouse of 'me'"
    place.mkdir()
    subprocess.run(["tar", "-xf", str(archive), "-C", str(place), "--strip-components=1"], check=True)
    installer: list[str | Path] = ["sh", place / "install.sh"]
    done = offline(installer, home, home, no_network(), PYTHON=str(Path(sys.executable).resolve()))
    expect(done.returncode == 0, f"install.sh said: {done.stderr.strip()}")

    def remove() -> None:
        # By the copy that it keeps, as the archive may be gone.
        done = offline(["sh", home / ".local/lib/cnnstudio/install.sh", "uninstall"], home, home, no_network())
        expect(done.returncode == 0, f"uninstall said: {done.stderr.strip()}")

    local = home / ".local"
    return Installed(local / "bin/cnnstudio", local / "share/applications/cnnstudio.desktop", remove, no_network())


def install_appimage(home: Path) -> Installed | None:
    """The file alone, which mounts itself where FUSE is, and else unpacks itself at each start."""
    packed = newest("CNN_Studio-*.AppImage")
    if packed is None:
        return None
    command = home.parent / "a folder" / packed.name
    command.parent.mkdir()
    shutil.copy(packed, command)
    has_fuse = subprocess.run([command, "--version"], capture_output=True, check=False).returncode == 0
    there = no_network() if has_fuse else [*no_network(), "env", "APPIMAGE_EXTRACT_AND_RUN=1"]
    return Installed(command, None, lambda: shutil.rmtree(command.parent), there)


def install_deb(home: Path) -> Installed | None:
    """The package installed by apt into a bare system that has what it depends on, and nothing else."""
    package = newest("cnnstudio_*.deb")
    if package is None:
        return None
    root = home.parent / "bare-system"  # debootstrap takes no spaces
    chroot.make(root, package, ROOT / "build" / "chroot-packages")
    there = chroot.entered(root, home)
    before = chroot.files(root)
    shutil.copy(package, home / "work" / "package.deb")
    apt(["install", home / "work" / "package.deb"], home, there)

    def remove() -> None:
        apt(["purge", "cnnstudio"], home, there)
        # The folders where the home is mounted are there since then, and are empty.
        left = {name for name in chroot.files(root) - before if not str(home)[1:].startswith(name)}
        expect(not left, f"purging leaves {', '.join(sorted(left)[:5])}")

    return Installed(Path("/usr/bin/cnnstudio"), root / "usr/share/applications/cnnstudio.desktop", remove, there)


def apt(words: list[str | Path], home: Path, there: list[str]) -> None:
    """Runs apt-get. Raises Failed with what it says if it does not succeed."""
    more = {"PATH": f"/usr/sbin:/sbin:{PATH}", "DEBIAN_FRONTEND": "noninteractive"}
    done = offline(["apt-get", "--yes", *words], home, home, there, **more)
    expect(done.returncode == 0, f"apt-get said: {done.stderr.strip()}")


def newest(pattern: str) -> Path | None:
    """The file in dist/ that was made last."""
    found = sorted(DIST.glob(pattern), key=lambda file: file.stat().st_mtime)
    return found[-1] if found else None


# The command line


def command_lines() -> Iterator[str]:
    """The lines of the README that begin with the program, without their remarks."""
    for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines():
        match = re.match(r"    (cnnstudio [a-z]+ .*?)\s*(#.*)?$", f"{line} ")
        if match:
            yield match[1].strip()


def try_versions(installed: Installed, home: Path) -> None:
    """The versions that whoever looks for a fault asks for are told, and nothing of a language that nobody names."""
    done = offline([installed.command, "--version"], home, home, installed.there)
    expect("PySide6-Essentials 6" in done.stdout, f"--version tells no version of Qt, but: {done.stdout.strip()}")
    page = home / "work" / "a.pdf"
    done = offline([installed.command, "report", "lenet-5", "-o", page], home, home, installed.there)
    expect("locale" not in done.stderr, f"a report without LANG said: {done.stderr.strip()}")


def try_commands(installed: Installed, home: Path) -> int:
    """Every line succeeds, or says what is missing; the number of them."""
    work = home / "work"
    for name, builtin in (("my", "resnet-18"), ("other", "vgg-11")):
        shutil.copy(ROOT / "resources" / "designs" / f"{builtin}.yaml", work / f"{name}.yaml")
    (work / "reports").mkdir()
    # The lines about foreign networks read these.
    (work / "net.py").write_text(SOURCE, encoding="utf-8")
    offline([installed.command, "export", "my.yaml", "--to", "onnx", "-o", "model.onnx"], home, work, installed.there)
    lines = list(command_lines())
    expect(len(lines) > 10, "the README has lost its command lines")
    for line in lines:
        called = line.replace("cnnstudio", shlex.quote(str(installed.command)), 1)
        done = offline(["sh", "-c", called], home, work, installed.there, LANG="C.UTF-8")
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        status, words = ELSE.get(line, (0, ""))
        right = done.returncode == status and re.search(words, done.stdout + done.stderr) is not None
        expect(right, f"`{line}` ended with {done.returncode} and said: {said}")
        expect("Traceback" not in done.stderr, f"`{line}` said: {said}")
    return len(lines)


# The window


@contextmanager
def screen() -> Iterator[str]:
    """A virtual screen, by its name."""
    read, write = os.pipe()
    words = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x900x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(words, pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            yield f":{pipe.readline().strip()}"
    finally:
        server.kill()
        server.wait()


def desktop_words(entry: Path, file: Path) -> list[str]:
    """The words that a desktop runs for a double click on a file, by the rules of desktop entries."""
    parser = RawConfigParser(interpolation=None)
    parser.read(entry, encoding="utf-8")
    line = parser["Desktop Entry"]["Exec"].replace("\\\\", "\\")
    words = [
        re.sub(r"\\(.)", r"\1", quoted) or plain for quoted, plain in re.findall(r'"((?:\\.|[^"\\])*)"|(\S+)', line)
    ]
    return [str(file) if word == "%f" else word.replace("%%", "%") for word in words]


def try_window(installed: Installed, home: Path, display: str) -> float:
    """A double click shows the design, and on a damaged file a message; the seconds until the design is shown."""
    design, damaged = home / "work" / "a design.cnn.yaml", home / "work" / "damaged.cnn.yaml"
    shutil.copy(ROOT / "resources" / "designs" / "lenet-5.yaml", design)
    damaged.write_text("cnnstudio: [\n", encoding="utf-8")
    opened = try_opening(installed, home, display, design, "a design")
    try_opening(installed, home, display, damaged, "Not opened")
    return opened


def try_opening(installed: Installed, home: Path, display: str, file: Path, title: str) -> float:
    """Waits for a window of that title, and ends the program; the seconds until it was there."""
    words = [str(installed.command), "--window", str(file)]
    if installed.entry is not None:
        words = desktop_words(installed.entry, file)
    began = [*installed.there, *bare(home, home, DISPLAY=display, LANG="C.UTF-8")]
    start = time.monotonic()
    # In a group of its own, for starters that are scripts.
    process = subprocess.Popen([*began, *words], stderr=subprocess.PIPE, start_new_session=True)
    try:
        search = ["xdotool", "search", "--onlyvisible", "--name", title]
        environment = {"PATH": PATH, "DISPLAY": display}
        while subprocess.run(search, env=environment, capture_output=True, check=False).returncode != 0:
            if process.poll() is not None:
                raise Failed(f"the program ended and said: {process.communicate()[1].decode().strip()}")
            expect(time.monotonic() - start < PATIENCE_SECONDS, f"no window '{title}' after {PATIENCE_SECONDS:.0f} s")
            time.sleep(0.05)
        return time.monotonic() - start
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
