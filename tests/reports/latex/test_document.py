"""LaTeX: balanced, harmless, with the numbers in it, and compiled by whatever TeX there is."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.columns import COLUMN, SUMMARY_COLUMNS
from cnnstudio.core.network.design import Design
from cnnstudio.drawings.colours import LIGHT_PAGE
from cnnstudio.drawings.diagram import Style
from cnnstudio.drawings.diagram.drawing import Text
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.structure import Input
from cnnstudio.reports.content.manuscript import Figure, Manuscript, Page, Table
from cnnstudio.reports.latex.document import latex_document
from cnnstudio.reports.latex.escaping import latex_words
from tests.examples import share
from tests.golden import Golden
from tests.hostile import NAMES, renamed
from tests.networks import builtin
from tests.reports.latex.engines import ENGINES, compiled
from tests.reports.samples import DESIGNS, SUMMED, columns, faulty, named, plain, with_working, worksheet
from tests.strategies import designs

FRAGMENT = Page(is_fragment=True)


def table_rows(text: str) -> list[list[str]]:
    """The cells of every line of the layer table."""
    body = text.partition(r"\midrule")[2].partition(r"\bottomrule\n\end")[0].partition(r"\end{")[0]
    lines = [line for line in body.splitlines() if line.endswith(r"\\")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)&", line.removesuffix(r"\\"))] for line in lines]


def number(cell: str) -> int:
    """The number in a cell."""
    return int(re.sub(r"\\textbf|[{},]", "", cell).strip())


# Numbers


@pytest.mark.parametrize("name", DESIGNS)
def test_columns_add_up_to_the_totals(name: str) -> None:
    analysis = builtin(name)
    *rows, total = table_rows(latex_document(plain(analysis, page=FRAGMENT)))
    for place, key in enumerate(SUMMARY_COLUMNS):
        if key in SUMMED:
            outer = [row for row in rows if r"\hspace*{" not in row[0]]
            assert sum(number(row[place]) for row in outer) == number(total[place]) == getattr(analysis.totals, key)


def test_every_cell_is_that_of_the_screen() -> None:
    analysis = builtin("lenet-5")
    rows = table_rows(latex_document(plain(analysis, page=FRAGMENT)))[:-1]
    for cells, row in zip(rows, analysis.rows, strict=True):
        expected = [latex_words(COLUMN[key].cell(row, analysis), breaks=True) for key in SUMMARY_COLUMNS]
        assert [cells[0].removeprefix("{}"), *cells[1:]] == expected


def test_working_is_in_math() -> None:
    text = latex_document(with_working(builtin("alexnet")))
    assert r"N = \left(11 \times 11 \times 3 + 1\right) \times 96 = \mathbf{34{,}944}$" in text
    assert r"\left\lfloor \frac{I_{h} - K_{h} + 2 \cdot P_{h}}{S_{h}} \right\rfloor + 1" in text


def test_long_table_repeats_its_header_and_a_short_one_stays_together() -> None:
    assert r"\endhead" in latex_document(plain(builtin("resnet-50")))
    short = latex_document(plain(builtin("lenet-5")))
    assert r"\endhead" not in short
    assert short.count(r"\begin{tabular}") == 1


def test_a_fragment_has_plain_tabulars_that_a_narrow_column_holds() -> None:
    text = latex_document(plain(builtin("resnet-50"), page=FRAGMENT))
    assert "longtable" not in text
    assert text.count(r"\noindent\fitted{%") == text.count(r"\begin{tabular}") == 1


def test_paper_and_orientation() -> None:
    assert "letterpaper" in latex_document(plain(builtin("lenet-5"), page=Page(paper="letter")))
    wide = latex_document(plain(builtin("lenet-5"), columns=columns(*list(COLUMN)[:16])))
    assert "a4paper" in wide
    assert "landscape" in wide


def test_worksheet_has_rules_to_write_on_and_no_answer() -> None:
    text = latex_document(worksheet(builtin("alexnet"), "parameters", "output"))
    assert text.count(r"\toanswer") == 1 + 2 * 14 + 1
    assert "34,944" not in text
    assert r"55 \ensuremath" not in text


def test_chart_has_a_bar_for_each_layer_with_parameters() -> None:
    text = latex_document(plain(builtin("alexnet")))
    picture = text.partition(r"\begin{tikzpicture}")[2].partition(r"\end{tikzpicture}")[0]
    bars = [float(width) for width in re.findall(r"\\fill\[[^]]*\] \(0\.000,[^)]*\) rectangle \(([\d.]+),", picture)]
    values = [row.parameters or 0 for row in builtin("alexnet").rows if row.parameters]
    assert len(bars) == len(values) == 8
    assert [bar / max(bars) for bar in bars] == pytest.approx([value / max(values) for value in values], abs=0.002)


def test_golden(golden: Golden) -> None:
    text = latex_document(with_working(builtin("lenet-5")))
    golden("report-lenet-5.tex", re.sub(r"CNN Studio [\d.]+,", "CNN Studio VERSION,", text))


# Words


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("conv_1 & 50 %", r"conv\_1 \& 50 \%"),
        (r"\input{x}", r"\textbackslash{}input\{x\}"),
        ("a--b---c", "a-{}-b-{}-{}-c"),
        ("two  spaces", r"two \ spaces"),
        ("3 × 5 ≥ γ", r"3 \ensuremath{\times} 5 \ensuremath{\geq} \ensuremath{\gamma}"),
        ("Größe Čapek", "Größe Čapek"),
        ("😀", r'\anyletters{😀}{[U+1F600]}{"1F600}'),
        ("שלום עולם", r"\rightleft{שלום עולם}{[U+05E9 "),
        ("𝕳𝖎", r'\anyletters{𝕳𝖎}{Hi}{"1D573,"1D58E}'),
        ("|<>'\"`", r"\textbar{}\textless{}\textgreater{}\textquotesingle{}\textquotedbl{}\textasciigrave{}"),
    ],
)
def test_words(text: str, latex: str) -> None:
    assert latex_words(text).startswith(latex)


def test_long_words_may_be_broken() -> None:
    assert latex_words("n" * 30, breaks=True) == rf"{'n' * 12}\hspace{{0pt}}{'n' * 12}\hspace{{0pt}}{'n' * 6}"
    assert latex_words("n" * 30) == "n" * 30


def unbalanced(latex: str) -> int:
    """The number of braces that stay open; comments and escaped braces do not count."""
    bare = re.sub(r"\\[{}\\%]", "", re.sub(r"(?<!\\)%.*", "", latex))
    depth = 0
    for sign in bare:
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    return depth


def require_harmless(text: str, rows: int) -> None:
    """Braces and environments are balanced, no line of a table has more cells than fields."""
    assert unbalanced(text) == 0
    assert sorted(re.findall(r"\\begin\{(\w+)\}", text)) == sorted(re.findall(r"\\end\{(\w+)\}", text))
    assert {len(row) for row in table_rows(text)} == {len(SUMMARY_COLUMNS)}
    assert len(table_rows(text)) == rows + 1


@pytest.mark.parametrize("name", NAMES)
def test_names_do_nothing(name: str) -> None:
    text = latex_document(with_working(named(name, name)))
    body = text.partition(r"\begin{document}")[2]
    assert not re.search(r"\\(input|include|write|def|textbf\{x\})(?![a-z])", body)
    require_harmless(latex_document(plain(named(name), page=FRAGMENT)), 4)


@given(renamed(designs()))
@share(1 / 2)
def test_any_design_gives_balanced_latex(design: Design) -> None:
    analysis = analyze(design)
    assert unbalanced(latex_document(with_working(analysis))) == 0
    table = plain(analysis).parts(Table)[0]
    expected = len(table.lines) + (table.total is not None)
    assert len(table_rows(latex_document(plain(analysis, page=FRAGMENT)))) == expected


# Compiled


def hostile() -> Manuscript:
    """One network with every hostile name in it."""
    image = Input(name="image", size=(64, 64), channels=3)
    convs = tuple(Conv2D(name=name, filters=8, kernel_size=1, note=name) for name in NAMES)
    analysis = analyze(Design(name="".join(NAMES)[:200], note="\n".join(NAMES[:30]), layers=(image, *convs)))
    wanted = ("note", "totals", "table", "chart", "diagram", "problems")
    return with_working(analysis, columns=columns("layer", "type", "parameters", "note"), parts=wanted)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_number_is_in_the_compiled_document(engine: str, tmp_path: Path) -> None:
    analysis = builtin("alexnet")
    text = compiled(engine, latex_document(with_working(analysis)), tmp_path)
    for row in analysis.rows:
        for key in SUMMED:
            assert COLUMN[key].cell(row, analysis) in text
    assert "62,378,344" in text


def has_font(family: str) -> bool:
    """True if the machine has it, for engines that use the machine's fonts."""
    found = shutil.which("fc-list")
    return found is not None and family in subprocess.run([found, ":", "family"], capture_output=True, text=True).stdout


