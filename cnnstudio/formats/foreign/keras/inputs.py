"""The input shapes of a Keras model, and what is assumed where the file leaves sizes open."""

from __future__ import annotations

from typing import Any

from cnnstudio.core.arithmetic.shape import MAX_RANK, Shape
from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.keras.config import LayerConfig, plain
from cnnstudio.formats.foreign.refusals import NotUnderstood, require_axes

USUAL_SIZE, USUAL_CHANNELS = 224, 3


class InputSizes:
    """Reads input shapes for a draft. `wanted` is what the user said, channels first, for the first input."""

    def __init__(self, draft: Draft, wanted: tuple[int, ...] | None, *, channels_first: bool) -> None:
        self.draft = draft
        self.wanted = wanted
        self.channels_first = channels_first
        self.is_changed = False
        self.is_first = True

    def of_layer(self, entry: LayerConfig) -> Shape:
        """The shape of an InputLayer. Raises NotUnderstood if it states none."""
        config = entry.config
        stated = next((config[key] for key in ("batch_shape", "batch_input_shape") if config.get(key)), None)
        if stated is None:
            raise NotUnderstood(f"the input '{entry.name}' states no shape.")
        return self._shape(stated, entry.name)

    def of_sequential(self, model: LayerConfig, first: LayerConfig) -> Shape:
        """The shape that flows into a Sequential without an InputLayer.

        Raises NotUnderstood if the file states none.
        """
        inner: LayerConfig | None = first
        stated: Any = None
        while inner is not None and stated is None:
            config = inner.config
            stated = next((config[key] for key in ("batch_shape", "batch_input_shape") if config.get(key)), None)
            stated = stated or inner.built_for
            layers = config.get("layers")
            inner = _first(layers) if stated is None and isinstance(layers, list) else None
        stated = stated or _build_shape(model)
        if stated is None and self.wanted is not None:
            self.is_changed = True
            return Shape(self.wanted[0], self.wanted[1:])
        if stated is None:
            raise NotUnderstood(
                f"the model '{model.name}' was never built, so that the file states no input size; "
                "give one with --input-size, such as 3,224,224."
            )
        return self._shape(stated, first.name)

    def _shape(self, stated: Any, name: str) -> Shape:
        sizes = plain(stated)
        if isinstance(sizes, list) and len(sizes) == 1 and isinstance(sizes[0], list):
            sizes = sizes[0]
        if isinstance(sizes, dict):
            sizes = next((value for value in sizes.values() if isinstance(value, list)), None)
        if not isinstance(sizes, list) or not all(size is None or type(size) is int for size in sizes):
            raise NotUnderstood(f"the input '{name}' states a shape that is none.")
        if not 2 <= len(sizes) <= MAX_RANK + 2:
            raise NotUnderstood(f"the input '{name}' has {len(sizes)} axes with its batch; a design holds 2 to 6.")
        inner = sizes[1:]
        ordered = inner if self.channels_first else [inner[-1], *inner[:-1]]
        return self._filled(ordered, name)

    def _filled(self, sizes: list[int | None], name: str) -> Shape:
        """The shape, with what the user said or what is usual in the place of what is open."""
        if self.wanted is not None and self.is_first:
            self.is_first = False
            require_axes(self.wanted, len(sizes), name)
            self.is_changed = list(self.wanted) != sizes
            if self.is_changed:
                given = " × ".join(map(str, self.wanted))
                self.draft.assumed.append(f"The input '{name}' is {given}, as asked for.")
            return Shape(self.wanted[0], self.wanted[1:])
        if None not in sizes:
            return Shape(sizes[0] or 0, tuple(size or 0 for size in sizes[1:]))
        channels = USUAL_CHANNELS if sizes[0] is None else sizes[0]
        spatial = tuple(USUAL_SIZE if size is None else size for size in sizes[1:])
        text = " × ".join(map(str, (channels, *spatial)))
        self.draft.assumed.append(f"The file leaves the size of the input '{name}' open; {text} was assumed.")
        return Shape(channels, spatial)


def _first(layers: list[Any]) -> LayerConfig | None:
    from cnnstudio.formats.foreign.keras.config import layer_config

    return layer_config(layers[0]) if layers and isinstance(layers[0], dict) else None


def _build_shape(model: LayerConfig) -> Any:
    return model.config.get("build_input_shape") or model.built_for
