"""The rest of a project, for what it says of a network: calls of it, settings, files of data; none of it is run."""

from __future__ import annotations

import json
import time
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.formats import read_file
from cnnstudio.formats.fault import FileError, OpenQuestion
from cnnstudio.formats.format import ReadOptions
from cnnstudio.formats.import_report import ImportedNetwork

NET = """
    import torch.nn as nn

    class Net(nn.Module):
        def __init__(self, width, num_classes, bias=True):
            super().__init__()
            self.conv = nn.Conv2d(3, width, 3, bias=bias)
            self.pool = nn.AdaptiveAvgPool2d(1)
            self.head = nn.Linear(width, num_classes)

        def forward(self, x):
            return self.head(self.pool(self.conv(x)).flatten(1))
    """
"""27 · width, its biases, and (width + 1) · num_classes parameters."""
OF_CONFIG = """
    import torch.nn as nn

    class Net(nn.Module):
        def __init__(self, config):
            super().__init__()
            model = config.model
            self.conv = nn.Conv2d(3, model.width, 3)
            if "slope" in config:
                self.act = nn.LeakyReLU(config.slope)
            self.last = nn.Conv2d(model.width, config["num_classes"], 1)

        def forward(self, x):
            return self.last(self.conv(x))
    """


def _project(folder: Path, **files: str) -> Path:
    """A project with a file net.py and others, whose names have `__` for a slash and `_dot_` for a dot."""
    (folder / "README.md").write_text("A project.", encoding="utf-8")
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return folder / "net.py"


def _read(path: Path, **options: Any) -> ImportedNetwork:
    report = read_file(path, ReadOptions(**options)).report
    assert report is not None
    return report.networks[0]


def _parameters(width: int, classes: int, bias: bool = True) -> int:
    return 27 * width + bias * width + (width + 1) * classes


@pytest.mark.parametrize(
    ("caller", "width", "classes", "bias"),
    [
        ("from net import Net\nnet = Net(8, 5)\n", 8, 5, True),
        (
            "from net import Net as Model\nwidth = 4\ndef main():\n    return Model(width * 2, num_classes=3)\n",
            8,
            3,
            True,
        ),
        ("import net\nfor size in (16, 32):\n    made = net.Net(size, 2, bias=False)\n", 16, 2, False),
        (
            "import argparse\nfrom net import Net\nparser = argparse.ArgumentParser()\n"
            "parser.add_argument('--width', type=int, default='12')\n"
            "args = parser.parse_args()\nif __name__ == '__main__':\n    net = Net(args.width, 7)\n",
            *(12, 7, True),
        ),
        (
            "import yaml\nfrom net import Net\nconf = yaml.safe_load(open('conf.yml'))\nnet = Net(**conf['net'])\n",
            6,
            4,
            True,
        ),
    ],
)
def test_the_arguments_of_a_call_elsewhere_are_taken(
    caller: str, width: int, classes: int, bias: bool, tmp_path: Path
) -> None:
    path = _project(tmp_path, net_dot_py=NET, train_dot_py=caller, conf_dot_yml="net: {width: 6, num_classes: 4}\n")
    network = _read(path, input_size=(3, 8, 8))
    assert network.counted_parameters == _parameters(width, classes, bias)
    assert any(f"num_classes is {classes}, as line" in said and "train.py calls it" in said for said in network.assumed)


def test_an_example_in_the_readme_is_a_call(tmp_path: Path) -> None:
    path = _project(
        tmp_path, net_dot_py=NET, README_dot_md="# Net\n```python\nfrom net import Net\nnet = Net(5, 6)\n```\n"
    )
    assert _read(path).counted_parameters == _parameters(5, 6)


@pytest.mark.parametrize(
    "caller",
    [
        "from other import Net\nnet = Net(8, 5)\n",
        "from net import Net\nnet = Net(some_width, 5)\n",
        "from net import Net\nclass Net(Net):\n    pass\nnet = Net(8, 5)\n",
        "import net\nnet.Net(\n",
    ],
)
def test_a_call_that_says_nothing_of_it_is_asked_for(caller: str, tmp_path: Path) -> None:
    path = _project(tmp_path, net_dot_py=NET, train_dot_py=caller)
    with pytest.raises(OpenQuestion, match="Net takes 'width' and 'num_classes'") as asked:
        _read(path)
    assert asked.value.arguments == ("width", "num_classes")


def test_callers_that_never_end_cost_little(tmp_path: Path) -> None:
    bombs = ["while True: pass", "x = [0]\nfor y in x: x.append(y)", "def f(): return f()\nf()", "x = 9 ** 9 ** 9"]
    files = {
        f"train_{place}_dot_py": f"from net import Net\n{bomb}\nNet(width, 5)\n" for place, bomb in enumerate(bombs)
    }
    path = _project(tmp_path, net_dot_py=NET, **files)
    before = time.process_time()
    with pytest.raises(OpenQuestion, match="Net takes 'width' and 'num_classes'"):
        _read(path)
    assert time.process_time() - before < 20


def test_the_users_answer_comes_before_a_call(tmp_path: Path) -> None:
    path = _project(tmp_path, net_dot_py=NET, train_dot_py="from net import Net\nnet = Net(8, 5)\n")
    assert _read(path, arguments=(("num_classes", "9"),)).counted_parameters == _parameters(8, 9)


