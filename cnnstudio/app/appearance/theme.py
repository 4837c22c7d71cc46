"""The look of the program: one theme, made once and handed to every widget, that follows the desktop."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontInfo, QPalette, QPixmap, QStyleHints
from PySide6.QtWidgets import QApplication

from cnnstudio import resources
from cnnstudio.app.appearance.style_sheet import add_search_path, style_sheet
from cnnstudio.app.appearance.tokens import DARK, LIGHT, Tokens

__all__ = ["DARK", "LIGHT", "MODES", "Mode", "Theme", "Tokens", "palette_of"]

Mode = Literal["system", "light", "dark"]
MODES: tuple[Mode, ...] = ("system", "light", "dark")
MIN_TEXT_SCALE, MAX_TEXT_SCALE = 0.6, 3.0

_SCHEMES = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}


class Theme(QObject):
    """Colours and fonts, light or dark as the desktop is or as the user wants it.

    `apply` styles the application, and from then on after every change of mode, text size or desktop.
    `changed` is emitted after that, for widgets that paint with `tokens`.
    """

    changed = Signal()

    def __init__(self, mode: Mode = "system", text_scale: float = 1.0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mode: Mode = mode
        self._text_scale = _bounded(text_scale)
        self._is_applied = False
        self._is_setting_scheme = False
        self._told_mode: Mode = "system"
        _require_some_font()
        self._base_font = QFont(QApplication.font())
        self._base_points = QFontInfo(self._base_font).pointSizeF()
        self.pictures: dict[tuple[str, str, int], QPixmap] = {}
        self._fonts: dict[tuple[float, bool, bool], QFont] = {}
        self._is_dark = self._wants_dark()
        _hints().colorSchemeChanged.connect(self._on_scheme_changed)

    @property
    def tokens(self) -> Tokens:
        """The colours as they are now."""
        return DARK if self._is_dark else LIGHT

    @property
    def is_dark(self) -> bool:
        """True if the dark colours are in use."""
        return self._is_dark

    @property
    def mode(self) -> Mode:
        """The user's choice: `system`, `light` or `dark`."""
        return self._mode

    @property
    def text_scale(self) -> float:
        """The size of text with respect to the desktop's; 1 is the desktop's."""
        return self._text_scale

    def set_mode(self, mode: str) -> None:
        """Follows the desktop (`system`), or is `light` or `dark` whatever the desktop is.

        Raises ValueError for any other mode.
        """
        wanted = next((known for known in MODES if known == mode), None)
        if wanted is None:
            raise ValueError(f"a theme is one of {', '.join(MODES)}, and received {mode!r}")
        if wanted != self._mode:
            self._mode = wanted
            self._apply_again()

    def set_text_scale(self, factor: float) -> None:
        """Makes all text larger or smaller, within reason."""
        factor = _bounded(factor)
        if factor != self._text_scale:
            self._text_scale = factor
            self.pictures.clear()
            self._apply_again()

    def apply(self) -> None:
        """Dresses the whole application, and says so."""
        application = _application()
        self._is_applied = True
        self._set_scheme()
        self._is_dark = self._wants_dark()
        add_search_path()
        application.setFont(self.text_font())
        application.setPalette(palette_of(self.tokens))
        application.setStyleSheet(style_sheet(self.tokens, self._text_scale))
        self.changed.emit()

    def text_font(self, scale: float = 1.0, *, bold: bool = False) -> QFont:
        """The font of texts, at a multiple of the usual size."""
        return self._font(scale, is_bold=bold, is_tabular=False)

    def number_font(self, scale: float = 1.0, *, bold: bool = False) -> QFont:
        """The font of numbers in columns: the same, with figures of one width."""
        return self._font(scale, is_bold=bold, is_tabular=True)

    def colour(self, token: str) -> QColor:
        """A token as a colour to paint with: `theme.colour("muted")`."""
        return QColor(getattr(self.tokens, token))

    def family_colour(self, family: str) -> QColor:
        """The colour of a layer family, or of `block`."""
        return QColor(self.tokens.family(family))

    def _font(self, scale: float, *, is_bold: bool, is_tabular: bool) -> QFont:
        """A font of its own for the caller; delegates ask for one in every cell, so they are kept."""
        key = (scale, is_bold, is_tabular)
        if key not in self._fonts:
            font = QFont(self._base_font)
            font.setPointSizeF(self._base_points * self._text_scale * scale)
            font.setBold(is_bold)
            if is_tabular:
                # Otherwise a 1 is narrower than an 8 in many fonts, and the digits of a column do not stand below each
                # other.
                font.setFeature(QFont.Tag("tnum"), 1)
            self._fonts[key] = font
        return QFont(self._fonts[key])

    def _apply_again(self) -> None:
        self._is_dark = self._wants_dark()
        self._fonts.clear()
        if self._is_applied:
            self.apply()

    def _wants_dark(self) -> bool:
        if self._mode == "system":
            return _hints().colorScheme() == Qt.ColorScheme.Dark
        return self._mode == "dark"

    def _set_scheme(self) -> None:
        """Tells the desktop, which draws the title bar."""
        # Qt styles every widget anew when it is told, also of what it knows already.
        if self._mode == self._told_mode:
            return
        self._told_mode = self._mode
        self._is_setting_scheme = True
        try:
            if self._mode == "system":
                _hints().unsetColorScheme()
            else:
                _hints().setColorScheme(_SCHEMES[self._mode])
        finally:
            self._is_setting_scheme = False

    def _on_scheme_changed(self) -> None:
        # Setting the scheme tells of a change itself, in the midst of which the theme must not be applied again.
        if self._mode == "system" and not self._is_setting_scheme and self._wants_dark() != self._is_dark:
            self._apply_again()


