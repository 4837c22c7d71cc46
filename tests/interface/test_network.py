"""Networks as values: the numbers of the command line, edits, and sentences for what there is not."""

from __future__ import annotations

import doctest
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from cnnstudio.core.edits import EditError
from cnnstudio.core.network.problem import BROKEN_BUDGET
from cnnstudio.exports.target import ExportError
from cnnstudio.interface import Network, load, network, opening, text
from tests.fresh_python import printed_by


@pytest.fixture(scope="module")
def alexnet() -> Network:
    """AlexNet."""
    return load("alexnet")


@pytest.mark.parametrize("module", [network, opening])
def test_the_examples_of_the_documentation_are_true(module: types.ModuleType) -> None:
    tried = doctest.testmod(module)
    assert tried.attempted
    assert not tried.failed


def test_the_package_offers_its_names_and_loads_no_qt() -> None:
    code = """
import sys, cnnstudio
print("cnnstudio.interface" in sys.modules)
print(repr(cnnstudio.load("lenet-5-modern")))
print(any(name.startswith(("PySide6", "numpy")) for name in sys.modules), "load" in dir(cnnstudio))
"""
    lines = printed_by(code)
    assert lines == ["False", "<Network 'LeNet-5, modern': 9 layers, parameters 61,706, macs 416,520>", "False True"]


def test_it_tells_what_the_command_line_tells(alexnet: Network) -> None:
    assert "FC-1       Dense       4096           37,748,736   4,096  37,752,832" in alexnet.summary()
    assert repr(alexnet.explain("Conv-1")).startswith("Conv-1 (Conv2D)\n")
    assert "62,378,344" in alexnet.explain()
    assert "H × W × C" in alexnet.summary(convention="keras")
    assert alexnet.check() == ()


def test_rows_are_values(alexnet: Network) -> None:
    rows = alexnet.rows("layer,parameters,output")
    assert rows[1] == {"layer": "Conv-1", "parameters": 34_944, "output": [96, 55, 55]}
    blocks = load("resnet-18")
    assert len(blocks.rows()) == blocks.analysis.totals.layers
    assert {"layer": "layer1", "type": "Block"} in blocks.rows("layer,type", expand=False)
    assert set(rows[0]) < set(alexnet.rows()[0])


def test_frames_are_made_by_pandas_where_it_is(alexnet: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"to_frame needs pandas, or take rows\(\); type: \S+ -m pip install pandas"
    ):
        alexnet.to_frame()
    stand_in: Any = types.ModuleType("pandas")
    stand_in.DataFrame = tuple
    monkeypatch.setitem(sys.modules, "pandas", stand_in)
    assert alexnet.to_frame("layer") == tuple({"layer": row.path} for row in alexnet.analysis.rows)


def test_an_edit_makes_another_network(alexnet: Network) -> None:
    edited = alexnet.with_("Conv-1", filters=64, name="first").with_("first", kernel_size=5)
    assert edited.rows("layer,filters,kernel_size")[1] == {"layer": "first", "filters": 64, "kernel_size": 5}
    assert alexnet.parameters == 62_378_344
    assert alexnet.with_(budgets=("parameters <= 5M",)).check()[0].rule == BROKEN_BUDGET
    unknown = alexnet.with_("Conv-1", kernel_size=500)
    assert (unknown.parameters, unknown.macs) == (None, None)
    assert "parameters unknown" in repr(unknown)


def test_memory_takes_the_words_of_the_command_line(alexnet: Network) -> None:
    answer = alexnet.memory(64, precision="bf16", gpu="8GB")
    assert (answer.verdict, answer.peak_at) == ("fits", "FC-1")
    assert answer.peak_low is not None
    assert answer.peak_high is not None
    assert answer.static_bytes is not None
    assert answer.static_bytes < answer.peak_low <= answer.peak_high
    assert "text" not in answer.to_dict()
    assert repr(answer) == answer.text
    assert alexnet.with_("Conv-1", kernel_size=500).memory().peak_low is None


def test_it_is_saved_and_exported(alexnet: Network, tmp_path: Path) -> None:
    alexnet.save(tmp_path / "net.yaml")
    assert load(tmp_path / "net.yaml").design == alexnet.design
    code = alexnet.export("pytorch", tmp_path / "net.py")
    assert isinstance(code, text.Text)
    assert (tmp_path / "net.py").read_text(encoding="utf-8") == code
    alexnet.export(path=tmp_path / "net.onnx")
    read = load(tmp_path / "net.onnx")
    assert (read.parameters, read.report is None) == (alexnet.parameters, False)
    with pytest.raises(ExportError, match="output: an Opaque"):
        load("lenet-5").export("keras")


@pytest.mark.parametrize("end", ["new/", "new/.", "there/", ".."])
def test_a_folder_is_no_file_to_save_to(alexnet: Network, tmp_path: Path, end: str) -> None:
    (tmp_path / "there").mkdir()
    for write in (alexnet.save, lambda path: alexnet.export("pytorch", path)):
        with pytest.raises(IsADirectoryError, match="Is a directory"):
            write(f"{tmp_path}/{end}")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_notebook_shows_table_and_drawing() -> None:
    resnet = load("resnet-18")
    html, svg = resnet._repr_html_(), resnet._repr_svg_()
    assert html.startswith('<div class="cnnstudio">')
    assert '<td class="n">11,689,512</td>' in html
    # The page around it may be dark: nothing but the signs of the families has a colour of its own.
    assert "color: #" not in html
    assert svg.startswith("<svg")
    assert resnet.diagram("volumes").startswith("<svg")


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda net: net.with_("Conv-9", filters=3), "there is no layer 'Conv-9'. Did you mean 'Conv-5'?"),
        (lambda net: net.with_("Conv-1", filters=0), "filters must be a whole number from 1 to"),
        (lambda net: net.explain("nothing"), "there is no layer 'nothing'."),
        (lambda net: net.memory(optimizer="adm"), "received 'adm'. Did you mean 'adam'?"),
        (lambda net: net.memory(batchsize=3), "there is no choice 'batchsize'. Did you mean 'batch'?"),
        (lambda net: net.export(), "say with `to` which target is meant: pytorch, keras"),
        (lambda net: net.export("tf"), "there is no target 'tf'. There are: pytorch"),
        (lambda net: net.summary("layr"), "there is no column 'layr'. Did you mean 'layer'?"),
        (lambda net: net.summary(convention="theano"), "there is no convention 'theano'."),
        (lambda net: net.diagram("cubes"), "there is no style 'cubes'."),
        (lambda net: net.verify("jax"), "there is no framework 'jax'. There are: pytorch"),
    ],
)
def test_what_there_is_not_is_said(alexnet: Network, ask: Any, sentence: str) -> None:
    with pytest.raises((KeyError, ValueError, EditError)) as told:
        ask(alexnet)
    assert sentence in str(told.value.args[0])


def test_a_name_of_several_layers_needs_a_path() -> None:
    with pytest.raises(KeyError, match=r"is the name of .* layers; give a path, such as one of"):
        load("resnet-18").with_("conv1", filters=3).with_("bn2", note="x")
