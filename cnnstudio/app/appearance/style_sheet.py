"""The one style sheet: what the palette alone cannot make quiet."""

from __future__ import annotations

import re
from string import Template

from msgspec import structs
from PySide6.QtCore import QDir

from cnnstudio import resources
from cnnstudio.app.appearance.tokens import Tokens, mixed

CONTROLS = "controls"
"""The search path under which the style sheet finds the signs on check boxes, arrows and docks."""


def add_search_path() -> None:
    """Lets style sheets say `controls:check.svg`, wherever the program is installed."""
    QDir.setSearchPaths(CONTROLS, [str(resources.path("icons", "controls"))])


def style_sheet(tokens: Tokens, scale: float) -> str:
    """The style sheet in these colours; `scale` grows the lengths in it with the text."""
    colours = {name: value for name, value in structs.asdict(tokens).items() if isinstance(value, str)}
    colours["hover"] = mixed(tokens.window, tokens.text, 0.07)
    colours["pressed"] = mixed(tokens.window, tokens.text, 0.13)
    colours["fill_focus"] = mixed(tokens.fill, tokens.text, 0.6)
    colours["thumb"] = mixed(tokens.surface, tokens.text, 0.22)
    colours["thumb_hover"] = mixed(tokens.surface, tokens.text, 0.38)
    text = Template(_CONTAINERS + _BUTTONS + _FIELDS + _VIEWS).substitute(colours)
    # Hairlines of one pixel stay hairlines, whatever the size of the text.
    return re.sub(r"(?<![\d.])(\d+)px", lambda found: f"{_length(int(found[1]), scale)}px", text)


def _length(pixels: int, scale: float) -> int:
    return pixels if pixels <= 1 else round(pixels * scale)


_CONTAINERS = """
QMainWindow, QDialog { background: $window; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QuickAdd { background: $surface; border: 1px solid $outline; }
QMainWindow::separator { background: $hairline; width: 1px; height: 1px; }
QMainWindow::separator:hover, QSplitter::handle:hover { background: $accent; }
QSplitter::handle { background: $hairline; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QToolTip { color: $text; background: $raised; border: 1px solid $outline; padding: 4px 6px; }
QDockWidget, #panel_title {
    color: $muted; font-weight: bold; text-transform: uppercase; letter-spacing: 0.5px;
}
QDockWidget[hasKeyboard="true"], #panel_title[hasKeyboard="true"] { color: $accent; }
QDockWidget {
    titlebar-close-icon: url(controls:close.svg); titlebar-normal-icon: url(controls:float.svg);
}
QDockWidget::title, #panel_head { background: $window; border-bottom: 1px solid $hairline; }
QDockWidget::title { text-align: left; padding: 7px 12px; }
#panel_title { padding: 7px 2px; }
#panel_tabs::tab {
    font-weight: bold; text-transform: uppercase; letter-spacing: 0.5px; padding: 7px 12px 5px 12px;
}
QDockWidget::close-button, QDockWidget::float-button {
    border: none; border-radius: 4px; padding: 0; icon-size: 14px;
}
QDockWidget::close-button:hover, QDockWidget::float-button:hover { background: $hover; }
QGroupBox { border: none; margin-top: 22px; padding: 0; font-weight: bold; }
QGroupBox::title { subcontrol-origin: margin; left: 0; padding: 0 0 4px 0; color: $muted; }
QMenuBar { background: $window; border-bottom: 1px solid $hairline; padding: 1px 4px; }
QMenuBar::item { background: transparent; padding: 4px 9px; border-radius: 4px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $surface; border: 1px solid $outline; padding: 4px; }
QMenu::item { padding: 5px 26px 5px 10px; border-radius: 4px; color: $text; }
QMenu::item:selected { background: $selection; color: $selection_text; }
QMenu::item:disabled { color: $faint; background: transparent; }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: $hairline; margin: 4px 8px; }
QMenu::right-arrow { image: url(controls:chevron-right.svg); width: 14px; height: 14px; }
QStatusBar { background: $window; border-top: 1px solid $hairline; }
QStatusBar::item { border: none; }
QTabWidget::pane { border: none; border-top: 1px solid $hairline; }
QTabBar { background: transparent; }
QTabBar::tab {
    background: transparent; color: $muted; padding: 6px 12px;
    border: none; border-bottom: 2px solid transparent;
}
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:hover:!selected { color: $text; }
QTabBar::tab:focus { color: $accent; }
"""

