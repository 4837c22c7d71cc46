"""The command line: what it prints, where, and with which exit status."""

from __future__ import annotations

import csv
import io
import json
import os
import platform
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import jsonschema
import pytest

from cnnstudio.cli import opening
from cnnstudio.core.counting.columns import COLUMN, SUMMARY_COLUMNS
from cnnstudio.drawings.display_width import display_width
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.version import __version__
from tests.cli.conftest import FAULTY, NET, Outcome, Run, on_a_terminal, process
from tests.formats.bad_files import BadFile, bad_files
from tests.formats.foreign.truth import sample
from tests.places import ROOT

COMMANDS = (
    *(
        "summary",
        "explain",
        "compare",
        "diagram",
        "memory",
        "sweep",
        "scale",
        "budgets",
        "report",
        "export",
        "verify",
        "check",
        "import",
    ),
    *("designs", "completion", "schema"),
)


# summary


def test_summary(run: Run) -> None:
    done = run("summary", "net.yaml")
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "Netz"
    assert lines[2].split("  ")[0] == "Layer"
    assert [line.split("  ")[0].strip() or line.split()[0] for line in lines[4:10]] == [
        "image",
        "conv",
        "stage × 3",
        "inner",
        "flat",
        "fc",
    ]
    assert lines[11].split() == ["Total", "1,980", "26", "2,006", "20,880"]


@pytest.mark.parametrize("name", ["alexnet", "AlexNet", "resnet 50"])
def test_summary_of_a_built_in_design(run: Run, name: str) -> None:
    assert run("summary", name).status == 0


def test_summary_of_every_repeat(run: Run) -> None:
    done = run("summary", "net.yaml", "--expand")
    assert re.findall(r"^stage\S+", done.out, re.MULTILINE) == ["stage[1]/inner", "stage[2]/inner", "stage[3]/inner"]


@pytest.mark.parametrize(
    ("convention", "shape"), [("pytorch", "4 × 6 × 6"), ("keras", "6 × 6 × 4"), ("caffe", "4 × 6 × 6")]
)
def test_summary_by_convention(run: Run, convention: str, shape: str) -> None:
    done = run("summary", "net.yaml", "--convention", convention)
    assert shape in done.out
    assert f"{convention.title()} counting" in done.out.replace("PyTorch", "Pytorch")


def test_convention_of_the_file_is_taken_unless_another_is_asked_for(run: Run) -> None:
    Path("keras.yaml").write_text(NET.replace("name: Netz\n", "name: Netz\nconvention: keras\n"), encoding="utf-8")
    assert run("summary", "keras.yaml").out == run("summary", "net.yaml", "--convention", "keras").out
    assert run("summary", "keras.yaml", "--convention", "pytorch").out == run("summary", "net.yaml").out


def test_columns(run: Run) -> None:
    done = run("summary", "net.yaml", "--columns", "type, parameters,share")
    assert done.out.splitlines()[2].split() == ["Type", "Parameters", "Share"]
    assert done.out.splitlines()[5].split() == ["Conv2D", "112", "5.6", "%"]


@pytest.mark.parametrize("key", COLUMN)
def test_each_column_alone(run: Run, key: str) -> None:
    done = run("summary", "net.yaml", "--columns", key)
    assert (done.status, done.out.splitlines()[2].strip()) == (0, COLUMN[key].title)


def test_summary_as_json(run: Run) -> None:
    report = json.loads(run("summary", "faulty.yaml", "--format", "json").out)
    assert [row["path"] for row in report["rows"]][2:5] == ["stage[1]/inner", "stage[2]/inner", "stage[3]/inner"]
    assert report["totals"]["parameters"] == sum(row["parameters"] or 0 for row in report["rows"]) == 2_006
    assert [(problem["path"], problem["line"]) for problem in report["problems"]] == [("late", 13)]
    assert report["complete"] is False


