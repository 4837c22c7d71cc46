"""The layers of torch.nn, by the dialect's table: arguments in their order, defaults, and the weights they make."""

from __future__ import annotations

from typing import Any

from cnnstudio.dialects.dialect import REQUIRED, Reading, Spelling
from cnnstudio.dialects.pytorch import PYTORCH
from cnnstudio.formats.source.language.values import Native, NotFollowed, Unknown, kind_of
from cnnstudio.formats.source.torch.arrays import Array
from cnnstudio.formats.source.torch.tree import Module
from cnnstudio.formats.source.torch.weights import weights_of

_SIZES = ("kernel_size", "stride", "padding", "dilation", "output_padding")
_COUNTS = (
    *("in_channels", "out_channels", "in_features", "out_features", "num_features", "num_channels", "num_groups"),
    *("groups", "num_parameters", "embed_dim", "num_heads", "hidden_size", "input_size", "num_embeddings"),
    *("embedding_dim", "kernel_size", "stride", "dilation", "output_size", "normalized_shape", "upscale_factor"),
)
_ALONE = tuple(name for name in _COUNTS if name.startswith(("in_", "out_channels", "out_features", "num_", "groups")))
"""Those of which there is one, whatever the axes."""
_PLACES = {
    "Hardtanh": "min_val max_val inplace",
    "ReLU6": "inplace",
    "Flatten": "start_dim end_dim",
    "Unflatten": "dim unflattened_size",
    "Embedding": "num_embeddings embedding_dim padding_idx max_norm norm_type scale_grad_by_freq sparse",
}
"""Arguments that the dialect's rows leave out, as a design has no words for them."""
_IDLE = ("padding_idx", "max_norm", "eps", "momentum", "negative_slope", "inplace")
"""Arguments that change nothing that is counted: not known, they have their defaults."""
_PLAIN = (int, float, type(None))
_CELLS = ("LSTMCell", "GRUCell", "RNNCell")


class Layer(Module):
    """A layer of torch.nn: `given` are its arguments by name, `reading` the fields of the layer type that it is."""

    def __init__(self, kind: str, line: int, host: Any, given: dict[str, Any], reading: Reading) -> None:
        super().__init__(kind, line, host)
        self.given = given
        self.reading = reading
        self.mistakes: list[str] = []
        if given.get(_width_of(self.title), 0) is not None:
            self.own = weights_of(self.title, given, reading.spelling.rank or 0)

    def attribute(self, name: str) -> Any:
        """Its weights and arguments; of a convolution the sizes of each axis."""
        if name in self.own:
            return self.own[name]
        if name in self.others:
            return self.others[name]
        if name == "bias" and "bias" in self.given:
            return None
        if name in self.given:
            value, rank = self.given[name], self.reading.spelling.rank or 0
            is_each = name in _SIZES and type(value) is int and "Conv" in self.title
            return (value,) * rank if is_each else value
        if name == "__isinstance__":
            return (self.kind, "torch.nn.Module", *_families(self.title))
        if name == "__deepcopy__":
            return self.copy()
        if name == "reset_parameters":
            return Native(name, lambda _given, _named: None)
        return super().attribute(name)

    @property
    def replaced(self) -> dict[str, Array]:
        """Weights that a source puts in the place of the layer's own, made of others."""
        return {name: item for name in ("weight", "bias") if isinstance(item := self.others.get(name), Array)}

    def copy(self) -> Layer:
        """Another layer of the same kind."""
        made = Layer(self.kind, self.line, self.host, dict(self.given), self.reading)
        for name, array in made.own.items():
            array.requires_grad = self.own[name].requires_grad
        return made

    def set_attribute(self, name: str, value: Any) -> None:
        """Replaces a weight, or an argument that is read when it is called."""
        if isinstance(value, Array) and name in self.own:
            self.own[name] = value if value.is_learned is not None else self.own[name]
        elif name == "bias" and value is None:
            self.own.pop("bias", None)
            self.given = {**self.given, "bias": False}
        elif name in self.given:
            # Set after it was made, an argument moves no weight: those are as they were made.
            is_width = name in ("in_channels", "out_channels", "in_features", "out_features", "num_features")
            if not is_width:
                self.given = {**self.given, name: value}
                self.reading = self.reading.spelling.read([], self.given, self.reading.spelling.rank or 0)
        else:
            self.others[name] = value


