"""PyTorch as a framework of the interpreter: what its names make, and what its modules do when they are called."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from cnnstudio.core.arithmetic.shape import MAX_RANK
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.foreign.torch.operators import OPERATORS, operator_name
from cnnstudio.formats.source.language.core import MISSING, Core
from cnnstudio.formats.source.language.limits import Exhausted
from cnnstudio.formats.source.language.values import Foreign, Instance, Native, NotFollowed, Raised, Unknown
from cnnstudio.formats.source.sizes import Size
from cnnstudio.formats.source.torch import layers, zoo
from cnnstudio.formats.source.torch.applying import apply
from cnnstudio.formats.source.torch.arrays import Array
from cnnstudio.formats.source.torch.binding import Binder
from cnnstudio.formats.source.torch.calls import einops
from cnnstudio.formats.source.torch.calls.adding import bound
from cnnstudio.formats.source.torch.calls.sampling import Distribution
from cnnstudio.formats.source.torch.calls.shapes import of_arrays
from cnnstudio.formats.source.torch.containers import KINDS, Container
from cnnstudio.formats.source.torch.layers import Layer, normed
from cnnstudio.formats.source.torch.library import Library
from cnnstudio.formats.source.torch.modules import attribute_of, container_method, copy_of
from cnnstudio.formats.source.torch.tensors import Tensor, operate
from cnnstudio.formats.source.torch.trace import Trace
from cnnstudio.formats.source.torch.tree import MODULE, Module, is_module, refuse_spoiled

_FILLS = ("zeros", "ones", "rand", "randn", "empty", "full", "randint", "eye", "normal", "FloatTensor", "Tensor")
_SAME = (
    *("torch.nn.DataParallel", "torch.nn.parallel.DistributedDataParallel", "torch.compile", "torch.jit.script"),
    *("torch.nn.utils.spectral_norm", "torch.nn.utils.parametrizations.spectral_norm", "torch.jit.export"),
    *("torch.nn.utils.rnn.pack_padded_sequence", "torch.nn.utils.rnn.pack_sequence"),
    *("torch.nn.SyncBatchNorm.convert_sync_batchnorm", "torch.autograd.Variable", "torch.nn.utils.clip_grad_norm_"),
)
_WEIGHT_NORM = ("torch.nn.utils.weight_norm", "torch.nn.utils.parametrizations.weight_norm")
_FALSE = (
    *("torch.cuda.is_available", "torch.backends.mps.is_available", "torch.backends.cudnn.is_available"),
    *("torch.distributed.is_initialized", "torch.distributed.is_available", "torch.is_grad_enabled"),
    *("torch.jit.is_scripting", "torch.jit.is_tracing", "torch.cuda.device_count", "torch.is_tensor"),
)
_BASES = {"_BatchNorm": "BatchNorm2d", "_InstanceNorm": "InstanceNorm2d", "_LSTM": "LSTM"}
"""Classes that people derive theirs from, by one that is like them."""
_NORMS = ("SyncBatchNorm", "SynchronizedBatchNorm2d", "InPlaceABN", "InPlaceABNSync", "BatchNorm2dSync", "ABN")
"""Batch normalizations of other libraries."""
_OWN_WEIGHT = re.compile(r"^(?:weight|bias)_(?:u|v|bar|orig|sigma|raw)$")
"""Names under which sources put weights of their own into a layer; PyTorch's layers have none such."""
_FLOAT = ("torch.float32", "torch.float", "torch.float16", "torch.float64", "torch.double", "torch.half")


