"""The colours of code: keywords, names that are defined, texts, numbers and comments."""

from __future__ import annotations

import keyword
import re
from typing import Final

from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from cnnstudio.app.appearance.theme import Theme

_TOKENS: Final = re.compile(
    r'(?P<comment>#.*)|(?P<text>f?"(?:[^"\\]|\\.)*")'
    rf"|(?P<keyword>\b(?:{'|'.join(keyword.kwlist)}|self)\b)|(?P<number>\b\d[\w.]*(?:e-?\d+)?\b)"
    r"|(?<=\bdef )(?P<defined>\w+)|(?<=\bclass )(?P<made>\w+)|(?P<argument>\w+)(?==[^=])"
)
_DOCSTRING: Final = '"""'
_IN_DOCSTRING: Final = 1


class Highlighter(QSyntaxHighlighter):
    """Colours the lines of a document as Python."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        self._formats: dict[str, QTextCharFormat] = {}
        self.apply_theme()

    def apply_theme(self) -> None:
        """Takes the colours of the theme."""
        tokens = self._theme.tokens
        colours = {"comment": tokens.muted, "text": tokens.good, "keyword": tokens.accent}
        colours |= {"number": tokens.family("activation"), "argument": tokens.family("dense")}
        colours |= {"defined": tokens.text, "made": tokens.text}
        self._formats = {key: _format(colour) for key, colour in colours.items()}
        for key in ("defined", "made"):
            self._formats[key].setFontWeight(QFont.Weight.Bold)
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        """Colours a line; a docstring may run over several."""
        start = 0
        if self.previousBlockState() == _IN_DOCSTRING:
            end = text.find(_DOCSTRING)
            self.setFormat(0, len(text) if end < 0 else end + 3, self._formats["text"])
            if end < 0:
                self.setCurrentBlockState(_IN_DOCSTRING)
                return
            start = end + 3
        opening = text.find(_DOCSTRING, start)
        if opening >= 0:
            closing = text.find(_DOCSTRING, opening + 3)
            self.setFormat(opening, (len(text) if closing < 0 else closing + 3) - opening, self._formats["text"])
            self.setCurrentBlockState(_IN_DOCSTRING if closing < 0 else 0)
            return
        self.setCurrentBlockState(0)
        for found in _TOKENS.finditer(text, start):
            if found.lastgroup is not None:
                self.setFormat(found.start(), found.end() - found.start(), self._formats[found.lastgroup])


def _format(colour: str) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(QColor(colour))
    return made
