"""The settings of an institution for all users of a machine: defaults, locks, and what a faulty file comes to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cnnstudio.app.document.recovery import recovery_folder
from cnnstudio.app.platform.places import blocks_folder, portable_folder, settings_path, site_paths, state_folder
from cnnstudio.app.platform.settings import Settings
from cnnstudio.app.platform.settings_file import SettingsFile, user_settings
from cnnstudio.app.platform.site_settings import SiteSettings, folder_of, read_site_settings

NOT_USED = "The settings for all users in "


def site(tmp_path: Path, **content: Any) -> SiteSettings:
    """The settings of a file with this content."""
    path = tmp_path / "site.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return read_site_settings([tmp_path / "none.json", path])


def settings_with(tmp_path: Path, **content: Any) -> Settings:
    given = site(tmp_path, **content)
    assert given.fault == ""
    return Settings(SettingsFile(tmp_path / "own.json"), given)


def test_a_default_holds_until_the_user_chooses(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, defaults={"view/theme": "dark", "view/text_scale": 1.5})
    assert (settings.theme_mode, settings.text_scale, settings.keeps_recovery) == ("dark", 1.5, True)
    settings.theme_mode = "light"
    assert (settings.theme_mode, settings.text_scale) == ("light", 1.5)


def test_what_is_locked_holds_whatever_the_user_chose(tmp_path: Path) -> None:
    SettingsFile(tmp_path / "own.json").set_values({"files/keeps_recovery": True, "view/theme": "light"})
    settings = settings_with(
        tmp_path, defaults={"files/keeps_recovery": False}, locked=["files/keeps_recovery", "view/theme"]
    )
    assert (settings.keeps_recovery, settings.theme_mode) == (False, "system")
    settings.keeps_recovery = True
    assert not settings.keeps_recovery
    assert SettingsFile(tmp_path / "own.json").value("files/keeps_recovery") is True, "the user's own choice is kept"


def test_what_an_institution_alone_can_set(tmp_path: Path) -> None:
    course = str(tmp_path)
    defaults = {"design/convention": "keras", "course/folder": course, "welcome/groups": ["Classics"]}
    settings = settings_with(tmp_path, defaults=defaults)
    assert (settings.new_convention, settings.course_folder) == ("keras", Path(course))
    assert settings.welcome_groups == ("Classics",)
    plain = Settings(SettingsFile(tmp_path / "own.json"))
    assert (plain.new_convention, plain.course_folder, plain.welcome_groups) == ("pytorch", None, ())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "Input data was truncated"),
        (b"[]", 'the file must be an object with "defaults" and "locked"'),
        (b'{"defaults": []}', '"defaults" must be an object'),
        (b'{"locked": {}}', '"locked" must be a list of names'),
        (b'{"defaults": {"view/theme": "pink"}}', "view/theme must be one of system, light, dark, and received 'pink'"),
        (b'{"defaults": {"view/themes": "dark"}}', "there is no setting 'view/themes'. Did you mean 'view/theme'?"),
        (b'{"defaults": {"view/text_scale": 9}}', "view/text_scale must be a number from 0.6 to 3, and received 9"),
        (b'{"defaults": {"course/folder": "course"}}', "course/folder must be a whole path"),
        (b'{"defaults": {"files/recovery_folder": "tmp"}}', "files/recovery_folder must be a whole path"),
        (b'{"defaults": {"welcome/groups": ["Clasics"]}}', "no group of designs 'Clasics'. Did you mean 'Classics'?"),
        (b'{"locked": ["view/colour"]}', "there is no setting 'view/colour'"),
        (b'{"default": {}}', "there is no entry 'default'. Did you mean 'defaults'?"),
        (b'{"run": "rm"}', "there is no entry 'run'. There are: defaults, locked"),
        (b'{"locked": ' + b"[" * 99_999, ""),
        (b"\xff", ""),
    ],
)
def test_a_faulty_file_gives_one_sentence_and_counts_for_nothing(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "site.json"
    path.write_bytes(content)
    found = read_site_settings([path])
    assert found.fault.startswith(f"{NOT_USED}{path} are not used: ")
    assert told.lower() in found.fault.lower()
    assert found.fault.count("\n") == 0
    assert found.fault.endswith(("?", "."))
    assert not found.fault.endswith(("?.", ".."))
    assert (found.values, found.locked) == ({}, frozenset())


def test_a_folder_of_the_course_that_is_not_there_is_told_and_the_rest_holds(tmp_path: Path) -> None:
    found = site(tmp_path, defaults={"course/folder": str(tmp_path / "none"), "view/theme": "dark"})
    assert found.fault == f"The folder of the course, {tmp_path / 'none'}, is not there, or nobody may read it."
    assert found.values["view/theme"] == "dark"


def test_a_file_that_is_none_is_told_too(tmp_path: Path) -> None:
    (tmp_path / "site.json").mkdir()
    assert read_site_settings([tmp_path / "site.json"]).fault.startswith("The settings for all users are not used: ")
    assert read_site_settings([tmp_path / "none.json"]) == SiteSettings()


def test_the_file_for_all_users_is_beside_those_of_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path))
    assert site_paths() == [tmp_path / "CNNStudio" / "settings.json"]
    (tmp_path / "CNNStudio").mkdir()
    (tmp_path / "CNNStudio" / "settings.json").write_text('{"defaults": {"view/theme": "dark"}}', encoding="utf-8")
    assert Settings(SettingsFile(tmp_path / "own.json"), read_site_settings()).theme_mode == "dark"


def test_folders_are_whole_paths_with_the_user_in_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    monkeypatch.setenv("HOME", "/home/ada")
    assert folder_of("/var/tmp/{user}/x") == Path("/var/tmp/ada/x")
    assert folder_of("~/x") == Path("/home/ada/x")
    assert folder_of("x") is None
    assert folder_of("") is None


def test_unsaved_work_goes_only_where_nobody_else_can_write(tmp_path: Path) -> None:
    usual = recovery_folder()
    own = tmp_path / "deep" / "own"
    assert recovery_folder(own) == own
    assert own.stat().st_mode & 0o777 == 0o700
    for mode in (0o777, 0o770):
        own.chmod(mode)
        assert recovery_folder(own) == usual
    (tmp_path / "link").symlink_to(tmp_path)
    assert recovery_folder(tmp_path / "link") == usual
    (tmp_path / "file").touch()
    assert recovery_folder(tmp_path / "file") == usual


def test_one_folder_beside_the_program_holds_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert portable_folder() is None
    monkeypatch.setattr("sys._MEIPASS", str(tmp_path / "_internal"), raising=False)
    monkeypatch.setattr("sys.executable", str(tmp_path / "cnnstudio"))
    assert portable_folder() is None
    beside = tmp_path / "cnnstudio-data"
    beside.mkdir()
    assert settings_path() == beside / "config" / "settings.json"
    assert (state_folder(), blocks_folder()) == (beside / "state", beside / "data" / "blocks")
    user_settings().set_values({"view/theme": "dark"})
    assert [path.relative_to(beside).as_posix() for path in beside.rglob("*.json")] == ["config/settings.json"]
    monkeypatch.setenv("CNNSTUDIO_HOME", str(tmp_path / "other"))
    assert portable_folder() == tmp_path / "other"
    monkeypatch.setenv("CNNSTUDIO_HOME", "relative")
    assert portable_folder() == beside


def test_a_home_that_cannot_be_written_is_no_hindrance(tmp_path: Path) -> None:
    # A file where the folder should be: root, as whom tests may run, writes wherever permissions forbid it.
    home = tmp_path / "home"
    home.touch()
    settings = Settings(SettingsFile(home / "CNNStudio" / "settings.json"))
    settings.theme_mode = "dark"
    assert settings.theme_mode == "dark"
    assert home.read_bytes() == b""
