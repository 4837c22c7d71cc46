"""PyTorch source: an `nn.Module` for the design, a class for each block, and a check of its own counts."""

from __future__ import annotations

from cnnstudio.core.arithmetic.convention import PYTORCH as CONVENTION
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.rows import BlockRow, Row
from cnnstudio.core.network.design import Block
from cnnstudio.dialects.pytorch import PYTORCH as DIALECT
from cnnstudio.exports.pytorch.helpers import HELPERS, USES_FUNCTIONS
from cnnstudio.exports.pytorch.layers import say
from cnnstudio.exports.pytorch.reserved import MODULE_NAMES, VARIABLE_NAMES
from cnnstudio.exports.pytorch.results import results_of
from cnnstudio.exports.source.layout import Page, docstring, heading
from cnnstudio.exports.source.naming import class_name
from cnnstudio.exports.source.nodes import Node, Variables, is_input
from cnnstudio.exports.source.program import Builder, Program, Routine
from cnnstudio.exports.source.saying import (
    AT_EACH_STEP,
    SEVERAL_AT_EACH_STEP,
    CannotSay,
    Expression,
    step_names,
    with_inputs,
)
from cnnstudio.exports.source.statements import Parameter, Passage, Piece, Slot, Statement
from cnnstudio.exports.target import (
    Exported,
    ExportError,
    ExportOptions,
    Target,
    counted_for,
    require_countable,
    unsaid,
)

TITLE = "PyTorch source"
REPEAT = "repeat"
"""The variable of a loop over the repeats of a block."""


def write(analysis: Analysis, options: ExportOptions) -> Exported:
    """The source of a module; ExportError with every layer that PyTorch cannot say exactly."""
    require_countable(analysis, TITLE, flat=options.flat)
    analysis = counted_for(analysis, CONVENTION)
    name = class_name(options.class_name or analysis.design.name)
    builder = Builder(
        analysis, _statements, class_name, {*VARIABLE_NAMES, REPEAT, name, *HELPERS}, MODULE_NAMES, {"forward": "self."}
    )
    program = builder.build(flat=options.flat)
    if builder.refusals:
        raise ExportError(TITLE, builder.refusals)
    page = _page(analysis, program, name)
    return Exported(page.text().encode(), page.marks())


def _statements(node: Node, variables: Variables, builder: Builder) -> Passage:
    """The statements that make a node's module and compute its output."""
    if is_input(node) or variables.is_passed(node) or not builder.can_share(node):
        return ()
    if pick := variables.picks(node):
        return _further(node, pick, variables)
    # Shared weights are those of one module that is called again.
    attribute = variables.labels[node.owner or node.key]
    return (
        _block(node, variables, builder, attribute)
        if isinstance(node.entry, BlockRow)
        else _layer(node, node.entry, variables, builder, attribute)
    )


def _layer(node: Node, row: Row, variables: Variables, builder: Builder, attribute: str) -> Passage:
    refusal = unsaid(row, DIALECT)
    if refusal is not None or row.counts is None or row.given_shape is None:
        builder.refusals += [refusal] if refusal else []
        return ()
    held = variables.spread.get(node.key)
    # The code of a block is for one step; where blocks are written out, each layer is applied to all of them.
    step_axes = row.step_axes if not variables.inside else 0
    try:
        if held is not None and step_axes:
            raise CannotSay(SEVERAL_AT_EACH_STEP, "Export it with its blocks.")
        results = results_of(row.layer, row.taken_shapes, row.given_shape) if held is not None else None
        said = say(row.layer, row.taken_shapes, row.given_shape) if results is None else results.call
    except CannotSay as reason:
        builder.refuse(row, f"{row.layer.type_name}: {reason.reason}", reason.remedy)
        return ()
    builder.helpers |= dict.fromkeys(said.helpers)
    variable = variables.of(node.key)
    inputs = [variables.of(source) for source in node.sources]
    expression = _applied(said.expression, inputs, attribute, step_axes, builder)
    spread: tuple[Statement, ...] = ()
    if results is not None:
        spread = (Statement("forward", (f"{held} = ", *expression), (row.place,), label=attribute),)
        expression = (results.parts[""].format(held),)
    comment = CONVENTION.shape_text(row.counts.output if step_axes else row.given_shape)
    forward = Statement("forward", (f"{variable} = ", *expression), (row.place,), comment, variable, label=attribute)
    if said.made is None or node.owner:
        return (*spread, forward)
    frozen = ".requires_grad_(False)" if not row.layer.trainable and row.counts.parameters else ""
    made = (f"self.{attribute} = ", *said.made, frozen)
    return Statement("init", made, (row.place,), names=(attribute,), label=attribute), *spread, forward


