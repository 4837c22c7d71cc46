"""A probe in a process of its own: another interpreter, a limit of time, one sentence for whatever goes wrong."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cnnstudio import resources
from cnnstudio.installation import pip_install

DEFAULT_LIMIT = 600
"""Seconds that a framework may take."""
PACKAGES = {"torch": "PyTorch", "keras": "Keras", "onnxruntime": "onnxruntime"}
MAX_QUOTE = 300


class VerifyError(Exception):
    """A design that could not be verified; the text is the sentence for the user."""


Started = Callable[["subprocess.Popen[bytes]"], object]
"""Is told of the process, which it may kill."""


def run_probe(
    probe: str,
    request: dict[str, Any],
    python: str,
    limit: float,
    files: dict[str, bytes],
    started: Started | None = None,
) -> dict[str, Any]:
    """The answer of a probe in an interpreter; raises VerifyError with the reason if there is none.

    `files` are written beside the request, which names them by their keys as absolute paths.
    """
    with tempfile.TemporaryDirectory(prefix="cnnstudio-verify-") as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        named = {key: str(Path(folder, key)) if key in files else value for key, value in request.items()}
        asked, answered = Path(folder, "request.json"), Path(folder, "answer.json")
        asked.write_text(json.dumps(named), encoding="utf-8")
        script = str(resources.path("probes") / f"{probe}_probe.py")
        said = _run([python, "-I", script, str(asked), str(answered)], folder, limit, started)
        if not answered.exists() or not answered.stat().st_size:
            raise VerifyError(f"{python} failed: {said or 'it said nothing'}.")
        answer: dict[str, Any] = json.loads(answered.read_text(encoding="utf-8"))
    if "missing" in answer:
        package = answer["missing"]
        raise VerifyError(
            f"{PACKAGES[package]} is not installed for {python}; type `{pip_install(package, python)}`, "
            "or name another Python."
        )
    return answer


def _run(words: list[str], folder: str, limit: float, started: Started | None) -> str:
    """Runs a process to its end; returns the last line that it complained with. Raises VerifyError at the limit."""
    environment = {"OMP_NUM_THREADS": "2", "TF_CPP_MIN_LOG_LEVEL": "3", **os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        process = subprocess.Popen(
            words,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        raise VerifyError(
            f"{words[0]} cannot be started: {error.strerror}; name a Python that has the framework."
        ) from None
    if started is not None:
        started(process)
    try:
        _, complaint = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise VerifyError(
            f"{words[0]} was stopped after {limit:g} seconds; raise the limit for a large design."
        ) from None
    lines = [line.strip() for line in complaint.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1][:MAX_QUOTE].rstrip(".") if lines else ""