def _width_of(title: str) -> str:
    """The argument that says how wide the input is, "" for a layer that takes any."""
    if title.startswith(("BatchNorm", "InstanceNorm")):
        return "num_features"
    if title in ("LSTM", "GRU", "RNN"):
        return "input_size"
    return "in_channels" if "Conv" in title else "in_features" if title == "Linear" else ""


def _families(title: str) -> tuple[str, ...]:
    family = "_ConvNd" if title.startswith("Conv") else "_BatchNorm" if title.startswith("BatchNorm") else ""
    return (f"torch.nn.modules.conv.{family}", f"torch.nn.modules.batchnorm.{family}") if family else ()


def spelling_of(name: str) -> Spelling | None:
    """The dialect's row of a class of torch.nn, None if there is none."""
    bare = name.removeprefix("torch.nn.")
    if bare in ("SyncBatchNorm", "FrozenBatchNorm2d"):
        bare = "BatchNorm2d"
    found = PYTORCH.find(f"torch.nn.{bare}") if bare[:1].isupper() and bare not in _CELLS else None
    return None if found is None or (found.is_function and bare != "Unflatten") else found


LENGTHS = "weight_g"
"""The weight that weight_norm adds: the length of each filter, whose direction the others say."""


def normed(module: Any) -> Any:
    """A module with normed weights: one more number for each filter is learned."""
    layer = module if isinstance(module, Layer) else getattr(module, "state", None)
    if isinstance(layer, Layer) and "weight" in layer.own:
        shape = layer.own["weight"].shape
        layer.own[LENGTHS] = Array((shape[0], *(1,) * (len(shape) - 1)), is_learned=True)
    return module


def make(name: str, host: Any, given: list[Any], named: dict[str, Any]) -> Layer | None:
    """A layer by its class; None for a class without a row. Raises NotFollowed for arguments that it does not take."""
    spelling = spelling_of(name)
    if spelling is None:
        return None
    title = spelling.name if spelling.name[:1].isupper() else name.rpartition(".")[2]
    if name.rpartition(".")[2].startswith("Lazy"):
        given = [None, *given]
    rank = spelling.rank or 0
    if title in _PLACES:
        named, given = {**dict(zip(_PLACES[title].split(), given, strict=False)), **named}, []
    if name.rpartition(".")[2].startswith("ConstantPad") and len(given) > 1:
        given, named = given[:1], {**named, "value": given[1]}
    named = {key: value for key, value in named.items() if key not in ("device", "dtype")}
    names = [item.name for item in spelling.arguments]
    given = [host.core.said(*pair) for pair in zip(names, map(_number, given), strict=False)] + given[len(names) :]
    named = {key: host.core.said(key, _number(value)) for key, value in named.items()}
    named = {key: value for key, value in named.items() if not (key in _IDLE and isinstance(value, Unknown))}
    given, named = _as_lazy(title, given, named)
    mistakes: list[str] = []
    given = [_whole(title, *pair, mistakes) for pair in zip(names, given, strict=False)] + given[len(names) :]
    named = {key: _whole(title, key, value, mistakes) for key, value in named.items()}
    stated = dict(zip(names, given, strict=False))
    stated |= {found.name if (found := spelling.argument(key)) else key: value for key, value in named.items()}
    _require_known(title, stated)
    try:
        reading = spelling.read(given, named, rank)
    except (ValueError, TypeError, AttributeError) as error:
        raise NotFollowed(f"{title}: {error}.") from None
    unknown = [key for key in reading.unknown if key not in PYTORCH.harmless and not _is_harmless(title, key)]
    if unknown:
        raise NotFollowed(f"{title} takes no argument '{unknown[0]}'.")
    if reading.missing and not (reading.missing == [spelling.arguments[0].name] and given[:1] == [None]):
        raise NotFollowed(f"{title} is made without '{reading.missing[0]}'.")
    values = {item.name: stated.get(item.name, item.default) for item in spelling.arguments}
    values |= {key: value for key, value in stated.items() if key not in values}
    values = {key: None if value is REQUIRED else value for key, value in values.items()}
    made = Layer(f"torch.nn.{title}", host.core.line, host, values, reading)
    made.mistakes = mistakes
    return made