class TorchModules:
    """Makes modules and follows their calls. `trace` is the pass that is followed, None while a script is read."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.trace: Trace | None = None
        self.made: list[Any] = []
        self.shown: dict[int, tuple[Any, list[tuple[int, ...]]]] = {}
        """The shapes that each module is called with; the module is held, so that its id is nobody else's."""
        self.library = Library(core)

    @staticmethod
    def canonical(name: str) -> str:
        """`torch.nn.Conv2d` for `torch.nn.modules.conv.Conv2d`."""
        if name.startswith(("torch.nn.modules.", "torch.nn.parameter.")):
            bare = name.rpartition(".")[2]
            # A module such as `torch.nn.modules.batchnorm` is itself no class of it.
            return name if bare[:1].islower() else f"torch.nn.{_BASES.get(bare, bare)}"
        if name.rpartition(".")[2] in _NORMS and not name.startswith("torch.nn."):
            return "torch.nn.BatchNorm2d"
        if name == "torch.jit.ScriptModule" or name.endswith(".LightningModule"):
            return MODULE
        return name

    @staticmethod
    def knows(name: str) -> bool:
        """True for a name that `from torch.nn import *` gives, or the functional module."""
        module, _, bare = name.rpartition(".")
        if module == "torch.nn":
            return layers.spelling_of(name) is not None or bare in (*KINDS, "Module", "Parameter", "functional", "init")
        return module == "torch.nn.functional" and (bare in OPERATORS or Binder.functions(bare) is not None)

    def member(self, name: str) -> Any:
        """The value of a name that is more than a name."""
        return False if name == "torch.backends.cudnn.benchmark" else self.library.member(name)

    # Calls

    def call(self, name: str, given: list[Any], named: dict[str, Any]) -> Any:
        """The result of a class or a function of PyTorch; Unknown for one that is not known."""
        bare = name.rpartition(".")[2]
        if name.startswith("torch.nn.") and not name.startswith(("torch.nn.functional.", "torch.nn.utils.")):
            made = self._of_nn(name, bare, given, named)
            if made is not MISSING:
                return made
        if name.startswith("einops."):
            return einops.made(self, name, given, named)
        if name == "torch.einsum" and given:
            return einops.einsum(self.core, given)
        if name.startswith("torchvision.models.") and bare[:1].islower():
            return zoo.make(self, bare, named)
        if name == "torch.nn.utils.rnn.pad_packed_sequence":
            return (given[0], Unknown("the lengths of sequences")) if given else Unknown(f"what {name} gives")
        if name in _SAME:
            return given[0] if given else Unknown(f"what {name} gives")
        if name in _FALSE:
            return 0 if name.endswith("device_count") else False
        if name in _WEIGHT_NORM:
            return normed(given[0]) if given and is_module(given[0]) else Unknown(f"what {name} gives")
        if name == "torch.hub.load" and len(given) > 1 and str(given[0]).startswith("pytorch/vision"):
            return self.core.call(self.core.foreign(f"torchvision.models.{given[1]}"), [], named)
        if name in ("torch.utils.checkpoint.checkpoint", "torch.utils.checkpoint.checkpoint_sequential"):
            return self.core.call(given[0], given[1:], {})
        if name in ("torch.tensor", "torch.as_tensor", "torch.from_numpy", "torch.LongTensor"):
            return _tensor(given)
        if bare in _FILLS and name.startswith("torch.") and not name.startswith(("torch.nn.", "torch.utils.")):
            return _filled(bare, given, named)
        return self._of_tensors(name, bare, given, named)

    def _of_tensors(self, name: str, bare: str, given: list[Any], named: dict[str, Any]) -> Any:
        """The result of a function of tensors, those of the network or others."""
        values = _flat([*given, *named.values()])
        if name.startswith("torch.distributions.") and bare[:1].isupper():
            parts = [item for item in values if isinstance(item, Tensor)]
            return Distribution(self.core, parts) if parts else Unknown(f"what {name} gives")
        if any(isinstance(item, Tensor) for item in values):
            return self._function(bare, given, named)
        if self.trace is None and any(isinstance(item, Array) and len(item.shape) > 1 for item in given):
            return self._tried(lambda inner: self._function(bare, inner, named), given, f"what {bare} gives")
        if any(isinstance(item, Array) for item in values) and name.startswith("torch."):
            lost = next((item for item in values if isinstance(item, Unknown)), None)
            found = lost.part if lost is not None else of_arrays(bare, given, named)
            if found is not None:
                return found
        return Unknown(f"what {name} gives")

    def _of_nn(self, name: str, bare: str, given: list[Any], named: dict[str, Any]) -> Any:
        if name.startswith("torch.nn.init."):
            return given[0] if given else None
        if bare in KINDS:
            made = Container(name, self.core.line, self)
            self.made.append(made)
            made.fill(given, self.core.items)
            return made
        if bare in ("Parameter", "Buffer"):
            return self._parameter([*given, *named.values()], is_learned=bare == "Parameter")
        if name == MODULE:
            return Module(name, self.core.line, self)
        if bare == "Identity":
            given, named = [], {}
        if bare.startswith("MaxUnpool"):
            return Unpool(self, name, given, named)
        made_layer = layers.make(name, self, given, named)
        if made_layer is not None and not bare[:1].islower():
            self.made.append(made_layer)
            return made_layer
        if bare[:1].isupper() and bare.endswith("Loss"):
            return Unknown(f"the loss {bare}")
        return MISSING

    def _parameter(self, values: list[Any], *, is_learned: bool) -> Any:
        if not values or not isinstance(values[0], Array):
            return Unknown("a parameter whose shape is not known")
        found = values[0]
        return Array(found.shape, is_learned=is_learned, values=None, is_float=True)

    def _function(self, bare: str, given: list[Any], named: dict[str, Any]) -> Any:
        trace = self.trace
        if trace is None:
            return Unknown(f"what {bare} gives outside a network")
        trace.line = self.core.line
        named = {key: value for key, value in named.items() if key not in ("out",)}
        is_in_place = bare.endswith("_") or named.pop("inplace", False) is True
        name = bare.removesuffix("_")
        function = Binder.functions(name)
        if function is not None:
            made = function(trace, given, named)
        else:
            named.pop("training", None)
            made = operate(trace, operator_name(f"aten::{name}"), given, named)
        if is_in_place and isinstance(made, Tensor) and isinstance(given[0], Tensor):
            given[0].name = made.name
        return made

    # Modules

    def method(self, instance: Instance, name: str) -> Any:
        """An attribute that an object has because its class is a module; MISSING if it has none."""
        if not is_module(instance):
            return MISSING
        if name == "__new__":
            return Native(name, lambda _given, _named: self._started(instance))
        inner = instance.state
        if isinstance(inner, Container):
            if name == "__init__":
                return Native(name, lambda given, _named: inner.fill(given, self.core.items))
            found = container_method(self.core, inner, name)
            if found is not MISSING:
                return found
            if name in inner.inner:
                return inner.inner[name]
            if name == "forward":
                return Native(name, lambda given, _named: self._sequence(inner, given))
        elif isinstance(inner, Layer) or (inner is None and self._layer_base(instance) and name == "__init__"):
            return self._of_layer(instance, name)
        if name == "__call__":
            return Native(name, lambda given, named: self.call_module(instance, given, named))
        return attribute_of(self.core, instance, name)

    def _started(self, instance: Instance) -> None:
        base = next((name for name in instance.kind.foreign if name.rpartition(".")[2] in KINDS), "")
        if base:
            instance.state = Container(base, instance.line, self)
        self.made.append(instance)

    @staticmethod
    def _layer_base(instance: Instance) -> str:
        """The layer of PyTorch's that a class of the source is derived from, "" if there is none."""
        names = instance.kind.foreign
        return next((name for name in names if name.startswith("torch.nn.") and layers.spelling_of(name)), "")

    def _of_layer(self, instance: Instance, name: str) -> Any:
        inner = instance.state
        if name == "__init__":

            def started(given: list[Any], named: dict[str, Any]) -> None:
                instance.state = layers.make(self._layer_base(instance), self, given, named)

            return Native(name, started)
        if not isinstance(inner, Layer):
            return MISSING
        if name == "forward":
            return Native(name, lambda given, named: self.call_module(inner, given, named))
        try:
            return inner.attribute(name)
        except NotFollowed:
            return attribute_of(self.core, instance, name)

    @staticmethod
    def set(instance: Instance, name: str, value: Any) -> None:
        """Registers an attribute with the container or layer from which the class of an object is derived."""
        if isinstance(instance.state, Layer) and (name in instance.state.given or name in instance.state.own):
            instance.state.set_attribute(name, value)
        if isinstance(instance.state, Container):
            if is_module(value):
                instance.state.inner[name] = value
            elif value is None:
                instance.state.inner.pop(name, None)

    def call_module(self, module: Any, given: list[Any], named: dict[str, Any]) -> Any:
        """Follows a call of a module; outside a network it only shows the size of an input."""
        trace = self.trace
        if trace is None:
            self._remember(module, [*given, *named.values()])
            return self._tried(lambda inner: self.call_module(module, inner, named), given, "what a network gives")
        refuse_spoiled(module)
        before = trace.path
        trace.path = trace.paths.get(id(module)) or (*before, _word(module))
        trace.line = self.core.line
        trace.used.add(id(module))
        try:
            if isinstance(module, Layer):
                return apply(trace, module, given, named)
            if isinstance(module, Container):
                return self._sequence(module, given)
            return self.core.call(self.core.attribute(module, "forward"), given, named)
        finally:
            trace.path = before

    def _sequence(self, container: Container, given: list[Any]) -> Any:
        if container.title != "Sequential":
            raise NotFollowed(f"calls a {container.title}, which PyTorch refuses.")
        if self.trace is None:
            return Unknown("what a network gives")
        value = given[0] if given else None
        for module in container.inner.values():
            value = self.core.call(module, [value], {})
        return value

    def _tried(self, call: Callable[[list[Any]], Any], given: list[Any], what: str) -> Any:
        """The result of a call on arrays, outside a network: arrays of the shapes that it gives, or Unknown."""
        most = MAX_RANK + 2
        places = [at for at, item in enumerate(given) if isinstance(item, Array) and 2 <= len(item.shape) <= most]
        if not places or any(isinstance(item, Unknown) for item in given):
            return Unknown(what)
        batch = given[places[0]].shape[0]
        try:
            trace = self.trace = Trace([Size(given[place].shape[1:]) for place in places], {})
            inner = list(given)
            for place, name in zip(places, trace.inputs, strict=True):
                inner[place] = Tensor(trace, name)
            return _arrays(call(inner), batch)
        except Exhausted:
            raise
        except (NotUnderstood, Raised):
            return Unknown(what)
        finally:
            self.trace = None

    def _remember(self, module: Any, values: list[Any]) -> None:
        shapes = [value.shape for value in values if isinstance(value, Array) and 1 <= len(value.shape) <= MAX_RANK + 2]
        if shapes:
            self.shown.setdefault(id(module), (module, shapes))

    def attribute(self, module: Module, name: str) -> Any:
        """An attribute of a layer or container. Raises NotFollowed if it has none."""
        if name == "__isinstance__":
            return (module.kind, MODULE)
        if name == "__deepcopy__":
            return copy_of(self.core, module)
        if name == "__class__":
            return Foreign(module.kind)
        if name in ("forward", "__call__"):
            return Native(name, lambda given, named: self.call_module(module, given, named))
        if isinstance(module, Container):
            found = container_method(self.core, module, name)
            if found is not MISSING:
                return found
        found = module.inner.get(name, module.others.get(name, MISSING))
        if found is not MISSING:
            return found
        found = attribute_of(self.core, module, name)
        if found is MISSING and _OWN_WEIGHT.match(name):
            raise Raised("AttributeError", f"{module.title} has no attribute '{name}'")
        if found is MISSING:
            raise NotFollowed(f"asks {module.title} for '{name}', which it does not have or is not read.")
        return found


