"""Keras source: a functional model, a function for each block, and a check of its own counts."""

from __future__ import annotations

from msgspec import Struct, structs

from cnnstudio.core.arithmetic.convention import KERAS as CONVENTION
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.rows import BlockRow, Row
from cnnstudio.core.network.design import walk
from cnnstudio.core.network.layer import Layer
from cnnstudio.dialects.keras import KERAS as DIALECT
from cnnstudio.exports.keras.helpers import HELPERS, NEEDS
from cnnstudio.exports.keras.layers import NONNEGATIVE, KerasSaid, say, say_pool
from cnnstudio.exports.keras.naming import NOT_SHARED, Parts, full_name, made_apart, named, names_in, steps, word
from cnnstudio.exports.keras.order import flatten_in_order, ordered_flattens
from cnnstudio.exports.keras.results import results_of
from cnnstudio.exports.keras.steps import at_each_step
from cnnstudio.exports.source.layout import Page, docstring, heading
from cnnstudio.exports.source.naming import identifier
from cnnstudio.exports.source.nodes import Node, Variables, is_input
from cnnstudio.exports.source.program import Builder, Program, Routine
from cnnstudio.exports.source.saying import (
    AT_EACH_STEP,
    SEVERAL_AT_EACH_STEP,
    CannotSay,
    Results,
    step_names,
    with_inputs,
)
from cnnstudio.exports.source.statements import Passage, Piece, Slot, Statement, literal
from cnnstudio.exports.target import (
    Exported,
    ExportError,
    ExportOptions,
    Target,
    Unsayable,
    counted_for,
    require_countable,
    unsaid,
)
from cnnstudio.layers.pooling import MaxPool

TITLE = "Keras source"
RESERVED = ("_spread", "_taps", "keras", "layers", "ops", "math", "functools", "name", "i", "x", "inputs", "outputs")


def write(analysis: Analysis, options: ExportOptions) -> Exported:
    """The source of a function that builds the model; ExportError with every layer that Keras cannot say exactly."""
    require_countable(analysis, TITLE, flat=options.flat)
    analysis = counted_for(analysis, CONVENTION)
    name = _function_name(options.class_name or analysis.design.name)
    writer = _Writer(options.flat, ordered_flattens(analysis), _nonnegative(analysis))
    builder = Builder(analysis, writer.statements, _function_name, {*RESERVED, *HELPERS, name})
    program = builder.build(flat=options.flat)
    refusals = [*builder.refusals, *_clashes(analysis)]
    refusals += _lost(analysis, {refusal.path for refusal in refusals})
    if refusals:
        raise ExportError(TITLE, refusals)
    page = _page(analysis, program, name)
    return Exported(page.text().encode(), page.marks())


def _function_name(name: str) -> str:
    """`ResNet-50` as that of a function: `resnet_50`."""
    return identifier(name, "block").lower()


def _clashes(analysis: Analysis) -> list[Unsayable]:
    """Layers whose paths come to one name in a model, where every name must be its own."""
    seen: dict[str, str] = {}
    found = []
    for row in analysis.rows:
        name = full_name(row.path)
        # A model refuses two layers of one name when it is built.
        if name in seen:
            reason = f"in Keras it and {seen[name]} would both be called '{name}'"
            found.append(Unsayable(row.path, reason, "Rename one of them."))
        seen.setdefault(name, row.path)
    return found


def _unreached(place: str) -> Unsayable:
    reason = "nothing takes its output, and a Keras model has only what leads to its outputs"
    return Unsayable(place, reason, "Remove it, or connect it.")


def _lost(analysis: Analysis, told: set[str]) -> list[Unsayable]:
    """Layers with weights that lead to no output: what a block gives of its last repeat alone is lost in the others."""
    needed = {entry.result if isinstance(entry, BlockRow) else entry.path for entry in analysis.entries}
    lost: dict[str, None] = {}
    for row in reversed(analysis.rows):
        if row.path in needed:
            needed.update(row.inputs)
        elif row.parameters:
            lost[row.place] = None
    return [_unreached(place) for place in reversed(lost) if place not in told]


