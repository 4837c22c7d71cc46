"""The pages of the layers, one a type, made from its declaration: nothing about a type is written here."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final

from cnnstudio.core.arithmetic.derivation import Working, symbol_text
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.textbook import zeros_joined
from cnnstudio.core.counting.working import joined_axes
from cnnstudio.core.network.design import Design
from cnnstudio.core.network.field_text import field_text
from cnnstudio.core.network.fields import FUNCTION_CONSTANTS, Field, fields_of
from cnnstudio.core.network.layer import Layer
from cnnstudio.core.network.value_text import value_text
from cnnstudio.dialects import COMPLETE
from cnnstudio.dialects.dialect import Dialect
from cnnstudio.formats.design_yaml import design_text
from cnnstudio.layers import LAYER_TYPES, PALETTE
from cnnstudio.layers.families import FAMILIES, FAMILY_TITLES
from cnnstudio.manual.page import Page, code, table
from cnnstudio.manual.specimens import row_of, specimen
from cnnstudio.reports.content.explanation import readable_workings
from cnnstudio.reports.content.legend import legend

CHAPTER: Final = "Layers"
FOLDER: Final = "layers"
INDEX: Final = "layers/README.md"
MAX_WORDS: Final = 8
"""Words of a choice that a table of fields lists one by one."""
_COMMON: Final = tuple(field.name for field in fields_of(Layer))


def layer_pages() -> tuple[Page, ...]:
    """The list of all types, and the page of each, in the order of the palette."""
    pages = [Page(layer_page(name), name, CHAPTER, partial(_page_text, name)) for name in LAYER_TYPES]
    return (Page(INDEX, "All layers", CHAPTER, _index_text), *pages)


def layer_page(type_name: str) -> str:
    """The path of the page of a type."""
    return f"{FOLDER}/{type_name}.md"


def layer_picture(type_name: str) -> str:
    """The path of the picture of a type."""
    return f"{FOLDER}/{type_name}.svg"


def _index_text() -> str:
    """Every type under its family, with the first line of its help."""
    parts = ["# All layers", "Every layer type, as the palette has them. Each has a page of its own."]
    for family in FAMILIES:
        types = [kind for kind in PALETTE if kind.family == family.key]
        rows = [(f"[{kind.__name__}]({kind.__name__}.md)", _help(kind)[0]) for kind in types]
        parts += [f"## {family.title}", table(("layer", "what it is"), rows)]
    parts += ["## Fields of every layer", field_table(fields_of(Layer))]
    return "\n\n".join(parts) + "\n"


def _page_text(type_name: str) -> str:
    return "\n\n".join(_parts(LAYER_TYPES[type_name], specimen(type_name))) + "\n"


def _parts(kind: type[Layer], analysis: Analysis) -> Iterator[str]:
    name, row = kind.__name__, row_of(analysis)
    yield f"# {name}"
    yield from _help(kind)
    yield f"Family: {FAMILY_TITLES[kind.family]}. Takes {_inputs_text(kind)}. {_source(kind)}".rstrip()
    yield f"![{name} in a network]({name}.svg)"
    own = [field for field in fields_of(kind) if field.name not in _COMMON]
    if own:
        yield "## Fields"
        yield field_table(own)
        yield "Besides these it has [what every layer has](README.md#fields-of-every-layer)."
    yield "## How it is counted"
    settings = [
        f"{field.words} {value_text(getattr(row.layer, field.name))}" for field in own if _is_set(row.layer, field)
    ]
    yield f"Here for {_shapes_text(analysis)}{', with ' + ', '.join(settings) if settings else ''}."
    found = zeros_joined(joined_axes(readable_workings(row, analysis)))
    yield table(("number", "formula", "with numbers", "value"), [_working_cells(working) for working in found])
    symbols = legend(readable_workings(row, analysis), row.layer)
    if symbols:
        yield table(("symbol", "stands for"), [(code(symbol_text(names)), words) for names, words in symbols])
    yield "## In a file"
    yield f"```yaml\n{_yaml(row.layer)}\n```"
    yield "## In the frameworks"
    yield table(("framework", "its name", ""), [_spelling(dialect, kind) for dialect in COMPLETE])


def _help(kind: type[Layer]) -> list[str]:
    """The docstring in paragraphs, without the source."""
    text = inspect.cleandoc(kind.__doc__ or "")
    return [" ".join(part.split()) for part in text.split("\n\n") if not part.startswith("Source:")]


def _source(kind: type[Layer]) -> str:
    """The paper or the framework that the type, or else the class that it is made from, names."""
    for parent in kind.__mro__:
        for part in inspect.cleandoc(parent.__doc__ or "").split("\n\n"):
            if part.startswith("Source:"):
                return " ".join(part.split())
    return ""


def _inputs_text(kind: type[Layer]) -> str:
    if kind.max_inputs == 0:
        return "no input: a network begins with it"
    if kind.max_inputs is None:
        return "two inputs or more" if kind.min_inputs > 1 else "one input or more"
    return "one input" if kind.max_inputs == 1 else f"{kind.min_inputs} to {kind.max_inputs} inputs"


def field_table(fields: Iterable[Field]) -> str:
    """A table of fields: what each says, its values, and its default."""
    return table(
        ("field", "in a file", "what it says", "values", "if left out"),
        [(field.title, code(field.name), _field_help(field), _values(field), _default(field)) for field in fields],
    )


def _field_help(field: Field) -> str:
    only = " (kept for exchange; it does not count)" if field.name in FUNCTION_CONSTANTS else ""
    return field.help + only


def _values(field: Field) -> str:
    """The values that it takes."""
    words = ", ".join(map(code, field.choices[:MAX_WORDS])) + (", …" if len(field.choices) > MAX_WORDS else "")
    if field.kind == "switch":
        return "yes or no"
    numbers = {"integer": "a whole number", "number": "a number", "sizes": "a number, or one an axis"}.get(
        field.kind, ""
    )
    if field.kind == "padding":
        numbers = "a number, one an axis, or begin and end of each"
    if numbers and field.minimum is not None:
        numbers += f", from {field.minimum:,g} on"
    return " or ".join(filter(None, (words, numbers)))


def _default(field: Field) -> str:
    if field.required:
        return "must be given"
    return code(field_text(field, field.default)) or "nothing"


def _is_set(layer: Layer, field: Field) -> bool:
    return bool(getattr(layer, field.name) != field.default)


def _shapes_text(analysis: Analysis) -> str:
    row = row_of(analysis)
    order = (
        f" ({analysis.convention.shape_order})" if row.output_shape is not None and row.output_shape.rank == 2 else ""
    )
    shapes = [analysis.convention.shape_text(shape) for shape in row.input_shapes if shape is not None]
    if not shapes:
        return "an input" + order
    return f"{'an input' if len(shapes) == 1 else 'inputs'} of {' and '.join(shapes)}{order}"


def _working_cells(working: Working) -> tuple[str, str, str, str]:
    """The name, the formula, its numbers and the value of one number."""
    *steps, value = working.steps()
    left = f"{working.sides()[0]} = " if working.symbol else ""
    formula = code(left + steps[0]) if steps else ""
    numbers = code(steps[1]) if len(steps) > 1 else ""
    reason = f" ({working.reason})" if working.reason else ""
    return working.name, formula, numbers, value + reason


def _yaml(layer: Layer) -> str:
    """The layer as a line of a design file."""
    lines = design_text(Design(name="x", layers=(layer,))).splitlines()
    start = next(place for place, line in enumerate(lines) if line.lstrip().startswith("- "))
    return "\n".join(lines[start:])


def _spelling(dialect: Dialect, kind: type[Layer]) -> tuple[str, str, str]:
    """The name of a type in a framework, or the reason why there is none."""
    name = kind.__name__
    names = [code(spelling.name) for spelling in dialect.spellings if spelling.layer == name]
    exact = next((spelling.exact_if for spelling in dialect.spellings if spelling.layer == name), "")
    composed = next((f"composed: {row.said_by}" for row in dialect.composed if row.layer == name), "")
    unsaid = dialect.unsaid_of(name)
    remark = exact or composed or (f"cannot be said: {unsaid.reason}" if unsaid is not None else "")
    return dialect.title, ", ".join(dict.fromkeys(names)), remark
