"""The one visible table of operations: the name in ONNX, and the rule that says what it is."""

from __future__ import annotations

from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.tracing import (
    dense,
    elementwise,
    general,
    norms,
    parts,
    pytorch,
    recurrent,
    shaping,
    windows,
)
from cnnstudio.formats.foreign.tracing.attention import rules as attention
from cnnstudio.formats.foreign.tracing.constants import ARITHMETIC
from cnnstudio.formats.foreign.tracing.graph import Graph
from cnnstudio.formats.foreign.tracing.tracer import Rule, Tracer

_ALL: dict[str, Rule] = {
    **elementwise.RULES,
    **windows.RULES,
    **dense.RULES,
    **norms.RULES,
    **shaping.RULES,
    **parts.RULES,
    **general.RULES,
    **pytorch.RULES,
    **recurrent.RULES,
    **attention.RULES,
}
RULES: dict[str, Rule] = {kind: general.folding(rule) if kind in ARITHMETIC else rule for kind, rule in _ALL.items()}
"""Every operation that is known; the others become placeholders where the file states their shapes."""


def tracer_of(graph: Graph, draft: Draft) -> Tracer:
    """A tracer that knows every rule."""
    return Tracer(graph, draft, RULES, general.fallback)


def trace(graph: Graph, draft: Draft, input_size: tuple[int, ...] | None) -> None:
    """Adds the layers of a graph to a draft; NotUnderstood if a shape in it cannot be told."""
    tracer_of(graph, draft).run(input_size)