class _Writer(Struct, frozen=True):
    """Writes nodes; flat, every layer has its whole name. `ordered` are places where a Flatten must keep the
    order, `nonnegative` the paths of rows that give nothing below 0.
    """

    flat: bool
    ordered: frozenset[str]
    nonnegative: frozenset[str]

    def statements(self, node: Node, variables: Variables, builder: Builder) -> Passage:
        """The statements that compute a node's output."""
        inside = variables.inside
        if node in variables.unused and inside:
            builder.refusals.append(_unreached(node.entry.place))
        if variables.is_passed(node):
            return ()
        if is_input(node):
            return (_input(node, variables),) if not inside else ()
        if not builder.can_share(node):
            return ()
        entry = node.entry
        if pick := variables.picks(node):
            return _further(node, pick, variables)
        if isinstance(entry, BlockRow):
            if node.owner:
                reason = f"it uses the weights of '{node.owner}', and a function makes new layers each time"
                refusal = Unsayable(entry.place, reason, "Export it with its blocks written out.")
                builder.refusals.append(refusal)
                return ()
            return _block(node, entry, variables, builder)
        return self._layer(node, entry, variables, builder)

    def _layer(self, node: Node, row: Row, variables: Variables, builder: Builder) -> Passage:
        refusal = unsaid(row, DIALECT)
        if refusal is not None or row.counts is None or row.given_shape is None:
            builder.refusals += [refusal] if refusal else []
            return ()
        try:
            said = self._said(row, row.taken_shapes, row.given_shape)
            results = self._results(row) if node.key in variables.spread else None
        except CannotSay as reason:
            builder.refuse(row, f"{row.layer.type_name}: {reason.reason}", reason.remedy)
            return ()
        builder.helpers |= dict.fromkeys(said.helpers)
        variable = variables.of(node.key)
        inputs = {at: variables.of(source) for at, source in enumerate(node.sources)}
        name = full_name(row.path) if self.flat else node.name
        label = variables.labels[node.key]
        expression = said.expression if results is None else results.call
        suffixes = (*names_in(expression), *_parts_of(row.layer, said.helpers))
        comment = CONVENTION.shape_text(row.counts.output if self.flat else row.given_shape)
        statements: list[Statement] = []
        maker = variables.makers.get(node.owner or node.key, "") if row.counts.parameters or row.counts.reused else ""
        if maker:
            made, expression = made_apart(expression, maker)
            if not made:
                builder.refuse(row, NOT_SHARED, "Give each layer weights of its own.")
                return ()
            if not node.owner:
                pieces = with_inputs(named(made, name, inside=bool(variables.inside)), inputs, "")
                statements.append(Statement("body", (f"{maker} = ", *pieces), (row.place,), "", "", suffixes, label))
            suffixes = ()
        held = variables.spread.get(node.key, variable)
        for step in steps(self._at_each_step(row, expression, builder), held):
            pieces = with_inputs(named(step, name, inside=bool(variables.inside)), inputs, "")
            statements.append(Statement("body", (f"{held} = ", *pieces), (row.place,), "", held, (), label))
        if results is not None:
            part = f"{variable} = {results.parts[''].format(held)}"
            statements.append(Statement("body", (part,), (row.place,), "", variable, (), label))
        last = statements.pop()
        return (*statements, structs.replace(last, comment=comment, names=suffixes))

    def _results(self, row: Row) -> Results[Parts]:
        """All that a layer with further outputs gives."""
        if self.flat and row.step_axes:
            raise CannotSay(SEVERAL_AT_EACH_STEP, "Export it with its blocks.")
        return results_of(row.layer, row.taken_shapes)

    def _at_each_step(self, row: Row, expression: Parts, builder: Builder) -> Parts:
        """The expression of a row, for all the steps at which it is applied."""
        # The code of a block is for one step; where blocks are written out, each layer is applied to all of them.
        if not (self.flat and row.step_axes and row.inputs):
            return expression
        applied = at_each_step(expression, len(row.inputs), row.step_axes)
        builder.helpers |= {AT_EACH_STEP: None} if str(applied[0]).startswith(AT_EACH_STEP) else {}
        return applied

    def _said(self, row: Row, shapes: tuple[Shape, ...], output: Shape) -> KerasSaid:
        """The expression of a row; by its place and its source, where these matter."""
        if row.place in self.ordered:
            return flatten_in_order(shapes[0])
        if isinstance(row.layer, MaxPool) and row.inputs[0] in self.nonnegative:
            return say_pool(row.layer, shapes[0], output)
        return say(row.layer, shapes, output)


