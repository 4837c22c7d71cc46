"""Texts in the window can be translated: whatever is written for people in a module that knows Qt goes through `tr`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.places import ROOT

TRANSLATORS: Final = frozenset({"tr", "translate", "QT_TRANSLATE_NOOP", "words"})
WIDGETS: Final = frozenset({"QLabel", "QPushButton", "QAction", "QCheckBox", "QGroupBox", "QRadioButton"})
SHOWING: Final = re.compile(
    r"set\w*(Text|Tip|Title|Name|Description|Html|Prefix|Suffix)|add(Action|Row|Tab|Item)|warn|ask"
)
REFUSALS: Final = frozenset({"EditError"})
SENTENCE: Final = re.compile(r"[A-Za-z]{2,} [a-z]{2,}|^[A-Z][a-z]{2,}…?$")
MARKUP: Final = re.compile(r"<[^>]*>?|[\w-]+=|&\w+;|;[ \w-]+:.*")


def called(call: ast.Call) -> str:
    """The name of what is called."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def untranslated(node: ast.AST) -> Iterator[ast.Constant]:
    """The texts in a node that are in no call of a translator."""
    if isinstance(node, ast.Call) and called(node) in TRANSLATORS:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from untranslated(child)


def shown(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of what is shown: arguments of widgets and setters, refusals of edits, and texts that are returned."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant | ast.JoinedStr | ast.IfExp):
            yield node.value
        elif isinstance(node, ast.Call):
            name = called(node)
            if name in WIDGETS or name in REFUSALS or SHOWING.fullmatch(name):
                yield from node.args


def faults(source: str) -> list[str]:
    """The texts for people that nobody could translate, each with its line."""
    texts = [text for node in shown(ast.parse(source)) for text in untranslated(node)]
    read = [(text.lineno, MARKUP.sub("", str(text.value))) for text in texts]
    return [f"{line}: {text}" for line, text in read if SENTENCE.search(text) and text.strip(" —[*]") != "CNN Studio"]


@pytest.mark.parametrize(
    ("source", "number"),
    [
        ('label.setText("Not so")', 1),
        ('QLabel(f"{name} is missing")', 1),
        ('def text(): return f"{name} is missing"', 1),
        ('QLabel(self.tr("Not so"))', 0),
        ("label.setText(f\"<td style='color: red'>{name}</td>\")", 0),
        ('icon("folder-open", theme)', 0),
    ],
)
def test_texts_that_nobody_could_translate_are_found(source: str, number: int) -> None:
    assert len(faults(source)) == number


def test_every_text_in_the_window_can_be_translated() -> None:
    found: dict[str, list[str]] = {}
    for path in sorted(Path(ROOT / "cnnstudio" / "app").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "from PySide6" in source and (texts := faults(source)):
            found[path.relative_to(ROOT).as_posix()] = texts
    assert found == {}