def test_summary_as_csv_adds_up(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("summary", "net.yaml", "--format", "csv").out)))
    assert list(rows[0]) == list(SUMMARY_COLUMNS)
    assert [row["layer"] for row in rows][2:5] == ["stage[1]/inner", "stage[2]/inner", "stage[3]/inner"]
    assert sum(int(row["parameters"]) for row in rows) == 2_006


def test_summary_as_markdown(run: Run) -> None:
    done = run("summary", "net.yaml", "--format", "markdown", "--columns", "layer,parameters")
    lines = done.out.splitlines()
    assert lines[:4] == ["## Netz", "", "| Layer | Parameters |", "| --- | ---: |"]
    assert "| **Total** | **2,006** |" in lines


def test_summary_prints_problems_apart(run: Run) -> None:
    done = run("summary", "faulty.yaml")
    assert done.status == 0
    assert done.err == (
        "faulty.yaml:13: error: late: Conv2D needs a map with 2 spatial axes and receives a vector of 10. "
        "Put it before the layer that makes a vector, or put a Reshape before it.\n"
    )
    assert "Parameters: at least 2,006 (" in done.out
    assert "Incomplete: 2 layers not counted." in done.out


def test_design_that_is_too_long_to_be_listed(run: Run) -> None:
    Path("long.yaml").write_text(
        NET.replace("repeat: 3", "repeat: 10000").replace(
            "  layers:\n", "  layers:\n  - {type: Block, name: more, repeat: 1000, layers: [{type: Identity}]}\n"
        ),
        encoding="utf-8",
    )
    assert run("summary", "long.yaml").status == 0
    done = run("summary", "long.yaml", "--expand")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("cnnstudio: long.yaml: the design expands to 10,010,004 layers")


# explain


@pytest.mark.parametrize("layer", ["conv", "stage/inner", "stage[2]/inner", "inner", "stage", "fc"])
def test_explain(run: Run, layer: str) -> None:
    done = run("explain", "net.yaml", layer)
    assert (done.status, done.err) == (0, "")
    assert "\nparameters " in done.out


def test_explain_the_totals(run: Run) -> None:
    done = run("explain", "net.yaml")
    assert done.out.startswith("Netz, the whole network\n")
    assert re.search(r"^total parameters +=", done.out, re.MULTILINE)


def test_explain_by_convention(run: Run) -> None:
    assert "(H × W × C)" in run("explain", "net.yaml", "conv", "--convention", "keras").out


def test_explain_in_latex(run: Run) -> None:
    done = run("explain", "--latex", "net.yaml", "conv")
    assert (
        r"\text{weights} &= W = K_{h} \cdot K_{w} \cdot C \cdot N = 3 \times 3 \times 3 \times 4 = 108 \\" in done.out
    )


def test_explain_a_faulty_layer(run: Run) -> None:
    done = run("explain", "faulty.yaml", "late")
    assert done.status == 0
    assert "\nerror: late: Conv2D needs a map" in done.out


# check


def test_check(run: Run) -> None:
    assert run("check", "net.yaml") == Outcome(0, "net.yaml: no problems\n", "")


def test_check_with_warnings(run: Run) -> None:
    done = run("check", "suspicious.yaml")
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines()[0].startswith("suspicious.yaml:11: warning: fc: it receives a map")
    assert done.out.splitlines()[-1] == "suspicious.yaml: 1 warning"


def test_check_with_errors(run: Run) -> None:
    done = run("check", "faulty.yaml")
    assert (done.status, done.err) == (1, "")
    assert done.out.splitlines()[0].startswith("faulty.yaml:13: error: late: Conv2D needs a map")
    assert done.out.splitlines()[-1] == "faulty.yaml: 1 error"


