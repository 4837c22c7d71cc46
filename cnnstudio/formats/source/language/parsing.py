"""The statements of a text, without trusting its nesting."""

from __future__ import annotations

import ast
import warnings

from cnnstudio.formats.source.language.values import NotFollowed

MAX_NESTING = 100
OPENING, CLOSING = "([{", ")]}"


def parse(text: str, offset: int = 0) -> ast.Module:
    """The statements of a text. Raises NotFollowed with the line, if it is no Python or nested too deeply."""
    _refuse_nesting(text)
    with warnings.catch_warnings():
        # Python warns of odd escapes in code, and this code is the user's.
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(text)
        except SyntaxError as error:
            raise NotFollowed(f"is no Python: {error.msg}.", (error.lineno or 0) + offset) from None
        except (ValueError, RecursionError, MemoryError):
            raise NotFollowed("is no Python that can be read.", offset) from None
    if offset:
        ast.increment_lineno(tree, offset)
    return tree


def _refuse_nesting(text: str) -> None:
    """Refuses brackets and signs that are nested more deeply than the parser's own stack should bear."""
    depth = run = 0
    for sign in text:
        if sign in OPENING:
            depth += 1
        elif sign in CLOSING:
            depth = max(0, depth - 1)
        run = run + 1 if sign in "-~+" else run if sign == " " else 0
        if depth > MAX_NESTING or run > MAX_NESTING:
            raise NotFollowed(f"nests its brackets more than {MAX_NESTING} deep, and so deep is not followed.")
