"""The statements of a text, without trusting its nesting."""

from __future__ import annotations

import ast
import re
import warnings

from cnnstudio.formats.source.language.values import NotFollowed

MAX_NESTING = 100
_OF_PYTHON_2 = re.compile(
    r"^([ \t]*)(print(?:[ \t]+(?![(=])[^\n]*)?|except [\w.() ,]+,[ \t]*\w+[ \t]*:)[ \t]*$", re.MULTILINE
)
"""Lines that only Python 2 takes: print without parentheses, and `except Error, name:`."""
_ASYNC = re.compile(r"\basync[ \t]*=(?!=)")
OPENING, CLOSING = "([{", ")]}"
_BRACKETS = re.compile(r"[\[({})\]]")
_SIGNS = re.compile(rf"(?:[-~+] *){{{MAX_NESTING + 1}}}")
_KEPT = "_walked"


def parse(text: str, offset: int = 0) -> ast.Module:
    """The statements of a text. Raises NotFollowed with the line, if it is no Python or nested too deeply."""
    _refuse_nesting(text)
    with warnings.catch_warnings():
        # Python warns of odd escapes in code, and this code is the user's.
        warnings.simplefilter("ignore")
        try:
            tree = _parsed(text)
        except SyntaxError as error:
            raise NotFollowed(f"is no Python: {error.msg}.", (error.lineno or 0) + offset) from None
        except (ValueError, RecursionError, MemoryError):
            raise NotFollowed("is no Python that can be read.", offset) from None
    if offset:
        ast.increment_lineno(tree, offset)
    return tree


def _parsed(text: str) -> ast.Module:
    """The statements; of a text of older Pythons, with print, except and `async` as this one has them."""
    try:
        return ast.parse(text)
    except SyntaxError:
        newer = _OF_PYTHON_2.sub(lambda found: _newer(found[1], found[2]), text)
        # PyTorch's own `cuda(async=True)` was a name until Python 3.7.
        newer = _ASYNC.sub("async_=", newer)
        if newer == text:
            raise
        try:
            return ast.parse(newer)
        except SyntaxError:
            pass
        raise


def _newer(indent: str, words: str) -> str:
    if words.startswith("except"):
        return f"{indent}{words.replace(',', ' as', 1) if '(' not in words else words.replace('),', ') as', 1)}"
    said = words.removeprefix("print").strip()
    if said.startswith(">>"):
        said = said.partition(",")[2].strip()
    return f"{indent}print({said.removesuffix(',')})"


def walked(node: ast.AST) -> list[ast.AST]:
    """A node and all below it, as `ast.walk` gives them; kept for files, functions and classes."""
    kept = vars(node)
    if _KEPT in kept:
        found: list[ast.AST] = kept[_KEPT]
        return found
    nodes = [node]
    for each in nodes:
        for name in each._fields:
            value = getattr(each, name, None)
            if isinstance(value, list):
                nodes += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST) and name != "ctx":
                nodes.append(value)
    if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)):
        kept[_KEPT] = nodes
    return nodes


def _refuse_nesting(text: str) -> None:
    """Refuses brackets and signs that are nested more deeply than the parser's own stack should bear."""
    depth = 0
    deepest = 0
    for sign in _BRACKETS.findall(text):
        depth = depth + 1 if sign in OPENING else max(0, depth - 1)
        deepest = max(deepest, depth)
    if deepest > MAX_NESTING or _SIGNS.search(text):
        raise NotFollowed(f"nests its brackets more than {MAX_NESTING} deep, and so deep is not followed.")
