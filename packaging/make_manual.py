"""`make manual`: the manual as a web site in dist/manual, made by Sphinx from the pages that the window shows.

It needs no network, and the site needs none: open dist/manual/index.html. A warning of Sphinx is an error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCE: Final = ROOT / "build" / "manual"
SITE: Final = ROOT / "dist" / "manual"
SETTINGS: Final = """\
project = "CNN Studio"
version = release = {version!r}
copyright = "the CNN Studio authors"
extensions = ["myst_parser"]
root_doc = "README"
myst_heading_anchors = 3
html_theme = "furo"
html_title = "CNN Studio {version}"
html_copy_source = False
html_show_sphinx = False
# Nothing is fetched from elsewhere while the site is read.
html_theme_options = {{"source_repository": ""}}
"""


def main() -> None:
    """Writes the sources and makes the site."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.rmtree(SITE, ignore_errors=True)
    pages = write_sources()
    words = ["-W", "--keep-going", "-q", "-b", "html", "-j", "2", str(SOURCE), str(SITE)]
    subprocess.run([sys.executable, "-m", "sphinx", *words], check=True)
    # What web servers and readers look for first; the pages themselves link to README.html.
    shutil.copy(SITE / "README.html", SITE / "index.html")
    shutil.rmtree(SITE / ".doctrees", ignore_errors=True)
    print(f"{(SITE / 'index.html').relative_to(ROOT)}: {pages} pages")


def write_sources() -> int:
    """The pages and pictures as Sphinx reads them; the number of pages."""
    from cnnstudio.app.application import make_application
    from cnnstudio.app.window.guidance.shortcuts_page import shortcuts_page
    from cnnstudio.cli.help_pages import command_pages
    from cnnstudio.layers import LAYER_TYPES
    from cnnstudio.manual.contents import Manual
    from cnnstudio.manual.layer_pages import layer_picture
    from cnnstudio.manual.written import FRONT
    from cnnstudio.version import __version__

    application = make_application(["manual"])  # Qt tells the usual keys of a system only where it runs
    manual = Manual(command_pages(), (shortcuts_page(),))
    for page in manual.pages:
        written(SOURCE / page.path, manual.text(page).encode())
    application.quit()
    for path in map(layer_picture, LAYER_TYPES):
        written(SOURCE / path, manual.picture(path) or b"")
    shutil.copytree(ROOT / "docs" / "pictures", SOURCE / "pictures")
    for drawing in (ROOT / "docs").glob("*.svg"):
        shutil.copy(drawing, SOURCE)
    with (SOURCE / FRONT).open("a", encoding="utf-8") as front:
        for chapter, pages in manual.chapters.items():
            names = "\n".join(page.path.removesuffix(".md") for page in pages)
            front.write(f"\n```{{toctree}}\n:hidden:\n:caption: {chapter}\n\n{names}\n```\n")
    written(SOURCE / "conf.py", SETTINGS.format(version=__version__).encode())
    return len(manual.pages)


def written(path: Path, content: bytes) -> None:
    """Writes a file and the folders that it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


if __name__ == "__main__":
    main()
