"""`cnnstudio sweep --dask`: on a cluster of several workers, one of which is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.places import ROOT

WORKERS = 3
LONG = ("sweep", "net.yaml", "--vary", "conv.filters=1:100", "--vary", "stage/inner.filters=1:200")
CHUNKS = 10

if find_spec("distributed") is None:
    pytest.skip("there is no cluster to try: pip install distributed", allow_module_level=True)


def started(stack: ExitStack, folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """A process of the cluster, which ends with the test."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "distributed.cli." + words[0], *words[1:]]
    process = stack.enter_context(
        subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    )
    stack.callback(process.kill)
    return process


class LocalCluster:
    """A scheduler and its workers, each a process."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        file = folder / "scheduler.json"
        started(stack, folder, "dask_scheduler", "--port", "0", "--scheduler-file", str(file), "--no-dashboard")
        self.address = _address(file)
        words = ("dask_worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        self.workers = [started(stack, folder, *words) for _ in range(WORKERS)]


def _address(file: Path) -> str:
    while True:
        try:
            return str(json.loads(file.read_text(encoding="utf-8"))["address"])
        except (OSError, ValueError, KeyError):
            time.sleep(0.05)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LocalCluster]:
    """A cluster for one test."""
    with ExitStack() as stack:
        yield LocalCluster(stack, tmp_path)


def test_rows_are_the_same_though_a_worker_is_killed(run: Run, cluster: LocalCluster, tmp_path: Path) -> None:
    assert run(*LONG, "-o", "whole.csv").status == 0
    words = [sys.executable, "-m", "cnnstudio", *LONG, "--dask", cluster.address, "-o", "rows.csv"]
    journal = tmp_path / "rows.csv.partial"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, cwd=tmp_path, env=environment, stderr=subprocess.PIPE) as sweep:
        while not (journal.exists() and journal.read_bytes().count(b"\n") > 1):
            assert sweep.poll() is None, "it ended before a worker could be killed"
            time.sleep(0.01)
        cluster.workers[0].send_signal(signal.SIGKILL)
        said = sweep.communicate()[1].decode()
    assert sweep.returncode == 0, said
    assert Path("rows.csv").read_bytes() == Path("whole.csv").read_bytes()


def test_a_cluster_that_does_not_answer_is_told_in_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnnstudio.authoring.sweep_workers.CONNECT_SECONDS", 0.2)
    outcome = run("sweep", "net.yaml", "--vary", "conv.filters=1,2", "--dask", "tcp://127.0.0.1:9")
    assert outcome.status == 2
    assert "the Dask cluster at tcp://127.0.0.1:9 does not answer" in outcome.err
