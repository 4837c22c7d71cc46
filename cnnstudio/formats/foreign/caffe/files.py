"""`.prototxt` files as drafts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnnstudio.core.arithmetic.shape import MAX_RANK
from cnnstudio.formats.foreign.caffe.layers import LAYERS, OLD_NAMES, CaffeLayer
from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.refusals import NotUnderstood, require_axes
from cnnstudio.formats.foreign.source import Source
from cnnstudio.formats.foreign.wire.buffers import mapped
from cnnstudio.formats.foreign.wire.prototext import Message, parse
from cnnstudio.layers.reshaping import Slice
from cnnstudio.layers.structure import Input

MAX_BYTES = 32_000_000
USUAL = (3, 224, 224)
_DATA = ("Data", "ImageData", "HDF5Data", "MemoryData", "WindowData", "DummyData", "Input", "AnnotatedData", "Python")
_NOTHING = ("Accuracy", "Silence", "ArgMax", "HDF5Output")
_LOSSES = ("Loss",)


def read_prototxt(path: Path, input_size: tuple[int, ...] | None) -> Source:
    """A `.prototxt` that describes a network."""
    with mapped(path) as content:
        if len(content) > MAX_BYTES:
            raise NotUnderstood(f"has {len(content) / 1e6:,.0f} MB; a .prototxt has at most 32 MB.")
        text = bytes(content).decode("utf-8", "replace")
    message = parse(text)
    if "layer" not in message and "layers" not in message:
        what = "is a solver's file, and not a network; open the .prototxt that it names in `net`"
        raise NotUnderstood(f"{what}." if "base_lr" in message else "describes no layers.")
    draft = Draft("caffe")
    _Reader(draft, message, input_size).read()
    return Source("caffe", "Caffe", str(message.one("name") or path.stem), draft)


class _Reader:
    """Reads one network; `values` are the steps by the names of their tops, which may be given again."""

    def __init__(self, draft: Draft, message: Message, input_size: tuple[int, ...] | None) -> None:
        self.draft = draft
        self.message = message
        self.wanted = input_size
        self.values: dict[str, int] = {}
        self.refused: list[str] = []
        self.seen: set[str] = set()

    def read(self) -> None:
        self._declared_inputs()
        for entry in self.message.all("layer", "layers"):
            if isinstance(entry, Message) and not _is_for_training(entry):
                self._layer(entry)
        if self.refused:
            shown = "; ".join(self.refused[:10])
            raise NotUnderstood(f"{len(self.refused)} of its layers cannot be read: {shown}")
        users = self.draft.users()
        self.draft.outputs = [
            index for index, taken in enumerate(users) if not taken and self.draft.steps[index].inputs
        ]
        if not self.draft.outputs:
            raise NotUnderstood("describes no layer that takes an input.")

    # Inputs

    def _declared_inputs(self) -> None:
        """`input: "data"` with four `input_dim`, or with an `input_shape`."""
        dims = [size for size in self.message.all("input_dim") if type(size) is int]
        shapes = self.message.all("input_shape")
        for index, name in enumerate(self.message.all("input")):
            # Old files list the dimensions of all inputs in one row, four for each.
            sizes = dims[4 * index : 4 * index + 4]
            if index < len(shapes) and isinstance(shapes[index], Message):
                sizes = [size for size in shapes[index].all("dim") if type(size) is int]
            self._input(str(name), sizes)

    def _input(self, name: str, sizes: list[int]) -> None:
        inner = tuple(sizes[1:])
        if self.wanted is not None:
            require_axes(self.wanted, len(inner) or 3, name)
            given = " × ".join(map(str, self.wanted))
            if self.wanted != inner:
                self.draft.assumed.append(f"The input '{name}' is {given}, as asked for.")
            inner, self.wanted = self.wanted, None
        elif not inner:
            inner = USUAL
            self.draft.assumed.append(
                f"The file does not state the size of the input '{name}'; 3 × 224 × 224 was assumed."
            )
        if not 1 <= len(inner) <= MAX_RANK + 1 or min(inner) < 1:
            raise NotUnderstood(f"states the impossible shape {sizes} for its input '{name}'.")
        self.values[name] = self.draft.add(Input(channels=inner[0], size=inner[1:]), (name,), ())

    def _data_layer(self, entry: Message, kind: str) -> None:
        """A layer that reads data: its first top is an image, the second its label."""
        tops = [str(top) for top in entry.all("top")]
        shapes = entry.message("input_param").all("shape") or entry.message("dummy_data_param").all("shape")
        if kind == "Input" or shapes:
            for index, top in enumerate(tops):
                shape = shapes[min(index, len(shapes) - 1)] if shapes else Message()
                sizes = [size for size in shape.all("dim") if type(size) is int] if isinstance(shape, Message) else []
                if len(sizes) > 1 or not index:
                    self._input(top, sizes)
            return
        if tops and tops[0] not in self.values:
            crop = entry.message("transform_param").one("crop_size")
            channels = entry.message("memory_data_param").one("channels", 3)
            self._input(tops[0], [1, channels, crop, crop] if type(crop) is int else [])

    # Layers

    def _layer(self, entry: Message) -> None:
        kind = entry.one("type")
        kind = OLD_NAMES.get(kind, kind) if isinstance(kind, str) else "unknown"
        if kind in _DATA and not (kind == "Python" and entry.all("bottom")):
            self._data_layer(entry, kind)
            return
        bottoms = [str(bottom) for bottom in entry.all("bottom")]
        # A network that was trained with a loss ends in it, but nothing of it is computed when it is used.
        if kind in _NOTHING or (kind.endswith(_LOSSES) and kind != "SoftmaxWithLoss"):
            return
        if kind == "SoftmaxWithLoss":
            bottoms = bottoms[:1]
        name = str(entry.one("name") or kind.lower())
        missing = next((bottom for bottom in bottoms if bottom not in self.values), None)
        if missing is not None or not bottoms:
            if not self.refused:
                raise NotUnderstood(f"the layer '{name}' takes '{missing}', which nothing before it gives.")
            return
        sources = [self.values[bottom] for bottom in bottoms]
        try:
            self._add(entry, kind, name, sources)
        except NotUnderstood as refusal:
            # Every layer that is not read is named, not only the first.
            self.refused.append(str(refusal))

    def _add(self, entry: Message, kind: str, name: str, sources: list[int]) -> None:
        tops = [str(top) for top in entry.all("top")] or [name]
        if kind == "Split":
            self.values.update(dict.fromkeys(tops, sources[0]))
            return
        if kind == "Slice":
            self._slice(entry, name, sources[0], tops)
            return
        rule = LAYERS.get(kind)
        shapes = tuple(self.draft.steps[source].shape for source in sources)
        layer = CaffeLayer(kind, name, entry, shapes)
        if rule is None:
            raise layer.refusal("is of a type that is not read; export the network to ONNX.")
        made = rule(layer)
        # The second input gives only its size.
        if kind == "Crop":
            sources = sources[:1]
        step = self.draft.add(made, tuple(name.split("/")), tuple(sources))
        self.draft.steps[step].kind = kind
        # By the name of the top: a layer in place, such as a ReLU, gives its bottom's name again, and what comes later
        # means the new value.
        for top in tops[:1]:
            self.values[top] = step

    def _slice(self, entry: Message, name: str, source: int, tops: list[str]) -> None:
        message = entry.message("slice_param")
        axis = message.one("axis", message.one("slice_dim", 1))
        sizes = self.draft.steps[source].shape.to_list()
        if type(axis) is not int or not 1 <= axis <= len(sizes):
            raise NotUnderstood(f"the layer '{name}' slices along an axis that its tensor does not have.")
        have = sizes[axis - 1]
        points: list[Any] = list(message.all("slice_point"))
        if not points:
            points = [have * index // len(tops) for index in range(1, len(tops))]
        bounds = [0, *points, have]
        for index, top in enumerate(tops):
            cut = Slice(axis=axis - 1, start=bounds[index], stop=bounds[index + 1])
            self.values[top] = self.draft.add(
                cut, (*name.split("/")[:-1], f"{name.split('/')[-1]}_{index + 1}"), (source,)
            )


def _is_for_training(entry: Message) -> bool:
    """True if a layer is there in training only."""
    phases = {rule.one("phase") for rule in entry.all("include") if isinstance(rule, Message)} - {None}
    excluded = {rule.one("phase") for rule in entry.all("exclude") if isinstance(rule, Message)}
    # The layer that reads training data is kept, because it may be the only one that states the size of the image.
    is_data = entry.one("type") in ("Data", "DATA", "ImageData", "IMAGE_DATA")
    return (bool(phases) and not phases & {"TEST", 1} and not is_data) or bool(excluded & {"TEST", 1})
