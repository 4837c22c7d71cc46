"""The networks of a program: those that it makes, and those that its classes and functions make without arguments."""

from __future__ import annotations

import ast
import re
from typing import Any

from msgspec import Struct, field

from cnnstudio.formats.source.frameworks import Libraries
from cnnstudio.formats.source.keras.host import KerasModels
from cnnstudio.formats.source.keras.models import Functional, Model
from cnnstudio.formats.source.keras.names import MODEL
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.language.limits import Exhausted
from cnnstudio.formats.source.language.program import Program
from cnnstudio.formats.source.language.values import Class, Function, Instance, NotFollowed, Raised, Unknown
from cnnstudio.formats.source.torch.host import TorchModules
from cnnstudio.formats.source.torch.tree import children, is_module, is_network

MAX_CANDIDATES = 200
NETWORK = re.compile(r"^(?:my_?)?(?:net|model|network|cnn|generator|discriminator|encoder)_?\d*$", re.IGNORECASE)
"""Names that people give to a network."""
PART = re.compile(r"^(?:generator|discriminator|encoder)", re.IGNORECASE)
"""Those that they also give to parts of one, and to what is no network, such as an encoder of labels."""


_MAKERS = {"Sequential", "Model", "Input"}
_LOSS = re.compile(r"(?:loss|metric|criterion|accuracy|optimizer)s?(?:_?\d+|_fn)?$", re.IGNORECASE)
"""The ends of names of what is trained with, which is no network."""


class Candidate(Struct, eq=False):
    """A network by its name and line. `value` is there if the program made it; else `maker` makes it, which needs the
    arguments of `missing`, and is a method of the class `owner` if there is one. `assumed` are sentences about
    arguments that nobody states.
    """

    name: str
    line: int
    value: Any = None
    maker: Any = None
    missing: tuple[str, ...] = ()
    is_part: bool = False
    owner: Class | None = None
    assumed: list[str] = field(default_factory=list)


def find(program: Program, libraries: Libraries, tree: ast.Module) -> list[Candidate]:
    """Every network, the likeliest first: those made by the program, functions that give one, classes."""
    candidates = _found(program, libraries, tree)
    if not any(item.value is not None or not (item.is_part or item.missing) for item in candidates):
        # Many a file has a `test()` or `main()` that nobody calls in it.
        for value in list(program.scope.names.values()):
            if isinstance(value, Function) and _is_trial(value):
                _try_out(program, value)
        candidates = _found(program, libraries, tree)
    return candidates


def _is_trial(function: Function) -> bool:
    code = function.code
    return isinstance(code, ast.FunctionDef) and not _returns(code) and not _missing(function)


def _try_out(program: Program, function: Function) -> None:
    try:
        program.call(function, [], {})
    except Exhausted:
        raise
    except (NotFollowed, Raised, RecursionError):
        return


def _found(program: Program, libraries: Libraries, tree: ast.Module) -> list[Candidate]:
    found = [*_made(program, libraries.torch), *_models(program, libraries.keras)]
    used = _referred(tree)
    givers = _givers(program)
    for name, value in list(program.scope.names.items()):
        if isinstance(value, Class) and _is_network(value) and _is_own(value, tree):
            found.append(Candidate(name, value.line, None, value, _missing(_start_of(value)), name in used))
        elif isinstance(value, Function) and name in givers:
            is_part = name in used or name.startswith("_")
            found.append(Candidate(name, value.code.lineno, None, value, _missing(value), is_part))
        elif isinstance(value, Class) and _is_own(value, tree):
            found += _by_methods(value, used)
    return _once(found)


def _by_methods(owner: Class, used: set[str]) -> list[Candidate]:
    """The networks that methods of a class give: `ResnetBuilder.build_resnet_18`."""
    methods = {name: item for name, item in owner.members.items() if isinstance(item, Function)}
    codes = {name: item.code for name, item in methods.items() if isinstance(item.code, ast.FunctionDef)}
    givers = {name for name, code in codes.items() if _returns(code) and _calls(code) & _MAKERS}
    for _ in range(3):
        givers |= {name for name, code in codes.items() if _returned(code) & givers}
    start = _missing(_start_of(owner))
    rows = []
    for name in givers:
        missing = _missing(methods[name]) if methods[name].kind else (*start, *_missing(methods[name]))
        called = any(name in _calls(code) for other, code in codes.items() if other != name)
        is_part = called or owner.name in used or name.startswith("_")
        line = codes[name].lineno
        rows.append(Candidate(f"{owner.name}.{name}", line, None, methods[name], missing, is_part, owner))
    return sorted(rows, key=lambda row: row.line)


