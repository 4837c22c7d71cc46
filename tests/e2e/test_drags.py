"""What a person does with the pointer and the keyboard, on a real window; the YAML that comes out is read back."""

from __future__ import annotations

import pytest

from cnnstudio.core.analysis import analyze
from cnnstudio.core.design import find
from cnnstudio.formats.design_yaml import read_design
from tests.e2e.conftest import Driver

pytestmark = pytest.mark.xvfb


def test_reorder_cancel_and_undo(driver: Driver) -> None:
    driver.drag(driver.place("list one"), driver.place("list three"))
    assert driver.names() == ["image", "two", "three", "one", "four", "five"]
    driver.drag(driver.place("list two"), driver.place("list five"), end_key="Escape")
    assert driver.names() == ["image", "two", "three", "one", "four", "five"]
    driver.key("ctrl+z")
    assert driver.names() == ["image", "one", "two", "three", "four", "five"]


def test_several_at_once_and_a_copy(driver: Driver) -> None:
    driver.click(driver.place("list one"))
    driver.click(driver.place("list two"), holding="ctrl")
    assert driver.ask("selection") == ["one", "two"]
    driver.drag(driver.place("list one"), driver.place("list four"), below=False)
    assert driver.names() == ["image", "three", "one", "two", "four", "five"]
    driver.click(driver.place("list image"))
    driver.drag(driver.place("list five"), driver.place("list image"), holding="ctrl")
    assert driver.names() == ["image", "five_1", "three", "one", "two", "four", "five"]


def test_from_the_palette_to_a_place_in_the_list(driver: Driver) -> None:
    driver.drag(driver.place("palette Conv2D"), driver.place("list three"))
    assert driver.names() == ["image", "one", "two", "three", "conv2d_1", "four", "five"]


def test_type_in_a_cell_undo_save_and_read_the_file(driver: Driver) -> None:
    driver.click(driver.place("table one filters"), times=2)
    driver.key("ctrl+a")
    driver.type("16\n")
    driver.click(driver.place("table five filters"), times=2)
    driver.key("ctrl+a")
    driver.type("100\n")
    driver.key("ctrl+z", "ctrl+s")
    driver.wait_for(lambda: driver.ask("title") == ["driven.yaml — Driven[*] — CNN Studio", False])
    design = read_design(driver.file).design
    assert getattr(find(design, ("one",)), "filters", None) == 16
    assert getattr(find(design, ("five",)), "units", None) == 10
    assert analyze(design).totals.parameters == (3 * 3 * 3 + 1) * 16 + (15 * 15 * 16 + 1) * 10


def test_keyboard_alone(driver: Driver) -> None:
    driver.click(driver.place("list four"))
    driver.key("alt+Up")
    assert driver.names() == ["image", "one", "two", "four", "three", "five"]
    driver.key("Delete")
    assert driver.names() == ["image", "one", "two", "three", "five"]
    driver.key("ctrl+space")
    driver.type("batchn")
    driver.key("Return")
    assert "batch_norm_1" in driver.names()
    driver.key("ctrl+c", "ctrl+v")
    assert "batch_norm_2" in driver.names()