def test_check_several_files_goes_on_behind_a_bad_one(run: Run) -> None:
    done = run("check", "net.yaml", "none.yaml", "faulty.yaml", "alexnet")
    assert done.status == 2
    assert done.err == "none.yaml: there is no such file, and no built-in design of that name.\n"
    assert done.out.splitlines()[0] == "net.yaml: no problems"
    assert done.out.splitlines()[-1] == "alexnet: no problems"
    assert "faulty.yaml: 1 error" in done.out


def test_problems_are_in_the_order_of_the_file(run: Run) -> None:
    Path("many.yaml").write_text(
        "cnnstudio: 1\nlayers:\n- {type: Input, name: image, size: [7, 7], channels: 3}\n"
        "- {type: Conv2D, name: a, filters: 4, kernel_size: 2, stride: 2}\n- {type: BatchNorm, name: b}\n"
        "- {type: Dense, name: c, units: 10}\n- {type: Conv1D, name: d, filters: 1, kernel_size: 1}\n",
        encoding="utf-8",
    )
    lines = run("check", "many.yaml").out.splitlines()
    assert [line.split(":")[1] for line in lines[:-1]] == ["4", "4", "6", "7"]
    assert lines[-1] == "many.yaml: 1 error, 3 warnings"


@pytest.mark.parametrize("name", builtin_paths())
def test_built_in_designs_have_no_errors(run: Run, name: str) -> None:
    assert run("check", name).status == 0


# designs, schema, help


def test_designs(run: Run) -> None:
    done = run("designs")
    assert done.status == 0
    header, *lines = done.out.splitlines()
    assert header.split() == ["Name", "Parameters", "What", "it", "is"]
    assert [line.split()[0] for line in lines] == list(builtin_paths())
    assert re.search(r"^alexnet +62,378,344  Krizhevsky", done.out, re.MULTILINE)


def test_schema(run: Run) -> None:
    schema = json.loads(run("schema").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["title"] == "CNN Studio design"


@pytest.mark.parametrize("words", [["--help"], *([command, "--help"] for command in COMMANDS)])
def test_help(run: Run, words: list[str]) -> None:
    done = run(*words)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"usage: cnnstudio{' ' + words[0] if len(words) > 1 else ''} ")


def test_help_names_every_command_and_exit_status(run: Run) -> None:
    commands, _, statuses = run("--help").out.partition("commands")[2].partition("exit status:")
    assert set(re.findall(r"^  (\w+) ", commands, re.MULTILINE)) == set(COMMANDS)
    assert re.findall(r"(\w+): ", statuses) == ["compare", "budgets", "verify", "check", "import"]


@pytest.mark.parametrize(
    ("command", "ones"),
    [
        ("check", ["there is an error"]),
        ("budgets", ["a budget is broken"]),
        ("verify", ["anything differs"]),
        ("compare", ["--exit-code is given and the designs differ"]),
        ("summary", []),
    ],
)
def test_the_help_of_a_command_tells_its_exit_statuses(run: Run, command: str, ones: list[str]) -> None:
    _, _, statuses = run(command, "--help").out.partition("exit status:")
    assert re.findall(r"^  1 +(.*)$", statuses, re.MULTILINE) == ones
    assert re.findall(r"^  (\d+)", statuses, re.MULTILINE) == ["0", *(["1"] if ones else []), "2", "130"]


def test_version(run: Run) -> None:
    done = run("--version")
    program, python, *packages = done.out.splitlines()
    assert (done.status, program, done.err) == (0, f"CNN Studio {__version__}", "")
    assert python.startswith(f"Python {platform.python_version()}, ")
    assert {f"{name} {version(name)}" for name in ("msgspec", "PyYAML", "numpy")} <= set(packages)