def _nonnegative(analysis: Analysis) -> frozenset[str]:
    """The paths of rows that give nothing below 0, where a pool may ask for them."""
    if not any(
        isinstance(item, MaxPool) and item.padding not in ("valid", 0) for _, item in walk(analysis.design.layers)
    ):
        return frozenset()
    functions = {
        row.path: getattr(row.layer, "function", getattr(row.layer, "activation", None)) for row in analysis.rows
    }
    return frozenset([path for path, function in functions.items() if function in NONNEGATIVE])


def _parts_of(layer: Layer, helpers: tuple[str, ...]) -> list[str]:
    """The ends of the names of the layers that a helper makes, one for each group or filter."""
    count = getattr(layer, "groups", 0) if "grouped" in helpers else 0
    if "partial_conv" in helpers:
        count = len(getattr(layer, "connections", None) or ())
    return [f"_{at}" for at in range(count)]


def _input(node: Node, variables: Variables) -> Statement:
    shape = node.entry.output_shape or Shape(1)
    variable = variables.of(node.key)
    sizes = literal((*shape.spatial, shape.channels))
    text = f'{variable} = keras.Input({sizes}, name="{word(node.name)}")'
    return Statement("body", (text,), (node.entry.place,), CONVENTION.shape_text(shape), variable, ("",))


def _further(node: Node, pick: str, variables: Variables) -> Passage:
    """The statement that takes a further output out of all that a layer gives; none where that was refused."""
    source = variables.nodes[node.sources[0]]
    assert isinstance(source.entry, Row)
    try:
        results = results_of(source.entry.layer, source.entry.taken_shapes)
    except CannotSay:
        return ()
    assert isinstance(node.entry, Row)
    part = results.parts[pick].format(variables.spread[source.key])
    variable = variables.of(node.key)
    shape = node.entry.given_shape if variables.inside else node.entry.output_shape
    comment = CONVENTION.shape_text(shape) if shape else ""
    return (Statement("body", (f"{variable} = {part}",), (node.entry.place,), comment, variable),)


def _block(node: Node, entry: BlockRow, variables: Variables, builder: Builder) -> Passage:
    variable, targets = variables.of(node.key), variables.targets_of(node)
    source, *others = map(variables.of, node.sources)
    comment = CONVENTION.shape_text(entry.given_shape) if entry.given_shape else ""
    stem = f"{{name}}_{word(node.name)}" if variables.inside else word(node.name)
    texts = []
    builder.helpers |= {AT_EACH_STEP: None} if entry.block.time_distributed else {}
    for part in entry.passes:
        use = builder.use_of(part)
        first, last = part.first + 1, part.first + part.times
        loops = part.times > 1
        number = "" if entry.block.repeat == 1 else "_{i}" if loops else f"_{first}"
        formatted = "f" if loops or variables.inside else ""
        # Every round of a loop takes what the round before gave, so the first one needs that variable as well.
        if loops and source != variable:
            texts.append(Statement("body", (f"{variable} = {source}",), (entry.place,)))
            source = variable
        arguments: list[Piece] = []
        for key, value in use.arguments:
            arguments += [", ", Slot(key, value)]
        more = (*arguments, f', {formatted}"{stem}{number}")')
        call = _call(use.name, (source, *others), more, entry.block.time_distributed)
        if loops:
            span = (f"for i in range({first}, ", Slot("repeats", str(last + 1)), "):\n    ")
            call = (*span, f"{targets} = ", *call)
        else:
            call = (f"{targets} = ", *call)
        texts.append(Statement("body", call, (entry.place,), comment, variable))
        source = variable
    return tuple(texts)


