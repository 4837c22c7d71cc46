"""One page of the manual: text, pictures and links, with a history to go back in."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QImage, QPainter, QTextDocument
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QTextBrowser, QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.manual.html import SUFFIX, html_of, style_of
from cnnstudio.manual.contents import Manual
from cnnstudio.manual.written import FRONT

MAX_PICTURE: Final = 720
"""The width up to which a picture is shown, in pixels at the usual text size; a larger one is made smaller."""
MARGIN: Final = 24
_WEB: Final = ("http", "https", "mailto")


class PageView(QTextBrowser):
    """Shows pages of a manual by their paths. `shown` is emitted with the path of the page that is shown now."""

    shown = Signal(str)

    def __init__(self, manual: Manual, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._manual = manual
        self._theme = theme
        self.setObjectName("manual_page")
        self.setAccessibleName(self.tr("Page of the manual"))
        self.setOpenLinks(False)
        self.document().setDocumentMargin(MARGIN)
        self.anchorClicked.connect(self._follow)
        # Qt tells of another page before it is the current one.
        self.sourceChanged.connect(lambda url: self.shown.emit(_path_of(url)))
        theme.changed.connect(self._apply_theme)

    @property
    def path(self) -> str:
        """The path of the page that is shown."""
        return _path_of(self.source())

    def show_page(self, path: str, anchor: str = "") -> None:
        """Shows a page at one of its headings, the front page if there is none of this path."""
        known = path if self._manual.page(path) is not None else FRONT
        url = QUrl("/" + known.removesuffix(".md") + SUFFIX)
        if anchor:
            url.setFragment(anchor)
        self.setSource(url, QTextDocument.ResourceType.HtmlResource)
        if not anchor:
            self.verticalScrollBar().setValue(0)

    def _follow(self, url: QUrl) -> None:
        if url.scheme() in _WEB:
            QDesktopServices.openUrl(url)
            return
        resolved = self.source().resolved(url) if url.path() else QUrl(self.source())
        self.show_page(_path_of(resolved), url.fragment())

    def loadResource(self, kind: int, url: QUrl | str) -> object:
        """The resource that Qt asks for by its address: a page as HTML, or a picture."""
        path = self.source().resolved(QUrl(url)).path().removeprefix("/")
        if kind == QTextDocument.ResourceType.ImageResource.value:
            return self._picture(path)
        page = self._manual.page(path.removesuffix(SUFFIX) + ".md")
        return "" if page is None else html_of(self._manual.text(page))

    def _picture(self, path: str) -> QImage:
        content = self._manual.picture(path, is_dark=self._theme.is_dark)
        if content is None:
            return QImage()
        most = MAX_PICTURE * self._theme.text_scale
        if path.endswith(".svg"):
            return self._drawn(content, most)
        image, ratio = QImage.fromData(content), self.devicePixelRatioF()
        if image.width() > most:
            # Qt itself would leave out lines and columns.
            image = image.scaledToWidth(round(most * ratio), Qt.TransformationMode.SmoothTransformation)
            image.setDevicePixelRatio(ratio)
        return image

    def _drawn(self, content: bytes, most: float) -> QImage:
        """A drawing, as sharp as the screen is."""
        renderer = QSvgRenderer(QByteArray(content))
        size = QSize(renderer.defaultSize())
        scale = min(self._theme.text_scale, most / max(1, size.width()))
        ratio = self.devicePixelRatioF()
        image = QImage(size * scale * ratio, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter, QRectF(0, 0, image.width(), image.height()))
        painter.end()
        image.setDevicePixelRatio(ratio)
        return image

    def _apply_theme(self) -> None:
        """Shows the page anew, in the colours and the size of text of the theme, where it was."""
        place = self.verticalScrollBar().value()
        self.document().setDefaultStyleSheet(style_of(self._theme))
        if self.source().isValid():
            self.document().clear()
            self.reload()
            self.verticalScrollBar().setValue(place)

    def apply_style(self) -> None:
        """Takes the colours of the theme for the pages that are shown from now on."""
        self.document().setDefaultStyleSheet(style_of(self._theme))


def _path_of(url: QUrl) -> str:
    """The path of a page in the manual by the address that it has here."""
    return url.path().removeprefix("/").removesuffix(SUFFIX) + ".md"
