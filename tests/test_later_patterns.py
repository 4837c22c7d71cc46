"""Patterns that are compiled when they are first used: PyYAML and PySide6 go on as if nothing were."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from cnnstudio.later_patterns import LaterPattern, patterns_compiled_later

SOURCE = 'import re\nword = re.compile("[a-z]+", re.IGNORECASE)\nfind = word.findall\nbroken = re.compile("[")\n'


def printed_by(script: str) -> str:
    """What a fresh Python prints."""
    words = [sys.executable, "-c", script]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_pattern_is_compiled_when_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "late_words.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    plain = re.compile
    with patterns_compiled_later("late_words"):
        module = import_module("late_words")
        assert isinstance(re.compile("here"), re.Pattern)
    assert re.compile is plain
    assert isinstance(module.word, LaterPattern)
    assert module.find("One two") == ["One", "two"]
    assert module.word.sub("x", "One 2") == "x 2"
    assert module.word.flags & re.IGNORECASE
    with pytest.raises(re.error):
        module.broken.match("")


def test_python_s_own_is_back_after_a_failure() -> None:
    plain = re.compile
    with pytest.raises(ImportError), patterns_compiled_later("nothing"):
        import_module("cnnstudio.there_is_no_such_module")
    assert re.compile is plain


def test_pyyaml_s_parser_in_python_works() -> None:
    script = (
        "from cnnstudio.formats.yaml_library import yaml\n"
        "print(type(yaml.reader.Reader.NON_PRINTABLE).__name__)\n"
        "print(yaml.safe_load('day: 2020-01-02\\nyes: [1.5, 0x10, ~]'))\n"
        "try: yaml.safe_load('a: \\x07')\n"
        "except yaml.reader.ReaderError as error: print(error.reason)\n"
    )
    assert printed_by(script).splitlines() == [
        "LaterPattern",
        "{'day': datetime.date(2020, 1, 2), True: [1.5, 16, None]}",
        "special characters are not allowed",
    ]


def test_only_pyyaml_s_own_patterns_wait() -> None:
    script = (
        "import re, sys, cnnstudio.formats.design_yaml\n"
        "late = {name for name, module in list(sys.modules.items()) for one in list(vars(module).values())\n"
        "        if type(one).__name__ == 'LaterPattern'}\n"
        "print(*sorted(name for name in late if not name.startswith('yaml')))\n"
    )
    assert printed_by(script) == ""
