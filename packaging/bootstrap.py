"""Turn a checkout into something that runs: a virtual environment, the packages, the system's libraries.

Run by the Makefile, and by hand where there is no make: `python packaging/bootstrap.py`. It does only what
is missing, so a second run takes a moment and needs no network. Standard library only.
"""

import argparse
import functools
import hashlib
import importlib.util
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

MIN_PYTHON = (3, 11)
if sys.version_info[:2] < MIN_PYTHON:
    # Above everything that an old Python would stumble over.
    sys.exit("CNN Studio needs Python 3.11 or later; this is Python {}.{}.".format(*sys.version_info[:2]))

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
VENV = ROOT / ".venv"
STAMP = VENV / "cnnstudio-installed.json"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

# What Qt loads, and the Debian packages that bring it: the first that the distribution knows is taken.
OFFSCREEN_LIBRARIES: dict[str, tuple[str, ...]] = {
    "libGL.so.1": ("libgl1",),
    "libEGL.so.1": ("libegl1",),
    "libX11.so.6": ("libx11-6",),
    "libfontconfig.so.1": ("libfontconfig1",),
    "libfreetype.so.6": ("libfreetype6",),
    "libxkbcommon.so.0": ("libxkbcommon0",),
    "libdbus-1.so.3": ("libdbus-1-3",),
    "libglib-2.0.so.0": ("libglib2.0-0t64", "libglib2.0-0"),
    "libgthread-2.0.so.0": ("libglib2.0-0t64", "libglib2.0-0"),
}
DISPLAY_LIBRARIES: dict[str, tuple[str, ...]] = {
    "libX11-xcb.so.1": ("libx11-xcb1",),
    "libxcb-cursor.so.0": ("libxcb-cursor0",),
    "libxcb-icccm.so.4": ("libxcb-icccm4",),
    "libxcb-image.so.0": ("libxcb-image0",),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1",),
    "libxcb-randr.so.0": ("libxcb-randr0",),
    "libxcb-render.so.0": ("libxcb-render0",),
    "libxcb-render-util.so.0": ("libxcb-render-util0",),
    "libxcb-shape.so.0": ("libxcb-shape0",),
    "libxcb-shm.so.0": ("libxcb-shm0",),
    "libxcb-sync.so.1": ("libxcb-sync1",),
    "libxcb-util.so.1": ("libxcb-util1",),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0",),
    "libxcb-xkb.so.1": ("libxcb-xkb1",),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0",),
}
# The programs with which the tests drive a real window.
KIT_PROGRAMS: dict[str, tuple[str, ...]] = {
    "Xvfb": ("xvfb",),
    "openbox": ("openbox",),
    "xdotool": ("xdotool",),
    "scrot": ("scrot",),
    "xdpyinfo": ("x11-utils",),
    "wmctrl": ("wmctrl",),
    "pdftoppm": ("poppler-utils",),
    "bindfs": ("bindfs",),
}

OFFLINE = (
    *("Failed to establish a new connection", "Temporary failure in name resolution", "Name or service not known"),
    *("getaddrinfo failed", "ConnectTimeoutError", "ReadTimeoutError", "ProxyError", "SSLError", "Connection refused"),
)
"""Parts of what pip says where it reaches no package index."""
QT_ANYWHERE = "Python 3.12 for x86-64 has it on Windows, macOS and Linux."
QT_ELSEWHERE = {
    (
        "Linux",
        "x86_64",
    ): "With a glibc before 2.34 (as RHEL 8, Ubuntu 20.04) 6.9.3 will do, which needs 2.28: write it there "
    "for PySide6-Essentials and shiboken6, and type the same again.",
    ("Linux", "aarch64"): "On this processor Qt needs glibc 2.39 or later (as Ubuntu 24.04, Debian 13).",
    ("Windows", "arm64"): "Python for x86-64 runs on this processor, too, and has everything.",
}
"""By system and processor, what to do where the tested Qt is not made for it."""

LIBRARY_PROBE = """
import ctypes, sys
for name in sys.argv[1:]:
    try:
        ctypes.CDLL(name)
    except OSError:
        print(name)
"""


def main() -> None:
    """Do what is missing, one line a step, for the purpose named on the command line."""
    options = parse_arguments()
    make_environment()
    install_packages(set(options.extra))
    compile_sources()
    if options.system and sys.platform.startswith("linux"):
        prepare_system(options.system)


def parse_arguments() -> argparse.Namespace:
    """`--extra` adds an optional group of packages; each value of `--system` includes the ones before it."""
    parser = argparse.ArgumentParser(description="Set up CNN Studio in .venv beside its sources.")
    parser.add_argument("--extra", action="append", default=[], choices=["test", "bench", "bundle", "manual"])
    parser.add_argument("--system", choices=["offscreen", "display", "kit"])
    return parser.parse_args()


def say(sentence: str) -> None:
    """One line of progress, at once even into a pipe."""
    print(sentence, flush=True)


