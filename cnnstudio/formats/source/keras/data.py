"""The data of well-known data sets by their shapes, and what scripts do to it before they train."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any

from cnnstudio.formats.source.data_sets import CLASSES, COUNTS, SHAPES
from cnnstudio.formats.source.language.values import Namespace, Native, Thing, Unknown
from cnnstudio.formats.source.torch.arrays import Array

Function = Callable[[Any, list[Any], dict[str, Any]], Any]
TABLES = {
    "iris": (150, 4, 3),
    "digits": (1_797, 64, 10),
    "wine": (178, 13, 3),
    "breast_cancer": (569, 30, 2),
    "diabetes": (442, 10, 0),
    "boston": (506, 13, 0),
    "fetch_california_housing": (20_640, 8, 0),
    "fetch_covtype": (581_012, 54, 0),
}
"""Rows, columns and classes of the tables of scikit-learn; 0 where none are counted from 0."""
SEQUENCES = {"imdb": (25_000, 25_000, 2), "reuters": (8_982, 2_246, 46)}
"""Sequences of Keras to train and to test with, and their classes."""
_SCALERS = ("StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "Normalizer", "QuantileTransformer")


def labels(shape: tuple[int, ...], classes: int) -> Array:
    """Numbers of classes, so many as a shape says."""
    made = Array(shape, is_float=False)
    made.classes = classes
    return made


def _images(name: str) -> Function:
    shape = SHAPES[name]
    sides = shape[1:] if shape[0] == 1 else (*shape[1:], shape[0])
    more = () if shape[0] == 1 else (1,)

    def function(_host: Any, _given: list[Any], _named: dict[str, Any]) -> Any:
        classes = CLASSES.get(name, 10)
        return tuple((Array((count, *sides)), labels((count, *more), classes)) for count in COUNTS[name])

    return function


def _sequences(name: str) -> Function:
    first, second, classes = SEQUENCES[name]
    return lambda _host, _given, _named: tuple(
        (Array((count,)), labels((count,), classes)) for count in (first, second)
    )


def _housing(_host: Any, _given: list[Any], _named: dict[str, Any]) -> Any:
    return tuple((Array((count, 13)), Array((count,))) for count in (404, 102))


def _table(name: str) -> Function:
    rows, columns, classes = TABLES[name]

    def function(_host: Any, _given: list[Any], named: dict[str, Any]) -> Any:
        data = Array((rows, columns))
        target = labels((rows,), classes) if classes else Array((rows,))
        if named.get("return_X_y") is True:
            return data, target
        return Namespace("the data", {"data": data, "target": target}, is_open=True)

    return function


def _padded(_host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """Sequences of one length."""
    found, length = given[0] if given else named.get("sequences"), named.get("maxlen", given[1] if given[1:] else None)
    if isinstance(found, Array) and type(length) is int:
        return Array((found.shape[0], length))
    return Unknown("sequences whose length is not known")


def _parted(_host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """`train_test_split`: two parts of each array."""
    share = named.get("test_size", named.get("train_size", 0.25))
    found: list[Any] = []
    for item in given:
        if not isinstance(item, Array) or not item.shape or not isinstance(share, (int, float)):
            found += [item.part if isinstance(item, Unknown) else Unknown("a part of some data")] * 2
            continue
        rows = item.shape[0]
        test = min(rows, ceil(rows * share) if share < 1 else int(share))
        test = rows - test if "train_size" in named and "test_size" not in named else test
        found += [Array((count, *item.shape[1:])).of_classes(item) for count in (rows - test, test)]
    return found


class Scaler(Thing):
    """An object that brings data into a range, and leaves its shape."""

    title = "a scaler"

    def attribute(self, name: str) -> Any:
        """Its methods; what it found is not known."""
        if name in ("fit_transform", "transform", "inverse_transform"):
            return Native(name, lambda given, _named: given[0] if given else Unknown("data"))
        if name in ("fit", "partial_fit"):
            return Native(name, lambda _given, _named: self)
        return Unknown(f"'{name}' of a scaler")


def to_categorical(_host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """For each label a row of as many numbers as there are classes."""
    values = {**dict(zip(("y", "num_classes"), given, strict=False)), **named}
    found, classes = values.get("y"), values.get("num_classes", values.get("nb_classes"))
    if isinstance(found, Array) and found.shape:
        classes = found.classes if classes is None else classes
        if type(classes) is int and classes > 0:
            return Array((found.shape[0], classes))
    return Unknown("labels, as many as there are classes")


FUNCTIONS: dict[str, Function] = {
    **{f"keras.datasets.{name}.load_data": _images(name) for name in COUNTS},
    **{f"keras.datasets.{name}.load_data": _sequences(name) for name in SEQUENCES},
    "keras.datasets.boston_housing.load_data": _housing,
    **{f"sklearn.datasets.{name if name[:6] == 'fetch_' else f'load_{name}'}": _table(name) for name in TABLES},
    **{f"sklearn.preprocessing.{name}": lambda _host, _given, _named: Scaler() for name in _SCALERS},
    "sklearn.preprocessing.LabelEncoder": lambda _host, _given, _named: Scaler(),
    **{f"sklearn.{name}.train_test_split": _parted for name in ("model_selection", "cross_validation")},
    **{f"keras.{name}.pad_sequences": _padded for name in ("preprocessing.sequence", "utils", "utils.data_utils")},
    **{f"keras.{name}.to_categorical": to_categorical for name in ("utils", "utils.np_utils", "np_utils")},
}
"""By full name."""
