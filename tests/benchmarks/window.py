"""The speed of the window, beside a bare window of the same libraries: start, edits of a long network, memory.

Every number is the median of several processes that were started in turn, so that a busy machine slows all alike.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from cnnstudio.core.network.design import Design
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.builtin import open_design
from cnnstudio.formats.design_yaml import write_design
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.structure import Input

QUIET = "default.warning=false"
"""Keeps quiet what Qt says of its own screenless platform at every window."""
STARTS = 15
EDIT_STARTS = 3
LAYERS = 1_000
FRAME_MS = 16.0
TWO_FRAMES_MS = 33.0
OPENING_MS = 300.0
PAINT_RATIO, CHART_RATIO, MEMORY_RATIO = 1.5, 3.0, 1.3
EDITS = (
    ("field", "edit a field"),
    ("all_rows", "edit a field that changes every row"),
    ("move", "move a layer"),
    ("undo", "undo"),
    ("code", "edit a field beside the code"),
)


def results() -> Iterator[str]:
    """Everything, without a screen and on a virtual one."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _measured("offscreen", {"QT_QPA_PLATFORM": "offscreen", "QT_LOGGING_RULES": QUIET}, Path(folder))
        with _display() as display:
            if display is None:
                yield "xcb: left out, because Xvfb or openbox is not installed"
            else:
                yield from _measured("xcb", {"QT_QPA_PLATFORM": "xcb", "DISPLAY": display}, Path(folder))


