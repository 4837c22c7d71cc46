"""A window where an institution has locked settings, and what a course brings with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs
from PySide6.QtWidgets import QMenu, QToolButton

from cnnstudio.app.application import Studio
from cnnstudio.app.inspector.inspector import Inspector
from cnnstudio.app.platform.settings import Settings
from cnnstudio.app.platform.settings_file import SettingsFile
from cnnstudio.app.platform.site_settings import SiteSettings
from cnnstudio.app.problems.view import ProblemsView
from cnnstudio.app.reports.opening import remembered_choice, report_dialog
from cnnstudio.app.reports.subjects import DesignSubject
from cnnstudio.app.window.choices import menu_choices
from cnnstudio.core import edits
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.gallery import builtin_groups, gallery
from tests.app.conftest import opened_window, window_of

LENET = (builtin_paths()["lenet-5"]).read_bytes()


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The folder of a course: a design, a faulty one, and a building block."""
    folder = tmp_path / "course"
    (folder / "blocks").mkdir(parents=True)
    (folder / "exercise-1.yaml").write_bytes(LENET)
    (folder / "faulty.yaml").write_text("cnnstudio: [", encoding="utf-8")
    (folder / "blocks" / "stem.yaml").write_bytes(LENET.replace(b"name: LeNet-5\n", b"name: Stem\n"))
    return folder


@pytest.fixture
def settings(tmp_path: Path, course: Path) -> Settings:
    """Settings of a machine in a lab."""
    values = {
        "design/convention": "keras",
        "files/keeps_recovery": False,
        "course/folder": str(course),
        "welcome/groups": ["For a course", "Mobile"],
    }
    locked = frozenset({"files/keeps_recovery", "view/theme", "view/text_scale", "design/convention"})
    return Settings(SettingsFile(tmp_path / "settings.json"), SiteSettings(values, locked))


def test_what_is_locked_cannot_be_chosen(studio: Studio) -> None:
    window = opened_window(studio)
    for key in ("keep_recovery", "text_larger", "text_smaller", "text_normal"):
        assert not window.actions_of[key].isEnabled()
        assert window.actions_of[key].toolTip() == "Set for all users of this machine"
    counting, shapes, themes = menu_choices(window)
    for choice, is_free in ((counting, False), (shapes, True), (themes, False)):
        menu = QMenu()
        choice.fill(menu)
        assert {action.isEnabled() for action in menu.actions()} == {is_free}
    window.look.set_text_scale(2)
    assert studio.theme.text_scale == 1
    window.view_state.select((("Conv-1",),))
    assert not window.actions_of["keep_recovery"].isEnabled()


def test_no_way_leads_round_the_convention_that_is_set(studio: Studio) -> None:
    window = opened_window(studio)
    document, told = window.document, list[str]()
    document.refused.connect(told.append)
    window.look.set_convention("keras")
    document.apply(edits.set_design(document.design, "convention", "keras"))
    assert told == ["This is set for all users of this machine."] * 2
    inspector = window.docks.view("inspector", Inspector)
    editor = inspector.editor("convention")
    assert editor is not None
    assert not editor.control.isEnabled()
    assert editor.control.toolTip() == "Set for all users of this machine"
    name = inspector.editor("name")
    assert name is not None
    assert name.control.isEnabled()
    subject = DesignSubject(document, window.view_state)
    choice = structs.replace(remembered_choice(window.settings), convention="keras")
    window.settings.report_choice = choice.to_text()
    options = report_dialog(subject, (), window.settings, window.theme, window).options
    assert (options.convention.isEnabled(), options.choice.convention) == (False, "")
    assert document.design.convention == "pytorch"


def test_no_remedy_changes_the_convention_that_is_set(studio: Studio) -> None:
    window = window_of(
        studio,
        """
        - {type: Input, name: image, size: [32, 32], channels: 3}
        - {type: Conv2D, name: conv, filters: 8, kernel_size: 3, stride: 2, padding: same}
        """,
    )
    window.document.fixed = frozenset()
    window.look.set_convention("pytorch")
    view = window.docks.view("problems", ProblemsView)
    assert "Count as Keras" in [remedy.text for remedy in view.remedies_at(0)]
    window.document.fixed = frozenset({"convention"})
    texts = [remedy.text for remedy in view.remedies_at(0)]
    assert texts
    assert "Count as Keras" not in texts


def test_what_a_file_holds_is_left_as_it_is(studio: Studio) -> None:
    document = opened_window(studio).document
    other = structs.replace(document.design, convention="caffe")
    document.replace(DesignFile(other), "Load again")
    assert document.design.convention == "caffe"


def test_a_click_on_what_is_locked_changes_nothing(studio: Studio) -> None:
    studio.settings.site = SiteSettings({}, frozenset({"view/shape_order", "view/theme"}))
    window = opened_window(studio)
    before, button = window.view_state.is_channels_last, window.findChild(QToolButton, "shape_order")
    assert button is not None
    button.click()
    window.look.set_theme_mode("dark")
    assert (window.view_state.is_channels_last, window.theme.mode) == (before, "light")


def test_a_new_design_is_counted_as_the_institution_does(studio: Studio) -> None:
    assert studio.new().document.design.convention == "keras"
    assert opened_window(studio).document.design.convention == "pytorch"


def test_designs_of_a_course_come_first_and_open_as_new(studio: Studio, course: Path) -> None:
    shown = gallery(course, ("For a course", "Mobile"))
    assert [group.title for group in shown.groups] == ["Of this course", "For a course", "Mobile"]
    assert shown.groups[0].stems == ("course/exercise-1", "course/faulty")
    studio.show_welcome()
    assert studio.welcome is not None
    studio.welcome.choose("course/exercise-1")
    assert studio.windows[-1].document.path is None
    assert studio.windows[-1].document.design.name == "LeNet-5"
    studio.show_welcome()
    studio.welcome.choose("alexnet")
    assert studio.windows[-1].document.design.name == "AlexNet"


def test_a_course_that_is_not_there_and_groups_that_are_not_are_no_hindrance(tmp_path: Path) -> None:
    assert gallery(tmp_path / "none", ("No such group",)) == gallery()
    assert gallery().groups == builtin_groups()


def test_building_blocks_of_a_course_are_offered_and_cannot_be_deleted(studio: Studio, course: Path) -> None:
    blocks = opened_window(studio).editing.blocks
    (stem,) = [block for block in blocks.every() if block.name == "Stem"]
    assert not stem.is_own
    blocks.delete(stem.key)
    assert (course / "blocks" / "stem.yaml").is_file()