# Bad input: one sentence on standard error, exit status 2, nothing printed


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("sumary net.yaml", "cnnstudio: there is no command 'sumary'. Did you mean 'summary'?"),
        ("explane", "cnnstudio: there is no command 'explane'. Did you mean 'explain'?"),
        (
            "train net.yaml",
            f"cnnstudio: there is no command 'train'. There are: {', '.join(COMMANDS)}.",
        ),
        ("summary", "cnnstudio: the following arguments are required: file. Type `cnnstudio summary --help` for help."),
        (
            "summary net.yaml more",
            "cnnstudio: 'more' is one argument too many. Type `cnnstudio summary --help` for help.",
        ),
        ("net.yaml more", "cnnstudio: 'more' is one argument too many. Type `cnnstudio --help` for help."),
        (
            "summary net.yaml --exand",
            "cnnstudio: there is no option '--exand'; did you mean '--expand'. "
            "Type `cnnstudio summary --help` for help.",
        ),
        ("--fast", "cnnstudio: there is no option '--fast'. Type `cnnstudio --help` for help."),
        (
            "summary net.yaml --format",
            "cnnstudio: argument --format: expected one argument. Type `cnnstudio summary --help` for help.",
        ),
        ("summary net.yaml --format jsn", "cnnstudio: there is no format 'jsn'. Did you mean 'json'?"),
        (
            "summary net.yaml --format xlsx",
            "cnnstudio: there is no format 'xlsx'. There are: text, json, csv, markdown.",
        ),
        ("check net.yaml --convention kers", "cnnstudio: there is no convention 'kers'. Did you mean 'keras'?"),
        (
            "summary net.yaml --convention onnx",
            "cnnstudio: there is no convention 'onnx'. There are: pytorch, keras, caffe.",
        ),
        ("summary net.yaml --columns layer,parms", "cnnstudio: there is no column 'parms'. Did you mean 'parameters'?"),
        ("explain net.yaml cnv", "cnnstudio: net.yaml: there is no layer 'cnv'. Did you mean 'conv'?"),
        (
            "explain net.yaml 7",
            "cnnstudio: net.yaml: there is no layer '7'. Type `cnnstudio summary net.yaml` for a list.",
        ),
        (
            "explain resnet-50 conv2",
            "cnnstudio: resnet-50: 'conv2' is the name of 8 layers; give a path, such as one of layer1/first/conv2, "
            "layer1/rest[1]/conv2, layer2/first/conv2, layer2/rest[1]/conv2, layer3/first/conv2.",
        ),
        ("summary none.yaml", "none.yaml: there is no such file, and no built-in design of that name."),
        (
            "explain alxnet conv",
            "alxnet: there is no such file, and no built-in design of that name. Did you mean 'alexnet'?",
        ),
        ("summary .", ".: is a folder, not a design file."),
        ("designs all", "cnnstudio: 'all' is one argument too many. Type `cnnstudio designs --help` for help."),
    ],
)
def test_bad_input(run: Run, words: str, sentence: str) -> None:
    assert run(*words.split(" ")) == Outcome(2, "", sentence + "\n")


@pytest.mark.parametrize("bad", bad_files(), ids=lambda bad: bad.path.stem)
def test_bad_file(run: Run, bad: BadFile) -> None:
    path = str(bad.path)
    done = run("summary", path)
    assert (done.status, done.out) == (2, "")
    assert all(line.startswith(path) for line in done.err.splitlines())
    assert len(done.err.splitlines()) == len(bad.faults)


def test_unknown_column_names_all_there_are(run: Run) -> None:
    done = run("summary", "net.yaml", "--columns", "zzz")
    assert done.err == f"cnnstudio: there is no column 'zzz'. There are: {', '.join(COLUMN)}.\n"


def test_hostile_words_are_one_harmless_line(run: Run) -> None:
    for words in (["a\x1b[2J\nb", "c"], ["summary", "a\x1b[2J\nb"], ["explain", "net.yaml", "a\x1b[2J\nb"]):
        done = run(*words)
        assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
        assert "\x1b" not in done.err


# The window


def test_without_a_display_the_summary_is_printed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    done = run("net.yaml")
    assert done.err == "cnnstudio: there is no display, so the window cannot open.\n"
    assert done.out == run("summary", "net.yaml").out
    assert run().status == 2
    assert "none.yaml: there is no such file" in run("none.yaml").err