@contextmanager
def _display() -> Iterator[str | None]:
    """A virtual screen with a window manager, without which no key arrives; None where they are not installed."""
    if shutil.which("Xvfb") is None or shutil.which("openbox") is None:
        yield None
        return
    read, write = os.pipe()
    words = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(words, pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as pipe:
        name = f":{pipe.readline().strip()}"
    nowhere = subprocess.DEVNULL
    manager = subprocess.Popen(["openbox"], env={**os.environ, "DISPLAY": name}, stdout=nowhere, stderr=nowhere)
    time.sleep(1)
    try:
        yield name
    finally:
        for process in (manager, server):
            process.kill()
            process.wait()


def _measured(platform: str, environment: dict[str, str], folder: Path) -> Iterator[str]:
    """Everything on one platform."""
    own = folder / platform
    own.mkdir()
    homes = {name: str(own) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")}
    # As an installed program is: compiled, and that once.
    compiled = {"PYTHONPYCACHEPREFIX": str(folder / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
    environment = {**os.environ, **environment, **homes, **compiled, "LANG": "C.UTF-8"}
    for line in (*_starts(environment), *_edits(own, environment)):
        yield f"{platform + ':':<11}{line}"


def _starts(environment: dict[str, str]) -> Iterator[str]:
    """First paint, chart and memory, of processes that take turns with bare ones."""
    bare: list[dict[str, Any]] = []
    chart: list[dict[str, Any]] = []
    studio: list[dict[str, Any]] = []
    for turn in range(STARTS + 1):
        if turn == 1:  # the first starts compiled, and filled the caches of the disk
            for results in (bare, chart, studio):
                results.clear()
        bare.append(_probe("bare_window", environment, _now()))
        chart.append(_probe("bare_window", environment, "chart"))
        studio.append(_probe("studio_start", environment, _now(), "alexnet"))
    first = _median(bare, "first_paint")
    early = sorted({name for run in studio for name in run["charts_loaded_before"]})
    yield _ratio("first paint, AlexNet", _median(studio, "first_paint"), first, PAINT_RATIO, "ms")
    yield _ratio("chart drawn, AlexNet", _median(studio, "chart_drawn"), first, CHART_RATIO, "ms")
    yield _ratio("memory at rest", _median(studio, "memory"), _median(chart, "memory"), MEMORY_RATIO, "MiB")
    yield _line("loaded before first paint", ", ".join(early) or "no pyqtgraph, no numpy", "none", not early)


class Edited(Struct, frozen=True):
    """A network that is edited: its name, the layer whose fields are edited and that is moved, and the first one.

    All its blocks are open; with `repeats`, table and chart list every repeat besides.
    """

    name: str
    design: Design
    layer: str
    first: str
    repeats: bool = False


def _edited() -> tuple[Edited, ...]:
    """A chain of 1,000 layers, one whose code is made at once, and two that are deep."""
    chain = Edited(f"{LAYERS:,} layers", long_design(), "Conv-170", "Conv-1")
    usual = Edited("ResNet-50", open_design("resnet-50").design, "layer3/rest/conv1", "conv1")
    deep = (
        Edited("DenseNet-201", open_design("densenet-201").design, "denseblock3/conv1", "conv0"),
        Edited("ResNet-152", open_design("resnet-152").design, "layer3/rest/conv1", "conv1"),
    )
    repeated = (replace(network, name=f"{network.name}, all repeats", repeats=True) for network in deep)
    return (chain, usual, *deep, *repeated)


def _edits(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Long networks: opened, and edited by the keyboard."""
    for edited in _edited():
        path = folder / f"{edited.name}.yaml"
        write_design(path, edited.design)
        words = (str(folder / "settings.json"), str(path), edited.layer, edited.first, *["repeats"] * edited.repeats)
        results = [_probe("studio_edits", environment, *words) for _ in range(EDIT_STARTS)]
        opening = _median(results, "opening")
        yield _line(f"{edited.name}: open", f"{opening:.0f} ms", f"≤ {OPENING_MS:.0f} ms", opening <= OPENING_MS)
        yield from _edit_times(edited.name, results)


def _edit_times(name: str, results: list[dict[str, Any]]) -> Iterator[str]:
    """One line for each way of editing."""
    for key, title in EDITS:
        usual, computed = (
            median(median(times[part] for times in result[key]) for result in results) for part in (0, 1)
        )
        slow = median(quantiles([times[0] for times in result[key]], n=20)[-1] for result in results)
        value = f"{usual:.1f} ms ({computed:.1f} of computing), 95 %: {slow:.1f} ms"
        is_met = usual <= FRAME_MS and slow <= TWO_FRAMES_MS
        yield _line(f"{name}: {title}", value, f"≤ {FRAME_MS:.0f} and {TWO_FRAMES_MS:.0f} ms", is_met)


def long_design() -> Design:
    """A chain of 1,000 layers: convolution, normalization, activation, and so on."""
    layers: list[Layer] = [Input(name="image", size=(224, 224), channels=3)]
    while len(layers) < LAYERS:
        number = len(layers) // 3 + 1
        layers.append(Conv2D(name=f"Conv-{number}", filters=64, kernel_size=3, padding=1, bias=False))
        layers.append(BatchNorm(name=f"Norm-{number}"))
        layers.append(Activation(name=f"ReLU-{number}", function="relu"))
    return Design(name="A thousand layers", layers=tuple(layers[:LAYERS]))


def _probe(module: str, environment: dict[str, str], *words: str) -> dict[str, Any]:
    """The findings of one process."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{module}", *words],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _now() -> str:
    """The time of a start, which another process compares with its own clock."""
    return str(time.monotonic_ns())


def _median(results: list[dict[str, Any]], key: str) -> float:
    return float(median(result[key] for result in results))


def _ratio(title: str, value: float, bare: float, most: float, unit: str) -> str:
    ratio = value / bare
    return _line(title, f"{ratio:.2f} × bare ({value:.0f} against {bare:.0f} {unit})", f"≤ {most} ×", ratio <= most)


def _line(title: str, value: str, promise: str, is_kept: bool) -> str:
    return f"{title:<62} {value:<44} promised {promise}" + ("" if is_kept else ": MISSED")


if __name__ == "__main__":
    for result in results():
        print(result, flush=True)
