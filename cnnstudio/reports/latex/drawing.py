"""A drawing as TikZ: the same shapes as in the window, with letters that are letters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cnnstudio.drawings.diagram.drawing import Drawing, Path, Rect, Shape, Step, Text
from cnnstudio.reports.latex.escaping import latex_words

WIDTH_CM: Final = 16.5
HEIGHT_CM: Final = 22.5
MAX_UNIT_CM: Final = 0.03
"""The largest size of one unit of a drawing, so that a small one is not blown up."""
POINTS_OF_CM: Final = 28.45
_ANCHORS: Final = {"start": "base west", "middle": "base", "end": "base east"}


def drawing_lines(drawing: Drawing) -> Iterator[str]:
    """The picture, as large as there is room for."""
    unit = min(MAX_UNIT_CM, WIDTH_CM / max(1.0, drawing.width), HEIGHT_CM / max(1.0, drawing.height))
    yield rf"\begin{{tikzpicture}}[x={unit:.5f}cm,y=-{unit:.5f}cm,every node/.style={{inner sep=0pt}}]"
    for group in drawing.groups:
        yield from (_shape(shape, unit) for shape in group.shapes)
    yield r"\end{tikzpicture}\par"


def _shape(shape: Shape, unit: float) -> str:
    if isinstance(shape, Rect):
        return _rect(shape, unit)
    return _path(shape, unit) if isinstance(shape, Path) else _text(shape, unit)


def _rect(rect: Rect, unit: float) -> str:
    corners = f"rounded corners={rect.radius * unit:.4f}cm" if rect.radius else ""
    look = _look(rect.fill, rect.stroke, rect.stroke_width, unit, corners)
    far = _point((rect.x + rect.width, rect.y + rect.height))
    return rf"\path[{look}] {_point((rect.x, rect.y))} rectangle {far};"


def _path(path: Path, unit: float) -> str:
    dashes = " ".join(
        f"{'off' if number % 2 else 'on'} {length * unit:.4f}cm" for number, length in enumerate(path.dash)
    )
    look = _look(path.fill, path.stroke, path.stroke_width, unit, f"dash pattern={dashes}" if dashes else "")
    return rf"\path[{look}] {' '.join(_steps(path.steps))};"


def _steps(steps: tuple[Step, ...]) -> Iterator[str]:
    """The steps in TikZ, whose curves have two control points where these have one."""
    here = (0.0, 0.0)
    for letter, places in steps:
        if letter == "Z":
            yield "-- cycle"
            continue
        end = (places[-2], places[-1])
        if letter == "M":
            yield _point(end)
        elif letter == "L":
            yield f"-- {_point(end)}"
        else:
            control = (places[0], places[1])
            yield f".. controls {_point(_towards(here, control))} and {_point(_towards(end, control))} .. {_point(end)}"
        here = end


def _towards(end: tuple[float, float], control: tuple[float, float]) -> tuple[float, float]:
    return end[0] + (control[0] - end[0]) * 2 / 3, end[1] + (control[1] - end[1]) * 2 / 3


def _text(text: Text, unit: float) -> str:
    points = text.size * unit * POINTS_OF_CM
    weight = r"\bfseries" if text.is_bold else ""
    look = f"anchor={_ANCHORS[text.anchor]},text={_colour(text.fill)}"
    font = rf"\fontsize{{{points:.2f}}}{{{points:.2f}}}\selectfont\sffamily{weight}"
    return rf"\node[{look}] at {_point((text.x, text.y))} {{{font} {latex_words(text.text, is_brief=True)}}};"


def _point(point: tuple[float, ...]) -> str:
    return f"({point[0]:.2f},{point[1]:.2f})"


def _look(fill: str, stroke: str, width: float, unit: float, more: str) -> str:
    parts = [f"fill={_colour(fill)}" if _is_colour(fill) else "", more]
    if _is_colour(stroke):
        parts += [f"draw={_colour(stroke)}", f"line width={width * unit * POINTS_OF_CM:.2f}pt"]
    return ",".join(filter(None, parts))


def _is_colour(text: str) -> bool:
    return text.startswith("#")


def _colour(text: str) -> str:
    """`#2f7bd1` for xcolor."""
    red, green, blue = bytes.fromhex(text[1:7])
    return f"{{rgb,255:red,{red};green,{green};blue,{blue}}}"