class Unpool(Module):
    """MaxUnpool1d to MaxUnpool3d."""

    def __init__(self, host: TorchModules, kind: str, given: list[Any], named: dict[str, Any]) -> None:
        super().__init__(kind, host.core.line, host)
        self.arguments = bound("kernel_size stride padding", given, named)

    def call(self, given: list[Any], named: dict[str, Any]) -> Any:
        """Follows a call."""
        function = Binder.functions(f"max_unpool{self.title[-2]}d")
        if self.host.trace is None or function is None:
            return Unknown(f"what {self.title} gives")
        values = bound("input indices output_size", given, named)
        return function(self.host.trace, [values.pop("input", None)], {**self.arguments, **values})


def _arrays(value: Any, batch: int) -> Any:
    """The output of a network for arrays, as arrays again."""
    if isinstance(value, Tensor):
        try:
            return Array((batch, *value.sizes[1:]))
        except NotFollowed as lost:
            return Unknown(lost.sentence)
    if isinstance(value, (list, tuple)):
        return type(value)([_arrays(item, batch) for item in value])
    return value if isinstance(value, (int, float, str, Array)) else Unknown("what a network gives")


def _word(module: Any) -> str:
    title = module.kind.name if isinstance(module, Instance) else module.title
    return str(title).lower()