def _applied(
    expression: Expression, inputs: list[str], attribute: str, step_axes: int, builder: Builder
) -> tuple[Piece, ...]:
    """An expression with the variables of its inputs; at each step along some axes, as a function of one step."""
    if not (step_axes and inputs):
        return with_inputs(expression, dict(enumerate(inputs)), f"self.{attribute}")
    builder.helpers[AT_EACH_STEP] = None
    steps = step_names(len(inputs))
    body = with_inputs(expression, dict(enumerate(steps)), f"self.{attribute}")
    axes = f", axes={step_axes}" if step_axes > 1 else ""
    return (f"{AT_EACH_STEP}(lambda {', '.join(steps)}: ", *body, f", {', '.join(inputs)}{axes})")


def _further(node: Node, pick: str, variables: Variables) -> Passage:
    """The statement that takes a further output out of all that a layer gives; none where that was refused."""
    source = variables.nodes[node.sources[0]]
    assert isinstance(source.entry, Row)
    assert isinstance(node.entry, Row)
    variable = variables.of(node.key)
    assert source.entry.given_shape is not None
    try:
        results = results_of(source.entry.layer, source.entry.taken_shapes, source.entry.given_shape)
    except CannotSay:
        return ()
    part = results.parts[pick].format(variables.spread[source.key])
    text = f"{variable} = {part}"
    shape = node.entry.given_shape if variables.inside else node.entry.output_shape
    comment = CONVENTION.shape_text(shape) if shape else ""
    return (Statement("forward", (text,), (node.entry.place,), comment, variable, label=variables.labels[node.key]),)


def _block(node: Node, variables: Variables, builder: Builder, attribute: str) -> Passage:
    entry = node.entry
    assert isinstance(entry, BlockRow)
    variable, targets = variables.of(node.key), variables.targets_of(node)
    comment = CONVENTION.shape_text(entry.given_shape) if entry.given_shape else ""
    first, *others = map(variables.of, node.sources)
    at_each_step = entry.block.time_distributed
    builder.helpers |= {AT_EACH_STEP: None} if at_each_step else {}
    call = f"{targets} = {_call(f'self.{attribute}', (first, *others), at_each_step)}"
    entering: list[Statement] = []
    if entry.block.repeat > 1 and not _is_chain(entry.block):
        entering = [Statement("forward", (f"{variable} = {first}",), (entry.place,))] if first != variable else []
        call = f"for {REPEAT} in self.{attribute}:\n    {targets} = {_call(REPEAT, (variable, *others), at_each_step)}"
    forward = (*entering, Statement("forward", (call,), (entry.place,), comment, variable, label=attribute))
    if node.owner:
        return forward
    made = Statement(
        "init", (f"self.{attribute} = ", *_module(entry, builder)), (entry.place,), names=(attribute,), label=attribute
    )
    return made, *forward


def _call(module: str, inputs: tuple[str, ...], at_each_step: bool) -> str:
    """The call of a module, or of the helper that calls it for all steps."""
    return f"{AT_EACH_STEP}({', '.join((module, *inputs))})" if at_each_step else f"{module}({', '.join(inputs)})"


def _is_chain(block: Block) -> bool:
    """True if a block takes and gives one tensor: nn.Sequential passes on no more."""
    return not (block.further_inputs or block.further_outputs)


def _module(entry: BlockRow, builder: Builder) -> tuple[Piece, ...]:
    """The module that a block makes: its own, or one for each pass."""
    calls: list[tuple[Piece, ...]] = []
    for part in entry.passes:
        use = builder.use_of(part)
        pieces: list[Piece] = [f"{use.name}("]
        for name, value in use.arguments:
            pieces += [Slot(name, value), ", "]
        if pieces[-1] == ", ":
            pieces.pop()
        made: tuple[Piece, ...] = (*pieces, ")")
        calls.append(
            # A generator makes a module for each pass; a list times a number would be one module, with its weights
            # shared.
            made if part.times == 1 else ("*(", *made, " for _ in range(", Slot("repeats", str(part.times)), "))")
        )
    if entry.block.repeat == 1:
        return calls[0]
    joined = [piece for made in calls for piece in (", ", *made)][1:]
    if not _is_chain(entry.block):
        return ("nn.ModuleList([", *joined, "])")
    return ("nn.Sequential(", *joined, ")")


def _page(analysis: Analysis, program: Program, name: str) -> Page:
    page = Page()
    functions = _uses_functions(program)
    page.add(_heading(analysis))
    page.add("\nimport torch\nfrom torch import nn" + ("\nfrom torch.nn import functional as F" if functions else ""))
    for key, source in HELPERS.items():
        if key in program.helpers:
            page.add(f"\n{source.rstrip()}")
    for routine in program.routines:
        _class(page, routine)
    inputs = [program.variables.of(node.key) for node in program.nodes if is_input(node)]
    page.add(f"\n\nclass {name}(nn.Module):")
    page.add(docstring(analysis.design.name), 1)
    _methods(page, program.main, (), inputs, [program.variables.of(key) for key in program.variables.results])
    _check(page, analysis, program, name)
    return page


