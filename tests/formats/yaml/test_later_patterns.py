"""Patterns that are compiled when they are first used: PyYAML goes on as if nothing were."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from cnnstudio.formats.yaml.later_patterns import LaterPattern, patterns_compiled_later
from tests.fresh_python import printed_by

SOURCE = 'import re\nword = re.compile("[a-z]+", re.IGNORECASE)\nfind = word.findall\nbroken = re.compile("[")\n'


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
        "from cnnstudio.formats.yaml.library import yaml\n"
        "print(type(yaml.reader.Reader.NON_PRINTABLE).__name__)\n"
        "print(yaml.safe_load('day: 2020-01-02\\nyes: [1.5, 0x10, ~]'))\n"
        "try: yaml.safe_load('a: \\x07')\n"
        "except yaml.reader.ReaderError as error: print(error.reason)\n"
    )
    assert printed_by(script) == [
        "LaterPattern",
        "{'day': datetime.date(2020, 1, 2), True: [1.5, 16, None]}",
        "special characters are not allowed",
    ]
