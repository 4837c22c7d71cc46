"""The manual: every link leads somewhere, and every layer, command, number and problem is told of."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from cnnstudio.app.window.guidance.shortcuts_page import shortcuts_page
from cnnstudio.cli.commands import COMMANDS
from cnnstudio.cli.help_pages import command_pages
from cnnstudio.core.counting.quantities import QUANTITIES
from cnnstudio.core.network.fields import fields_of
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.layers import PALETTE
from cnnstudio.manual.contents import Manual
from cnnstudio.manual.linking import linked
from cnnstudio.manual.page import Page, anchor_of, lines_of
from cnnstudio.manual.specimens import row_of, specimen
from tests.places import ROOT

pytestmark = pytest.mark.usefixtures("qapp")  # Qt's usual keys are those of a system that it runs on
LINK: Final = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")
RAISED: Final = {"Remark": 0, "Refusal": 0, "Problem": 2}
"""The calls that tell of a problem, and the place of its rule among their arguments."""


@cache
def manual() -> Manual:
    """The manual as the window shows it."""
    return Manual(command_pages(), (shortcuts_page(),))


def faults_of(page: Page) -> list[str]:
    """The links of a page that lead nowhere."""
    text = "\n".join(line for line, is_code in lines_of(manual().text(page)) if not is_code)
    return [link for mark, link in LINK.findall(text) if not leads_somewhere(page, link, is_picture=bool(mark))]


def leads_somewhere(page: Page, link: str, *, is_picture: bool) -> bool:
    path, anchor = page.target(link)
    if is_picture:
        return manual().picture(path) is not None
    target = manual().page(path)
    return link.startswith("https://") or (target is not None and (not anchor or anchor in target.anchors))


def test_every_link_of_every_page_leads_somewhere() -> None:
    faults = {page.path: faults for page in manual().pages if (faults := faults_of(page))}
    assert faults == {}


def test_a_link_that_leads_nowhere_is_found() -> None:
    page = Page("a/b.md", "B", "", lambda: "# B\n[x](../memory.md#nowhere) [y](c.md) ![z](../pictures/no.png)\n")
    assert faults_of(page) == ["../memory.md#nowhere", "c.md", "../pictures/no.png"]


def test_paths_and_titles_are_unique_and_pages_begin_with_their_title() -> None:
    paths = [page.path for page in manual().pages]
    assert len(set(paths)) == len(paths)
    for page in manual().pages:
        assert page.text.startswith(f"# {page.title}\n"), page.path


def test_every_page_of_docs_is_in_the_manual() -> None:
    docs = ROOT / "docs"
    written = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    assert written - {page.path for page in manual().pages} == set()


@pytest.mark.parametrize("kind", PALETTE, ids=lambda kind: kind.__name__)
def test_every_layer_type_has_a_page_with_its_fields_formula_source_and_picture(kind: type[Layer]) -> None:
    page = manual().page(f"layers/{kind.__name__}.md")
    assert page is not None
    row = row_of(specimen(kind.__name__))
    assert row.counts is not None
    common = manual().page("layers/README.md")
    assert common is not None
    for field in fields_of(kind):
        assert f"| `{field.name}` |" in page.text + common.text
    assert "Source: " in page.text
    picture = manual().picture(f"layers/{kind.__name__}.svg")
    assert picture is not None
    assert kind.__name__.encode() in picture


def test_a_page_of_a_layer_says_what_was_counted() -> None:
    page = manual().page("layers/Conv2D.md")
    assert page is not None
    assert "| parameters | `(K_h · K_w · C + 1) · N` | `(3 × 3 × 32 + 1) × 64` | 18,496 |" in page.text


def test_every_command_option_number_and_design_is_told_of() -> None:
    for name in COMMANDS:
        page = manual().page(f"commands/{name}.md")
        assert page is not None
        assert f"cnnstudio {name} [options]" in page.text
        assert "| `-h, --help` |" in page.text
    numbers = manual().page("reference/numbers.md")
    designs = manual().page("reference/designs.md")
    assert numbers is not None
    assert designs is not None
    assert [quantity.key for quantity in QUANTITIES if f"| `{quantity.key}` |" not in numbers.text] == []
    assert [stem for stem in builtin_paths() if f"| `{stem}` |" not in designs.text] == []


def rules_of(path: Path) -> set[str]:
    """The names of the problems that a module tells of."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED:
            rule = node.args[RAISED[node.func.id]]
            found |= {rule.value} if isinstance(rule, ast.Constant) and isinstance(rule.value, str) else set()
    return found


def test_every_problem_has_a_place_in_the_page_of_problems() -> None:
    rules = set[str]().union(*(rules_of(path) for path in (ROOT / "cnnstudio").rglob("*.py")))
    assert {"window", "merge", "missing-input", "empty"} <= rules
    page = manual().page("problems.md")
    assert page is not None
    # What is missing here needs a heading of its name in docs/problems.md that says why, and what to do.
    assert rules - page.anchors == set()


def test_names_become_links_but_not_in_code_headings_and_links() -> None:
    text = "# `Conv2D`\n\n`Conv2D`, `cnnstudio memory x`, *Numbers*, [`Conv2D`](x.md), `conv`\n\n```\n`Conv2D`\n```\n"
    page = Page("a/b.md", "B", "", lambda: text)
    paths = {"Conv2D": "layers/Conv2D.md", "cnnstudio memory": "commands/memory.md", "Numbers": "reference/numbers.md"}
    assert linked(page, paths) == (
        "# `Conv2D`\n\n[`Conv2D`](../layers/Conv2D.md), [`cnnstudio memory x`](../commands/memory.md), "
        "[*Numbers*](../reference/numbers.md), [`Conv2D`](x.md), `conv`\n\n```\n`Conv2D`\n```\n"
    )


def test_anchors_are_those_of_the_web() -> None:
    assert anchor_of("What is counted, and why: `same` padding?") == "what-is-counted-and-why-same-padding"


def test_pictures_outside_the_manual_are_not_read() -> None:
    assert manual().picture("../LICENSE") is None
    assert manual().picture(str(ROOT / "LICENSE")) is None