_BUTTONS = """
QToolBar {
    background: $window; border: none; border-bottom: 1px solid $hairline; spacing: 2px; padding: 4px 6px;
}
QToolBar::separator { background: $hairline; width: 1px; margin: 5px 7px; }
QToolBarExtension { qproperty-icon: url(controls:more.svg); }
QToolButton {
    background: transparent; color: $text; padding: 4px 7px;
    border: 1px solid transparent; border-radius: 5px;
}
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $pressed; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $faint; }
QToolButton[popupMode="1"] { padding-right: 20px; }
QToolButton[popupMode="2"] { padding-right: 20px; }
QToolButton::menu-button { border: none; width: 16px; }
QToolButton::menu-arrow { image: url(controls:chevron-down.svg); width: 12px; height: 12px; }
QToolButton::menu-indicator {
    image: url(controls:chevron-down.svg); width: 12px; height: 12px;
    subcontrol-position: right center; subcontrol-origin: padding; right: 5px;
}
QPushButton {
    background: $field; border: 1px solid $outline; border-radius: 5px; padding: 5px 14px; color: $text;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed, QPushButton:checked { background: $pressed; }
QPushButton:default { background: $fill; border-color: $fill; color: $fill_text; }
QPushButton:focus { border-color: $accent; }
QPushButton:default:focus { border-color: $fill_focus; }
QPushButton:disabled { color: $faint; background: $window; border-color: $hairline; }
QPushButton:flat { background: transparent; border-color: transparent; }
QPushButton:flat:hover { background: $hover; }
QPushButton:flat:focus { border-color: $accent; }
"""

_FIELDS = """
QLineEdit, QAbstractSpinBox, QComboBox {
    background: $field; color: $text; border: 1px solid $outline; border-radius: 5px; padding: 3px 7px;
    placeholder-text-color: $muted;
    selection-background-color: $selection; selection-color: $selection_text;
}
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QComboBox:on { border-color: $accent; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled {
    color: $faint; background: $window; border-color: $hairline;
}
QComboBox { padding-right: 22px; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url(controls:chevron-down.svg); width: 14px; height: 14px; }
QComboBox QAbstractItemView {
    background: $surface; border: 1px solid $outline; padding: 3px;
    selection-background-color: $selection; selection-color: $selection_text;
}
QLineEdit { lineedit-clear-button-icon: url(controls:close.svg); }
QComboBox QLineEdit { background: transparent; border: none; padding: 0; }
QAbstractSpinBox { padding: 1px 0 1px 6px; }
QAbstractSpinBox::up-button { subcontrol-position: top right; border: none; width: 18px; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; border: none; width: 18px; }
QAbstractSpinBox::up-arrow { image: url(controls:chevron-up.svg); width: 12px; height: 12px; }
QAbstractSpinBox::down-arrow { image: url(controls:chevron-down.svg); width: 12px; height: 12px; }
QCheckBox, QRadioButton { spacing: 7px; }
QCheckBox:disabled, QRadioButton:disabled { color: $faint; }
QCheckBox::indicator, QAbstractItemView::indicator, QGroupBox::indicator, QRadioButton::indicator,
QMenu::indicator {
    width: 13px; height: 13px; border: 1px solid $faint; border-radius: 3px; background: $field;
}
QMenu::indicator { margin-left: 6px; }
QRadioButton::indicator, QMenu::indicator:exclusive { border-radius: 7px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover, QCheckBox::indicator:focus,
QRadioButton::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked, QGroupBox::indicator:checked,
QMenu::indicator:checked {
    background: $fill; border-color: $fill; image: url(controls:check.svg);
}
QCheckBox::indicator:indeterminate, QAbstractItemView::indicator:indeterminate {
    background: $fill; border-color: $fill; image: url(controls:partial.svg);
}
QRadioButton::indicator:checked, QMenu::indicator:exclusive:checked {
    background: $fill; border-color: $fill; image: url(controls:dot.svg);
}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {
    border-color: $outline; background: $window;
}
QCheckBox::indicator:checked:disabled { background: $faint; }
"""

_VIEWS = """
QAbstractScrollArea { border: none; background: $surface; }
RecentFiles { background: $window; }
QAbstractItemView { alternate-background-color: $raised; }
QPlainTextEdit, QTextEdit { color: $text; placeholder-text-color: $muted; }
WorkingText { border: 1px solid transparent; }
WorkingText:focus { border-color: $accent; }
QTableView { gridline-color: $hairline; }
QTableCornerButton::section { background: $surface; border: none; border-bottom: 1px solid $hairline; }
QHeaderView { background: $surface; border: none; }
QHeaderView::section {
    background: $surface; color: $muted; font-weight: bold; border: none; border-bottom: 1px solid $hairline;
    padding: 4px 6px;
}
QHeaderView::section:hover { color: $text; }
QHeaderView::down-arrow { image: url(controls:chevron-down.svg); width: 12px; height: 12px; }
QHeaderView::up-arrow { image: url(controls:chevron-up.svg); width: 12px; height: 12px; }
QTreeView::branch { background: transparent; }
QTreeView::branch:has-children:closed { image: url(controls:chevron-right.svg); }
QTreeView::branch:has-children:open { image: url(controls:chevron-down.svg); }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $thumb; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: $thumb_hover; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; background: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
QAbstractScrollArea::corner { background: $surface; border: none; }
QProgressBar { background: $hairline; border: none; border-radius: 3px; max-height: 6px; color: transparent; }
QProgressBar::chunk { background: $fill; border-radius: 3px; }
QSlider::groove:horizontal { background: $outline; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $fill; border-radius: 2px; }
QSlider::handle:horizontal { background: $fill; width: 14px; margin: -5px 0; border-radius: 6px; }
"""
