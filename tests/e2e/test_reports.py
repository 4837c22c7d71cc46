"""Reports and comparisons by the keyboard alone, on a real window."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Driver

pytestmark = pytest.mark.xvfb


def comes(driver: Driver, title: str) -> None:
    """Waits until a window or dialog with this in its title has the keyboard."""
    driver.wait_for(lambda: title in str(driver.ask("active")))
    assert title in str(driver.ask("active"))


def save_as(driver: Driver, name: str) -> bytes:
    """Presses Return on the dialog's own button, and types a name into the file dialog; what is in the file."""
    path = driver.file.parent / name
    comes(driver, "Report")
    driver.key("Return")
    comes(driver, "Save")
    driver.key("ctrl+a")
    driver.type(str(path))
    driver.key("Return")
    driver.wait_for(path.exists)
    return path.read_bytes()


def test_a_report_is_saved_and_the_dialog_closed(driver: Driver) -> None:
    driver.key("ctrl+shift+e")
    assert save_as(driver, "driven.pdf").startswith(b"%PDF")
    comes(driver, "Report")
    driver.key("Escape")
    comes(driver, "Driven")
    driver.key("ctrl+shift+e")
    assert b"Driven" in save_as(driver, "driven.md")


def test_a_comparison_is_reported_as_it_is_shown(driver: Driver) -> None:
    driver.click(driver.place("list two"))
    driver.key("Delete")
    driver.key("ctrl+shift+m")
    comes(driver, "Compare")
    driver.key("Return")  # the last saved version comes first
    comes(driver, "compared")
    driver.key("ctrl+d", "ctrl+shift+e")
    text = save_as(driver, "compared.txt").decode()
    assert text.startswith("Driven (saved) and Driven (as it is now) compared")
    assert "−  two" in text
    assert "=  one" not in text