@pytest.mark.parametrize("count", [10, 16, len(COLUMN)])
def test_no_table_is_wider_than_its_page(count: int, tmp_path: Path) -> None:
    analysis = builtin("densenet-121")
    text = latex_document(plain(analysis, columns=columns(*list(COLUMN)[:count]), parts=("table",)))
    read = compiled("pdflatex", text, tmp_path)
    compiled("pdflatex", text, tmp_path)  # a long table knows its width the second time
    assert "Overfull \\hbox" not in (tmp_path / "report.log").read_text(encoding="utf-8", errors="replace")
    titles = [column.title for column in columns(*list(COLUMN)[:count])]
    assert all(word in read for title in titles for word in title.split())


@pytest.mark.parametrize("engine", ENGINES)
def test_hostile_names_compile(engine: str, tmp_path: Path) -> None:
    text = compiled(engine, latex_document(hostile()), tmp_path)
    assert r"=cmd|' /C calc'!A1" in text
    assert r"\n" in text
    if engine == "pdflatex":
        assert "[U+05E9 U+05DC U+05D5 U+05DD]" in text
    elif has_font("DejaVu Sans"):
        assert set("שלום") <= set(text)


@pytest.mark.parametrize("style", ["boxes", "volumes"])
def test_diagram_has_every_shape_and_compiles(style: Style, tmp_path: Path) -> None:
    analysis = builtin("alexnet")
    manuscript = plain(analysis, parts=("diagram",), diagram=style)
    (part,) = manuscript.parts(Figure)
    shapes = [shape for group in part.shapes(LIGHT_PAGE).groups for shape in group.shapes]
    text = latex_document(manuscript)
    assert text.count("\n\\node[") == sum(isinstance(shape, Text) for shape in shapes)
    assert text.count("\n\\path[") == sum(not isinstance(shape, Text) for shape in shapes)
    read = compiled("pdflatex", text, tmp_path)
    assert all(row.layer.name in read for row in analysis.rows[:5])


@pytest.mark.parametrize("make", ["fragment", "worksheet", "key", "faulty"])
def test_other_documents_compile(make: str, tmp_path: Path) -> None:
    analysis = builtin("resnet-18")
    texts = {
        "worksheet": latex_document(worksheet(analysis, "output", "parameters")),
        "key": latex_document(worksheet(analysis, "output", "parameters", has_answers=True)),
        "faulty": latex_document(with_working(faulty())),
        "fragment": "\n".join(
            [
                r"\documentclass{article}\usepackage{iftex}\usepackage[T1]{fontenc}",
                r"\usepackage{array,booktabs,longtable,xcolor}\begin{document}",
                latex_document(plain(analysis, page=FRAGMENT)),
                latex_document(plain(builtin("lenet-5"), page=FRAGMENT)),
                r"\end{document}",
            ]
        ),
    }
    text = compiled("pdflatex", texts[make], tmp_path)
    assert {"worksheet": "worksheet", "key": "11,689,512", "faulty": "at least 112", "fragment": "11,689,512"}[
        make
    ] in text
