"""`cnnstudio diagram`: the network drawn, as SVG, PNG or PDF."""

from __future__ import annotations

from argparse import Namespace
from math import ceil
from pathlib import Path

from cnnstudio.app.diagram.files import SUFFIXES, DiagramError, save_diagram, suffix_of
from cnnstudio.cli.failures import UsageError
from cnnstudio.cli.opening import open_source
from cnnstudio.cli.parsing import Parser, design_parser
from cnnstudio.cli.saving import require_other
from cnnstudio.cli.terminal import print_text
from cnnstudio.core.network.design import Design, ItemPath, path_text, walk
from cnnstudio.core.network.problem import did_you_mean
from cnnstudio.drawings.colours import DARK_PAGE, LIGHT_PAGE
from cnnstudio.drawings.diagram import DIRECTIONS, STYLES, USUAL_DIRECTION, Style, diagram_drawing
from cnnstudio.drawings.diagram.boxes.placement import Direction
from cnnstudio.drawings.diagram.drawing import Drawing
from cnnstudio.drawings.diagram.graph import every_block
from cnnstudio.drawings.diagram.svg import svg_of
from cnnstudio.formats.saving.output import write_output
from cnnstudio.layers.families import FAMILY_TITLES
from cnnstudio.reports.latex.document import tikz_document

TIKZ = ".tex"
"""The suffix of a picture for LaTeX."""


def run(words: list[str]) -> int:
    """Draws the design into a file, or prints the SVG. Raises UsageError if the drawing cannot be made or saved."""
    options = command_parser().read(words)
    style = STYLES[STYLES.index(options.style)]
    way = USUAL_DIRECTION[style] if options.direction is None else options.direction
    path = None if options.output is None else Path(options.output)
    if options.wrap is not None and (style != "volumes" or way != "right"):
        raise UsageError("--wrap is for rows of volumes; add `--style volumes`, and leave `--direction down` out.")
    try:
        if options.fragment and (path is None or path.suffix.lower() != TIKZ):
            raise UsageError("--fragment is for LaTeX; name a file with -o that ends in .tex.")
        suffix = "" if path is None else suffix_of(path, (*SUFFIXES, TIKZ))
        require_other(options.output or "", [options.file], "drawing")
        drawing, title = _drawing(options, style, DIRECTIONS[DIRECTIONS.index(way)])
        if path is None:
            print_text(svg_of(drawing, title))
        elif suffix == TIKZ:
            write_text(path, tikz_document(drawing, title, is_fragment=options.fragment))
        else:
            save_diagram(drawing, path, title)
    except DiagramError as error:
        raise UsageError(str(error)) from None
    except ValueError as error:
        raise UsageError(f"{options.file}: {error}.") from None
    return 0


def command_parser() -> Parser:
    """The words that it takes."""
    parser = design_parser("diagram", "The network drawn: boxes with edges between them, or feature maps as volumes.")
    parser.add_design()
    parser.add_output("-o", "--output", metavar="OUT", help="an .svg, .png, .pdf or .tex file; else SVG is printed")
    parser.add_choice(
        "--style", STYLES, default="boxes", metavar="NAME", help=f"{' or '.join(STYLES)}; boxes if left out"
    )
    parser.add_choice(
        "--direction", DIRECTIONS, metavar="WAY", help=f"{' or '.join(DIRECTIONS)}; if left out, down for boxes"
    )
    folding = parser.add_mutually_exclusive_group()
    folding.add_argument("--fold", action="store_true", help="every block as one box")
    folding.add_argument("--unfold", action="store_true", help="every block with what it holds, as if left out")
    parser.add_whole("--wrap", 100, 100_000, "pixels", metavar="PIXELS", help="how wide a row of volumes may be")
    parser.add_argument("--fragment", action="store_true", help="of a .tex file the picture alone, for your document")
    parser.add_argument("--dark", action="store_true", help="light letters on a dark ground")
    parser.add_argument("--no-legend", action="store_true", help="without the line that tells what the colours mean")
    parser.add_argument(
        "--label",
        action="append",
        default=[],
        metavar="LAYER=TEXT",
        help=r"another text at a volume, lines parted by \n; may be given again",
    )
    return parser


def write_text(path: Path, text: str) -> None:
    """Writes a file whole; UsageError where that is not possible."""
    try:
        write_output(path, text.encode())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{path} cannot be written: {reason}.") from None


def _drawing(options: Namespace, style: Style, direction: Direction) -> tuple[Drawing, str]:
    """The drawing that is asked for, and the name of the design."""
    analysis = open_source(options.file).analysis(options.convention)
    labels = _labels(options.label, analysis.design, style, options.file)
    drawing = diagram_drawing(
        analysis,
        DARK_PAGE if options.dark else LIGHT_PAGE,
        style=style,
        direction=direction,
        folded=every_block(analysis.design) if options.fold else (),
        channels_last=analysis.convention.channels_last,
        labels=labels,
        wrap=options.wrap,
        legend=None if options.no_legend else FAMILY_TITLES,
    )
    if options.wrap is not None and drawing.width > options.wrap:
        raise UsageError(
            f"--wrap {options.wrap:.0f} is too narrow: the narrowest rows have {ceil(drawing.width):,} pixels,"
            " as none ends below a connection that skips layers; ask for more, or try --fold."
        )
    return drawing, analysis.design.name


def _labels(texts: list[str], design: Design, style: Style, source: str) -> dict[ItemPath, str]:
    """The labels of volumes, by path. Raises UsageError if a text is for nothing that is drawn as a volume."""
    if texts and style != "volumes":
        raise UsageError("--label is for volumes; add `--style volumes`.")
    paths = {path_text(path): path for path, _ in walk(design.layers)}
    found: dict[ItemPath, str] = {}
    for text in texts:
        if "=" not in text:
            raise UsageError(f"--label needs LAYER=TEXT, and received '{text}'.")
        # A name may hold the sign as well.
        places = [text[:at] for at, letter in enumerate(text) if letter == "="]
        place = next((place for place in places if place in paths), places[0])
        label = text[len(place) + 1 :]
        if place not in paths:
            hint = did_you_mean(place, list(paths)) or f" Type `cnnstudio summary {source}` for a list."
            raise UsageError(f"{source}: there is no layer '{place}'.{hint}")
        found[paths[place]] = label.replace("\\n", "\n")
    return found