def test_settings_are_asked_for_one_by_one_and_at_once(tmp_path: Path) -> None:
    path = _project(tmp_path, net_dot_py=OF_CONFIG)
    with pytest.raises(OpenQuestion, match="Net takes 'config") as asked:
        _read(path)
    assert sorted(asked.value.arguments) == ["config.model.width", "config.num_classes"]
    answers = (("config.model.width", "4"), ("config.num_classes", "10"))
    assert _read(path, arguments=answers).counted_parameters == 27 * 4 + 4 + 5 * 10


@pytest.mark.parametrize("answer", ["small.json", "{'model': {'width': 4}, 'num_classes': 10, 'slope': 0.1}"])
def test_settings_can_be_given_whole(answer: str, tmp_path: Path) -> None:
    settings = json.dumps({"model": {"width": 4}, "num_classes": 10})
    path = _project(tmp_path, net_dot_py=OF_CONFIG, small_dot_json=settings, large_dot_json=settings.replace("4", "8"))
    assert _read(path, arguments=(("config", answer),)).counted_parameters == 27 * 4 + 4 + 5 * 10


def test_the_only_settings_that_say_all_are_taken(tmp_path: Path) -> None:
    text = "model: {width: 6}\nnum_classes: 2\n"
    path = _project(
        tmp_path, net_dot_py=OF_CONFIG, configs__one_dot_yaml=text, configs__two_dot_yaml="model: {width: 1}"
    )
    network = _read(path)
    assert network.counted_parameters == 27 * 6 + 6 + 7 * 2
    assert "config is that of one.yaml, as a file of the project says." in network.assumed
    (tmp_path / "configs" / "three.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(OpenQuestion, match=r"config\.model\.width"):
        _read(path)


@pytest.mark.parametrize(
    "text",
    [
        "model: &a {width: &b [1, 2]}\nx: [" + "*a, " * 100 + "*b]\nnum_classes: 3\n",
        "num_classes: 3\nmodel: " + "[" * 500 + "]" * 500,
        "num_classes: 3\nmodel: {width: 4}\n" + "a: 1\n" * 100_000,
        "num_classes: 3\nmodel: {width: " + "9" * 10_000 + "}\n",
        "!!python/object/apply:os.system ['touch canary']\nnum_classes: 3\nmodel: {width: 4}\n",
    ],
    ids=("aliases", "nested", "long", "large", "object"),
)
def test_hostile_settings_are_passed_over(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = _project(tmp_path, net_dot_py=OF_CONFIG, settings_dot_yaml=text)
    with pytest.raises(FileError):
        _read(path)
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize(
    "name", ["../outside.txt", "/etc/hostname", "inside/../../outside.txt", "link.txt", "net.pickle"]
)
def test_only_data_of_the_project_is_opened(name: str, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("7", encoding="utf-8")
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    (folder / "net.pickle").write_text("7", encoding="utf-8")
    width = f"int(open({name!r}).read())"
    text = f"import torch.nn as nn\nnet = nn.Sequential(nn.Conv2d(3, {width}, 3), nn.ReLU())\n"
    with pytest.raises(FileError, match="the content of a file"):
        _read(_project(folder, net_dot_py=text))


def test_a_file_of_data_beside_the_source_is_read(tmp_path: Path) -> None:
    net = """
        import torch.nn as nn
        layers, cin = [], 3
        with open("net.cfg") as file:
            for line in file:
                if line.strip():
                    cout, size = map(int, line.split())
                    layers += [nn.Conv2d(cin, cout, size), nn.ReLU()]
                    cin = cout
        net = nn.Sequential(*layers)
        """
    assert _read(_project(tmp_path, net_dot_py=net, net_dot_cfg="4 3\n\n8 1\n")).counted_parameters == 112 + 40


def test_python_2_is_read(tmp_path: Path) -> None:
    net = """
        import torch.nn as nn
        try:
            import apex
        except ImportError, error:
            print "no apex", error
        print
        net = nn.Sequential(*[nn.Conv2d(3, 3, 3) for _ in xrange(2)])
        print "made of %d" % len(net)
        """
    assert _read(_project(tmp_path, net_dot_py=net)).counted_parameters == 2 * 84


def test_the_middle_of_a_map_is_cut_out_as_torchvision_does(tmp_path: Path) -> None:
    net = """
        import torch
        import torch.nn as nn
        from torchvision.transforms import CenterCrop

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.first = nn.Conv2d(3, 4, 5)
                self.second = nn.Conv2d(4, 4, 6)
                self.last = nn.Conv2d(8, 2, 1)

            def forward(self, x):
                x = self.first(x)
                y = self.second(x)
                _, _, *sides = y.shape
                return self.last(torch.cat([y, CenterCrop(sides)(x)], 1))
        """
    path = _project(tmp_path, net_dot_py=net)
    file = read_file(path, ReadOptions(input_size=(3, 20, 20)))
    assert file.report is not None
    assert not file.report.networks[0].faults
    shapes = [row.output_shape.to_list() for row in analyze(file.design).rows if row.output_shape is not None]
    assert shapes[-1] == [2, 11, 11]
    # 16 rows become 11: round(2.5) = 2 go at the top, as Python rounds.
    assert any("start=2" in repr(row.layer) or "(2, 3)" in repr(row.layer) for row in analyze(file.design).rows)