def _number(value: Any) -> Any:
    """The number in a tensor of one."""
    return value.values[0] if isinstance(value, Array) and value.size == 1 and value.values is not None else value


def _whole(title: str, key: str, value: Any, mistakes: list[str]) -> Any:
    """A size such as 3.0, which a division gave and PyTorch refuses, as the whole number that was meant."""
    if isinstance(value, (list, tuple)) and key in _SIZES:
        return type(value)(_whole(title, key, item, mistakes) for item in value)
    if key not in (*_COUNTS, *_SIZES) or not isinstance(value, float) or not value.is_integer():
        return value
    mistakes.append(f"{title} takes {key}={value}, which is not a whole number to PyTorch; divide by //")
    return int(value)


def _as_lazy(title: str, given: list[Any], named: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Arguments without a width that is not known: the layer takes what it receives, as no other width would fit."""
    width = _width_of(title)
    if width and given and isinstance(given[0], Unknown):
        return [None, *given[1:]], named
    if width and not given and isinstance(named.get(width), Unknown):
        return [None], {key: value for key, value in named.items() if key != width}
    return given, named


def _is_harmless(title: str, key: str) -> bool:
    """True for an argument that the dialect's row leaves out, and that changes nothing that is counted."""
    known = {"Embedding": ("padding_idx", "max_norm", "norm_type", "scale_grad_by_freq", "sparse"), "PReLU": ("init",)}
    known["AvgPool2d"] = known["AvgPool1d"] = ("divisor_override",)
    known["Flatten"] = known["Unflatten"] = ("start_dim", "end_dim", "dim", "unflattened_size")
    known["Upsample"] = ("recompute_scale_factor",)
    known["Softplus"], known["ReLU6"] = ("beta", "threshold"), ("inplace",)
    known["Hardtanh"] = ("min_val", "max_val", "inplace")
    is_pad = title.startswith("ZeroPad") and key == "value"
    return is_pad or key in known.get(title, ())


def _require_known(title: str, stated: dict[str, Any]) -> None:
    """Refuses arguments that are not known, and sizes that are no whole numbers, as PyTorch does."""
    for key, value in stated.items():
        if key in _ALONE and isinstance(value, (list, tuple)):
            raise NotFollowed(f"{title} takes {kind_of(value)} for {key}, which is no number.")
        parts = value if isinstance(value, (list, tuple)) else (value,)
        lost = next((part for part in parts if isinstance(part, Unknown)), None)
        if lost is not None and key not in ("device", "dtype", "inplace"):
            raise NotFollowed(f"{title} takes {key}, which is not known: {lost.asking}.")
        strange = next((part for part in parts if not isinstance(part, _PLAIN)), None)
        if key in _COUNTS and strange is not None:
            raise NotFollowed(f"{title} takes {kind_of(strange)} for {key}, which is no number.")
        if key in _COUNTS and any(isinstance(part, float) for part in parts):
            number = next(part for part in parts if isinstance(part, float))
            raise NotFollowed(f"{title} takes {key}={number:g}, a number that is not whole, which PyTorch refuses.")
