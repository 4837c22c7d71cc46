"""The networks of a program: those that it makes, and those that its classes and functions make without arguments."""

from __future__ import annotations

import ast
import re
from typing import Any

from msgspec import Struct, field

from cnnstudio.formats.foreign.keras.table import LAYERS
from cnnstudio.formats.source.facts import (
    MAKERS,
    calls_in,
    givers_in,
    gives_something,
    is_network,
    makes_nothing,
    missing_of,
    referred,
    returned_by,
    returns,
    start_of,
)
from cnnstudio.formats.source.frameworks import Libraries
from cnnstudio.formats.source.keras.host import KerasModels
from cnnstudio.formats.source.keras.layers import KerasLayer
from cnnstudio.formats.source.keras.models import Functional, Model
from cnnstudio.formats.source.keras.names import MODEL
from cnnstudio.formats.source.language.limits import Exhausted
from cnnstudio.formats.source.language.parsing import walked
from cnnstudio.formats.source.language.program import Program
from cnnstudio.formats.source.language.values import Class, Function, Instance, NotFollowed, Raised
from cnnstudio.formats.source.torch.host import TorchModules
from cnnstudio.formats.source.torch.tree import SPOILED, children, is_module

MAX_CANDIDATES = 200
NETWORK = re.compile(r"^(?:my_?)?(?:net|model|network|cnn|generator|discriminator|encoder)_?\d*$", re.IGNORECASE)
"""Names that people give to a network."""
PART = re.compile(r"^(?:generator|discriminator|encoder)", re.IGNORECASE)
"""Those that they also give to parts of one, and to what is no network, such as an encoder of labels."""


_LOSS = re.compile(r"(?:loss|metric|criterion|accuracy|optimizer)s?(?:_?\d+d?|_fn)?$", re.IGNORECASE)
"""The ends of names of what is trained with, which is no network."""


_ASIDE = re.compile(r"^_|augment|preprocess|callback", re.IGNORECASE)
"""Names of functions that give no network, or only a part of one."""


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
    return isinstance(code, ast.FunctionDef) and not returns(code) and not missing_of(function)


def _try_out(program: Program, function: Function) -> None:
    try:
        program.call(function, [], {})
    except Exhausted:
        raise
    except (NotFollowed, Raised, RecursionError):
        return


def _found(program: Program, libraries: Libraries, tree: ast.Module) -> list[Candidate]:
    used = referred(tree)
    found = [*_made(program, libraries.torch, used), *_models(program, libraries.keras)]
    givers = givers_in(program)
    for name, value in list(program.scope.names.items()):
        if isinstance(value, Class) and is_network(value) and not gives_something(value):
            continue
        if isinstance(value, Class) and is_network(value) and _is_own(value, tree):
            is_part = name in used or makes_nothing(value)
            found.append(Candidate(name, value.line, None, value, missing_of(start_of(value)), is_part))
        elif isinstance(value, Function) and name in givers:
            is_part = name in used or _ASIDE.search(name) is not None
            found.append(Candidate(name, value.code.lineno, None, value, missing_of(value), is_part))
        elif isinstance(value, Class) and _is_own(value, tree):
            found += _by_methods(value, used)
        elif isinstance(value, Function) and libraries.keras.is_used and _is_block(value):
            found.append(Candidate(name, value.code.lineno, None, value, missing_of(value), is_part=True))
    return _once(found)


def _is_block(value: Function) -> bool:
    """True for a function that applies layers of Keras to what it is given: a part of a network."""
    code = value.code
    return isinstance(code, ast.FunctionDef) and returns(code) and bool(calls_in(code) & LAYERS.keys())


def _by_methods(owner: Class, used: set[str]) -> list[Candidate]:
    """The networks that methods of a class give: `ResnetBuilder.build_resnet_18`."""
    methods = {name: item for name, item in owner.members.items() if isinstance(item, Function)}
    codes = {name: item.code for name, item in methods.items() if isinstance(item.code, ast.FunctionDef)}
    givers = {name for name, code in codes.items() if returns(code) and calls_in(code) & MAKERS}
    returned = {name: returned_by(code) for name, code in codes.items()} if givers else {}
    for _ in range(3):
        givers |= {name for name, found in returned.items() if found & givers}
    start = missing_of(start_of(owner))
    rows = []
    if any(calls_in(code) & MAKERS for name, code in codes.items() if name not in givers):
        rows.append(Candidate(owner.name, owner.line, None, owner, start, owner.name in used))
    for name in givers:
        missing = missing_of(methods[name]) if methods[name].kind else (*start, *missing_of(methods[name]))
        called = any(name in calls_in(code) for other, code in codes.items() if other != name)
        is_part = called or owner.name in used or _ASIDE.search(name) is not None
        line = codes[name].lineno
        rows.append(Candidate(f"{owner.name}.{name}", line, None, methods[name], missing, is_part, owner))
    return sorted(rows, key=lambda row: row.line)


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
    """The parts of a Sequential, and the models that a Merge among them joins."""
    parts = [] if isinstance(model, Functional) else list(model.parts())
    joined = [part.config.get("layers") for part in parts if isinstance(part, KerasLayer) and part.kind == "Merge"]
    return [*parts, *(inner for models in joined if isinstance(models, (list, tuple)) for inner in models)]


def _size(made: Any) -> int:
    return len(made.parts()) if isinstance(made, Model) else 0


def _is_own(value: Class, tree: ast.Module) -> bool:
    return any(isinstance(node, ast.ClassDef) and node.lineno == value.line for node in walked(tree))


def _made(program: Program, torch: TorchModules, used: set[str]) -> list[Candidate]:
    """The networks that the program made itself and that are no part of another; last those that others are made of."""
    inner = {id(item) for made in torch.made for item in children(made).values()}
    names = {id(value): name for name, value in reversed(list(program.scope.names.items())) if is_module(value)}
    found = []
    for made in torch.made:
        is_whole = id(made) not in inner and (isinstance(made, Instance) or _is_more_than_one(made))
        if isinstance(made, Instance) and not gives_something(made.kind):
            continue
        if isinstance(made, Instance) and SPOILED in made.attributes and missing_of(start_of(made.kind)):
            # It could not be made, and its class asks for what it takes.
            continue
        is_named = NETWORK.search(names.get(id(made), "")) is not None
        if is_whole or (is_named and id(made) not in inner):
            own = made.kind.name if isinstance(made, Instance) else names.get(id(made), "network")
            is_loose = own in used or (own == "network" and id(made) not in names)
            found.append((not is_named, is_loose, Candidate(own, made.line, made)))
    return [candidate for *_, candidate in sorted(found, key=lambda row: row[:2])]


def _is_more_than_one(made: Any) -> bool:
    """True for a container of several modules, or of one that holds some."""
    held = children(made).values()
    return len(held) > 1 or any(children(item) for item in held)


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
