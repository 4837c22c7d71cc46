"""Draws the studio's pictures: the one of the README, and those that show it in every light and size.

`make screenshots` writes them to `screenshots/`, and the README's to `docs/pictures/`. No screen is needed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow

    from cnnstudio.app.application import Studio

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "screenshots"
PICTURES = ROOT / "docs" / "pictures"
"""The folder of the pictures of the manual and of the README."""


@dataclass(frozen=True)
class Shot:
    """One picture: the design, what is open, selected and broken in it, the theme, the size and the scale.

    `diagram` is the style of the diagram, where that is shown in place of the table.
    """

    name: str
    design: str
    theme: str
    size: tuple[int, int]
    select: tuple[str, ...] = ()
    open_block: str = ""
    kernel: int = 0
    scale: str = "1"
    diagram: str = ""
    target: Path = FOLDER


SHOTS = (
    Shot(
        "studio-light",
        "resnet-18",
        "light",
        (1440, 900),
        ("layer1", "conv2"),
        "layer1",
        target=PICTURES,
    ),
    Shot(
        "studio-dark",
        "resnet-18",
        "dark",
        (1440, 900),
        ("layer1", "conv2"),
        "layer1",
        target=PICTURES,
    ),
    Shot("alexnet-small-light", "alexnet", "light", (1280, 720), ("Conv-2",)),
    Shot("alexnet-small-dark", "alexnet", "dark", (1280, 720), ("FC-1",)),
    Shot("resnet-50-large-light", "resnet-50", "light", (1920, 1080)),
    Shot("resnet-50-large-dark", "resnet-50", "dark", (1920, 1080)),
    Shot("googlenet-rails-light", "googlenet", "light", (1440, 900), ("inception3a", "concat"), "inception3a"),
    Shot("densenet-121-rails-dark", "densenet-121", "dark", (1440, 900), ("denseblock1", "concat"), "denseblock1"),
    Shot("u-net-rails-dark", "u-net", "dark", (1440, 900), ("crop2",)),
    Shot("error-light", "alexnet", "light", (1440, 900), ("Conv-3",), kernel=99),
    Shot("error-dark", "alexnet", "dark", (1440, 900), ("Conv-3",), kernel=99),
    Shot("alexnet-double-light", "alexnet", "light", (1280, 720), ("Conv-2",), scale="2"),
    Shot(
        "diagram-light",
        "inception-v3",
        "light",
        (1440, 900),
        ("Mixed_5b", "concat"),
        "Mixed_5b",
        diagram="boxes",
        target=PICTURES,
    ),
    Shot("diagram-dark", "resnet-18", "dark", (1440, 900), ("layer1", "conv2"), "layer1", diagram="boxes"),
    Shot("volumes-light", "alexnet", "light", (1440, 900), diagram="volumes"),
    Shot("volumes-dark", "u-net", "dark", (1440, 900), diagram="volumes"),
    Shot("welcome-light", "", "light", (1000, 680)),
    Shot("welcome-dark", "", "dark", (1000, 680)),
)


def main(names: list[str]) -> int:
    """Draws all pictures, or those named; each in a process of its own, as a scale is chosen when Qt starts."""
    if len(names) == 2 and names[0] == "--one":
        draw(next(shot for shot in SHOTS if shot.name == names[1]))
        return 0
    for shot in SHOTS:
        if not names or shot.name in names:
            environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": shot.scale}
            subprocess.run([sys.executable, __file__, "--one", shot.name], env=environment, check=True)
            print(f"{shot.target.relative_to(ROOT) / shot.name}.png")
    return 0


def draw(shot: Shot) -> None:
    """Opens the studio as the picture wants it, and saves what it shows."""

    from cnnstudio.app.appearance.theme import Theme
    from cnnstudio.app.application import Studio, make_application
    from cnnstudio.app.platform.settings import Settings
    from cnnstudio.app.platform.settings_file import SettingsFile
    from cnnstudio.app.window.main_window import MainWindow

    application = make_application(["screenshots"])
    store = SettingsFile(Path(tempfile.mkdtemp()) / "settings.json")
    theme = Theme()
    theme.set_mode("dark" if shot.theme == "dark" else "light")
    theme.apply()
    studio = Studio(Settings(store), theme)
    window = prepare(studio, shot)
    window.resize(*shot.size)
    if isinstance(window, MainWindow):
        # The screen that is not there is small, and the window began as small.
        application.processEvents()
        window.docks.widths.spread()
    end = time.monotonic() + 2.5
    while time.monotonic() < end:
        application.processEvents()
        time.sleep(0.01)
    shot.target.mkdir(parents=True, exist_ok=True)
    window.grab().save(str(shot.target / f"{shot.name}.png"))


def prepare(studio: Studio, shot: Shot) -> QMainWindow:
    """The window of a picture."""
    from cnnstudio.core.edits import set_field

    if not shot.design:
        studio.show_welcome()
        assert studio.welcome is not None
        return studio.welcome
    window = studio.open_builtin(shot.design)
    assert window is not None
    if shot.open_block:
        window.view_state.set_open((shot.open_block,), is_open=True)
    if shot.diagram:
        window.center.panel.show_view("diagram")
        window.center.diagram.tools.choose("volumes" if shot.diagram == "volumes" else "boxes")
    if shot.kernel:
        window.document.apply(set_field(window.document.design, [shot.select], "kernel_size", shot.kernel))
    if shot.select:
        window.view_state.select((shot.select,))
    return window


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