def _call(function: str, inputs: tuple[str, ...], more: tuple[Piece, ...], each_step: bool) -> tuple[Piece, ...]:
    """The call of a function with some variables and more arguments; of one for a step by way of the helper."""
    if not each_step:
        return (f"{function}({', '.join(inputs)}", *more)
    taken = ", ".join(step_names(len(inputs)))
    return (f"{AT_EACH_STEP}(lambda {taken}: {function}({taken}", *more, f", {', '.join(inputs)})")


def _page(analysis: Analysis, program: Program, name: str) -> Page:
    page = Page()
    helpers = [key for key in HELPERS if key in program.helpers]
    modules = sorted({module for key in helpers for module in NEEDS.get(key, ())})
    page.add(_heading(analysis))
    if modules:
        page.add("\n" + "\n".join(f"import {module}" for module in modules))
    uses_ops = _uses(program, "ops.") or any("ops." in HELPERS[key] for key in helpers)
    page.add(f"\nimport keras\nfrom keras import layers{', ops' if uses_ops else ''}")
    for key in helpers:
        page.add(f"\n{HELPERS[key].rstrip()}")
    for routine in program.routines:
        _function(page, routine)
    inputs = [program.variables.of(node.key) for node in program.nodes if is_input(node)]
    results = [program.variables.of(key) for key in program.variables.results]
    page.add(f"\n\ndef {name}() -> keras.Model:")
    page.add(docstring(analysis.design.name), 1)
    for statement in program.main:
        page.statement(statement, 1)
    model = word(analysis.design.name)
    page.add(f'return keras.Model({_list(inputs)}, {_list(results)}, name="{model}")', 1)
    _check(page, analysis, program, name)
    return page


def _uses(program: Program, text: str) -> bool:
    passages = [routine.definition.statements for routine in program.routines] + [program.main]
    return any(text in str(statement.pieces[0]) for passage in passages for statement in passage)


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"[{', '.join(names)}]"


def _heading(analysis: Analysis) -> str:
    totals = analysis.totals
    counted = totals.weights + totals.biases + totals.state
    moving = f", {totals.state:,} of them moving statistics" if totals.state else ""
    macs = f"; {totals.macs:,} MACs for one input" if not totals.unknown_macs else ""
    return heading(
        analysis.design,
        f"For {DIALECT.version}. Shapes in comments are sizes × channels, without the batch.",
        f"{counted:,} parameters as Keras counts them{moving}{macs}.",
        "Run this file to have it check its own counts.",
    )


def _function(page: Page, routine: Routine) -> None:
    parameters = "".join([f"{item.name}, " for item in routine.definition.parameters])
    page.add(f"\n\ndef {routine.name}({', '.join(routine.inputs)}, {parameters}name):")
    page.add(docstring(", ".join(routine.places)), 1)
    for statement in routine.definition.statements:
        page.statement(statement, 1)
    page.add(f"return {', '.join(routine.results)}", 1)


def _check(page: Page, analysis: Analysis, program: Program, name: str) -> None:
    totals = analysis.totals
    shapes = {node.key: node.entry.output_shape for node in program.nodes}
    wanted = [shape for key in program.variables.results if (shape := shapes[key]) is not None]
    sizes = ", ".join([literal((None, *shape.spatial, shape.channels)) for shape in wanted])
    page.add('\n\nif __name__ == "__main__":')
    page.add(f"model = {name}()", 1)
    page.add("parameters = model.count_params()", 1)
    page.add("trainable = sum(weight.numpy().size for weight in model.trainable_weights)", 1)
    page.add("shapes = [tensor.shape for tensor in model.outputs]", 1)
    page.add('print(f"{parameters:,} parameters, {trainable:,} of them trainable")', 1)
    page.add('print("output:", *shapes)', 1)
    page.add(f"assert parameters == {totals.weights + totals.biases + totals.state}", 1)
    page.add(f"assert trainable == {totals.trainable}", 1)
    page.add(f"assert shapes == [{sizes}]", 1)


KERAS_SOURCE = Target(
    "keras",
    TITLE,
    "a functional Keras 3 model with a function for each block, which checks its own counts",
    (".py",),
    DIALECT,
    is_text=True,
    choices=("flat", "class_name"),
    write=write,
)
