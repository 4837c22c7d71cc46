"""Draws the pictures of the manual: each part of the window, and the steps of the first network.

`make screenshots` writes them to `docs/pictures/`. No screen is needed.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from cnnstudio.app.application import Studio
    from cnnstudio.app.window.main_window import MainWindow

PICTURES: Final = Path(__file__).resolve().parent.parent / "docs" / "pictures"
LINE: Final = "conv 16 3x3 same relu, pool 2, conv 32 3x3 same relu, pool 2, flatten, dense 10 softmax"
SETTLED: Final = 2.5
"""Seconds until a window shows all that it will show."""


def main(names: list[str]) -> int:
    """Draws all pictures, or those whose names begin with one of these."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from cnnstudio.app.appearance.theme import Theme
    from cnnstudio.app.application import Studio, make_application
    from cnnstudio.app.platform.settings import Settings
    from cnnstudio.app.platform.settings_file import SettingsFile

    make_application(["pictures"])
    theme = Theme("light")
    theme.apply()
    studio = Studio(Settings(SettingsFile(Path(tempfile.mkdtemp()) / "settings.json")), theme)
    for draw in (first_network, views, other_windows):
        for name, widget in draw(studio):
            if not names or name.startswith(tuple(names)):
                settle()
                widget.grab().save(str(PICTURES / f"{name}.png"))
                print(f"docs/pictures/{name}.png")
    return 0


def settle(seconds: float = SETTLED) -> None:
    """Lets the window do what it does by itself."""
    from PySide6.QtWidgets import QApplication

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.01)


def opened(studio: Studio, name: str, size: tuple[int, int] = (1280, 800)) -> MainWindow:
    """A built-in design in a window of this size, with all its parts."""
    window = studio.open_builtin(name)
    assert window is not None
    shown(window, size)
    return window


def shown(window: MainWindow, size: tuple[int, int]) -> None:
    """Gives a window its size and its widths."""
    window.resize(*size)
    settle(0.2)
    window.docks.widths.spread()
    settle()


def first_network(studio: Studio) -> Iterator[tuple[str, QWidget]]:
    """The steps of "Your first network in five minutes"."""
    from cnnstudio.app.search.typed_layers import read_line
    from cnnstudio.core.edits import set_field

    window = studio.new()
    shown(window, (1280, 800))
    document = window.document
    source = document.design.layers[0].name
    for field, value in (("size", (32, 32)), ("channels", 3)):
        document.apply(set_field(document.design, [(source,)], field, value))
    window.view_state.select(((source,),))
    yield "first-input", window
    window.editing.add_items([layer.item for layer in read_line(LINE, 2)])
    first = next(item.name for item in document.design.layers if item.type_name == "Conv2D")
    window.view_state.select(((first,),))
    window.view_state.set_quantity("parameters")
    yield "first-table", window
    yield "first-working", window.docks["working"]
    second = [item.name for item in document.design.layers if item.type_name == "Conv2D"][1]
    document.apply(set_field(document.design, [(second,)], "kernel_size", 99))
    document.apply(set_field(document.design, [(second,)], "padding", "valid"))
    window.view_state.select(((second,),))
    yield "first-problem", window
    yield "view-problems", window.docks["problems"]
    document.undo_stack.setClean()
    window.close()


def views(studio: Studio) -> Iterator[tuple[str, QWidget]]:
    """Each part of a window."""
    window = opened(studio, "alexnet")
    window.view_state.select((("Conv-2",),))
    window.view_state.set_quantity("parameters")
    yield "view-palette", window.docks["palette"]
    yield "view-inspector", window.docks["inspector"]
    yield "view-working", window.docks["working"]
    yield "view-chart", window.chart
    yield "view-table", window.center.panel
    for key in ("code", "memory"):
        window.center.panel.show_view(key)
        yield f"view-{key}", window.center.panel
    window.center.panel.show_view("table")
    window.close()
    window = opened(studio, "resnet-18")
    window.view_state.set_open(("layer1",), is_open=True)
    window.view_state.select((("layer1", "conv2"),))
    yield "view-layers", window.docks["layers"]
    window.close()


def other_windows(studio: Studio) -> Iterator[tuple[str, QWidget]]:
    """The welcome page, a comparison, a report, and the report of an import."""
    from cnnstudio.app.comparison.subjects import ComparedDesign
    from cnnstudio.app.reports.opening import report_dialog
    from cnnstudio.app.reports.subjects import DesignSubject
    from cnnstudio.app.window.comparisons import show_comparison

    studio.show_welcome()
    assert studio.welcome is not None
    studio.welcome.resize(1000, 680)
    yield "view-welcome", studio.welcome
    window = opened(studio, "vgg-16")
    other = opened(studio, "vgg-19")
    sides = [ComparedDesign(side.document.analysis, side.document.design.name) for side in (window, other)]
    comparison = show_comparison((sides[0], sides[1]), window)
    comparison.resize(1100, 640)
    yield "view-comparison", comparison
    comparison.close()
    dialog = report_dialog(
        DesignSubject(window.document, window.view_state),
        tuple(window.table.column_keys),
        studio.settings,
        studio.theme,
        window,
        is_print=False,
    )
    dialog.resize(1100, 720)
    dialog.show()
    yield "view-report", dialog
    dialog.close()
    with tempfile.TemporaryDirectory() as folder:
        yield from imported(studio, Path(folder))


def imported(studio: Studio, folder: Path) -> Iterator[tuple[str, QWidget]]:
    """A network of ONNX, opened."""
    from cnnstudio.cli import main as command_line

    file = folder / "model.onnx"
    command_line(["export", "alexnet", "-o", str(file)])
    window = studio.open(file)
    assert window is not None
    shown(window, (1280, 800))
    yield "view-import", window.docks["import_report"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
