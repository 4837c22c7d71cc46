"""The attributes and methods that every module has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cnnstudio.formats.source.language.core import MISSING, Core
from cnnstudio.formats.source.language.libraries import copied
from cnnstudio.formats.source.language.values import Instance, Native, NotFollowed, Thing, Unknown
from cnnstudio.formats.source.torch.arrays import Array
from cnnstudio.formats.source.torch.containers import Container
from cnnstudio.formats.source.torch.tree import Module, children, is_module, walk, weights

_SAME = (
    *("train", "eval", "to", "cuda", "cpu", "half", "float", "double", "requires_grad_", "share_memory", "type"),
    *("bfloat16", "to_empty"),
)
_NOTHING = (
    *("zero_grad", "load_state_dict", "register_forward_hook", "register_forward_pre_hook", "compile", "__init__"),
    *("register_full_backward_hook", "register_backward_hook", "reset_parameters", "init_weights", "_init_weights"),
    *("save_hyperparameters", "log", "log_dict", "extra_repr", "flatten_parameters", "__setstate__", "post_init"),
    *("_check_input_dim", "_check_input_dims"),
)
Method = Callable[[Core, Any, list[Any], dict[str, Any]], Any]


def _paths(value: Any) -> list[tuple[str, Any]]:
    return [(".".join(path), item) for path, item in walk(value)]


def parameters_of(value: Any, is_learned: bool) -> list[tuple[str, Array]]:
    found: dict[int, tuple[str, Array]] = {}
    for path, item in walk(value):
        for name, array in weights(item).items():
            if array.is_learned is is_learned:
                found.setdefault(id(array), (".".join((*path, name)), array))
    return list(found.values())


def _apply(core: Core, value: Any, given: list[Any], _named: dict[str, Any]) -> Any:
    for _, item in reversed(list(walk(value))):
        core.call(given[0], [item], {})
    return value


def _add_module(core: Core, value: Any, given: list[Any], named: dict[str, Any]) -> None:
    arguments = [*given, *named.values()]
    if len(arguments) != 2:
        raise NotFollowed("calls add_module with other arguments than a name and a module.")
    name, module = arguments
    if isinstance(name, Unknown):
        raise NotFollowed(f"adds a module whose name is not known: {name.why}.")
    if isinstance(value, Module):
        if isinstance(value, Container):
            value.put(str(name), module)
        else:
            value.inner[str(name)] = module
    elif isinstance(value, Instance) and isinstance(value.state, Container):
        value.state.put(str(name), module)
    else:
        core.set_attribute(value, str(name), module)


def _register(is_learned: bool) -> Method:
    def method(core: Core, value: Any, given: list[Any], named: dict[str, Any]) -> None:
        arguments = [*given, *(item for key, item in named.items() if key != "persistent")]
        item = arguments[1] if len(arguments) > 1 else None
        if isinstance(item, Array):
            item = item if is_learned else Array(item.shape, is_learned=False, is_float=item.is_float)
        if isinstance(value, Module) and isinstance(item, Array):
            value.own[str(arguments[0])] = item
        elif isinstance(value, Module):
            value.others[str(arguments[0])] = item
        else:
            core.set_attribute(value, str(arguments[0]), item)

    return method


class StateDict(Thing):
    """The weights of a module by their names; what is put into it changes nothing that is counted."""

    title = "a state_dict"

    def __init__(self, pairs: dict[str, Any]) -> None:
        self.pairs = pairs

    def attribute(self, name: str) -> Any:
        """The methods of a dict."""
        methods: dict[str, Callable[[list[Any]], Any]] = {
            "keys": lambda _given: list(self.pairs),
            "values": lambda _given: list(self.pairs.values()),
            "items": lambda _given: list(self.pairs.items()),
            "get": lambda given: self.pairs.get(given[0], given[1] if len(given) > 1 else None),
            "pop": lambda given: self.pairs.get(given[0]),
            "copy": lambda _given: self,
            "update": lambda _given: None,
        }
        if name not in methods:
            return super().attribute(name)
        return Native(name, lambda given, _named: methods[name](given))

    def item(self, key: Any) -> Any:
        """A weight by its name."""
        return self.pairs.get(key, Unknown("a weight that the network does not have")) if isinstance(key, str) else key

    def items(self) -> Iterator[Any]:
        """The names."""
        yield from list(self.pairs)

    def length(self) -> int:
        """The number of weights."""
        return len(self.pairs)

    def set_attribute(self, name: str, value: Any) -> None:
        """Puts in a weight."""

    def remove(self, key: Any) -> None:
        """Takes out a weight."""


def _state(_core: Core, value: Any, _given: list[Any], _named: dict[str, Any]) -> StateDict:
    return StateDict(dict([*parameters_of(value, True), *parameters_of(value, False)]))


def _submodule(core: Core, value: Any, given: list[Any], _named: dict[str, Any]) -> Any:
    for part in str(given[0]).split("."):
        value = core.attribute(value, part)
    return value


METHODS: dict[str, Method] = {
    "children": lambda _core, value, _given, _named: list(children(value).values()),
    "named_children": lambda _core, value, _given, _named: list(children(value).items()),
    "modules": lambda _core, value, _given, _named: [item for _, item in walk(value)],
    "named_modules": lambda _core, value, _given, _named: _paths(value),
    "parameters": lambda _core, value, _given, _named: [item for _, item in parameters_of(value, True)],
    "named_parameters": lambda _core, value, _given, _named: list(parameters_of(value, True)),
    "buffers": lambda _core, value, _given, _named: [item for _, item in parameters_of(value, False)],
    "named_buffers": lambda _core, value, _given, _named: list(parameters_of(value, False)),
    "state_dict": _state,
    "apply": _apply,
    "add_module": _add_module,
    "register_module": _add_module,
    "register_parameter": _register(True),
    "register_buffer": _register(False),
    "get_submodule": _submodule,
    **{name: lambda _core, value, _given, _named: value for name in _SAME},
    **{name: lambda _core, _value, _given, _named: None for name in _NOTHING},
}


def attribute_of(core: Core, value: Any, name: str) -> Any:
    """The value that every module has under a name; MISSING if it has nothing."""
    if name == "training":
        return False
    # What DataParallel and its like wrap is taken for the network itself.
    if name == "module":
        return value
    if name in ("_modules", "_parameters", "_buffers"):
        return children(value) if name == "_modules" else weights(value)
    if name == "device" or name == "dtype":
        return Unknown(f"the {name} of a module")
    method = METHODS.get(name)
    if method is None:
        return MISSING
    return Native(name, lambda given, named: method(core, value, given, named))


_OF_CONTAINERS: dict[str, Method] = {
    "append": lambda _core, value, given, _named: (value.append(given[0]), value)[1],
    "insert": lambda _core, value, given, _named: value.insert(given[0], given[1]),
    "keys": lambda _core, value, _given, _named: list(value.inner),
    "values": lambda _core, value, _given, _named: list(value.inner.values()),
    "items": lambda _core, value, _given, _named: list(value.inner.items()),
    "pop": lambda _core, value, given, _named: _popped(value, given),
}


def _popped(value: Container, given: list[Any]) -> Any:
    found = value.item(given[0] if given else -1)
    value.remove(given[0] if given else -1)
    return found


def _extend(core: Core, value: Container, given: list[Any], _named: dict[str, Any]) -> Container:
    for item in list(core.items(given[0])):
        value.append(item)
    return value


def _update(core: Core, value: Container, given: list[Any], _named: dict[str, Any]) -> None:
    source = given[0]
    pairs = source.items() if isinstance(source, dict) else [tuple(core.items(pair)) for pair in core.items(source)]
    for name, item in pairs:
        value.put(str(name), item)


def container_method(core: Core, value: Container, name: str) -> Any:
    """A method of a container; MISSING if it has none of this name."""
    if name in ("__len__", "__getitem__", "__iter__", "__setitem__"):
        plain: dict[str, Callable[[list[Any]], Any]] = {
            "__len__": lambda _given: value.length(),
            "__getitem__": lambda given: value.item(given[0]),
            "__iter__": lambda _given: list(value.items()),
            "__setitem__": lambda given: value.set_attribute(str(given[0]), given[1]),
        }
        return Native(name, lambda given, _named: plain[name](given))
    method = {"extend": _extend, "update": _update}.get(name) or _OF_CONTAINERS.get(name)
    if method is None:
        return MISSING
    return Native(name, lambda given, named: method(core, value, given, named))


def copy_of(core: Core, value: Any) -> Any:
    """Another module like this one."""
    if isinstance(value, Container):
        made = Container(value.kind, value.line, value.host)
        for name, item in value.inner.items():
            made.inner[name] = copied(core, item, {}, 0) if is_module(item) else item
        return made
    return value
