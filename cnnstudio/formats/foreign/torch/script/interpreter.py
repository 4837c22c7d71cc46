"""Follows the code of TorchScript on shapes: its calls of operators become operations of a graph.

Only what stands in the tables is known: no object of this program can be reached from the code.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.foreign.torch.building import Builder, Call, Ref
from cnnstudio.formats.foreign.torch.operators import OPERATORS, operator_name, write
from cnnstudio.formats.foreign.torch.script.numbers import FUNCTIONS, bounded
from cnnstudio.formats.foreign.torch.script.values import Function, Module, Weights
from cnnstudio.formats.foreign.tracing.graph import Operation
from cnnstudio.formats.foreign.tracing.tracer import Tracer
from cnnstudio.formats.foreign.tracing.values import Constant, Pending, View

MAX_STEPS = 300_000
MAX_DEPTH = 80
_UNKNOWN = object()


class _Return(Exception):
    """The end of a function, with what it gives."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Interpreter:
    """Follows one program. `functions` are those of its code by qualified name, `constants` its CONSTANTS."""

    def __init__(self, tracer: Tracer, functions: dict[str, Function], constants: list[Any]) -> None:
        self.tracer = tracer
        self.builder = Builder(tracer.graph)
        self.functions = functions
        self.constants = constants
        self.steps = 0
        self.depth = 0
        self.made = 0
        self.path: tuple[str, ...] = ()

    # Functions and statements

    def call_module(self, module: Module, name: str, arguments: list[Any], named: dict[str, Any]) -> Any:
        """The result of a module's method."""
        function = self.functions.get(f"{module.kind}.{name}")
        if function is None:
            raise NotUnderstood(f"calls '{name}' of {module.kind}, which its code does not hold.")
        before, self.path = self.path, module.path
        try:
            return self.call_function(function, [module, *arguments], named)
        finally:
            self.path = before

    def call_function(self, function: Function, arguments: list[Any], named: dict[str, Any]) -> Any:
        """The result of a function for these arguments."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NotUnderstood("calls its functions too deeply.")
        code = function.code.args
        names = [argument.arg for argument in code.args]
        scope: dict[str, Any] = dict(zip(names, arguments, strict=False))
        for name, default in zip(names[len(names) - len(code.defaults) :], code.defaults, strict=True):
            if name not in scope and name not in named:
                scope[name] = self.value(default, {})
        scope.update(named)
        try:
            self._body(function.code.body, scope)
        except _Return as end:
            return end.value
        finally:
            self.depth -= 1
        return None

    def _body(self, body: list[ast.stmt], scope: dict[str, Any]) -> None:
        for statement in body:
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise NotUnderstood(f"takes more than {MAX_STEPS:,} steps to follow, and so many are not followed.")
            self._statement(statement, scope)

    def _statement(self, statement: ast.stmt, scope: dict[str, Any]) -> None:
        if isinstance(statement, ast.Assign):
            value = self.value(statement.value, scope)
            for target in statement.targets:
                self._assign(target, value, scope)
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            self._assign(statement.target, self.value(statement.value, scope), scope)
        elif isinstance(statement, ast.Return):
            raise _Return(None if statement.value is None else self.value(statement.value, scope))
        elif isinstance(statement, ast.Expr):
            self.value(statement.value, scope)
        elif isinstance(statement, ast.If):
            self._body(statement.body if self._is_true(statement.test, scope) else statement.orelse, scope)
        elif isinstance(statement, ast.For):
            for item in self._items(statement.iter, scope):
                self._assign(statement.target, item, scope)
                self._body(statement.body, scope)
        elif isinstance(statement, ast.While):
            while self._is_true(statement.test, scope):
                self._body(statement.body, scope)
        elif isinstance(statement, ast.Raise):
            raise NotUnderstood("raises an error on an input of this size.")
        elif not isinstance(statement, (ast.Pass, ast.Assert)):
            raise NotUnderstood(f"holds the statement {type(statement).__name__}, which is not followed.")

    def _assign(self, target: ast.expr, value: Any, scope: dict[str, Any]) -> None:
        if isinstance(target, ast.Name):
            scope[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            if not isinstance(value, (list, tuple)) or len(value) < len(target.elts):
                raise NotUnderstood("takes apart what does not have so many parts.")
            for part, item in zip(target.elts, value, strict=False):
                self._assign(part, item, scope)
        elif isinstance(target, ast.Attribute):
            owner = self.value(target.value, scope)
            if isinstance(owner, Module):
                owner.attributes[target.attr] = value
        elif isinstance(target, ast.Subscript):
            raise NotUnderstood("sets an element of a list, which is not followed.")

    def _is_true(self, test: ast.expr, scope: dict[str, Any]) -> bool:
        value = self.value(test, scope)
        if isinstance(value, Ref) or value is _UNKNOWN:
            raise NotUnderstood("decides by what stands in a tensor.")
        return bool(value)

    def _items(self, node: ast.expr, scope: dict[str, Any]) -> list[Any]:
        value = self.value(node, scope)
        if isinstance(value, range):
            # `range(10 ** 12)` costs nothing itself; a list of it would fill the memory.
            value = list(value[: MAX_STEPS + 1])
        if not isinstance(value, (list, tuple)):
            raise NotUnderstood("goes through something that is no list.")
        return list(value)

    # Expressions

    def value(self, node: ast.expr, scope: dict[str, Any]) -> Any:
        """The value of an expression."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise NotUnderstood(f"takes more than {MAX_STEPS:,} steps to follow, and so many are not followed.")
        # By a table of what is known and nothing else: no attribute of a host object can be reached.
        rule = _EXPRESSIONS.get(type(node))
        if rule is None:
            raise NotUnderstood(f"holds the expression {type(node).__name__}, which is not followed.")
        return rule(self, node, scope)

    def _name(self, node: ast.Name, scope: dict[str, Any]) -> Any:
        if node.id in scope:
            return scope[node.id]
        if node.id in ("inf", "nan"):
            return float(node.id)
        raise NotUnderstood(f"names '{node.id}', which nothing before it gives.")

    def _attribute(self, node: ast.Attribute, scope: dict[str, Any]) -> Any:
        if isinstance(node.value, ast.Name) and node.value.id == "CONSTANTS":
            return self.constants[int(node.attr[1:])]
        dotted = _dotted(node)
        if dotted in self.functions:
            return self.functions[dotted]
        if dotted.startswith("__torch__."):
            return _UNKNOWN
        if isinstance(node.value, ast.Name) and node.value.id not in scope:
            return {"inf": float("inf"), "nan": float("nan")}.get(node.attr, _UNKNOWN)
        return self._member(self.value(node.value, scope), node.attr)

    def _member(self, owner: Any, name: str) -> Any:
        if not isinstance(owner, Module):
            raise NotUnderstood(f"asks something for '{name}' that has no attributes.")
        if name not in owner.attributes:
            raise NotUnderstood(f"asks {owner.kind} for '{name}', which it does not have.")
        value = owner.attributes[name]
        return self._tensor(value) if isinstance(value, Weights) else value

    def _tensor(self, weights: Weights) -> Ref:
        """A tensor of the file as a constant of the graph."""
        name = weights.name
        if name not in self.tracer.values:
            size = 1
            for length in weights.shape:
                size *= length
            numbers = size if weights.is_float else 0
            constant = Constant(weights.shape, None, weights.is_float, numbers, name, weights.is_learned)
            self.tracer.graph.constants[name] = self.tracer.values[name] = constant
        return Ref(name)

    def _subscript(self, node: ast.Subscript, scope: dict[str, Any]) -> Any:
        owner = self.value(node.value, scope)
        if not isinstance(owner, (list, tuple, dict)):
            raise NotUnderstood("takes an element of something that is no list.")
        return owner[self.value(node.slice, scope)]

    def _call(self, node: ast.Call, scope: dict[str, Any]) -> Any:
        dotted = _dotted(node.func)
        root = dotted.partition(".")[0]
        if root in ("annotate", "unchecked_cast"):
            return self.value(node.args[1], scope)
        if root == "uninitialized":
            return _UNKNOWN
        arguments = [self.value(argument, scope) for argument in node.args]
        named = {item.arg: self.value(item.value, scope) for item in node.keywords if item.arg}
        if root == "getattr":
            return self._member(arguments[0], arguments[1])
        # A size that was traced is a tensor there, and goes on as one.
        if root in ("int", "float", "bool"):
            if arguments[0] is _UNKNOWN:
                raise NotUnderstood("asks for a number that nobody can tell.")
            return arguments[0] if isinstance(arguments[0], Ref) else _CASTS[root](arguments[0])
        if root == "range" and all(type(argument) is int for argument in arguments):
            return range(*arguments)
        if root in ("torch", "ops") and root not in scope:
            return self._operator(dotted, arguments, named)
        if root == "__torch__":
            return self._own(dotted, arguments, named)
        function = scope.get(root)
        if isinstance(node.func, ast.Name) and isinstance(function, Function):
            return self.call_function(function, arguments, named)
        if isinstance(node.func, ast.Attribute):
            owner = self.value(node.func.value, scope)
            if isinstance(owner, Module):
                return self.call_module(owner, node.func.attr, arguments, named)
        raise NotUnderstood(f"calls '{dotted or type(node.func).__name__}', which is not followed.")

    def _own(self, dotted: str, arguments: list[Any], named: dict[str, Any]) -> Any:
        function = self.functions.get(dotted)
        if function is None:
            raise NotUnderstood(f"calls '{dotted}', which its code does not hold.")
        return self.call_function(function, arguments, named)

    # Operators

    def _operator(self, dotted: str, arguments: list[Any], named: dict[str, Any]) -> Any:
        name = dotted.rpartition(".")[2]
        if name in ("NumToTensor", "ScalarImplicit", "tensor", "unchecked_unwrap_optional", "implicit_tensor_to_num"):
            return arguments[0]
        if name == "RaiseException":
            raise NotUnderstood("raises an error on an input of this size.")
        if name in ("warn", "Print"):
            return None
        if name in _FACTS:
            found = self._asked(name, arguments)
            if found is not _UNKNOWN:
                return found
        if name in _IDENTITY or (name in _OF_LISTS and arguments and isinstance(arguments[0], (list, tuple))):
            return self._number(name, arguments)
        if not any(isinstance(item, Ref) for item in _flat([arguments, list(named.values())])):
            return self._number(name, arguments)
        return self._operation(name, arguments, named)

    def _asked(self, name: str, arguments: list[Any]) -> Any:
        """Facts about a tensor."""
        if not arguments or not isinstance(arguments[0], Ref):
            return _UNKNOWN
        value = self.tracer.values.get(arguments[0].name)
        if not isinstance(value, (View, Pending, Constant)):
            raise NotUnderstood("asks for the size of a tensor that nobody can tell.")
        sizes = self.tracer.shape_of(value)
        if name == "size":
            return sizes[arguments[1]] if len(arguments) > 1 else sizes
        if name == "dim":
            return len(sizes)
        if name == "numel":
            product = 1
            for size in sizes:
                product *= size
            return product
        return {"is_floating_point": True, "is_cuda": False, "requires_grad": False, "dtype": 6}.get(name)

    def _number(self, name: str, arguments: list[Any]) -> Any:
        """Arithmetic on plain numbers and lists."""
        function = FUNCTIONS.get(name.rstrip("_") if name not in FUNCTIONS else name)
        if function is None:
            return _UNKNOWN
        if any(item is _UNKNOWN for item in arguments):
            return _UNKNOWN
        # The third argument is alpha, a factor of 1 in arithmetic of sizes.
        plain = arguments[:2] if name in ("add", "sub") else arguments
        return bounded(function(*plain))

    def _operation(self, name: str, arguments: list[Any], named: dict[str, Any]) -> Any:
        """An operator on tensors: its operations are followed at once, so that sizes can be asked for."""
        own = operator_name(f"aten::{name}")
        self.made += 1
        counts = self._outputs(own, arguments)
        outputs = tuple(f"%{self.made}.{index}" for index in range(counts))
        path = (*self.path, own)
        known = OPERATORS.get(own)
        before = len(self.tracer.graph.operations)
        if known is not None:
            call = Call(own, {**dict(zip(known[0].split(), arguments, strict=False)), **named}, outputs, path)
            write(self.builder, call)
        else:
            inputs = tuple(item.name for item in _flat([arguments]) if isinstance(item, Ref))
            self.tracer.graph.operations.append(Operation(own, inputs, outputs, {}, path))
        for operation in self.tracer.graph.operations[before:]:
            for constant in operation.inputs:
                if constant in self.tracer.graph.constants:
                    self.tracer.values.setdefault(constant, self.tracer.graph.constants[constant])
            self.tracer.follow(operation)
        if own in _LISTS or own in _PAIRS:
            return [Ref(output) for output in outputs]
        return (Ref(outputs[0]), None, None) if own in _TUPLES else Ref(outputs[0])

    def _outputs(self, name: str, arguments: list[Any]) -> int:
        """The number of tensors that an operator returns."""
        if name not in _LISTS:
            return 2 if name in _PAIRS else 1
        sizes = self._asked("size", arguments[:1])
        axis = arguments[2] if len(arguments) > 2 else 0
        if name == "unbind":
            return int(sizes[arguments[1] if len(arguments) > 1 else 0])
        amount = arguments[1]
        if isinstance(amount, list):
            return len(amount)
        have = sizes[axis]
        part = -(-have // amount) if name == "chunk" else amount
        return int(-(-have // part)) if part > 0 else 1


_FACTS = ("size", "dim", "numel", "is_floating_point", "is_cuda", "requires_grad", "dtype", "device", "layout")
_IDENTITY = ("__is__", "__isnot__")
_OF_LISTS = ("append", "len", "list", "__getitem__", "copy", "slice")
_LISTS = ("chunk", "split", "split_with_sizes", "unbind")
_PAIRS = (
    *[f"max_pool{rank}d_with_indices" for rank in (1, 2, 3)],
    *[f"adaptive_max_pool{rank}d" for rank in (1, 2, 3)],
)
_TUPLES = (
    *("lstm", "gru", "native_batch_norm", "_batch_norm_impl_index"),
    *("_native_multi_head_attention", "native_layer_norm", "native_group_norm", "native_dropout"),
)
_CASTS: dict[str, Callable[[Any], Any]] = {"int": int, "float": float, "bool": bool}


def _dotted(node: ast.expr) -> str:
    """`torch.nn.functional.relu` for an attribute of an attribute, "" for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _flat(value: Any, depth: int = 0) -> list[Any]:
    if isinstance(value, (list, tuple)) and depth < 10:
        return [item for part in value for item in _flat(part, depth + 1)]
    return [value]


def _list(interpreter: Interpreter, node: Any, scope: dict[str, Any]) -> Any:
    return [interpreter.value(item, scope) for item in node.elts]


def _tuple(interpreter: Interpreter, node: Any, scope: dict[str, Any]) -> Any:
    return tuple(interpreter.value(item, scope) for item in node.elts)


def _dict(interpreter: Interpreter, node: ast.Dict, scope: dict[str, Any]) -> Any:
    keys = [interpreter.value(key, scope) for key in node.keys if key is not None]
    if len(keys) < len(node.keys) or not all(isinstance(key, (str, int)) for key in keys):
        raise NotUnderstood("makes a table whose keys are no words and no numbers, which is not followed.")
    return dict(zip(keys, [interpreter.value(value, scope) for value in node.values], strict=True))


def _unary(interpreter: Interpreter, node: Any, scope: dict[str, Any]) -> Any:
    value = interpreter.value(node.operand, scope)
    if isinstance(node.op, ast.Not):
        return not value
    return -value if isinstance(node.op, ast.USub) else value


def _either(interpreter: Interpreter, node: Any, scope: dict[str, Any]) -> Any:
    values = [interpreter.value(item, scope) for item in node.values]
    return all(values) if isinstance(node.op, ast.And) else any(values)


def _choice(interpreter: Interpreter, node: Any, scope: dict[str, Any]) -> Any:
    return interpreter.value(node.body if interpreter.value(node.test, scope) else node.orelse, scope)


_EXPRESSIONS: dict[type[ast.expr], Callable[[Interpreter, Any, dict[str, Any]], Any]] = {
    ast.Constant: lambda _interpreter, node, _scope: node.value,
    ast.Name: Interpreter._name,
    ast.Attribute: Interpreter._attribute,
    ast.Subscript: Interpreter._subscript,
    ast.Call: Interpreter._call,
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Dict: _dict,
    ast.UnaryOp: _unary,
    ast.BoolOp: _either,
    ast.IfExp: _choice,
}
