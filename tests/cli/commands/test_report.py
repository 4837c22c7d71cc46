"""`cnnstudio report`: what it writes where, with which exit status, and what it says of a wrong call."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from cnnstudio.app.reports.forms import FORMS
from cnnstudio.cli.commands.report import EXAMPLES
from cnnstudio.core.counting.columns import COLUMN
from cnnstudio.formats.builtin import builtin_paths
from tests.cli.conftest import Outcome, Run, on_a_terminal, process
from tests.examples import some
from tests.formats.children import run_on_full_disk
from tests.places import ROOT

# A PDF makes an application without windows if there is none, and other tests want one with them.
pytestmark = pytest.mark.usefixtures("qapp")
HELP = "Type `cnnstudio report --help` for help."


def text_of(run: Run, *words: str) -> str:
    """A report on net.yaml as plain text, printed."""
    done = run("report", "net.yaml", "-o", "-", "--format", "txt", *words)
    assert (done.status, done.err) == (0, "")
    return done.out


# One design


@pytest.mark.parametrize("form", FORMS)
def test_the_suffix_says_the_form(run: Run, form: str) -> None:
    assert run("report", "net.yaml", "-o", f"out.{form}") == Outcome(0, "", "")
    content = Path(f"out.{form}").read_bytes()
    beginnings = {"html": b"<!DOCTYPE html>", "pdf": b"%PDF-", "tex": b"% Netz", "xlsx": b"PK", "json": b"{"}
    assert content.startswith(beginnings.get(form, b""))
    assert len(content) > 100


def test_format_instead_of_a_suffix(run: Run) -> None:
    assert run("report", "net.yaml", "-o", "out", "--format", "html").status == 0
    assert Path("out").read_bytes().startswith(b"<!DOCTYPE html>")


def test_json_is_that_of_the_summary(run: Run) -> None:
    done = run("report", "net.yaml", "-o", "-", "--format", "json")
    assert done.out == run("summary", "net.yaml", "--format", "json").out


def test_csv_is_that_of_the_summary(run: Run) -> None:
    done = run("report", "net.yaml", "-o", "-", "--format", "csv")
    assert done.out == run("summary", "net.yaml", "--format", "csv").out


def test_bytes_go_to_standard_output_as_they_are() -> None:
    command = [sys.executable, "-m", "cnnstudio", "report", "alexnet", "-o", "-", "--format", "pdf"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.startswith(b"%PDF-")
    assert done.stderr == b""


def test_columns(run: Run) -> None:
    text = text_of(run, "--columns", "type,kernel_size,receptive_field")
    assert re.search(r"^Type +Kernel +Receptive field$", text, re.MULTILINE)


def test_convention(run: Run) -> None:
    assert "6 × 6 × 4" in text_of(run, "--convention", "keras")


def test_expand(run: Run) -> None:
    assert "stage[3]/inner" in text_of(run, "--expand")


def test_title(run: Run) -> None:
    assert text_of(run, "--title", "Mine").startswith("Mine\n════\n")


def test_parts(run: Run) -> None:
    headings = re.compile(r"^(\w+)\n─+$", re.MULTILINE)
    assert headings.findall(text_of(run)) == ["Totals", "Layers", "Chart"]
    assert headings.findall(text_of(run, "--no-chart")) == ["Totals", "Layers"]
    assert headings.findall(text_of(run, "--parts", "chart, table")) == ["Layers", "Chart"]
    assert headings.findall(text_of(run, "--parts", "table", "--diagram")) == ["Layers", "Diagram"]


def test_layout_of_pages(run: Run) -> None:
    for form, words in (("tex", ("--fragment",)), ("html", ("--theme", "dark")), ("pdf", ("--paper", "letter"))):
        assert run("report", "net.yaml", *words, "-o", f"a.{form}") == Outcome(0, "", "")
    assert r"\begin{document}" not in Path("a.tex").read_text(encoding="utf-8")
    assert '<html lang="en" class="dark">' in Path("a.html").read_text(encoding="utf-8")
    assert b"/MediaBox [0 0 612" in Path("a.pdf").read_bytes()


def test_chart_of_another_quantity(run: Run) -> None:
    assert "MACs by layer: 20,880 in all" in text_of(run, "--chart", "macs", "--log")


def test_working_of_every_layer(run: Run) -> None:
    text = text_of(run, "--working")
    titles = ("Netz, the whole network", "image (Input)", "conv (Conv2D)", "stage[1]/inner (Conv2D)", "fc (Dense)")
    assert [text.find(f"\n{title}\n") > 0 for title in titles] == [True] * 5


def test_working_of_chosen_layers(run: Run) -> None:
    text = text_of(run, "--working", "fc,stage")
    assert re.findall(r"^\S+ \((?:Dense|Block.*)\)$", text, re.MULTILINE) == ["fc (Dense)", "stage (Block × 3)"]


def test_problems_are_in_the_report_and_on_standard_error(run: Run) -> None:
    done = run("report", "faulty.yaml", "-o", "-", "--format", "txt")
    assert done.status == 0
    assert done.err.startswith("faulty.yaml:13: error: late: Conv2D needs a map")
    assert "error: late (line 13): Conv2D needs a map" in " ".join(done.out.split())


# Worksheets


def test_worksheet_leaves_columns_blank_and_tells_no_answer(run: Run) -> None:
    text = text_of(run, "--worksheet", "output,parameters")
    assert text.startswith("Netz: worksheet\n")
    assert "Fill in the columns Output shape and Parameters." in text
    assert re.search(r"^conv +Conv2D +4 +3 +1 +valid +_{14} +_{14}$", text, re.MULTILINE)
    assert not re.search(r"\b(112|2,006|4 × 6 × 6)\b", text)


def test_key_has_the_answers_and_their_working(run: Run) -> None:
    done = run("report", "net.yaml", "--worksheet", "parameters", "-o", "sheet.md", "--key", "key.txt")
    assert done == Outcome(0, "", "")
    assert "112" not in Path("sheet.md").read_text(encoding="utf-8")
    key = Path("key.txt").read_text(encoding="utf-8")
    assert key.startswith("Netz: answer key\n")
    assert "parameters = (K_h · K_w · C + 1) · N = (3 × 3 × 3 + 1) × 4 = 112" in key
    assert "weights" not in key.partition("Working")[2].replace("learned weights", "")


def test_worksheet_with_columns_of_ones_own(run: Run) -> None:
    text = text_of(run, "--worksheet", "macs", "--columns", "layer,weights,output")
    assert re.search(r"^Layer +Weights +Output shape +MACs$", text, re.MULTILINE)


# Several designs


def test_several_designs_into_a_folder(run: Run) -> None:
    assert run("report", "net.yaml", "alexnet", "-o", "reports/new/", "--format", "md") == Outcome(0, "", "")
    assert sorted(path.name for path in Path("reports/new").iterdir()) == ["alexnet.md", "net.md"]


def test_several_designs_by_a_pattern(run: Run) -> None:
    sheet = ("--worksheet", "macs", "--key", "{name}-answers.csv")
    assert run("report", "net.yaml", "alexnet", "-o", "of {name}.html", *sheet) == Outcome(0, "", "")
    names = {path.name for path in Path().iterdir() if path.suffix in (".html", ".csv")}
    assert names == {"of net.html", "of alexnet.html", "net-answers.csv", "alexnet-answers.csv"}


def test_worksheets_and_keys_into_one_folder(run: Run) -> None:
    run("report", "net.yaml", "--worksheet", "macs", "-o", "out/", "--key", "out/", "--format", "txt")
    assert sorted(path.name for path in Path("out").iterdir()) == ["net-key.txt", "net.txt"]


def test_a_bad_file_among_them_does_not_stop_the_others(run: Run) -> None:
    done = run("report", "net.yaml", "none.yaml", "alexnet", "-o", "{name}.txt")
    assert done == Outcome(2, "", "none.yaml: there is no such file, and no built-in design of that name.\n")
    assert Path("net.txt").exists()
    assert Path("alexnet.txt").exists()


@pytest.mark.parametrize("form", ["html", "tex", "md", "csv", "json", "txt"])
def test_every_built_in_design_in_every_quick_form(run: Run, form: str) -> None:
    names = some(builtin_paths())
    assert run("report", *names, "-o", f"{form}/", "--format", form).status == 0
    assert len(list(Path(form).iterdir())) == len(names)


def test_progress_on_a_terminal_alone(tmp_path: Path) -> None:
    words = ("report", "alexnet", "lenet-5", "-o", str(tmp_path / "{name}.txt"))
    received = on_a_terminal(*words)
    assert "1 of 2: alexnet" in received
    assert "2 of 2: lenet-5" in received
    assert received.endswith("\r\x1b[K")
    assert process(*words).err == ""
    assert on_a_terminal("report", "alexnet", "-o", str(tmp_path / "one.txt")) == ""


def test_examples_of_the_help_do_what_they_say(run: Run) -> None:
    text = Path("net.yaml").read_text(encoding="utf-8")
    for name in ("one", "two"):
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")
    lines = [line.split()[1:] for line in EXAMPLES.splitlines()[1:]]
    assert [run(*words) for words in lines] == [Outcome(0, "", "")] * len(lines)
    names = {"alexnet.pdf", "resnet.html", "sheet.pdf", "key.pdf", "reports/one.xlsx", "reports/two.xlsx"}
    assert all(Path(name).stat().st_size > 5_000 for name in names)


# Dates


def test_no_date_unless_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert not re.search(r"\b20\d\d\b", text_of(run))
    assert "\n29 February 2028\n" in text_of(run, "--date", "2028-02-29")
    assert re.search(r"^\d+ \w+ 20\d\d$", text_of(run, "--date"), re.MULTILINE)


def test_date_of_the_build(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert "\n14 November 2023\n" in text_of(run)
    assert "\n14 November 2023\n" in text_of(run, "--date")
    assert "\n1 May 2026\n" in text_of(run, "--date", "2026-05-01")
    assert json.loads(run("report", "net.yaml", "-o", "-", "--format", "json").out)["date"] == "2023-11-14"


# The same bytes


def test_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    words = ["--parts", "note,totals,table,chart"]
    contents: dict[str, list[bytes]] = {form: [] for form in FORMS}
    for seed, zone in (("1", "UTC"), ("2", "America/New_York")):
        environment = {"PYTHONHASHSEED": seed, "TZ": zone, "QT_QPA_PLATFORM": "offscreen"}
        drawn = [form for form in FORMS if form not in ("csv", "tsv", "json")]
        run_reports(tmp_path, drawn, ["--working", "--diagram", *words], environment)
        run_reports(tmp_path, ["csv", "tsv", "json"], [], environment)
        for form in FORMS:
            contents[form].append((tmp_path / f"a.{form}").read_bytes())
    assert [form for form, (first, second) in contents.items() if first != second] == []


def run_reports(folder: Path, forms: list[str], words: list[str], environment: dict[str, str] | None = None) -> str:
    """Writes reports `a.FORM` in one process of their own; the answer to whether it has loaded Qt, and numpy."""
    script = (
        "import sys\n"
        "from cnnstudio.cli import main\n"
        "folder, forms, *words = sys.argv[1:]\n"
        "for form in forms.split(): assert not main(['report', 'lenet-5', '-o', f'{folder}/a.{form}', *words])\n"
        "print('PySide6' in sys.modules, 'numpy' in sys.modules)\n"
    )
    command = [sys.executable, "-c", script, str(folder), " ".join(forms), *words]
    inherited = {**os.environ, **(environment or {})}
    return subprocess.run(command, cwd=ROOT, env=inherited, capture_output=True, text=True, check=True).stdout.strip()


def test_a_pdf_needs_no_display(tmp_path: Path) -> None:
    environment = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
    done = process("report", "alexnet", "-o", str(tmp_path / "a.pdf"), environment=environment)
    assert done == Outcome(0, "", "")


def test_only_a_pdf_loads_qt(tmp_path: Path) -> None:
    assert run_reports(tmp_path, [form for form in FORMS if form != "pdf"], []) == "False False"
    assert run_reports(tmp_path, ["pdf"], []) == "True False"


# JSON


@pytest.mark.parametrize(
    "words",
    [
        ("faulty.yaml",),
        ("resnet-18", "--working", "--date", "2026-11-25"),
        ("net.yaml", "--worksheet", "output,parameters"),
        ("mobilenet-v2", "--convention", "keras"),
    ],
)
def test_json_is_as_its_schema_says(run: Run, words: tuple[str, ...]) -> None:
    schema = json.loads(run("schema", "--report").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(run("report", *words, "-o", "-", "--format", "json").out), schema)


def test_json_of_a_worksheet_has_no_answers(run: Run) -> None:
    words = ("report", "net.yaml", "--worksheet", "parameters", "-o", "sheet.json", "--key", "key.json")
    assert run(*words).status == 0
    sheet, key = (json.loads(Path(f"{name}.json").read_text(encoding="utf-8")) for name in ("sheet", "key"))
    place = sheet["worksheet"]["columns"].index("parameters")
    assert {row[place] for row in sheet["worksheet"]["rows"]} == {None}
    assert [row[place] for row in key["worksheet"]["rows"]] == [0, 112, 444, 148, 0, 1450]
    assert "working" not in sheet
    assert {working["quantity"] for working in key["working"]} == {"parameters"}


def test_csv_of_every_column_reads_back(run: Run) -> None:
    done = run("report", "net.yaml", "-o", "-", "--format", "csv", "--columns", ",".join(COLUMN))
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert list(rows[0]) == list(COLUMN)
    assert sum(int(row["parameters"]) for row in rows) == 2_006


# Bad input: one sentence, exit status 2, and nothing written


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("net.yaml", f"report needs a place to go, such as -o report.html. {HELP}"),
        ("-o a.pdf", f"report needs a design. {HELP}"),
        (
            "--working net.yaml -o a.pdf",
            "report needs a design. Write it before --working, --diagram and --date, which take the next word for "
            f"their own. {HELP}",
        ),
        ("net.yaml -o a.pfd", "there is no report format 'pfd'. Did you mean 'pdf'?"),
        (
            "net.yaml -o a.docx",
            "there is no report format 'docx'. There are: html, pdf, tex, md, xlsx, csv, tsv, json, txt.",
        ),
        (
            "net.yaml -o report",
            "the name 'report' has no suffix that says the format, such as "
            ".html, .pdf, .tex, .md, .xlsx, .csv, .tsv, .json, .txt.",
        ),
        ("net.yaml -o a --format tx", "there is no report format 'tx'. Did you mean 'txt'?"),
        ("net.yaml -o -", "say with --format which format is written to standard output."),
        ("net.yaml -o new/", "'new/' is a folder; say with --format which format the reports in it have."),
        (
            "net.yaml alexnet -o a.pdf",
            "several reports would be written to a.pdf; give a folder, as -o reports/ --format pdf, "
            "or a name with {name} in it.",
        ),
        (
            "net.yaml alexnet -o - --format txt",
            "several designs cannot go to standard output; give a folder, or a name with {name} in it.",
        ),
        (
            "net.yaml -o a.pdf --worksheet macs --key a.pdf",
            "several reports would be written to a.pdf; give a folder, as -o reports/ --format pdf, "
            "or a name with {name} in it.",
        ),
        (
            "net.yaml -o a.pdf --key k.pdf",
            "--key is the answer key of a worksheet, and needs --worksheet with the blank columns.",
        ),
        ("net.yaml -o a.pdf --columns layr", "there is no column 'layr'. Did you mean 'layer'?"),
        ("net.yaml -o a.pdf --room 3", "--room is for worksheets; add --worksheet."),
        (
            "net.yaml -o a.pdf --worksheet macs --room 201",
            "--room needs a whole number of lines from 0 to 200, and received '201'.",
        ),
        ("net.yaml -o a.pdf --worksheet parms", "there is no column 'parms'. Did you mean 'parameters'?"),
        ("net.yaml -o a.pdf --working cnv", "net.yaml: there is no layer 'cnv'. Did you mean 'conv'?"),
        ("net.yaml -o a.pdf --parts tables", "there is no part of a report 'tables'. Did you mean 'table'?"),
        ("net.yaml -o a.pdf --chart mac", "there is no quantity for a chart 'mac'. Did you mean 'macs'?"),
        ("net.yaml -o a.pdf --paper a3", "there is no paper 'a3'. There are: a4, letter."),
        ("net.yaml -o a.pdf --theme drak", "there is no theme 'drak'. Did you mean 'dark'?"),
        (
            "net.yaml -o a.pdf --date tomorrow",
            "'tomorrow' is not a date; write it like 2026-11-25, and the designs before --date.",
        ),
        (
            "net.yaml -o ./net.yaml --format txt",
            "the report would be written over the design net.yaml; give it another name.",
        ),
        ("net.yaml -o none/a.pdf", "none/a.pdf cannot be written: No such file or directory."),
    ],
)
def test_bad_input(run: Run, words: str, sentence: str) -> None:
    before = sorted(Path().rglob("*"))
    assert run("report", *words.split(" ")) == Outcome(2, "", f"cnnstudio: {sentence}\n")
    assert sorted(Path().rglob("*")) == before


def test_bad_epoch(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    done = run("report", "net.yaml", "-o", "a.txt")
    assert done.err == "cnnstudio: SOURCE_DATE_EPOCH is 'yesterday', which is not a number of seconds since 1970.\n"


def test_too_long_to_be_listed(run: Run) -> None:
    text = Path("net.yaml").read_text(encoding="utf-8").replace("repeat: 3", "repeat: 10000")
    inner = "  layers:\n  - {type: Block, name: more, repeat: 1000, layers: [{type: Identity}]}\n"
    Path("long.yaml").write_text(text.replace("  layers:\n", inner), encoding="utf-8")
    for form in ("csv", "json"):
        done = run("report", "long.yaml", "-o", f"long.{form}")
        assert (done.status, done.out) == (2, "")
        assert done.err.startswith("cnnstudio: long.yaml: the design expands to 10,010,004 layers")
        assert not Path(f"long.{form}").exists()
    assert run("report", "long.yaml", "-o", "long.html").status == 0


# What cannot be written


def test_an_old_report_stays_whole_where_the_new_one_cannot_be_made(run: Run) -> None:
    Path("a.csv").write_text("old", encoding="utf-8")
    assert run("report", "none.yaml", "-o", "a.csv").status == 2
    assert Path("a.csv").read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_failure_while_writing(run: Run, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    Path(f"a.{form}").write_text("old", encoding="utf-8")
    before = sorted(Path().iterdir())
    monkeypatch.setattr(os, "fsync", fail)
    done = run("report", "net.yaml", "-o", f"a.{form}")
    assert done == Outcome(2, "", f"cnnstudio: a.{form} cannot be written: Input/output error.\n")
    assert Path(f"a.{form}").read_text(encoding="utf-8") == "old"
    assert sorted(Path().iterdir()) == before


def test_full_disk(tmp_path: Path) -> None:
    body = (
        "from cnnstudio.cli import main\n"
        "sys.stderr = sys.stdout\n"
        "print(main(['report', 'resnet-152', '--expand', '-o', str(target.with_name('a.html'))]))\n"
        "print(os.listdir(target.parent))\n"
    )
    path = tmp_path / "a.html"
    assert run_on_full_disk(body, tmp_path).splitlines() == [
        f"cnnstudio: {path} cannot be written: No space left on device.",
        "2",
        "[]",
    ]


def test_interrupted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = sorted(Path().iterdir())
    monkeypatch.setattr(os, "fsync", interrupt)
    assert run("report", "net.yaml", "alexnet", "-o", "{name}.html") == Outcome(130, "", "")
    assert sorted(Path().iterdir()) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("form", ["txt", "pdf"])
def test_standard_output_that_is_full(form: str) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "cnnstudio", "report", "alexnet", "-o", "-", "--format", form]
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "cnnstudio: the output cannot be written: No space left on device.\n"


def test_a_terminal_is_spared_a_pdf() -> None:
    received = on_a_terminal("report", "alexnet", "-o", "-", "--format", "pdf")
    assert received == "cnnstudio: a terminal cannot show PDF; send it to a file or a program.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("-o a.pdf --fragment", "--fragment is for LaTeX; name reports that end in .tex."),
        (
            "-o a.tex --fragment --parts totals",
            "--fragment holds tables and the diagram; name only table, kinds, stages or diagram.",
        ),
        (
            "-o a.tex --fragment --parts totals,table",
            "--fragment holds tables and the diagram; name only table, kinds, stages or diagram.",
        ),
        ("-o a.tex --fragment --log", "there is no chart in this report."),
        ("-o a.tex --fragment --paper letter", "--paper is for PDF and LaTeX."),
        ("-o a.tex --fragment --date", "CSV, TSV and --fragment have no date."),
        ("-o a.csv --date", "CSV, TSV and --fragment have no date."),
        ("-o a.tex --fragment --working", "--fragment and a worksheet have no working; a worksheet's --key has."),
        (
            "-o a.html --worksheet output --working",
            "--fragment and a worksheet have no working; a worksheet's --key has.",
        ),
        ("-o a.json --title X", "CSV, TSV and JSON have no title."),
        ("-o a.csv --parts totals", "--parts is for reports that are read; data are the table alone."),
        ("-o a.md --theme dark", "--theme is for web pages; name a report that ends in .html."),
        ("-o a.csv --paper letter", "--paper is for PDF and LaTeX."),
        ("-o a.md --parts table --log", "there is no chart in this report."),
        ("-o a.csv --diagram", "there is no diagram in this report."),
        ("-o a.csv --working", "CSV and TSV have no working."),
        ("-o a.json --columns layer", "JSON has every quantity, not columns."),
        (
            "-o a.md --given layer",
            "--given names what a worksheet gives, and needs --worksheet with the blank columns.",
        ),
    ],
)
def test_what_cannot_be_done_is_refused(run: Run, words: str, sentence: str) -> None:
    done = run("report", "net.yaml", *words.split())
    assert (done.status, done.err) == (2, f"cnnstudio: {sentence}\n")


def test_a_fragment_holds_the_diagram_that_is_asked_for(run: Run) -> None:
    run("report", "net.yaml", "-o", "a.tex", "--fragment", "--parts", "diagram")
    text = Path("a.tex").read_text(encoding="utf-8")
    assert r"\begin{tikzpicture}" in text
    assert r"\documentclass" not in text
