"""Actions with pointer and keyboard on a real window, as a person does them; the YAML that comes out is read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import find
from cnnstudio.formats.design_yaml import read_design
from tests.e2e.conftest import DESIGN, Driver

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
    driver.type("16")
    driver.key("Return")
    driver.click(driver.place("table five filters"), times=2)
    driver.key("ctrl+a")
    driver.type("100")
    driver.key("Return")
    assert "units: 100" in str(driver.ask("text"))
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


def test_a_block_goes_into_no_part_of_itself(block_driver: Driver) -> None:
    before = block_driver.ask("text")
    block_driver.ask("open stage")
    block_driver.drag(block_driver.place("list stage"), block_driver.place("list stage/a"))
    assert block_driver.ask("text") == before
    block_driver.drag(block_driver.place("list flat"), block_driver.place("list stage/a"))
    assert block_driver.names() == ["image", "stage"]
    block_driver.key("ctrl+z")
    assert block_driver.ask("text") == before


def test_a_file_of_another_program_opens_and_stays(driver: Driver, tmp_path: Path) -> None:
    file = tmp_path / "ü other.yaml"
    file.write_text(DESIGN.replace("Driven", "Other"))
    with driver.file_source(file) as source:
        driver.drag(source.place, driver.place("list three"))
        assert source.outcome() == "CopyAction", "after a move, a file manager would delete the file"
    driver.wait_for(lambda: driver.ask("titles") == TITLES)
    assert driver.ask("titles") == TITLES
    assert file.exists()
    assert driver.names() == ["image", "one", "two", "three", "four", "five"]


CODE = """import torch.nn as nn
class Dragged(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)
    def forward(self, x):
        return self.fc(x)
"""
PRINTED = """Dragged(
  (conv): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))
  (fc): Linear(in_features=7200, out_features=10, bias=True)
)"""
SUMMARY = """Model: "dragged"
_________________________________________________________________
 Layer (type)                Output Shape              Param #
=================================================================
 conv2d (Conv2D)             (None, 30, 30, 8)         224
 flatten (Flatten)           (None, 7200)              0
 dense (Dense)               (None, 10)                72010
=================================================================
"""


@pytest.mark.parametrize(("text", "target"), [(CODE, "list three"), (PRINTED, "table one filters"), (SUMMARY, "list")])
def test_code_from_another_program_opens_and_stays_there(
    text: str, target: str, driver: Driver, tmp_path: Path
) -> None:
    file = tmp_path / "code.txt"
    file.write_text(text, encoding="utf-8")
    target = "palette Dense" if target == "list" else target
    with driver.file_source(file, "--text") as source:
        driver.drag(source.place, driver.place(target))
        assert source.outcome() == "CopyAction", "after a move, an editor would delete the text"
    driver.wait_for(lambda: len(titles_of(driver)) == 2)
    assert titles_of(driver)[0] == "driven.yaml — Driven[*] — CNN Studio"
    assert driver.names() == ["image", "one", "two", "three", "four", "five"]


def titles_of(driver: Driver) -> list[str]:
    """The titles of all windows."""
    titles = driver.ask("titles")
    assert isinstance(titles, list)
    return [str(title) for title in titles]


TITLES = ["driven.yaml — Driven[*] — CNN Studio", "ü other.yaml — Other[*] — CNN Studio"]


def test_copy_in_one_window_and_paste_in_another(driver: Driver) -> None:
    driver.click(driver.place("list one"))
    driver.key("ctrl+c", "ctrl+n")
    driver.wait_for(lambda: str(driver.ask("titles")).count("CNN Studio") == 2)
    driver.go_to_window(1)
    driver.click(driver.place("list input_1"))
    driver.key("ctrl+v")
    driver.wait_for(lambda: driver.names() == ["input_1", "one"])
    assert driver.names() == ["input_1", "one"]
    driver.go_to_window(0)
    assert driver.names() == ["image", "one", "two", "three", "four", "five"]


def test_escape_leaves_a_cell_as_it_was_and_delete_means_its_text(driver: Driver) -> None:
    before = driver.ask("text")
    driver.click(driver.place("table one filters"), times=2)
    driver.key("ctrl+a", "Delete")
    driver.type("99")
    driver.key("Escape")
    assert driver.ask("text") == before
    driver.click(driver.place("list one"))
    driver.key("F2", "ctrl+a", "BackSpace")
    driver.type("first")
    driver.key("Return")
    driver.wait_for(lambda: driver.names()[1] == "first")
    assert driver.names() == ["image", "first", "two", "three", "four", "five"]
