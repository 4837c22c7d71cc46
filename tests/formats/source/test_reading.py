"""Networks in Python source: which one, its arguments, its input size, and the sentences about mistakes in it."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from cnnstudio.formats import read_file
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.format import ReadOptions
from tests.formats.source.sources import LENET, LENET_PARAMETERS, read

TWO = """
    import torch.nn as nn

    class Small(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.conv = nn.Conv2d(3, width, 3)

        def forward(self, x):
            return self.conv(x)

    def wide():
        return Small(64)

    def narrow():
        return Small(8)
    """


def test_a_network_is_read_with_an_input_that_fits(tmp_path: Path) -> None:
    analysis, network = read(LENET, tmp_path)
    assert analysis.totals.parameters == network.stated_parameters == LENET_PARAMETERS
    assert network.input_shapes == ((3, 32, 32),)
    assert network.complete
    assert not network.faults
    assert "no input size; 3 × 32 × 32 was assumed" in network.assumed[0]
    assert "3 × 32 × 32 was assumed" in analysis.design.note


def test_a_wrong_number_is_told_with_its_line_and_set_right(tmp_path: Path) -> None:
    wrong = LENET.replace("nn.Linear(16 * 5 * 5", "nn.Linear(512").replace("view(-1, 16 * 5 * 5)", "flatten(1)")
    analysis, network = read(wrong, tmp_path, input_size=(3, 32, 32))
    assert network.faults == ("line 12: Linear says in_features=512 and receives 400; write 400.",)
    assert analysis.totals.parameters == LENET_PARAMETERS


def test_a_view_that_cuts_up_the_batch_is_told(tmp_path: Path) -> None:
    wrong = LENET.replace("view(-1, 16 * 5 * 5)", "view(-1, 200)")
    _, network = read(wrong, tmp_path, input_size=(3, 32, 32))
    sentence = "line 17: view says 200 and receives 16 × 5 × 5 = 400; write 400, or the batch would become 2 times"
    assert network.faults[0].startswith(sentence)


def test_a_map_that_nobody_flattened_is_told(tmp_path: Path) -> None:
    wrong = LENET.replace("            x = x.view(-1, 16 * 5 * 5)\n", "")
    with pytest.raises(FileError, match=r"in_features=400 and receives a map of 16 × 5 × 5, .* flatten it before"):
        read(wrong, tmp_path, input_size=(3, 32, 32))


@pytest.mark.parametrize(
    ("line", "size"),
    [
        ("net = Net(); net(torch.randn(2, 3, 32, 32))", "by the tensor that it is called with"),
        ("summary(Net(), (3, 32, 32))", "by the size in line 21"),
        ("data = torchvision.datasets.CIFAR10('.', train=True)", "by the images of cifar10"),
    ],
)
def test_the_file_says_the_size_of_the_input(line: str, size: str, tmp_path: Path) -> None:
    _, network = read(f"{LENET}\n    {line}\n", tmp_path)
    assert network.input_shapes == ((3, 32, 32),)
    assert any(sentence.endswith(f"3 × 32 × 32, {size}.") for sentence in network.assumed)


def test_of_several_networks_one_is_taken_and_said(tmp_path: Path) -> None:
    analysis, network = read(TWO, tmp_path)
    assert analysis.totals.parameters == 64 * (27 + 1)
    assert network.assumed[0] == "The file holds 3 networks, and wide was taken; the others are narrow, Small."
    analysis, _ = read(TWO, tmp_path, network="narrow")
    assert analysis.totals.parameters == 8 * (27 + 1)
    with pytest.raises(FileError, match="holds no network 'other'; its networks are wide, narrow, Small"):
        read(TWO, tmp_path, network="other")


def test_an_argument_without_a_default_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"Small takes 'width', which the file does not state; give --set width="):
        read(TWO, tmp_path, network="Small")
    analysis, network = read(TWO, tmp_path, network="Small", arguments=(("width", "5"),))
    assert analysis.totals.parameters == 5 * (27 + 1)
    assert "width is 5, as asked for." in network.assumed


def test_arguments_of_the_script_have_their_defaults(tmp_path: Path) -> None:
    text = """
        import argparse
        import torch.nn as nn
        parser = argparse.ArgumentParser()
        parser.add_argument("--width", type=int, default=7)
        args = parser.parse_args()
        net = nn.Sequential(nn.Conv2d(1, args.width, 3), nn.ReLU())
        """
    assert read(text, tmp_path)[0].totals.parameters == 7 * 10
    assert read(text, tmp_path, arguments=(("width", "2"),))[0].totals.parameters == 2 * 10


def test_a_part_is_never_taken_for_a_network_that_cannot_be_read(tmp_path: Path) -> None:
    text = """
        import torch.nn as nn
        from somewhere import Strange

        class Part(nn.Sequential):
            def __init__(self):
                super().__init__(nn.Conv2d(3, 4, 3))

        class Whole(nn.Module):
            def __init__(self):
                super().__init__()
                self.part = Part()
                self.strange = Strange(4)

            def forward(self, x):
                return self.strange(self.part(x))
        """
    with pytest.raises(FileError, match=r"gives no tensor that is followed: what somewhere\.Strange gives"):
        read(text, tmp_path)


def test_files_beside_it_are_read(tmp_path: Path) -> None:
    (tmp_path / "parts.py").write_text(dedent(LENET), encoding="utf-8")
    analysis, _ = read("from parts import Net\nnet = Net(num_classes=3)\n", tmp_path, "main.py")
    assert analysis.totals.parameters == LENET_PARAMETERS - 7 * 121


def test_modules_that_forward_never_calls_are_said(tmp_path: Path) -> None:
    _, network = read(LENET.replace("self.fc2 =", "self.spare = nn.Linear(10, 5)\n            self.fc2 ="), tmp_path)
    assert any(note.startswith("1 modules with 55 parameters are made and never used") for note in network.notes)
    assert network.counted_parameters == LENET_PARAMETERS


def test_a_notebook_is_read_by_its_code(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# A network"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "!pip install torch\n", "import torch.nn as nn"]},
        {"cell_type": "code", "source": "this is no Python"},
        {"cell_type": "code", "source": dedent(LENET).replace("16 * 5 * 5, 120", "512, 120")},
    ]
    text = json.dumps({"cells": cells, "nbformat": 4})
    _, network = read(text, tmp_path, "net.ipynb", input_size=(3, 32, 32))
    assert network.faults[0].startswith("cell 4, line 12: Linear says in_features=512")


def test_source_is_known_by_its_content(tmp_path: Path) -> None:
    assert read(LENET, tmp_path, "net.txt")[1].counted_parameters == LENET_PARAMETERS


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = 1\n", "holds no network: no model"),
        ("import torch\nmodel = load()\n", "'model' is not known: 'load', which nothing before it gives"),
        ("print 'hello' 'you' !\n", r"net.py:1:1: is no Python: Missing parentheses"),
        ("import torch.nn as nn\nnet = nn.Sequential(nn.Conv2d(3, 25.5, 3))\n", "25.5, a number that is not whole"),
    ],
)
def test_what_cannot_be_read_gets_one_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=sentence) as refused:
        read(text, tmp_path)
    assert len(refused.value.faults) == 1


def test_one_question_at_most(tmp_path: Path) -> None:
    """An answer is not asked for again."""
    path = tmp_path / "net.py"
    path.write_text(dedent(TWO), encoding="utf-8")
    answered = ReadOptions(network="Small", arguments=(("width", "5"),), input_size=(3, 9, 9))
    assert read_file(path, answered).design.layers


def test_a_size_that_nobody_states_is_not_called_a_mistake(tmp_path: Path) -> None:
    wrong = LENET.replace("16 * 5 * 5, 120", "399, 120").replace("view(-1, 16 * 5 * 5)", "flatten(1)")
    sentence = (
        r"with an input of 3 × 224 × 224: Linear says in_features=399 .*; no usual size fits, give one with --input"
    )
    with pytest.raises(FileError, match=sentence):
        read(wrong, tmp_path)
    hinted = f"{wrong}\n    data = CIFAR10('.')\n"
    assert read(hinted, tmp_path)[1].faults[0].startswith("line 12: Linear says in_features=399 and receives 400")


def test_arrays_of_numbers_are_no_lists(tmp_path: Path) -> None:
    text = """
        import numpy as np
        import torch.nn as nn
        widths = (np.array([1, 2]) * 4 + np.arange(2)).astype(int)
        net = nn.Sequential(nn.Conv2d(3, int(widths[0]), 1), nn.Conv2d(*[int(width) for width in widths], 1))
        """
    assert read(text, tmp_path)[0].totals.parameters == 4 * 4 + 9 * 5


def test_two_objects_of_one_class_are_two_networks(tmp_path: Path) -> None:
    text = f"{LENET}\n    a = Net(3)\n    b = Net(5)\n"
    assert read(text, tmp_path)[0].totals.parameters == LENET_PARAMETERS - 7 * 121
    assert read(text, tmp_path, network="Net 2")[0].totals.parameters == LENET_PARAMETERS - 5 * 121


def test_inputs_of_which_one_is_not_known_are_no_mistake(tmp_path: Path) -> None:
    text = """
        import torch
        import torch.nn as nn

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(40, 5)

            def forward(self, a, b):
                return self.fc(torch.cat([a, b], 1))

        net = Net()
        out = net(load(), torch.zeros(2, 10))
        """
    with pytest.raises(FileError, match=r"for each of its inputs: Linear says in_features=40 .*; no usual size fits"):
        read(text, tmp_path)
