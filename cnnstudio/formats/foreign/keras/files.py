"""The files that hold a Keras model: `.keras`, the text of `to_json()`, and the older `.h5`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cnnstudio.core.network.problem import with_article
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.foreign.checkpoints.files import read_hdf5_weights
from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.keras.config import Config, layer_config
from cnnstudio.formats.foreign.keras.inputs import InputSizes
from cnnstudio.formats.foreign.keras.naming import gather_unnamed
from cnnstudio.formats.foreign.keras.reading import ModelReader, is_channels_first
from cnnstudio.formats.foreign.keras.weights import Weights
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.foreign.source import Source
from cnnstudio.formats.foreign.wire.archive import Archive
from cnnstudio.formats.foreign.wire.buffers import mapped
from cnnstudio.formats.foreign.wire.hdf5 import Hdf5File

MAX_JSON_BYTES = 64_000_000
_FIRST = (b"channels_first", b'"th"')


def read_keras_archive(path: Path, input_size: tuple[int, ...] | None) -> Source:
    """A `.keras` file: an archive with the configuration, its version, and the weights."""
    with mapped(path) as content:
        archive = Archive(path, content)
        text = archive.read("config.json")
        metadata = parsed(archive.read("metadata.json")) if "metadata.json" in archive.members else {}
        view = archive.view("model.weights.h5") if "model.weights.h5" in archive.members else None
        weights = Weights(Hdf5File(view).data_sets()) if view is not None else Weights()
        if view is not None:
            # Before the file is unmapped: a mapping with a view on it cannot be closed.
            view.release()
    version = metadata.get("keras_version")
    return _source(text, f"Keras {version}" if version else "Keras", weights, input_size, path.stem)


def read_keras_json(path: Path, input_size: tuple[int, ...] | None) -> Source:
    """The text that `model.to_json()` gives. Raises NotUnderstood if it is too large."""
    with mapped(path) as content:
        if len(content) > MAX_JSON_BYTES:
            raise NotUnderstood(f"has {len(content) / 1e6:,.0f} MB; the description of a model has at most 64 MB.")
        text = bytes(content)
    return _source(text, "Keras", Weights(), input_size, path.stem)


def read_keras_hdf5(path: Path, input_size: tuple[int, ...] | None) -> Source | DesignFile:
    """An `.h5` file of `model.save()`; of one that holds weights alone the built-in design that they fit."""
    with mapped(path) as content:
        file = Hdf5File(content)
        attributes = file.attributes()
        text = attributes.get("model_config")
        if text is None:
            return read_hdf5_weights(path, input_size)
        weights = Weights(file.data_sets())
    version = attributes.get("keras_version")
    return _source(text.encode("utf-8"), f"Keras {version}" if version else "Keras", weights, input_size, path.stem)


def parsed(content: bytes) -> Config:
    """A JSON object; NotUnderstood if it is none."""
    try:
        value: Any = json.loads(content)
    except ValueError:
        raise NotUnderstood("holds no JSON where Keras describes the model.") from None
    if not isinstance(value, dict):
        raise NotUnderstood("holds no description of a model where Keras has one.")
    return value


def _source(content: bytes, producer: str, weights: Weights, input_size: tuple[int, ...] | None, stem: str) -> Source:
    config = parsed(content)
    version = config.get("keras_version")
    producer = f"Keras {version}" if producer == "Keras" and isinstance(version, str) else producer
    if isinstance(config.get("model_config"), dict):
        config = config["model_config"]
    model = layer_config(config)
    # A subclassed model stores the arguments of its constructor and nothing of what it computes.
    if not model.is_model:
        raise NotUnderstood(
            f"holds {with_article(model.kind)} of its author's own, of which Keras stores no layers; "
            "export it to ONNX, or build it from keras.Model and save that."
        )
    draft = Draft("keras")
    # Looking for the words is quicker than walking through every option, and most files do without them.
    first = any(word in content for word in _FIRST) and is_channels_first(config)
    inputs = InputSizes(draft, input_size, channels_first=first)
    ModelReader(draft, inputs, weights, channels_first=first).read(model)
    gather_unnamed(draft)
    return Source("keras", producer, model.name or stem, draft, stated=weights.total)