def test_with_a_display_a_bad_file_is_refused_before_the_window_opens(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert run("none.yaml") == Outcome(
        2, "", "none.yaml: there is no such file, and no built-in design of that name.\n"
    )


# As a process


def test_process_is_plain_when_piped(tmp_path: Path) -> None:
    (tmp_path / "faulty.yaml").write_text(FAULTY, encoding="utf-8")
    done = process("summary", "faulty.yaml", cwd=tmp_path)
    assert (done.status, "\x1b" in done.out + done.err) == (0, False)
    assert process("check", "faulty.yaml", cwd=tmp_path).status == 1
    assert process("check", "nowhere.yaml", cwd=tmp_path).status == 2


def test_process_prints_in_any_encoding() -> None:
    done = process("summary", "alexnet", environment={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert (done.status, done.err) == (0, "")
    assert "96 ? 55 ? 55" in done.out


@pytest.mark.skipif(os.name != "posix", reason="needs a shell with pipes and terminals")
def test_reader_that_has_had_enough() -> None:
    command = f"'{sys.executable}' -m cnnstudio summary resnet-152 --expand --columns {','.join(COLUMN)} | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "ResNet-152\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("words", [["summary", "alexnet"], ["designs"], ["schema"], ["check", "alexnet"]])
def test_output_that_cannot_be_written(words: list[str]) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "cnnstudio", *words]
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "cnnstudio: the output cannot be written: No space left on device.\n"


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_closed_output_is_no_error() -> None:
    command = f"'{sys.executable}' -m cnnstudio summary alexnet >&- 2>&-"
    assert subprocess.run(["bash", "-c", command], cwd=ROOT, check=False).returncode == 0


def test_colour_on_a_terminal(tmp_path: Path) -> None:
    file = tmp_path / "faulty.yaml"
    file.write_text(FAULTY, encoding="utf-8")
    text = on_a_terminal("summary", str(file), COLUMNS="200")
    assert text.startswith("\x1b[1mNetz\x1b[0m\n")
    assert "\x1b[1mstage × 3" in text
    assert "\x1b[31m" in text.split("late")[1]
    assert f"{file}:13: \x1b[31merror:\x1b[0m late: Conv2D" in text
    plain = re.sub(r"\x1b\[\d+m", "", text)
    done = process("summary", str(file))
    assert plain == done.out + done.err
    assert "\x1b[33mwarning:\x1b[0m" not in text


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_where_it_is_not_wanted(environment: dict[str, str]) -> None:
    assert "\x1b" not in on_a_terminal("summary", "alexnet", **environment)


def test_options_stand_anywhere(run: Run) -> None:
    first = run("explain", "alexnet", "Conv-1", "--convention", "keras")
    assert first.status == 0
    assert run("explain", "alexnet", "--convention", "keras", "Conv-1") == first
    assert run("explain", "--convention", "keras", "alexnet", "Conv-1") == first


def test_a_design_comes_from_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    content = builtin_paths()["alexnet"].read_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert run("summary", "-") == run("summary", "alexnet")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe\xff")))
    assert run("summary", "-").err == "cnnstudio: standard input is not text in UTF-8.\n"


@pytest.mark.parametrize(
    "words",
    [
        *("summary -", "explain -", "check -", "memory -", "budgets -", "diagram -", "export - --to pytorch"),
        *(
            "scale - --width 0.5",
            "sweep - --vary conv1.filters=1,2",
            "report - -o - --format json",
            "compare - alexnet",
        ),
        *("check net.yaml -", "import -"),
    ],
)
def test_every_command_takes_a_design_from_standard_input(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    assert run("export", "lenet-5-modern", "-o", "net.onnx").status == 0
    for content in (builtin_paths()["lenet-5-modern"].read_bytes(), Path("net.onnx").read_bytes()):
        if words == "import -" and not content.startswith(b"\x08"):
            continue
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        done = run(*words.split())
        assert done.status == 0
        assert "LeNet" in done.out or "no problems" in done.out or "conv1.filters" in done.out


def test_an_archive_comes_from_standard_input_whole(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    content = sample("torchscript", "unet.trace.pt", tmp_path).read_bytes()
    monkeypatch.setattr(opening, "MAX_FILE_BYTES", 1_000)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    done = run("import", "-", "--input-size", "1,64,64")
    assert done.status == 0
    assert "input 1 × 64 × 64" in done.out


def test_subtotals_and_depth(run: Run) -> None:
    text = run("summary", "alexnet", "--by", "kind").out
    assert re.search(r"^Conv2D +5 +3,745,824 +1,376 +3,747,200 ", text, re.MULTILINE)
    assert run("summary", "resnet-18", "--by", "stage", "--format", "csv").out.splitlines()[2] == (
        'layer1,14,"[64, 56, 56]",147712,256,147968,462422016'
    )
    folded = run("summary", "resnet-50", "--depth", "0").out
    assert "layer1" in folded
    assert "\n  first" not in folded
    assert "--depth opens some blocks" in run("summary", "resnet-50", "--depth", "1", "--expand").err
    assert "--depth needs a whole number" in run("summary", "resnet-50", "--depth", "x").err
    assert "there is no kind of subtotals 'knd'. Did you mean 'kind'?" in run("summary", "alexnet", "--by", "knd").err


# Tables on a narrow terminal


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
@pytest.mark.parametrize(
    "words",
    [
        *("summary resnet-18", "summary alexnet --by kind", "compare alexnet vgg-16 --only-differences", "designs"),
        *("scale resnet-18 --width 0.5", "budgets resnet-18 --budget parameters<=5M"),
    ],
)
def test_tables_are_as_wide_as_the_terminal_and_cut_no_number(columns: int, words: str) -> None:
    whole = process(*words.split()).out
    shown = re.sub(r"\x1b\[[0-9;]*m", "", on_a_terminal(*words.split(), COLUMNS=str(columns)))
    # Lines of words are broken by the terminal itself.
    lines = [line for line in shown.splitlines() if re.search(r"^.{0,5}\S.*  +\S", line) or set(line) == {"─"}]
    least = {"compare": 66, "designs": 46}.get(words.partition(" ")[0], 40)
    assert len(lines) > 5
    assert max(map(display_width, lines)) <= max(columns, least)
    assert set(re.findall(r"\d{1,3}(?:,\d{3})+", "\n".join(lines))) <= set(re.findall(r"\d{1,3}(?:,\d{3})+", whole))
    assert ("Left out, as the terminal is narrow: " in shown) <= (columns < 100)


def test_chosen_columns_are_all_shown_however_narrow_the_terminal_is() -> None:
    shown = on_a_terminal("summary", "alexnet", "--columns", "layer,weights,biases,parameters,macs", COLUMNS="40")
    assert "62,367,776" in shown
    assert "Left out" not in shown


def test_what_is_piped_is_whole_whatever_columns_says() -> None:
    assert process("summary", "alexnet", environment={"COLUMNS": "40"}).out == process("summary", "alexnet").out


def test_lists_are_printed_for_programs(run: Run) -> None:
    designs = json.loads(run("designs", "--format", "json").out)
    assert [record["name"] for record in designs] == list(builtin_paths())
    assert next(record for record in designs if record["name"] == "alexnet")["parameters"] == 62_378_344
    done = run("check", "net.yaml", "faulty.yaml", "--format", "json")
    good, bad = json.loads(done.out)
    assert (done.status, good["problems"]) == (1, [])
    assert (bad["file"], bad["problems"][0]["line"], bad["problems"][0]["severity"]) == ("faulty.yaml", 13, "error")
    assert bad["problems"][0]["remedy"]
