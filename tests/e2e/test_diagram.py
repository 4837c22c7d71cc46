"""The diagram under a real pointer and keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import Driver

pytestmark = pytest.mark.xvfb


def shown(driver: Driver) -> list[str]:
    """The names of the boxes."""
    answer = driver.ask("boxes")
    assert isinstance(answer, list)
    return [str(name) for name in answer]


def test_select_fold_walk_and_export(block_driver: Driver, tmp_path: Path) -> None:
    driver = block_driver
    driver.key("ctrl+2")
    assert shown(driver) == ["image", "stage", "flat"]
    driver.click(driver.place("box flat"))
    assert driver.ask("selection") == ["flat"]
    driver.key("Up")
    assert driver.ask("selection") == ["stage"]
    driver.click(driver.place("arrow stage"))
    driver.wait_for(lambda: "a" in shown(driver))
    assert shown(driver) == ["stage", "image", "a", "b", "flat"]
    driver.click(driver.place("box stage/a"))
    driver.click(driver.place("box stage/b"), holding="ctrl")
    assert driver.ask("selection") == ["a", "b"]
    target = tmp_path / "drawn.svg"
    driver.key("ctrl+shift+i")
    driver.key("ctrl+a")
    driver.type(str(target))
    driver.key("Return")
    driver.wait_for(target.exists)
    svg = target.read_text(encoding="utf-8")
    assert all(f">{name}</text>" in svg for name in ("image", "stage", "a", "b", "flat"))
