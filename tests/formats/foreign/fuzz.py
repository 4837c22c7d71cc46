"""Mutated files of every foreign format: whatever the bytes, a design or one FileError, and quickly.

`python -m tests.formats.foreign.fuzz 100000` runs as many mutations, and tells the slowest and every other exception.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.formats import read_file
from cnnstudio.formats.fault import FileError
from tests.formats.foreign.truth import FOLDER

MAX_SECONDS = 5.0
MAX_SAMPLE_BYTES = 200_000
PROTOTXT = b"""name: "net"
layer { name: "data" type: "Input" top: "data" input_param { shape: { dim: 1 dim: 3 dim: 32 dim: 32 } } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 8 kernel_size: 3 } }
layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool" pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layer { name: "fc" type: "InnerProduct" bottom: "pool" top: "fc" inner_product_param { num_output: 10 } }
"""
CFG = b"""[net]
width=64
height=64
channels=3
[convolutional]
batch_normalize=1
filters=8
size=3
pad=1
activation=leaky
[maxpool]
size=2
stride=2
[route]
layers=-1
[yolo]
"""


def seeds() -> dict[str, bytes]:
    """A sample of each format by a file name; packed ones unpacked, so that mutations reach what is in them."""
    found: dict[str, bytes] = {"net.prototxt": PROTOTXT, "net.cfg": CFG, "net.safetensors": _safetensors()}
    found["net.pth"] = _checkpoint()
    for path in sorted(FOLDER.rglob("*")):
        if not path.is_file() or ".truth." in path.name:
            continue
        content = path.read_bytes()
        name = path.name
        if name.endswith(".gz"):
            name, content = name.removesuffix(".gz"), gzip.decompress(content)
        if name.endswith((".keras", ".pt2")):
            content = _stored(content)
        if len(content) <= MAX_SAMPLE_BYTES:
            found[name] = content
    return found


def _stored(content: bytes) -> bytes:
    """The same archive without compression."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return result.getvalue()


def _safetensors() -> bytes:
    header = json.dumps({"conv.weight": {"dtype": "F32", "shape": [8, 3, 3, 3], "data_offsets": [0, 864]}}).encode()
    return len(header).to_bytes(8, "little") + header + bytes(864)


def _checkpoint() -> bytes:
    """The bytes that torch.save makes of one tensor, written by hand."""
    program = (
        b"\x80\x02}q\x00X\x06\x00\x00\x00weightq\x01ctorch._utils\n_rebuild_tensor_v2\nq\x02((X\x07\x00\x00\x00storage"
        b"ctorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x1btq\x03QK\x00K\x03K\x09\x86K\x09K\x01\x86\x89"
        b"ccollections\nOrderedDict\n)Rtq\x04Rs."
    )
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("net/data.pkl", program)
        archive.writestr("net/data/0", bytes(108))
    return result.getvalue()


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The content with some bytes changed, cut, doubled, or exchanged."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(data) or 1)
        kind = chance.randrange(6)
        if kind == 0:
            data[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 1:
            del data[at : at + chance.choice((1, 4, 64))]
        elif kind == 2:
            data[at:at] = data[at : at + chance.choice((1, 8, 256))]
        elif kind == 3:
            data[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"9999", b"-1e9"))
        elif kind == 4:
            data[at : at + 8] = chance.randbytes(8)
        else:
            del data[at:]
    return bytes(data)


def run(count: int, seed: int) -> Iterator[tuple[str, float]]:
    """Reads so many mutated files; name and seconds of each. Everything but FileError is raised."""
    chance = random.Random(seed)
    samples = list(seeds().items())
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            name, content = samples[number % len(samples)]
            path = Path(folder) / name
            path.write_bytes(mutated(content, chance))
            start = time.process_time()
            with suppress(FileError):
                analyze(read_file(path).design)
            yield name, time.process_time() - start


def main() -> None:
    """Runs as many as the first argument says, and tells what it found."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    slowest = max(run(count, seed), key=lambda found: found[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count:,} files, slowest {slowest[0]} {slowest[1]:.2f} s, at most {peak:,.0f} MB")


if __name__ == "__main__":
    main()