def _is_network(value: Class) -> bool:
    return is_network(value) or any(base in (MODEL, "keras.Sequential") for base in value.foreign)


def _models(program: Program, keras: KerasModels) -> list[Candidate]:
    """The models of Keras that the program made: what it trains first, then the largest."""
    names = {id(value): name for name, value in reversed(list(program.scope.names.items()))}
    held = {id(part) for made in keras.made if isinstance(made, Model) for part in _held(made)}
    wholes = [made for made in keras.made if isinstance(made, Instance) and not _only_trains(made)]
    held |= {id(item) for made in wholes for item in made.attributes.values()}
    rows = []
    for place, made in enumerate(keras.made):
        if id(made) in held or _only_trains(made):
            continue
        is_model = isinstance(made, Model) or MODEL in made.kind.foreign or "keras.Sequential" in made.kind.foreign
        if is_model:
            name = made.kind.name if isinstance(made, Instance) else made.name or names.get(id(made), "model")
            name = names.get(id(made), name)
            is_named = NETWORK.search(names.get(id(made), "")) is not None
            rank = (-getattr(made, "uses", 0), not is_named, -_size(made), -place)
            rows.append((rank, Candidate(name, made.line, made)))
    return [candidate for _, candidate in sorted(rows, key=lambda row: row[0])]


def _only_trains(made: Any) -> bool:
    """True for an object that trains models which it holds, and is no network itself, as it does not say `call`."""
    if not isinstance(made, Instance) or made.state is not None:
        return False
    try:
        made.kind.find("call")
    except KeyError:
        return True
    return False


def _held(model: Model) -> list[Any]:
    return [] if isinstance(model, Functional) else list(model.parts())


def _size(made: Any) -> int:
    return len(made.parts()) if isinstance(made, Model) else 0


def _is_own(value: Class, tree: ast.Module) -> bool:
    return any(isinstance(node, ast.ClassDef) and node.lineno == value.line for node in ast.walk(tree))


def _made(program: Program, torch: TorchModules) -> list[Candidate]:
    """The networks that the program made itself and that are no part of another."""
    inner = {id(item) for made in torch.made for item in children(made).values()}
    names = {id(value): name for name, value in reversed(list(program.scope.names.items())) if is_module(value)}
    found = []
    for made in torch.made:
        is_whole = id(made) not in inner and (isinstance(made, Instance) or len(children(made)) > 1)
        if is_whole:
            own = made.kind.name if isinstance(made, Instance) else names.get(id(made), "network")
            is_named = NETWORK.search(names.get(id(made), "")) is not None
            is_loose = own == "network" and id(made) not in names
            found.append((not is_named, is_loose, Candidate(own, made.line, made)))
    return [candidate for *_, candidate in sorted(found, key=lambda row: row[:2])]


def _once(found: list[Candidate]) -> list[Candidate]:
    """Each name once, what was made before what could be; parts of others last."""
    kept: dict[str, Candidate] = {}
    for candidate in found:
        # Two objects of one class are two networks, which may have other arguments.
        before = kept.get(candidate.name)
        if before is not None and candidate.value is not None and before.value is not candidate.value:
            count = sum(name.startswith(candidate.name) for name in kept)
            candidate.name = f"{candidate.name} {count + 1}"
        if _LOSS.search(candidate.name):
            continue
        if candidate.name not in kept and len(kept) < MAX_CANDIDATES:
            kept[candidate.name] = candidate
    return sorted(kept.values(), key=lambda item: (item.value is None, item.is_part, bool(item.missing)))


def _start_of(kind: Class) -> Function | None:
    try:
        found = kind.find("__init__")
    except KeyError:
        return None
    return found if isinstance(found, Function) else None


def _missing(function: Function | None) -> tuple[str, ...]:
    """The arguments without a default."""
    if function is None:
        return ()
    code = function.code.args
    is_bound = function.owner is not None and function.kind != "staticmethod"
    names = [item.arg for item in (*code.posonlyargs, *code.args)][is_bound:]
    required = names[: len(names) - len(function.defaults)]
    more = [item.arg for item in code.kwonlyargs if item.arg not in function.named_defaults]
    return (*required, *more)


