"""Tips that are taken as they are written."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QTextDocument

from cnnstudio.app.appearance.tips import plain_tip


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("text", ["plain", "<b>bold</b>", "a & b &lt;", "</qt></script>", "two\nlines", "'x' \"y\""])
def test_the_letters_are_shown(text: str) -> None:
    page = QTextDocument()
    page.setHtml(plain_tip(text))
    assert page.toPlainText() == text


def test_no_tip_for_no_text() -> None:
    assert plain_tip("") == ""