def give_up(sentence: str) -> NoReturn:
    """End with a sentence that says what to do."""
    sys.exit(f"CNN Studio is not ready: {sentence}")


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command without a keyboard; what it prints is kept for the case that it fails."""
    # Text is decoded here as UTF-8 whatever the locale, because a package manager may print any name.
    return subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def last_lines(text: str, count: int = 12) -> str:
    """The end of a program's output, where the reason stands."""
    return "\n".join("  " + line for line in text.strip().splitlines()[-count:])


# The virtual environment and the Python packages


def make_environment() -> None:
    """Make .venv, unless it is there, works, is new enough and was made in this folder."""
    if environment_works():
        return
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        install_venv_module()
    say(f"Making .venv with Python {sys.version_info[0]}.{sys.version_info[1]}")
    # A program of its own, because this one may have looked before the module was installed.
    made = run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    if made.returncode != 0:
        give_up(f"Python could not make {VENV}.\n{last_lines(made.stdout)}")


def environment_works() -> bool:
    """True if .venv has pip and a Python that is new enough, and its scripts still point here."""
    if not PYTHON.exists() or installed().get("folder", str(ROOT)) != str(ROOT):
        return False
    check = f"import sys, pip; sys.exit(sys.version_info < {MIN_PYTHON})"
    return run([str(PYTHON), "-c", check]).returncode == 0


def install_venv_module() -> None:
    """Debian keeps `venv` in a package of its own."""
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    say(f"Installing {package}, which Debian keeps apart from Python")
    reason = apt_install([package])
    if reason:
        give_up(f"this Python cannot make virtual environments ({reason}). {advice([package])}")


def installed() -> dict[str, Any]:
    """The packages installed according to the stamp in .venv; empty if there is none, or it is damaged."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def digest() -> str:
    """A hash of the two files that say what belongs into .venv."""
    both = (ROOT / "pyproject.toml").read_bytes() + CONSTRAINTS.read_bytes()
    return hashlib.sha256(both).hexdigest()


def install_packages(extras: set[str]) -> None:
    """Install the project editable, at the tested versions, when the wishes or the versions have changed."""
    stamp = installed()
    present = set(stamp.get("extras", []))
    if stamp.get("digest") == digest() and extras <= present:
        return
    # What an earlier run installed stays, or `make run` and `make test` would undo each other.
    wanted = sorted(extras | present)
    say("Installing the Python packages" + (f", with those for {' and '.join(wanted)}" if wanted else ""))
    # The build backend first: then the project itself is built from what is here, without a second download.
    pip_install(["hatchling", "editables"])
    project = f".[{','.join(wanted)}]" if wanted else "."
    pip_install(["--no-build-isolation", "--editable", project])
    content = {"digest": digest(), "extras": wanted, "folder": str(ROOT)}
    STAMP.write_text(json.dumps(content), encoding="utf-8")


def pip_install(arguments: list[str]) -> None:
    """One call of pip in .venv, at the tested versions."""
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    done = run([*pip, "--constraint", str(CONSTRAINTS), *arguments])
    if done.returncode != 0:
        reason = missing_wheel(done.stdout) or "pip could not install its packages. Is there a network?"
        give_up(f"{reason}\n{last_lines(done.stdout)}")


def missing_wheel(said: str) -> str:
    """The sentence on a package that is not made for this system in the tested version; "" where pip says another."""
    # Without a network pip finds no version of anything either, and says so after it has tried again.
    if any(sign in said for sign in OFFLINE):
        return ""
    # Where other versions in the range are made for it, pip calls that a conflict with the tested one.
    conflict = re.search(r"\(constraint\) ([\w.-]+)==(\S+)", said)
    missing = re.search(r"satisfies the requirement ([\w.-]+)", said)
    if conflict is None and missing is None:
        return ""
    package = conflict[1] if conflict else missing[1] if missing else ""
    libc = " ".join(platform.libc_ver())
    here = ", ".join(filter(None, (platform.system(), platform.machine(), libc, f"Python {platform.python_version()}")))
    sentence = f"{package} is not made for this system ({here}) in the version that packaging/constraints.txt names."
    if package.lower() not in ("pyside6-essentials", "shiboken6"):
        return f"{sentence} Another Python, from {'.'.join(map(str, MIN_PYTHON))} on, may have it."
    advice = QT_ELSEWHERE.get((platform.system(), platform.machine().lower()), QT_ANYWHERE)
    return f"{sentence} {advice}"


# The system's libraries and programs


def prepare_system(purpose: str) -> None:
    """Bring what Qt and the tests need from the system, or say which command does."""
    # Without a display `make run` prints the summary, which needs no Qt.
    is_needed = purpose != "display" or has_display()
    require_libraries(OFFSCREEN_LIBRARIES, "Qt needs system libraries", is_needed)
    if is_needed:
        check_qt()
    if purpose != "offscreen":
        # A window is certain to fail only on an X display; without a display the program says so itself.
        on_x11 = bool(os.environ.get("DISPLAY")) and not os.environ.get("WAYLAND_DISPLAY")
        needed = purpose == "display" and on_x11
        require_libraries(DISPLAY_LIBRARIES, "Qt needs more libraries to open a window", needed)
    if purpose == "kit":
        bring_kit()


def has_display() -> bool:
    """True if the program will open a window, by its own rule."""
    return any(os.environ.get(name) for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"))


def require_libraries(table: dict[str, tuple[str, ...]], what: str, needed: bool) -> None:
    """Install what of the table is missing; end if that fails and it is needed, else only say so."""
    missing = missing_libraries(table)
    if not missing:
        return
    packages, reason = bring([table[name] for name in missing], what)
    missing = missing_libraries(table)
    if not missing:
        return
    sentence = f"{what}: {', '.join(missing)} ({reason or 'still not found'}). {advice(packages)}"
    if needed:
        give_up(sentence)
    say(sentence)


def missing_libraries(table: dict[str, tuple[str, ...]]) -> list[str]:
    """Those that the loader does not find, asked in a process of its own because loading cannot be undone."""
    return run([str(PYTHON), "-c", LIBRARY_PROBE, *table]).stdout.split()


def bring_kit() -> None:
    """Install the programs that drive a real window; without them those tests skip, which is no failure."""
    missing = [program for program in KIT_PROGRAMS if shutil.which(program) is None]
    if not missing:
        return
    packages, reason = bring([KIT_PROGRAMS[program] for program in missing], "Some tests drive a real window")
    missing = [program for program in missing if shutil.which(program) is None]
    if missing:
        say(f"Tests that need {', '.join(missing)} will be skipped ({reason}). {advice(packages)}")


def check_qt() -> None:
    """The proof of all the above: Qt's widgets import."""
    done = run([str(PYTHON), "-c", "import PySide6.QtWidgets"])
    if done.returncode != 0:
        give_up(f"Qt does not load on this system.\n{last_lines(done.stdout, 2)}")