def _referred(tree: ast.Module) -> set[str]:
    """The names of classes that other classes and functions of the file use."""
    used: set[str] = set()
    for outer in tree.body:
        if isinstance(outer, ast.ClassDef) or (isinstance(outer, ast.FunctionDef) and _returns(outer)):
            bases = list(getattr(outer, "bases", []))
            names = {node.id for node in ast.walk(outer) if isinstance(node, ast.Name) and node not in bases}
            used |= names - {outer.name}
    return used


def _returns(code: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Return) and node.value is not None for node in ast.walk(code))


def _givers(program: Program) -> set[str]:
    """The functions that seem to give a network: they return something and make one, or return what such one gives."""
    names = program.scope.names
    makers = {name for name, value in names.items() if isinstance(value, Class) and _is_network(value)}
    functions = {
        name: value.code
        for name, value in names.items()
        if isinstance(value, Function) and isinstance(value.code, ast.FunctionDef) and _returns(value.code)
    }
    givers = {name for name, code in functions.items() if _calls(code) & (makers | _MAKERS)}
    for _ in range(3):
        givers |= {name for name, code in functions.items() if _returned(code) & givers}
    return givers


def _calls(code: ast.FunctionDef) -> set[str]:
    """The names that a function calls."""
    nodes = [node.func for node in ast.walk(code) if isinstance(node, ast.Call)]
    return {node.id if isinstance(node, ast.Name) else getattr(node, "attr", "") for node in nodes}


def _returned(code: ast.FunctionDef) -> set[str]:
    """The names whose calls a function returns."""
    values = [node.value for node in ast.walk(code) if isinstance(node, ast.Return)]
    return {_called(value) for value in values if isinstance(value, ast.Call)}


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _made_by(program: Program, candidate: Candidate, given: dict[str, Any]) -> Any:
    maker, owner = candidate.maker, candidate.owner
    if owner is None or maker.kind == "staticmethod":
        return program.call(maker, [], given)
    start, own = _settable(owner), _settable(maker)
    if maker.kind == "classmethod":
        return program.call(maker, [owner], given)
    made = program.create(owner, [], {name: value for name, value in given.items() if name in start})
    return program.call(maker, [made], {name: value for name, value in given.items() if name in own})


def build(program: Program, candidate: Candidate, libraries: Libraries) -> Any:
    """The network itself, made if the program did not. Raises NotFollowed if that takes arguments, or fails."""
    if candidate.value is not None:
        return candidate.value
    settable = _settable(candidate.maker) + (_settable(candidate.owner) if candidate.owner is not None else [])
    given = {name: program.settings[name] for name in settable if name in program.settings}
    program.used_settings |= set(given)
    missing = [name for name in candidate.missing if name not in given]
    assumed = libraries.keras.arguments(missing)
    given |= assumed
    candidate.assumed = [f"{name} is {value}, which the file does not state." for name, value in assumed.items()]
    missing = [name for name in missing if name not in assumed]
    if missing:
        words = " and ".join(f"'{name}'" for name in missing)
        settings = " ".join(f"--set {name}=..." for name in missing)
        settings += f"; {' and '.join(assumed)} follow --input-size, else that of 3,224,224" if assumed else ""
        raise NotFollowed(
            f"{candidate.name} takes {words}, which the file does not state; give {settings}.", candidate.line
        )
    try:
        made = _made_by(program, candidate, given)
    except Raised as error:
        raise NotFollowed(error.sentence, error.line or candidate.line) from None
    if isinstance(made, KerasTensor):
        made = [made]
    if isinstance(made, (tuple, list)) and made:
        made = libraries.keras.leading_to(made) or made[0]
    if isinstance(made, Unknown):
        raise NotFollowed(f"{candidate.name} cannot be made: {made.why}.", candidate.line)
    return made


def _settable(maker: Any) -> list[str]:
    function = _start_of(maker) if isinstance(maker, Class) else maker
    if not isinstance(function, Function):
        return []
    code = function.code.args
    return [item.arg for item in (*code.posonlyargs, *code.args, *code.kwonlyargs)]
