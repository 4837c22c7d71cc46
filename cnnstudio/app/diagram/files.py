"""A diagram as a file: SVG, PNG or PDF, by its suffix. Qt is loaded for the last two, and not before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cnnstudio.app.platform.lazy_qt import import_qt
from cnnstudio.drawings.diagram.drawing import Drawing
from cnnstudio.drawings.diagram.svg import svg_of
from cnnstudio.formats.saving.output import write_output

SUFFIXES: Final = (".svg", ".png", ".pdf")


class DiagramError(Exception):
    """A diagram cannot be made or saved; the text is the sentence for the user."""


def suffix_of(path: Path, suffixes: Sequence[str] = SUFFIXES) -> str:
    """The suffix of a file that a diagram can be saved as; DiagramError for another."""
    suffix = path.suffix.lower()
    if suffix in suffixes:
        return suffix
    if not suffix:
        raise DiagramError(f"'{path.name}' has no suffix; give it one of {', '.join(suffixes)}.")
    raise DiagramError(f"a diagram cannot be saved as '{suffix}'. Use one of {', '.join(suffixes)}.")


def diagram_bytes(drawing: Drawing, suffix: str, title: str) -> bytes:
    """The file; DiagramError if the drawing is too large for it."""
    if suffix == ".svg":
        return svg_of(drawing, title).encode()
    import_qt()
    from cnnstudio.app.diagram.picture import pdf_bytes, png_bytes
    from cnnstudio.app.platform.offscreen import require_application

    require_application()
    content = pdf_bytes(drawing, title) if suffix == ".pdf" else png_bytes(drawing)
    if content is None:
        size = f"{drawing.width:,.0f} × {drawing.height:,.0f}"
        raise DiagramError(f"a diagram of {size} is too large for a legible PNG; save an SVG or a PDF, or fold blocks.")
    return content


def save_diagram(drawing: Drawing, path: Path, title: str) -> None:
    """Saves the file that the suffix asks for; DiagramError, with the old file whole, if that is not possible."""
    content = diagram_bytes(drawing, suffix_of(path), title)
    try:
        write_output(path, content)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DiagramError(f"{path} cannot be written: {reason}.") from None
