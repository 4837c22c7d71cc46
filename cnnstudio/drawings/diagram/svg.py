"""A drawing as an SVG file: plain text, letters as letters, and the same bytes for the same drawing."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from cnnstudio.drawings.chart.svg import FONT
from cnnstudio.drawings.diagram.drawing import Drawing, Group, Path, Rect, Shape, Text
from cnnstudio.drawings.diagram.text_width import clean

_ANCHORS: Final = {"start": "", "middle": ' text-anchor="middle"', "end": ' text-anchor="end"'}


def svg_of(drawing: Drawing, title: str, subtitle: str = "") -> str:
    """The file. `title` and `subtitle` are read out by what reads pictures aloud."""
    return "\n".join(_lines(drawing, title, subtitle)) + "\n"


def _lines(drawing: Drawing, title: str, subtitle: str) -> Iterator[str]:
    width, height = _number(drawing.width), _number(drawing.height)
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{FONT}">'
    yield f"<title>{_escaped(title)}</title>"
    if subtitle:
        yield f"<desc>{_escaped(subtitle)}</desc>"
    yield f'<rect width="{width}" height="{height}" fill="{drawing.background}"/>'
    for group in drawing.groups:
        yield _group(group)
    yield "</svg>"


def _group(group: Group) -> str:
    tip = f"<title>{_escaped(group.tip)}</title>" if group.tip else ""
    return f'<g class="{group.kind}">{tip}{"".join(map(_shape, group.shapes))}</g>'


def _shape(shape: Shape) -> str:
    if isinstance(shape, Rect):
        return _rect(shape)
    return _path(shape) if isinstance(shape, Path) else _text(shape)


def _rect(rect: Rect) -> str:
    place = f'x="{_number(rect.x)}" y="{_number(rect.y)}" width="{_number(rect.width)}" height="{_number(rect.height)}"'
    radius = f' rx="{_number(rect.radius)}"' if rect.radius else ""
    return f'<rect {place}{radius} fill="{rect.fill}"{_stroke(rect.stroke, rect.stroke_width)}/>'


def _path(path: Path) -> str:
    steps = "".join(f"{letter}{' '.join(map(_number, places))}" for letter, places in path.steps)
    dash = f' stroke-dasharray="{" ".join(map(_number, path.dash))}"' if path.dash else ""
    return f'<path d="{steps}" fill="{path.fill or "none"}"{_stroke(path.stroke, path.stroke_width)}{dash}/>'


def _stroke(colour: str, width: float) -> str:
    if not colour:
        return ""
    return f' stroke="{colour}"' + (f' stroke-width="{_number(width)}"' if width != 1 else "")


def _text(text: Text) -> str:
    place = f'x="{_number(text.x)}" y="{_number(text.y)}" font-size="{_number(text.size)}" fill="{text.fill}"'
    weight = ' font-weight="600"' if text.is_bold else ""
    return f"<text {place}{_ANCHORS[text.anchor]}{weight}>{_escaped(text.text)}</text>"


def _number(value: float) -> str:
    """At most two decimals, and no minus zero."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def _escaped(text: str) -> str:
    return escape(clean(text))
