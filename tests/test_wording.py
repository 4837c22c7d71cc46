"""The house style that a machine can check: names, docstrings and sources."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Final

import pytest

from cnnstudio.layers import PALETTE
from tests.places import ROOT

FOLDERS: Final = ("cnnstudio", "tests", "packaging")
LIMITS: Final = "MOST LARGEST LONGEST TALLEST WIDEST FEWEST SMALLEST SHORTEST LEAST HIGHEST LOWEST NARROWEST DEEPEST"
"""Words for bounds in other dictionaries; here a bound is MAX_ or MIN_."""
QUESTIONS: Final = frozenset({"What", "How", "Whether", "Where", "Which", "Who", "Why", "When"})
"""First words of docstrings that ask instead of saying what a thing is or does."""
SAYS_RAISES: Final = re.compile(r"\b[Rr]aises?\b|\b[A-Z]\w*Error\b")


@cache
def parsed() -> dict[str, ast.Module]:
    """Every Python file of the repository by its path, parsed."""
    paths = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


@cache
def nodes() -> list[tuple[str, ast.AST]]:
    """The nodes that bind names or have docstrings, with their places."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.arg, ast.Name, ast.Assign)
    return [
        (f"{path}:{getattr(node, 'lineno', 1)}", node)
        for path, tree in parsed().items()
        for node in ast.walk(tree)
        if isinstance(node, kinds) and not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    ]


def bound_names() -> Iterator[tuple[str, str]]:
    """Every name that something is bound to: variables, parameters, attributes of classes."""
    for place, node in nodes():
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield place, node.id
        elif isinstance(node, ast.arg):
            yield place, node.arg


def docstrings() -> Iterator[tuple[str, str]]:
    """The docstrings of modules, classes and functions, and those below constants."""
    for place, node in nodes():
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and (text := ast.get_docstring(node)):
            yield place, text
        for before, after in pairwise(body):
            if isinstance(before, (ast.Assign, ast.AnnAssign)) and isinstance(after, ast.Expr):
                value = after.value
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield place.rsplit(":", 1)[0] + f":{after.lineno}", value.value


def raised(function: ast.AST) -> Iterator[str]:
    """The names of the public errors that a function itself raises, not those of functions inside it."""
    for child in ast.iter_child_nodes(function):
        if isinstance(child, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            continue
        if isinstance(child, ast.Raise) and child.exc is not None:
            made = child.exc.func if isinstance(child.exc, ast.Call) else child.exc
            name = ast.unparse(made).rsplit(".", 1)[-1]
            if not name.startswith("_"):
                yield name
        yield from raised(child)


def says_raises(place: str, text: str) -> bool:
    """True if a docstring, or that of a package around it, says what is raised."""
    path = place.split(":")[0]
    parts = path.split("/")
    around = ["/".join((*parts[:depth], "__init__.py")) for depth in range(1, len(parts))]
    texts = [ast.get_docstring(parsed()[name]) or "" for name in around if name in parsed()]
    return any(SAYS_RAISES.search(said) for said in (text, *texts))


def test_bounds_are_called_max_or_min() -> None:
    words = frozenset(LIMITS.split())
    assert [place for place, name in bound_names() if name.isupper() and words.intersection(name.split("_"))] == []


def test_signals_that_ask_are_called_requested() -> None:
    made = [
        (place, target.id)
        for place, node in nodes()
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "Signal"
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    assert len(made) > 50, "the signals of the window are found"
    assert [(place, name) for place, name in made if name.endswith("_wanted")] == []


def test_variables_are_called_by_a_noun() -> None:
    assert [place for place, name in bound_names() if name == "one"] == []


def test_docstrings_say_what_a_thing_is_or_does() -> None:
    asking = [(place, text[:60]) for place, text in docstrings() if text.split(maxsplit=1)[0].strip(",") in QUESTIONS]
    assert asking == []


def test_public_docstrings_say_what_is_raised() -> None:
    silent = [
        (place, node.name)
        for place, node in nodes()
        if place.startswith("cnnstudio/") and isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if (text := ast.get_docstring(node)) and (names := set(raised(node)))
        if not any(name in text for name in names) and not says_raises(place, text)
    ]
    assert silent == []


@pytest.mark.parametrize("layer_type", PALETTE, ids=lambda layer_type: layer_type.__name__)
def test_layer_types_cite_their_source(layer_type: type) -> None:
    texts = [parent.__doc__ or "" for parent in layer_type.__mro__]
    assert any(re.search(r"\bSource: \S|\bet al\. (19|20)\d\d", text) for text in texts)
