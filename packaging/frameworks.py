#!/usr/bin/env python3
"""`make test-frameworks`: a virtual environment with the frameworks, kept between runs, and the tests that need them.

It takes a Python 3.11 for which pip finds a PyTorch without CUDA, as gigabytes of that would prove nothing more. Where
there is none, one sentence says so and nothing fails.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv-frameworks"
STAMP = VENV / "installed"
TORCH = "torch==2.13.0"
PACKAGES = (
    *(TORCH, "keras==3.15.1", "onnx==1.23.2", "onnxruntime==1.32.0", "numpy"),
    *("msgspec>=0.19", "PyYAML>=6", "wcwidth>=0.2.6", "pytest>=8.3", "pytest-timeout>=2.3"),
)
"""The frameworks, and the parts of the studio's own environment that counting, exporting and testing need."""
HEAVY = ("nvidia-", "triton", "cuda")
"""Beginnings of the names of packages that only a PyTorch with CUDA needs."""


def main() -> int:
    """Makes the environment if it is not as it should be, and runs the tests with the words after `--`."""
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    python = _python()
    if python is None:
        return _skipped("there is no Python 3.11, for which PyTorch's build without CUDA is known")
    reason = _prepare(python)
    if reason:
        return _skipped(reason)
    environment = {"OMP_NUM_THREADS": "1", "KERAS_BACKEND": "torch", **os.environ, "PYTHONPATH": str(ROOT)}
    command = [str(_venv_python()), "-m", "pytest", "-c", "tests/frameworks/pytest.ini", "--rootdir", str(ROOT)]
    command += ["--confcutdir", "tests/frameworks", "-p", "no:cacheprovider", "-q", "tests/frameworks", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def _skipped(reason: str) -> int:
    print(f"The framework tests are skipped: {reason}.")
    return 0


def _python() -> str | None:
    """A Python 3.11, which may be this one."""
    if sys.version_info[:2] == (3, 11):
        return sys.executable
    return shutil.which("python3.11")


def _venv_python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _prepare(python: str) -> str:
    """Installs the packages unless they are there; the reason if they cannot be had, else nothing."""
    wanted = hashlib.sha256("\n".join(PACKAGES).encode()).hexdigest()
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return ""
    print("Installing PyTorch, Keras and onnxruntime for the framework tests (once, about 1.2 GB)", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        subprocess.run([python, "-m", "venv", str(VENV)], check=True)
        heavy = _heavy_packages()
        if heavy:
            return f"pip finds only a PyTorch with CUDA here ({', '.join(heavy[:2])} and so on)"
        subprocess.run([str(_venv_python()), "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"the frameworks cannot be installed ({error})"
    STAMP.write_text(wanted, encoding="utf-8")
    return ""


def _heavy_packages() -> list[str]:
    """The packages for CUDA that PyTorch would bring; raises CalledProcessError if pip finds no PyTorch."""
    command = [str(_venv_python()), "-m", "pip", "install", "--quiet", "--dry-run", "--report", "-", TORCH]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    names = [item["metadata"]["name"].lower() for item in report["install"]]
    return sorted(name for name in names if name.startswith(HEAVY))


if __name__ == "__main__":
    sys.exit(main())
