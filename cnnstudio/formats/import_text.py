"""The report of an import as plain text."""

from __future__ import annotations

from collections.abc import Iterator

from cnnstudio.core.arithmetic.numerals import number_of
from cnnstudio.formats.import_report import ImportedNetwork, ImportReport

MAX_LISTED = 20
"""Layers left out that are named; the rest are counted."""


def import_text(report: ImportReport, source: str) -> str:
    """The facts read, assumed, replaced and left out, and the proof; one fact a line."""
    lines = [f"{source}: {report.producer or report.format} ({report.format})"]
    for network in report.networks:
        lines += _network(network)
    return "\n".join(lines) + "\n"


def _network(network: ImportedNetwork) -> Iterator[str]:
    inputs = ", ".join(" × ".join(map(str, shape)) for shape in network.input_shapes)
    yield f"  network    {network.name}, input {inputs or 'unknown'}"
    for title, sentences in (
        ("mistake", network.faults),
        ("assumed", network.assumed),
        ("replaced", network.replaced),
    ):
        for place, sentence in enumerate(sentences):
            yield f"  {'' if place else title:<10} {sentence}"
    for place, left in enumerate(network.left_out[:MAX_LISTED]):
        count = left.parameters
        numbers = "an unknown number of parameters" if count is None else number_of(count, "parameter")
        yield f"  {'' if place else 'left out':<10} {left.name}: {left.kind}, {numbers}"
    if len(network.left_out) > MAX_LISTED:
        yield f"  {'':<10} and {len(network.left_out) - MAX_LISTED:,} more"
    for sentence in network.notes:
        yield f"  {'note':<10} {sentence}"
    yield f"  proof      {proof(network)}"


def proof(network: ImportedNetwork) -> str:
    """The numbers of the file against those of the design, in a sentence."""
    own = "an unknown number" if network.counted_parameters is None else f"{network.counted_parameters:,}"
    stated = network.stated_parameters
    if stated is None:
        numbers = f"the file holds no weights; the design counts {own} parameters"
    else:
        numbers = f"the file holds {stated:,} learned numbers; the design counts {own}"
    if not network.shapes_checked:
        return f"{numbers}; the file states no shapes to compare."
    same = network.shapes_checked - network.shapes_different
    return f"{numbers}; {same:,} of {network.shapes_checked:,} shapes that the file states are equal."
