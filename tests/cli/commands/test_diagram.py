"""`cnnstudio diagram`: files of every kind, texts that are texts, and one sentence for what cannot be."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cnnstudio import cli
from tests.cli.conftest import Run
from tests.places import ROOT
from tests.svg import texts


def bare(*words: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own that knows of no display."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    return subprocess.run(
        [sys.executable, "-m", "cnnstudio", "diagram", *words],
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_file_the_svg_is_printed(run: Run) -> None:
    outcome = run("diagram", "net.yaml")
    assert (outcome.status, outcome.err) == (0, "")
    said = texts(outcome.out)
    assert {"image", "conv", "stage", "inner", "× 3", "fc", "4 × 6 × 6"} <= set(said)


def test_labels_of_volumes_are_written_anew(run: Run) -> None:
    words = ("--style", "volumes", "--label", r"conv=first\nlayer", "--label", "stage/inner=a = b")
    said = texts(run("diagram", "net.yaml", *words).out)
    assert {"first", "layer", "a = b", "stage × 3"} <= set(said)
    assert not {"conv", "inner"} & set(said)


def test_rows_of_volumes_wrap(run: Run) -> None:
    widths = []
    for words in ((), ("--wrap", "700")):
        svg = run("diagram", "vgg-16", "--style", "volumes", "--no-legend", *words).out
        widths.append(float(ElementTree.fromstring(svg).attrib["width"]))
    assert widths[0] > 1500
    assert widths[1] <= 700


def test_rows_that_cannot_be_so_narrow_are_refused(run: Run) -> None:
    done = run("diagram", "u-net", "--style", "volumes", "--wrap", "600")
    assert (done.status, done.out) == (2, "")
    assert "--wrap 600 is too narrow: the narrowest rows have 2,479 pixels" in done.err


def test_a_legend_stands_below_unless_it_is_not_wanted(run: Run) -> None:
    assert texts(run("diagram", "net.yaml").out)[-1] == "Structure"
    assert "Structure" not in texts(run("diagram", "net.yaml", "--no-legend").out)


def test_folded_volumes_in_keras_order_on_a_dark_ground(run: Run) -> None:
    run("diagram", "net.yaml", "-o", "net.svg", "--fold", "--style", "volumes", "--dark", "--convention", "keras")
    svg = Path("net.svg").read_text(encoding="utf-8")
    assert {"stage × 3", "6 × 6 × 4"} <= set(texts(svg))
    assert "inner" not in texts(svg)
    assert "#1b1e22" in svg


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["net.yaml", "-o", "a.jpg"], "a diagram cannot be saved as '.jpg'. Use one of .svg, .png, .pdf, .tex."),
        (["net.yaml", "-o", "a"], "'a' has no suffix; give it one of .svg, .png, .pdf, .tex."),
        (["net.yaml", "-o", "none/a.svg"], "none/a.svg cannot be written: there is no folder 'none'."),
        (["net.yaml", "--style", "box"], "there is no style 'box'. Did you mean 'boxes'?"),
        (["net.yaml", "--direction", "up"], "there is no direction 'up'. There are: down, right."),
        (["net.yaml", "--label", "conv=x"], "--label is for volumes; add `--style volumes`."),
        (
            ["net.yaml", "--style", "volumes", "--label", "cnv=x"],
            "net.yaml: there is no layer 'cnv'. Did you mean 'conv'?",
        ),
        (["net.yaml", "--style", "volumes", "--label", "conv"], "--label needs LAYER=TEXT, and received 'conv'."),
        (
            ["net.yaml", "--wrap", "1e3"],
            "--wrap needs a whole number of pixels from 100 to 100,000, and",
        ),
        (["net.yaml", "--fold", "--unfold"], "argument --unfold: not allowed with argument --fold."),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(run: Run, words: list[str], sentence: str) -> None:
    outcome = run("diagram", *words)
    assert outcome.status == 2
    assert outcome.out == ""
    assert outcome.err.startswith(f"cnnstudio: {sentence}")
    assert outcome.err.count("\n") == 1


def test_a_folder_is_not_replaced_by_a_file(run: Run) -> None:
    Path("folder.svg").mkdir()
    outcome = run("diagram", "net.yaml", "-o", "folder.svg")
    assert (outcome.status, outcome.err) == (
        2,
        "cnnstudio: -o needs the name of a file, and received 'folder.svg', which is that of a folder.\n",
    )
    assert [path.name for path in Path.cwd().iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("style", ["boxes", "volumes"])
def test_png_without_a_display(tmp_path: Path, style: str) -> None:
    target = tmp_path / "net.png"
    outcome = bare("alexnet", "--style", style, "-o", str(target))
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")
    content = target.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    assert min(width, height) > 300


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext reads the file back")
@pytest.mark.parametrize("style", ["boxes", "volumes"])
def test_pdf_without_a_display_holds_texts_as_texts_on_one_page(tmp_path: Path, style: str) -> None:
    target = tmp_path / "net.pdf"
    outcome = bare("resnet-18", "--style", style, "-o", str(target))
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")
    read = subprocess.run(["pdftotext", "-layout", str(target), "-"], capture_output=True, text=True, check=True).stdout
    assert {"conv1", "downsample", "512", "avgpool"} <= set(read.split())
    assert "64 × 112 × 112" in read
    assert read.count("\f") == 1


def test_svg_is_made_without_qt(tmp_path: Path) -> None:
    code = (
        "import sys; from cnnstudio.cli import main; "
        f"main(['diagram', 'alexnet', '-o', {str(tmp_path / 'a.svg')!r}]); "
        "sys.exit(any(name.split('.')[0] in ('PySide6', 'numpy', 'pyqtgraph') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_help_names_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    assert "diagram FILE" in capsys.readouterr().out


def test_rows_of_boxes_cannot_be_wrapped(run: Run) -> None:
    done = run("diagram", "net.yaml", "--wrap", "400")
    assert (done.status, done.out) == (2, "")
    assert "--wrap is for rows of volumes" in done.err


def test_a_picture_for_latex(run: Run) -> None:
    assert run("diagram", "net.yaml", "-o", "net.tex").status == 0
    text = Path("net.tex").read_text(encoding="utf-8")
    assert r"\documentclass[border=4pt]{standalone}" in text
    assert r"\begin{tikzpicture}" in text
    assert run("diagram", "net.yaml", "-o", "part.tex", "--fragment").status == 0
    assert r"\documentclass" not in Path("part.tex").read_text(encoding="utf-8")
    assert run("diagram", "net.yaml", "--fragment").status == 2