def _flat(values: list[Any]) -> list[Any]:
    return [item for value in values for item in (value if isinstance(value, (list, tuple)) else (value,))]


def _tensor(given: list[Any]) -> Any:
    value = given[0] if given else None
    if isinstance(value, Array):
        return value
    if isinstance(value, (int, float)):
        return Array((), values=(value,), is_float=isinstance(value, float))
    if isinstance(value, (list, tuple)) and all(isinstance(item, (int, float)) for item in value):
        return Array((len(value),), values=tuple(value), is_float=any(isinstance(item, float) for item in value))
    shape: list[int] = []
    while isinstance(value, (list, tuple)) and value and len(shape) < MAX_RANK + 2:
        shape.append(len(value))
        value = value[0]
    return Array(tuple(shape)) if isinstance(value, (int, float)) else Unknown("a tensor of what is not known")


def _filled(bare: str, given: list[Any], named: dict[str, Any]) -> Any:
    sizes = named.get("size", given[0] if given and isinstance(given[0], (list, tuple)) else given)
    if bare == "full" and given:
        sizes = given[0]
    elif bare in ("randint", "normal") and "size" not in named:
        sizes = next((item for item in given if isinstance(item, (list, tuple))), None)
    elif bare in ("Tensor", "FloatTensor") and given and isinstance(given[0], list):
        return _tensor(given)
    if not isinstance(sizes, (list, tuple)) or not all(type(size) is int and size >= 0 for size in sizes):
        return Unknown("a tensor whose sizes are not known")
    value = {"zeros": 0.0, "ones": 1.0}.get(bare)
    fill = given[1] if bare == "full" and len(given) > 1 else value
    known = (fill,) if isinstance(fill, (int, float)) and all(size == 1 for size in sizes) else None
    is_float = named.get("dtype") is None or getattr(named.get("dtype"), "name", "") in _FLOAT
    return Array(tuple(sizes), values=known, is_float=is_float)
