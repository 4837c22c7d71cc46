"""Networks of keras.applications by name: they are followed in a source of the studio's own, which equals Keras'."""

from __future__ import annotations

import ast
from functools import cache
from typing import Any

from cnnstudio import resources
from cnnstudio.formats.source.keras.layers import KerasLayer
from cnnstudio.formats.source.language.statements import Statements
from cnnstudio.formats.source.language.values import Foreign, Function, NotFollowed, Raised, Scope, Unknown

_NAMES = {"keras": "keras", "layers": "keras.layers", "math": "math"}


@cache
def _body() -> list[ast.stmt]:
    """The statements of the source, without those that import."""
    text = resources.path("applications", "keras_networks.txt").read_text(encoding="utf-8")
    return [item for item in ast.parse(text).body if not isinstance(item, (ast.Import, ast.ImportFrom))]


def names() -> list[str]:
    """The networks that can be had."""
    return [item.name for item in _body() if isinstance(item, ast.FunctionDef) and item.name[:1] != "_"]


def make(host: Any, bare: str, given: list[Any], named: dict[str, Any]) -> Any:
    """A network by its function's name; Unknown for one that is not there. Raises NotFollowed if it cannot be made."""
    if bare not in names():
        return Unknown(f"Keras' {bare}, which is not read")
    if host.is_first:
        raise NotFollowed(f"makes {bare} with the channels first, which is not read.")
    core = host.core
    line, first, count = core.line, len(host.draft.steps), len(core.notes)
    try:
        made = core.call(_function(host, bare), given, named)
    except (NotFollowed, Raised) as error:
        error.line = line
        raise
    finally:
        core.line = line
        del core.notes[count:]
    for step in range(first, len(host.draft.steps)):
        host.steps.lines[step] = line
        if isinstance(host.steps.owners.get(step), KerasLayer):
            host.steps.owners[step].line = line
    made.line = line
    return made


def _function(host: Any, bare: str) -> Function:
    """The function of a program, in which the source is followed when it is first asked for."""
    if host.applications is None:
        assert isinstance(host.core, Statements)
        host.applications = Scope({name: Foreign(full) for name, full in _NAMES.items()})
        host.core.run_module(_body(), host.applications)
    found = host.applications.names[bare]
    assert isinstance(found, Function)
    return found