def _uses_functions(program: Program) -> bool:
    passages = [routine.definition.statements for routine in program.routines] + [program.main]
    texts = [str(statement.pieces[0]) for passage in passages for statement in passage if statement.pieces]
    return any("F." in text for text in texts) or any(key in USES_FUNCTIONS for key in program.helpers)


def _heading(analysis: Analysis) -> str:
    totals = analysis.totals
    state = f", {totals.state:,} stored statistics (not learned: not parameters to PyTorch)" if totals.state else ""
    macs = f", {totals.macs:,} MACs for one input" if not totals.unknown_macs else ""
    return heading(
        analysis.design,
        f"For {DIALECT.version}. Shapes in comments are channels × sizes, without the batch.",
        f"{totals.weights + totals.biases:,} parameters{state}{macs}.",
        "Run this file to have it check its own counts.",
    )


def _class(page: Page, routine: Routine) -> None:
    page.add(f"\n\nclass {routine.name}(nn.Module):")
    page.add(docstring(", ".join(routine.places)), 1)
    _methods(
        page, routine.definition.statements, routine.definition.parameters, list(routine.inputs), list(routine.results)
    )


def _methods(
    page: Page, statements: Passage, parameters: tuple[Parameter, ...], inputs: list[str], results: list[str]
) -> None:
    page.add()
    made = [statement for statement in statements if statement.section == "init"]
    if made or parameters:
        stated = "".join([f", {item.name}: {item.annotation}" for item in parameters])
        page.add(f"def __init__(self{stated}) -> None:", 1)
        page.add("super().__init__()", 2)
        for item in parameters:
            if "forward" in item.sections:
                page.add(f"self.{item.name} = {item.name}", 2)
        for statement in made:
            page.statement(statement, 2)
        page.add()
    taken = ", ".join([f"{name}: torch.Tensor" for name in inputs])
    given = "torch.Tensor" if len(results) == 1 else f"tuple[{', '.join(['torch.Tensor'] * len(results))}]"
    page.add(f"def forward(self, {taken}) -> {given}:", 1)
    for statement in statements:
        if statement.section == "forward":
            page.statement(statement, 2)
    page.add(f"return {', '.join(results)}", 2)


def _check(page: Page, analysis: Analysis, program: Program, name: str) -> None:
    totals = analysis.totals
    shapes = [node.entry.output_shape for node in program.nodes if is_input(node)]
    tensors = ", ".join([f"torch.empty({', '.join(map(str, (1, *shape.to_list())))})" for shape in shapes if shape])
    outputs = {node.key: node.entry.output_shape for node in program.nodes}
    wanted = [outputs[key] for key in program.variables.results]
    sizes = [f"({', '.join(map(str, (1, *shape.to_list())))})" for shape in wanted if shape]
    page.add('\n\nif __name__ == "__main__":')
    page.add('with torch.device("meta"):  # shapes alone: it takes neither memory nor time', 1)
    # In training, BatchNorm refuses a single value for a channel, which a map of 1 × 1 is with a batch of one.
    page.add(f"net = {name}().eval()", 2)
    page.add(f"outputs = net({tensors})", 2)
    page.add("parameters = sum(tensor.numel() for tensor in net.parameters())", 1)
    page.add("trainable = sum(tensor.numel() for tensor in net.parameters() if tensor.requires_grad)", 1)
    # BatchNorm keeps a counter of its batches as a buffer, which is no statistic of the data.
    page.add(
        'stored = {key: tensor for key, tensor in net.state_dict().items() if "num_batches_tracked" not in key}', 1
    )
    page.add("state = sum(tensor.numel() for tensor in stored.values()) - parameters", 1)
    listed = "[outputs]" if len(wanted) == 1 else "outputs"
    page.add(f"shapes = [tuple(tensor.shape) for tensor in {listed}]", 1)
    page.add('print(f"{parameters:,} parameters, {trainable:,} of them trainable; {state:,} stored statistics")', 1)
    page.add('print("output:", *shapes)', 1)
    page.add(f"assert parameters == {totals.weights + totals.biases}", 1)
    page.add(f"assert trainable == {totals.trainable}", 1)
    page.add(f"assert state == {totals.state}", 1)
    page.add(f"assert shapes == [{', '.join(sizes)}]", 1)


PYTORCH_SOURCE = Target(
    "pytorch",
    TITLE,
    "an nn.Module with a class for each block, which checks its own counts",
    (".py",),
    DIALECT,
    is_text=True,
    choices=("flat", "class_name"),
    write=write,
)
