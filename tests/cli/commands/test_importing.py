"""`cnnstudio import` of source code: its networks, its arguments, and the exit status of a mistake in it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from textwrap import dedent

import pytest

from cnnstudio.cli import main
from tests.formats.source.sources import LENET
from tests.formats.source.test_reading import TWO


@pytest.fixture
def two(tmp_path: Path) -> str:
    path = tmp_path / "two.py"
    path.write_text(dedent(TWO), encoding="utf-8")
    return str(path)


def test_the_networks_of_a_file_are_listed(two: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "--list", two]) == 0
    assert capsys.readouterr().out == "wide    line 12\nnarrow  line 15\nSmall   line 4, takes width\n"


def test_the_networks_of_standard_input_are_listed_as_data(
    two: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path(two).open("rb") as file:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(file.read())))
    assert main(["import", "--list", "-", "--report", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"name": "wide", "place": "line 12", "arguments": []},
        {"name": "narrow", "place": "line 15", "arguments": []},
        {"name": "Small", "place": "line 4", "arguments": ["width"]},
    ]


def test_a_value_is_given_for_an_expression(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.py"
    path.write_text(
        "import pandas\nfrom keras import layers, Sequential\nrows = pandas.read_csv('a.csv')\n"
        "model = Sequential([layers.Input((4,)), layers.Dense(rows['kind'].nunique())])\n",
        encoding="utf-8",
    )
    assert main(["import", str(path)]) == 2
    assert """give --set "rows['kind'].nunique()"=...""" in capsys.readouterr().err
    assert main(["import", str(path), "--set", "rows['kind'].nunique()=3"]) == 0
    assert "15" in capsys.readouterr().out


def test_a_network_and_its_arguments_are_chosen(two: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    design = tmp_path / "net.yaml"
    assert main(["import", two, "--network", "Small", "--set", "width=5", "-o", str(design)]) == 0
    assert "the design counts 140" in capsys.readouterr().out
    assert "width is 5, as asked for." in design.read_text(encoding="utf-8")
    assert main(["import", two, "--network", "Small"]) == 2
    assert "give --set width=" in capsys.readouterr().err
    assert main(["import", two, "--set", "width"]) == 2
    assert "--set is a name and a value, such as num_classes=10" in capsys.readouterr().err


def test_a_mistake_in_the_source_is_told_last_and_by_the_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "net.py"
    text = dedent(LENET).replace("nn.Linear(16 * 5 * 5", "nn.Linear(512").replace("view(-1, 16 * 5 * 5)", "flatten(1)")
    path.write_text(text, encoding="utf-8")
    assert main(["import", str(path), "--input-size", "3,32,32"]) == 1
    said = capsys.readouterr()
    assert "mistake    line 12: Linear says in_features=512 and receives 400; write 400." in said.out
    assert said.err == f"{path}: line 12: Linear says in_features=512 and receives 400; write 400.\n"
