"""Reports and comparisons by the keyboard alone, on a real window."""

from __future__ import annotations

import time

import pytest

from tests.e2e.conftest import Driver

pytestmark = pytest.mark.xvfb


def save_as(driver: Driver, name: str) -> bytes:
    """Presses Return on the dialog's own button, and types a name into the file dialog; what is in the file."""
    path = driver.file.parent / name
    driver.key("Return")
    time.sleep(0.8)
    driver.key("ctrl+a")
    driver.type(str(path))
    driver.key("Return")
    driver.wait_for(path.exists)
    return path.read_bytes()


def test_a_report_is_saved_and_the_dialog_closed(driver: Driver) -> None:
    driver.key("ctrl+shift+e")
    time.sleep(1.5)
    assert save_as(driver, "driven.pdf").startswith(b"%PDF")
    time.sleep(0.5)
    driver.key("Escape")
    time.sleep(0.5)
    driver.key("ctrl+shift+e")
    time.sleep(1.2)
    assert b"Driven" in save_as(driver, "driven.md")


def test_a_comparison_is_reported_as_it_is_shown(driver: Driver) -> None:
    driver.click(driver.place("list two"))
    driver.key("Delete")
    driver.key("ctrl+shift+m")
    time.sleep(1.0)
    driver.key("Return")  # the last saved version comes first
    assert driver.find_window("compared")
    time.sleep(0.8)
    driver.key("ctrl+d", "ctrl+shift+e")
    time.sleep(1.5)
    text = save_as(driver, "compared.txt").decode()
    assert text.startswith("Driven (saved) and Driven (as it is now) compared")
    assert "−  two" in text
    assert "=  one" not in text
