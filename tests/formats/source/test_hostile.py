"""Source that tries to run, to fill the memory, or never to end: bounded, one sentence, and nothing is executed."""

from __future__ import annotations

import random
from pathlib import Path
from textwrap import dedent

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.formats import read_file
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.source.language import limits
from tests.formats.source.sources import LENET

CANARY = "canary"
ATTACKS = (
    "open('canary', 'w').write('x')",
    "import os; os.system('touch canary')",
    "__import__('os').system('touch canary')",
    "import subprocess; subprocess.run(['touch', 'canary'])",
    "eval(\"open('canary', 'w')\")",
    "exec(\"open('canary', 'w')\")",
    "().__class__.__bases__[0].__subclasses__()",
    "(lambda: 0).__globals__['__builtins__']",
    "print.__self__.open('canary', 'w')",
    "'{0.__class__.__init__.__globals__}'.format(print)",
    "'{0[__class__]}'.format({})",
    "getattr((), '__class__').__base__.__subclasses__()",
    "import pathlib; pathlib.Path('canary').touch()",
    "from pathlib import *; Path('canary').write_text('x')",
    "import torch; torch.load('canary'); torch.save({}, 'canary')",
    "import builtins; builtins.open('canary', 'w')",
    "net.__class__.__mro__[1].__subclasses__()",
    "Net.__init__.__globals__['open']('canary', 'w')",
    "[x for x in (1).__class__.__base__.__subclasses__()]",
    "import sys; sys.modules['os'].system('touch canary')",
    "type('X', (), {})()",
    "str.__subclasses__(); str.format.__globals__",
)
BOMBS = (
    "while True: pass",
    "x = [0 for _ in range(10 ** 9)]",
    "x = list(range(10 ** 12))",
    "x = [0] * 10 ** 10",
    "x = 'a' * 10 ** 12",
    "x = 9 ** 9 ** 9 ** 9",
    "x = 2 ** 10 ** 6",
    "x = 1 << 10 ** 9",
    "x = '%1000000000d' % 1",
    "x = '{:>1000000000}'.format(1)",
    "x = f'{1:1000000000}'",
    "x = f'{1:{10 ** 9}}'",
    "x = '%*d' % (10 ** 9, 1)",
    "def f(): return f()\nx = f()",
    "f = lambda n: f(n + 1)\nx = f(0)",
    "x = []\nwhile True: x.append(x)",
    "x = 'a'\nwhile True: x = x + x",
    "x = 1\nwhile True: x = x * x + 1",
    "x = [1]\nfor y in x: x.append(y)",
    "class A:\n    def __getattr__(self, name): return getattr(self, name + 'a')\nx = A().b",
    "x = 'ab'.replace('', 'c' * 10 ** 6).replace('c', 'c' * 10 ** 5)",
    "import itertools\nx = list(itertools.product(range(1000), repeat=9))",
    "import copy\nx = [0]\nfor _ in range(99): x = [x, x]\ny = copy.deepcopy(x)",
    "x = sum(range(10 ** 11))",
    "x = sorted(range(10 ** 11))",
    "import torch.nn as nn\nx = nn.Sequential(*[nn.ReLU() for _ in range(10 ** 8)])",
    "x = " + "(" * 5_000 + ")" * 5_000,
    "x = " + "-" * 50_000 + "1",
    "x = " + "not " * 20_000 + "1",
    "x = " + "1 + " * 20_000 + "1",
    "x = a" + ".a" * 20_000,
    "x = a" + "()" * 20_000,
    "x = " + "lambda: " * 5_000 + "1",
    "if 1:\n" + "".join(" " * depth + "if 1:\n" for depth in range(1, 99)) + " " * 99 + "x = 1",
    "x = " + "[" * 99 + "0" + "]" * 99,
    "import numpy as np\nx = np.linspace(0, 1, 10 ** 10)",
    "def f():\n    while True: yield 1\nx = list(f())",
    "def f(n): yield from f(n + 1)\nx = list(f(0))",
    "def f():\n    for i in range(10 ** 9): yield [i] * 1000\nx = sum(f(), [])",
    "import torch\nx = torch.meshgrid([torch.arange(10 ** 5)] * 60)",
    "from easydict import EasyDict\nx = {}\nfor _ in range(200): x = {'a': x, 'b': x}\ny = EasyDict(x)",
    "import torch\nx = torch.Size([10 ** 9] * 10 ** 5)",
    "x = max(range(10 ** 10))\nimport torch\ny = torch.zeros(10 ** 9, 10 ** 9)",
)


def _read(text: str, tmp_path: Path) -> str:
    """The sentence of a refusal, "" if the file was read; any other error fails the test."""
    path = tmp_path / "net.py"
    path.write_text(text, encoding="utf-8")
    try:
        assert analyze(read_file(path).design).rows
    except FileError as refusal:
        sentence = "; ".join(refusal.lines())
        # So it would be called if an error of the program's own were caught at the edge.
        return sentence if "damaged or cut off" not in sentence else pytest.fail(sentence)
    return ""


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_is_executed(attack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    script = f"{dedent(LENET)}\nnet = Net()\n{attack}\nx = {attack.rpartition('; ')[2]}\n"
    assert _read(script, tmp_path) == ""
    inside = dedent(LENET).replace(
        "super().__init__()", f"super().__init__()\n        self.x = [{attack.rpartition('; ')[2]}]"
    )
    _read(inside, tmp_path)
    assert not (tmp_path / CANARY).exists()


@pytest.mark.parametrize("bomb", BOMBS, ids=range(len(BOMBS)))
def test_every_bomb_is_bounded(bomb: str, tmp_path: Path) -> None:
    _read(f"{bomb}\n{dedent(LENET)}", tmp_path)
    indented = bomb.replace("\n", "\n            ")
    _read(dedent(LENET).replace("        x = self.pool(F.relu(self.conv1(x)))", f"        {indented}"), tmp_path)


def test_the_clock_ends_what_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_SECONDS", -1.0)
    assert "takes too long to follow" in _read(f"{dedent(LENET)}\nx = [i for i in range(5000)]\n", tmp_path)


def test_mutated_sources_give_a_design_or_one_sentence(tmp_path: Path) -> None:
    chance = random.Random(19)
    words = [*"()[]{}:,.=*+-/ \n", "self", "x", "0", "-1", "None", "10**9", "nn", "F", "for", "lambda", "*", "**", "if"]
    text = dedent(LENET) + "\nnet = Net()\n"
    for _ in range(400):
        mutant = text
        for _ in range(chance.randint(1, 4)):
            first = chance.randrange(len(mutant))
            last = min(len(mutant), first + chance.choice((0, 1, 1, 5, 30)))
            mutant = mutant[:first] + chance.choice(words) + mutant[last:]
        _read(mutant, tmp_path)
