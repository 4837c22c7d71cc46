"""Files that are refused: too large, too deep, no file at all. None of it may hang or exhaust the memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import yaml

from cnnstudio.formats import design_yaml
from cnnstudio.formats.design_yaml import MAX_FILE_BYTES, decode, parse_design, read_design
from cnnstudio.formats.fault import MAX_SHOWN, FileError
from cnnstudio.formats.yaml import events as yaml_events
from cnnstudio.formats.yaml.events import MAX_DEPTH
from tests.formats.children import run_as_nobody, run_child, saving_script

HEAD = "cnnstudio: 1\nname: Large\nlayers:\n- {type: Input, name: image, size: [8, 8], channels: 3}\n"
MEGABYTE = 1_000_000
TRY_TO_READ = "try:\n    read_design(target)\nexcept FileError as error:\n    print(error)"


def refusal(path: Path) -> list[str]:
    """The lines with which a file is refused, without its name."""
    with pytest.raises(FileError) as caught:
        read_design(path)
    assert caught.value.source == str(path)
    return [line.removeprefix(f"{path}: ") for line in caught.value.lines()]


def faults_of(text: str) -> list[str]:
    """The sentences with which a text is refused, with line and column."""
    with pytest.raises(FileError) as caught:
        parse_design(text)
    return [line.removeprefix("design:").strip() for line in caught.value.lines()]


def test_the_characters_that_are_refused_are_those_that_yaml_refuses() -> None:
    every = [chr(code) for code in range(sys.maxunicode + 1)]
    refused = yaml.reader.Reader.NON_PRINTABLE
    assert [sign for sign in every if yaml_events._FORBIDDEN.search(sign)] == [
        sign for sign in every if refused.search(sign)
    ]


# The file


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").touch()
    assert refusal(tmp_path / "empty.yaml") == ["is empty; a design begins with 'cnnstudio: 1'."]


def test_missing_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.yaml") == ["there is no such file."]


def test_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path) == ["is a folder, not a design file."]


def test_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    assert refusal(tmp_path / "loop.yaml") == ["cannot be read: Too many levels of symbolic links."]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.yaml"
    os.mkfifo(path)
    assert run_child([*saving_script(TRY_TO_READ), path]) == f"{path}: is not a regular file."


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no /dev/zero")
def test_device_without_end_is_not_read() -> None:
    assert refusal(Path("/dev/zero")) == ["is not a regular file."]


def test_large_file_is_refused_by_its_size_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(200 * MEGABYTE)
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("the file was opened"))
    assert refusal(path) == ["has 200 MB; a design file has at most 16 MB."]


def test_file_of_just_the_largest_size_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(design_yaml, "MAX_FILE_BYTES", len(HEAD))
    path = tmp_path / "fits.yaml"
    path.write_text(HEAD)
    assert read_design(path).design.name == "Large"
    path.write_text(HEAD + "#")
    assert refusal(path) == ["has 0 MB; a design file has at most 0 MB."]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system has no files of unknown size")
def test_file_that_holds_more_than_it_says_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(design_yaml, "MAX_FILE_BYTES", 10)
    assert refusal(Path("/proc/self/status")) == ["has 0 MB; a design file has at most 0 MB."]


def test_file_that_may_not_be_read() -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        path = Path(name, "secret.yaml")
        path.write_text(HEAD)
        path.chmod(0)
        assert run_as_nobody(TRY_TO_READ, path) == f"{path}: cannot be read: Permission denied."


def test_file_name_that_no_system_has() -> None:
    assert refusal(Path("nul\0.yaml")) == ["nul\\x00.yaml: cannot be read: no file can have this name."]


# The text


@pytest.mark.parametrize("brackets", ["[", "{a: "])
@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 40_000])
def test_deep_nesting(levels: int, brackets: str) -> None:
    sentence = f"nested deeper than {MAX_DEPTH} levels, which no design needs."
    column = MAX_DEPTH * len(brackets) + 1
    assert faults_of("cnnstudio: 1\nlayers:\n  " + brackets * levels) == [f"3:{column - len(brackets) + 2}: {sentence}"]


def test_nesting_in_block_style() -> None:
    text = "cnnstudio: 1\nlayers:\n" + "".join(f"{' ' * level}-\n" for level in range(200))
    assert faults_of(text) == [
        f"{MAX_DEPTH + 2}:{MAX_DEPTH}: nested deeper than {MAX_DEPTH} levels, which no design needs."
    ]


def test_alias_bomb_of_a_thousand_levels() -> None:
    levels = "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 1_000))
    assert faults_of(f"cnnstudio: 1\na0: &a0 [x]\n{levels}") == [
        "2:5: anchors (&a0) are not used in designs; leave it out."
    ]


def test_a_fault_is_found_in_a_large_file() -> None:
    layers = "".join(f"- {{type: Identity, name: layer{i}}}\n" for i in range(20_000))
    assert faults_of(f"{HEAD}{layers}- {{type: Identiti}}\n") == [
        "20005:4: layers[20001]: there is no layer type 'Identiti'. Did you mean 'Identity'?"
    ]


@pytest.mark.parametrize("layer", ["{type: Conv2F}", "{type: Identity, nama: x}", "{type: Identity, inputs: [imagg]}"])
def test_thousands_of_faults_are_counted_and_fifty_are_shown(layer: str) -> None:
    lines = faults_of(HEAD + f"- {layer}\n" * 5_000)
    assert len(lines) == MAX_SHOWN + 1
    assert lines[-1].endswith("more errors are not shown.")
    assert [line.partition(":")[0] for line in lines[:3]] == ["5", "6", "7"]


def test_text_with_half_a_surrogate_pair() -> None:
    assert faults_of('cnnstudio: 1\nname: "\ud800"\n') == [
        "2:8: the character U+D800 is not allowed in a design file; delete it."
    ]


def test_byte_order_mark_and_foreign_line_ends_are_accepted() -> None:
    text = decode(b"\xef\xbb\xbf" + HEAD.replace("\n", "\r\n").encode(), "file")
    assert parse_design(text) == parse_design(HEAD) == parse_design(decode(HEAD.replace("\n", "\r").encode(), "file"))


def test_the_parser_in_python_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAD + "- {type: Dense, units: 10, name: 'fc # 1'} # remark\n"
    expected = parse_design(text)
    monkeypatch.setattr(yaml_events, "LOADER", yaml.SafeLoader)
    assert parse_design(text) == expected


def test_python_starts_without_the_parser_in_c() -> None:
    script = (
        "import yaml; del yaml.CSafeLoader, yaml.CSafeDumper\n"
        "from cnnstudio.formats.design_yaml import design_text, parse_design\n"
        f"text = {HEAD!r}\n"
        "assert design_text(parse_design(text).design) == text"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_largest_file_is_far_above_any_network() -> None:
    assert len(HEAD) * 100_000 < MAX_FILE_BYTES
