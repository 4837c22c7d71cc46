"""Makes the files in `exchange` that hold networks over sequences, as the frameworks write them, with their truth.

    KERAS_BACKEND=torch python tests/truth/sequence_files.py

The weights themselves are left out, as readers look at sizes alone.
"""

from __future__ import annotations

import gzip
import importlib
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")
EXCHANGE = Path(__file__).parent / "exchange"


NETWORKS = '''
class Stack(nn.Module):
    """A convolution, two LSTMs in both directions, and a classifier of the last output."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(4, 8, 3)
        self.lstm = nn.LSTM(8, 6, num_layers=2, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(12, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        sequence, _ = self.lstm(self.conv(x).transpose(1, 2))
        return self.fc(sequence[:, -1])

class States(nn.Module):
    """A GRU over the columns of a map, steps first, and a classifier of its state; then one with a projection."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.gru = nn.GRU(24, 7, bias=False)
        self.lstm = nn.LSTM(7, 9, proj_size=5)
        self.fc = nn.Linear(5, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        sequence, _ = self.gru(self.conv(x).flatten(1, 2).permute(2, 0, 1))
        _, (state, _) = self.lstm(sequence)
        return self.fc(state[-1])
'''
"""Two networks of PyTorch, as text: this file is checked where there is no PyTorch."""


def stored(path: Path, said: dict[str, Any]) -> None:
    """The truth of a file, beside it."""
    content = json.dumps(said).encode()
    path.with_name(f"{path.name}.truth.gz").write_bytes(gzip.compress(content, mtime=0))


def without_weights(content: bytes) -> bytes:
    """A zip archive with the same members, the numbers of weights and examples apart."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            if "/data/" not in name or name.endswith(".json"):
                made.writestr(zipfile.ZipInfo(name), given.read(name), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


torch: Any = importlib.import_module("torch")
keras: Any = importlib.import_module("keras")


def pytorch(name: str, network: Any, sizes: tuple[int, ...], macs: int) -> None:
    """A program of torch.export; `macs` by hand, as the fused operators hide them from the counter."""
    buffer = io.BytesIO()
    torch.export.save(torch.export.export(network.eval(), (torch.zeros(2, *sizes),)), buffer)
    path = EXCHANGE / "torch" / f"{name}.pt2"
    path.write_bytes(without_weights(buffer.getvalue()))
    stored(path, {"params": sum(tensor.numel() for tensor in network.parameters()), "state": 0, "macs": macs})


def keras_file(name: str) -> None:
    """A model with all that is read of Keras' layers over sequences."""
    layers = keras.layers
    words = keras.Input((12,), name="words")
    x = layers.Reshape((12, 1), name="steps")(words)
    x = layers.Bidirectional(layers.LSTM(6, return_sequences=True), merge_mode="sum", name="both")(x)
    x = layers.GRU(5, return_sequences=True, reset_after=False, activation="relu", name="before")(x)
    x = layers.GRU(4, return_sequences=True, name="after")(x)
    x = layers.SimpleRNN(3, go_backwards=True, use_bias=False, name="plain")(x)
    model = keras.Model(words, layers.Dense(2, name="head")(x))
    path = EXCHANGE / "keras" / f"{name}.json.gz"
    path.write_bytes(gzip.compress(model.to_json().encode(), mtime=0))
    trainable = sum(weight.numpy().size for weight in model.trainable_weights)
    said = {
        "totals": {"params": model.count_params(), "trainable_params": trainable},
        "macs": None,
        "shapes": [list(layer.output.shape)[1:] for layer in model.layers],
        "params": [layer.count_params() for layer in model.layers],
    }
    stored(path.with_name(f"{name}.json"), said)


def main() -> None:
    """Writes all of them."""
    made: dict[str, Any] = {"torch": torch, "nn": torch.nn}
    exec(NETWORKS, made)
    # Conv 8·4·3·10; LSTM 4·6·(8 + 6) and 4·6·(12 + 6) in two directions of 10 steps; Dense.
    pytorch("lstm_stack", made["Stack"](), (4, 12), 96 * 10 + 2 * 10 * 24 * (14 + 18) + 36)
    # Conv 36·6·8; GRU 3·7·(24 + 7) and LSTM 4·9·(7 + 5) + 5·9 in 8 steps; Dense.
    pytorch("gru_states", made["States"](), (1, 8, 10), 36 * 48 + 8 * (21 * 31 + 36 * 12 + 45) + 10)
    keras_file("sequences")


if __name__ == "__main__":
    main()