def palette_of(tokens: Tokens) -> QPalette:
    """A palette with every role set, so that nothing of the desktop's own colours shines through."""
    palette = QPalette()
    for role, colour in _role_colours(tokens).items():
        palette.setColor(QPalette.ColorGroup.All, role, QColor(colour))
    faint = QColor(tokens.faint)
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, faint)
    palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.HighlightedText, faint)
    palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Base, QColor(tokens.window))
    palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Highlight, QColor(tokens.raised))
    return palette


def _role_colours(tokens: Tokens) -> dict[QPalette.ColorRole, str]:
    role = QPalette.ColorRole
    return {
        role.Window: tokens.window,
        role.WindowText: tokens.text,
        role.Base: tokens.surface,
        role.AlternateBase: tokens.raised,
        role.ToolTipBase: tokens.raised,
        role.ToolTipText: tokens.text,
        role.PlaceholderText: tokens.muted,
        role.Text: tokens.text,
        role.Button: tokens.window,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.danger,
        role.Light: tokens.surface,
        role.Midlight: tokens.raised,
        role.Dark: tokens.outline,
        role.Mid: tokens.hairline,
        role.Shadow: tokens.faint,
        role.Highlight: tokens.selection,
        role.HighlightedText: tokens.selection_text,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.families["dense"],
        role.Accent: tokens.accent,
    }


def _bounded(factor: float) -> float:
    return max(MIN_TEXT_SCALE, min(MAX_TEXT_SCALE, float(factor)))


def _require_some_font() -> None:
    """Loads the font that comes with the program where the machine has none: Qt would only draw boxes."""
    # Qt draws a box for each letter then, and says nothing of it.
    if not QFontInfo(QApplication.font()).family():
        from PySide6.QtGui import QFontDatabase  # seldom wanted

        QFontDatabase.addApplicationFont(str(resources.path("fonts", "DejaVuSans.ttf")))


def _application() -> QApplication:
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        raise RuntimeError("a theme needs an application with windows")
    return application


def _hints() -> QStyleHints:
    return QApplication.styleHints()