def compile_sources() -> None:
    """Compile the sources beside them: an editable install does not, and it doubles the speed of every start."""
    run([str(PYTHON), "-m", "compileall", "-q", str(ROOT / "cnnstudio")])


# Debian's package manager


def bring(candidates: list[tuple[str, ...]], what: str) -> tuple[list[str], str]:
    """Install one package of each tuple; return their names, and why it failed or ""."""
    if shutil.which("apt-get") is None:
        return [], "this system has no apt-get"
    prefix = root_prefix()
    if prefix is None:
        return choose_packages(candidates), NO_RIGHTS
    say(f"{what}: installing them with apt")
    refresh_lists()
    packages = choose_packages(candidates)
    return packages, apt_install(packages)


APT = [
    "env",
    "DEBIAN_FRONTEND=noninteractive",
    "apt-get",
    "--quiet",
    "--yes",
    "--option=DPkg::Lock::Timeout=120",
    "--option=Acquire::http::Timeout=20",
    "--option=Acquire::Retries=1",
]
NO_RIGHTS = "installing needs root or sudo without a password"


@functools.cache
def root_prefix() -> list[str] | None:
    """The prefix of a command that needs root: nothing, sudo, or None where neither is possible."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return []
    if shutil.which("sudo") is not None and run(["sudo", "-n", "true"]).returncode == 0:
        return ["sudo", "-n"]
    return None


def choose_packages(candidates: list[tuple[str, ...]]) -> list[str]:
    """Of each tuple the first name that this distribution knows, else its last; no name twice."""
    chosen = {}
    for names in candidates:
        chosen[next((name for name in names if is_package(name)), names[-1])] = True
    return list(chosen)


def is_package(name: str) -> bool:
    """True if apt can install a package of this very name."""
    return run(["apt-cache", "show", "--quiet", name]).returncode == 0


@functools.cache
def refresh_lists() -> None:
    """Fetch apt's lists, which may be absent or stale, once; should that fail, the old ones may still do."""
    run([*(root_prefix() or []), *APT, "update"])


def apt_install(packages: list[str]) -> str:
    """Install Debian packages and return "", or return why that was not possible."""
    prefix = root_prefix()
    if shutil.which("apt-get") is None:
        return "this system has no apt-get"
    if prefix is None:
        return NO_RIGHTS
    refresh_lists()
    done = run([*prefix, *APT, "install", "--no-install-recommends", *packages])
    if done.returncode == 0:
        return ""
    errors = [line for line in done.stdout.splitlines() if line.startswith("E:")]
    return "apt-get said " + (errors or ["nothing"])[-1]


def advice(packages: list[str]) -> str:
    """The exact command to type, or what to look for where there is no apt."""
    if not packages or shutil.which("apt-get") is None:
        return "Install them with the package manager of your system."
    start = "Type: sudo" if shutil.which("sudo") else "As root, type:"
    return f"{start} apt-get install --no-install-recommends {shlex.join(packages)}"


if __name__ == "__main__":
    main()
