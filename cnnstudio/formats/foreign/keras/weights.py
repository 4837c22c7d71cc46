"""The number of weights that a Keras file holds for each of its layers."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from cnnstudio.formats.foreign.wire.hdf5 import DataSet


class Weights:
    """The numbers of one file, by the names that lead to them; `total` is None for a file without weights."""

    def __init__(self, data_sets: Iterable[DataSet] | None = None, *, by_name: bool = True) -> None:
        self.total: int | None = None
        self.layers: dict[str, int] = {}
        if data_sets is None:
            return
        self.total = 0
        for data_set in data_sets:
            # A trained model brings its optimizer's moments along, twice as many numbers as the network has for Adam.
            if data_set.path[0] in ("optimizer_weights", "optimizer", "top_level_model_weights") or any(
                part in ("seed_generator", "optimizer", "_loss_tracker", "metrics") for part in data_set.path
            ):
                continue
            size = prod(data_set.shape)
            self.total += size
            if by_name and data_set.path[0] == "model_weights" and len(data_set.path) > 1:
                self.layers[data_set.path[1]] = self.layers.get(data_set.path[1], 0) + size

    def held_by(self, path: tuple[str, ...]) -> int | None:
        """The numbers of one layer of the outermost model, None where the file does not tell."""
        return self.layers.get(path[0]) if len(path) == 1 else None
