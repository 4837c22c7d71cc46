"""`cnnstudio sweep`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cnnstudio.reports.sweeps import writing
from tests.cli.conftest import Run
from tests.places import ROOT

LONG = ("sweep", "net.yaml", "--vary", "conv.filters=1:100", "--vary", "stage/inner.filters=1:200")
VARIANTS = 20_000


def running(*words: str, cwd: Path) -> subprocess.Popen[str]:
    """A sweep as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "cnnstudio", *words]
    # A shell lets what it starts in the background ignore this signal, which the sweep would inherit.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(command, cwd=cwd, env=environment, stderr=subprocess.PIPE, encoding="utf-8")


def stopped(sweep: subprocess.Popen[str], journal: Path, number: signal.Signals) -> str:
    """Sends a signal when at least one chunk is in the journal; what the process has said."""
    with sweep:
        while not (journal.exists() and journal.read_bytes().count(b"\n") > 1):
            assert sweep.poll() is None, "it ended before it could be stopped"
            time.sleep(0.01)
        sweep.send_signal(number)
        return sweep.communicate()[1]


def test_writes_a_row_a_variant_and_says_what_became_of_them(run: Run) -> None:
    words = ("--vary", "conv.filters=4,8,*0.3", "--where", "parameters<2.1k", "--best", "macs,parameters")
    outcome = run("sweep", "net.yaml", *words, "-o", "rows.csv")
    assert outcome.status == 0, outcome.err
    assert outcome.out.splitlines()[0] == "Netz: 3 variants; 1 meets the conditions, 1 may; 1 with errors; rows.csv"
    assert outcome.out.splitlines()[2].startswith("  1: conv.filters = 4: ")
    lines = Path("rows.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[:2] for line in lines[1:]] == [["1", "4"], ["3", "*0.3"]]
    assert not Path("rows.csv.partial").exists()


def test_memory_is_counted_and_compared_where_it_is_asked_for(run: Run) -> None:
    words = ("sweep", "net.yaml", "--vary", "conv.filters=4,8")
    outcome = run(*words, "--memory", "--best", "peak_high")
    assert outcome.status == 0, outcome.err
    assert ",kept_bytes,peak_low,peak_high," in outcome.out.splitlines()[0]
    assert "1 that nothing beats in least high estimate of the training peak" in outcome.err
    assert "there is no quantity 'peak_high'" in run(*words, "--best", "peak_high").err


def test_rows_are_printed_as_json_for_programs(run: Run) -> None:
    words = ("sweep", "net.yaml", "--vary", "conv.filters=4,8")
    printed = run(*words, "-o", "-", "--format", "json")
    assert printed.status == 0
    assert run(*words, "-o", "rows.json").status == 0
    assert json.loads(printed.out) == json.loads(Path("rows.json").read_text(encoding="utf-8"))
    assert "the suffix of a file says its format." in run(*words, "-o", "rows.json", "--format", "json").err


def test_without_a_file_the_rows_are_printed(run: Run) -> None:
    outcome = run("sweep", "net.yaml", "--vary", "conv.filters=4,8")
    assert len(outcome.out.splitlines()) == 3
    assert outcome.err == "Netz: 2 variants\n"
    assert run("sweep", "net.yaml", "--vary", "conv.filters=4").err == "Netz: 1 variant\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "nothing is varied; name at least one field and its values."),
        (("--vary", "conv.filters"), "a variation is written as LAYER.FIELD=VALUES"),
        (("--vary", "conv.filters=1,2", "--where", "params<1"), "there is no quantity 'params' that adds up."),
        (("--vary", "conv.filters=1,2", "--best", "mac"), "there is no quantity 'mac'. Did you mean 'macs'?"),
        (("--vary", "conv.filters=1,2", "--sample", "3"), "3 variants cannot be drawn from 2."),
        (("--vary", "conv.filters=1,2", "--latin"), "--latin spreads a sample"),
        (("--vary", "conv.filters=1,2", "--jobs", "0"), "--jobs needs a whole number from 1 to 256, and received '0'."),
        (("--vary", "conv.filters=1,2", "--jobs", "2", "--dask", "x"), "use one of them"),
        (("--vary", "conv.filters=1,2", "-o", "rows.txt"), "ends in one of .csv, .json, .parquet"),
        (
            ("--vary", "conv.filters=1,2", "-o", "none/rows.csv"),
            "cannot be written: there is no folder 'none'.",
        ),
    ],
)
def test_what_cannot_be_is_told_in_one_sentence(run: Run, words: tuple[str, ...], sentence: str) -> None:
    outcome = run("sweep", "net.yaml", *words)
    assert outcome.status == 2
    assert sentence in outcome.err
    assert outcome.err.count("\n") == 1
    assert outcome.out == ""


def test_a_file_of_the_users_in_the_place_of_the_journal_stays(run: Run) -> None:
    Path("rows.csv.partial").write_text("mine\n", encoding="utf-8")
    outcome = run("sweep", "net.yaml", "--vary", "conv.filters=4,8", "-o", "rows.csv")
    assert (outcome.status, outcome.err.count("\n")) == (2, 1)
    assert "'rows.csv.partial' is in the place of the journal" in outcome.err
    assert Path("rows.csv.partial").read_text(encoding="utf-8") == "mine\n"


def test_a_format_that_cannot_be_written_here_is_refused_before_anything_is_counted(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "find_spec", lambda _name: None)
    outcome = run("sweep", "net.yaml", "--vary", "conv.filters=4,8", "-o", "rows.parquet")
    assert (outcome.status, outcome.out) == (2, "")
    assert "Parquet needs the package pyarrow; type: " in outcome.err
    assert not Path("rows.parquet.partial").exists()


def test_a_sweep_that_was_killed_goes_on_and_ends_as_if_it_had_not_been(run: Run, tmp_path: Path) -> None:
    assert run(*LONG, "-o", "whole.csv").status == 0
    journal = tmp_path / "rows.csv.partial"
    stopped(running(*LONG, "-o", "rows.csv", cwd=tmp_path), journal, signal.SIGKILL)
    assert not Path("rows.csv").exists()
    before = journal.read_bytes()
    assert before.count(b"\n") < VARIANTS // 2_000
    assert run(*LONG, "-o", "rows.csv", "--jobs", "2").status == 0
    assert Path("rows.csv").read_bytes() == Path("whole.csv").read_bytes()
    assert not journal.exists()


def test_a_sweep_that_is_interrupted_leaves_whole_rows_and_goes_on(run: Run, tmp_path: Path) -> None:
    assert run(*LONG, "-o", "whole.csv").status == 0
    whole = Path("whole.csv").read_text(encoding="utf-8").splitlines()
    journal = tmp_path / "rows.csv.partial"
    said = stopped(running(*LONG, "-o", "rows.csv", cwd=tmp_path), journal, signal.SIGINT)
    assert said.endswith("variants; the same command goes on from rows.csv.partial.\n")
    part = Path("rows.csv").read_text(encoding="utf-8").splitlines()
    assert 1 < len(part) < len(whole)
    assert part == whole[: len(part)]
    assert run(*LONG, "-o", "rows.csv").status == 0
    assert Path("rows.csv").read_bytes() == Path("whole.csv").read_bytes()
