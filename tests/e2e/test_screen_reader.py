"""The real window as a screen reader is told of it: names, values and what is selected, by AT-SPI."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.e2e.conftest import environment

PYTHON: Final = "/usr/bin/python3"
LAUNCHER: Final = Path("/usr/libexec/at-spi-bus-launcher")
PATIENCE_SECONDS: Final = 120
# The bus of accessibility, on a bus of its own; it ends with the shell.
BUSES: Final = f'{LAUNCHER} --launch-immediately >&2 2>/dev/null & exec "$@"'
Told = list[dict[str, Any]]
pytestmark = pytest.mark.xvfb


def can_listen() -> bool:
    """True where the programs and the module are there by which a screen reader listens."""
    if not (LAUNCHER.exists() and shutil.which("dbus-run-session") and Path(PYTHON).exists()):
        return False
    return subprocess.run([PYTHON, "-c", "import pyatspi"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def told(display: str, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """All that the window of AlexNet tells while its second layer is selected."""
    if not can_listen():
        pytest.skip("no AT-SPI: python3-pyatspi, at-spi2-core or dbus-run-session is not installed")
    home = tmp_path_factory.mktemp("home")
    script = f"""
        {sys.executable} -m cnnstudio alexnet & studio=$!
        trap 'kill $studio' EXIT
        window=$(xdotool search --sync --onlyvisible --name 'AlexNet — CNN Studio' | head -1)
        xdotool windowactivate --sync $window
        {PYTHON} {Path(__file__).with_name("spoken.py")} CNNStudio Conv-1
    """
    places = {name: str(home) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")}
    listening = {**environment(display), **places, "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", BUSES, "sh", "sh", "-c", script],
        env=listening,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # The registry of accessibility announces itself on a line of its own.
    heard: Told = json.loads(done.stdout.splitlines()[-1])
    return heard


def named(told: Told, role: str, name: str) -> dict[str, Any]:
    found = [entry for entry in told if entry["role"] == role and entry["name"] == name]
    assert found, f"no {role} is called '{name}'"
    return found[0]


def test_everything_that_takes_the_keyboard_has_a_name(told: Told) -> None:
    nameless = [
        (entry["role"], before["name"], after["name"])
        for before, entry, after in zip(told, told[1:], told[2:], strict=False)
        if entry["is_focusable"] and not entry["name"] and not entry["has_relation"]
    ]
    assert nameless == []


def test_lists_and_tables_tell_their_cells_with_the_column(told: Told) -> None:
    cells = {entry["name"] for entry in told if entry["inside"] == "Layer table"}
    assert {"Layer: Conv-1", "Parameters: 34,944"} <= cells
    assert "Parameters: 62,378,344" in {entry["name"] for entry in told if entry["inside"] == "Totals"}
    assert any(entry["name"].startswith("Conv-1, ") for entry in told if entry["inside"] == "Layers")


def test_what_is_selected_is_told_in_every_view(told: Told) -> None:
    chosen = {(entry["inside"], entry["name"].split(",")[0]) for entry in told if entry["is_selected"]}
    assert ("Layer table", "Layer: Conv-1") in chosen
    assert ("Layers", "Conv-1") in chosen


def test_fields_tell_their_title_and_their_value(told: Told) -> None:
    assert named(told, "text", "Filters")["value"] == "96"
    assert named(told, "text", "Filters")["description"]
    assert named(told, "check box", "Bias")["is_focusable"]


def test_totals_are_told_with_their_numbers(told: Told) -> None:
    totals = [entry for entry in told if entry["name"] == "Totals" and entry["description"]]
    assert any("Parameters 62,378,344" in entry["description"] for entry in totals)
    assert named(told, "label", "No problems")
