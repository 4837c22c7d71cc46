"""Words as LaTeX: nothing in them acts, and letters that pdfLaTeX does not know come with a way round.

LuaLaTeX and XeLaTeX print any letter for which the machine has a font. pdfLaTeX knows Western letters only; for what
else a name may hold it prints the plain letters that it stands for, or its numbers in Unicode: `[U+05E9 U+05DC]`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_WESTERN: Final = frozenset(
    "¡£§©«®±»¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
    "ĂăĄąĆćČčĎďĐđĘęĚěĞğİıŁłŃńŇňŐőŒœŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽž–—‘’“”„…"
)
"""Letters that every LaTeX knows by themselves, with the font encoding T1."""
_SIGNS: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    # In the encoding OT1 these three print as other signs: < is an inverted exclamation mark.
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "×": r"\ensuremath{\times}",
    "·": r"\ensuremath{\cdot}",
    "−": r"\ensuremath{-}",
    "≥": r"\ensuremath{\geq}",
    "≤": r"\ensuremath{\leq}",
    "→": r"\ensuremath{\to}",
    "γ": r"\ensuremath{\gamma}",
    "β": r"\ensuremath{\beta}",
    "α": r"\ensuremath{\alpha}",
    "ε": r"\ensuremath{\varepsilon}",
    "Σ": r"\ensuremath{\Sigma}",
    "µ": r"\textmu{}",
    "⋯": r"\ensuremath{\cdots}",
    "°": r"\textdegree{}",
    "\u00a0": "~",
    "€": r"\texteuro{}",
}
_OTHER: Final = "[^\x20-\x7e" + re.escape("".join([*_WESTERN, *(sign for sign in _SIGNS if sign > "\x7f")])) + "]+"
_FOREIGN: Final = re.compile(f"{_OTHER}(?: {_OTHER})*")
_UNBROKEN: Final = re.compile(r"[^\s/_\-.,]{18,}")
_BREAK_EVERY: Final = 12
_RIGHT_TO_LEFT: Final = ("R", "AL")

PREAMBLE: Final = r"""\makeatletter
% \anyletters{letters}{what to print where no font has them}{their numbers}; \rightleft for those written to the left.
\expandafter\newif\csname ifhasletters\endcsname
\ifPDFTeX
  \DeclareRobustCommand{\anyletters}[3]{#2}
  \DeclareRobustCommand{\rightleft}[3]{#2}
\else
  \def\letterfonts{}
  \newcommand{\addletterfont}[1]{\IfFontExistsTF{#1}%
    {\edef\letterfonts{\ifx\letterfonts\@empty\else\letterfonts,\fi#1}}{}}
  \addletterfont{DejaVu Sans}\addletterfont{Noto Sans CJK JP}\addletterfont{Noto Emoji}
  \newcommand{\tryfont}[2]{\ifhasletters\else\fontspec{#1}\hasletterstrue
    \@for\letternumber:=#2\do{\iffontchar\font\letternumber\relax\else\haslettersfalse\fi}\fi}
  \newcommand{\fittingfont}[3]{\haslettersfalse\@for\letterfont:=\letterfonts\do{\tryfont{\letterfont}{#3}}%
    \ifhasletters #1\else\normalfont #2\fi}
  \DeclareRobustCommand{\anyletters}[3]{\begingroup\fittingfont{#1}{#2}{#3}\endgroup}
  \ifXeTeX
    \TeXXeTstate=1
    \DeclareRobustCommand{\rightleft}[3]{\begingroup\fittingfont{\beginR #1\endR}{#2}{#3}\endgroup}
  \else
    \DeclareRobustCommand{\rightleft}[3]{\begingroup\fittingfont{\textdir TRT #1}{#2}{#3}\endgroup}
  \fi
\fi
\makeatother
"""
"""The preamble that `latex_words` relies on; it needs iftex, and fontspec where it is not pdfLaTeX."""


def latex_words(text: str, *, breaks: bool = False, is_brief: bool = False) -> str:
    """A single line of text for LaTeX's text mode; with `breaks` long words may be broken anywhere.

    What cannot be printed is given by its code points, or briefly where room is scarce and it stands elsewhere in full.
    """
    if breaks:
        text = _UNBROKEN.sub(lambda match: _broken(match[0]), text)
    # Marked by characters that no design can hold, so that splitting cannot go wrong.
    words = _FOREIGN.sub(lambda match: "\x00" + match[0] + "\x00", text).split("\x00")
    # Foreign letters are every second part, between the marks.
    return "".join(
        _foreign(part, is_brief=is_brief) if number % 2 else _plain(part) for number, part in enumerate(words)
    )


def _broken(word: str) -> str:
    return "\x01".join(word[start : start + _BREAK_EVERY] for start in range(0, len(word), _BREAK_EVERY))


def _plain(text: str) -> str:
    text = "".join(_SIGNS.get(sign, sign) for sign in text)
    # LaTeX joins two hyphens to a dash, and three to a longer one.
    text = re.sub(r"-(?=-)", "-{}", text)
    # LaTeX takes several spaces for one and drops those at the ends of a line.
    return re.sub(r"(?<= ) |^ | $", r"\\ ", text).replace("\x01", r"\hspace{0pt}")


def _foreign(letters: str, *, is_brief: bool) -> str:
    """Letters in their own script, what to print instead, and their numbers, by which a font is asked for them."""
    if letters.strip("\x01") == "":
        return r"\hspace{0pt}" if letters else ""
    letters = letters.replace("\x01", "")
    command = (
        "rightleft" if any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in letters) else "anyletters"
    )
    numbers = ",".join(f'"{ord(letter):X}' for letter in dict.fromkeys(letters) if letter != " ")
    return rf"\{command}{{{letters}}}{{{_instead(letters, is_brief=is_brief)}}}{{{numbers}}}"


def _instead(letters: str, *, is_brief: bool) -> str:
    # Full-width letters, ligatures and the like have plain letters that mean the same.
    plain = unicodedata.normalize("NFKC", letters)
    if plain.strip() and not _FOREIGN.search(plain):
        return _plain(plain)
    if is_brief and len(letters) > 1:
        return f"[U+{ord(letters[0]):04X}\\ldots]"
    return f"[{' '.join(f'U+{ord(letter):04X}' for letter in letters)}]"
