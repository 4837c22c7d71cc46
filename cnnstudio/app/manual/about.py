"""About the program: its version, the versions of what it runs on, and the licences."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QSize, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.app.appearance.icons import application_icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.installation import bundle
from cnnstudio.resources import PACKAGE
from cnnstudio.version import __version__, versions

TEXTS: Final = ("LICENSE", "THIRD-PARTY.txt")


class AboutDialog(QDialog):
    """Tells what the program is, which version, and under which licences; all of it can be copied."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About CNN Studio"))
        picture = QLabel(self)
        picture.setPixmap(application_icon().pixmap(QSize(48, 48), self.devicePixelRatioF()))
        self.title = QLabel(f"CNN Studio {__version__}", self)
        self.title.setFont(theme.text_font(1.4, bold=True))
        line = QLabel(self.tr("Design convolutional networks and see at once what they cost."), self)
        words = QVBoxLayout()
        words.addWidget(self.title)
        words.addWidget(line)
        head = QHBoxLayout()
        head.addWidget(picture)
        head.addLayout(words, 1)
        self.pages = QTabWidget(self)
        self._add_page(self.tr("Versions"), versions_text())
        self._add_page(self.tr("Licence"), licence_text("LICENSE"))
        self._add_page(self.tr("Third parties"), licence_text("THIRD-PARTY.txt"))
        self.copy_button = self._add_buttons(head)
        self.resize(QSize(620, 460) * theme.text_scale)

    def _add_page(self, title: str, text: str) -> None:
        page = QPlainTextEdit(text, self.pages)
        page.setReadOnly(True)
        page.setAccessibleName(title)
        page.setTabChangesFocus(True)
        self.pages.addTab(page, title)

    def _add_buttons(self, head: QHBoxLayout) -> QPushButton:
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        box.rejected.connect(self.reject)
        copy = box.addButton(self.tr("Copy versions"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(versions_text()))
        layout = QVBoxLayout(self)
        layout.addLayout(head)
        layout.addWidget(self.pages, 1)
        layout.addWidget(box)
        return copy


def versions_text() -> str:
    """The versions of the program and of what it runs on, one a line."""
    program, python, *packages = versions()
    return "\n".join((program, python, f"Qt {qVersion()}, {QGuiApplication.platformName()}", *packages))


def licence_text(name: str) -> str:
    """One of `TEXTS`, from the bundle, the checkout, or the installed package; a sentence if it is nowhere."""
    inside = bundle()
    places = [inside / name] if inside is not None else [PACKAGE.parent / name, *_installed(name)]
    found = next((path for path in places if path.is_file()), None)
    missing = QCoreApplication.translate("AboutDialog", "{name} is missing; install the program again.")
    return missing.format(name=name) if found is None else found.read_text(encoding="utf-8")


def _installed(name: str) -> Iterator[Path]:
    try:
        listed = files("cnnstudio") or []
    except PackageNotFoundError:
        return
    yield from (Path(str(file.locate())) for file in listed if file.name == name)
