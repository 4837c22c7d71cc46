"""The composition root: makes the parts once, opens windows, and catches what nobody caught."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, QSettings, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from cnnstudio import __version__
from cnnstudio.app.document import Document
from cnnstudio.app.icons import application_icon
from cnnstudio.app.main_window import MainWindow
from cnnstudio.app.recovery import Lost, lost_work
from cnnstudio.app.settings import APPLICATION, ORGANIZATION, Settings
from cnnstudio.app.sound_qt import this_pair
from cnnstudio.app.theme import Theme
from cnnstudio.app.welcome_window import WelcomeWindow
from cnnstudio.core.design import Design
from cnnstudio.formats.builtin import find_builtin, locate_design
from cnnstudio.formats.design_yaml import DesignFile, read_design
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.yaml_comments import Comments
from cnnstudio.layers.starting import starting_layer

_Button = QMessageBox.StandardButton


class Studio(QObject):
    """All windows of the program, and what they share."""

    def __init__(self, settings: Settings, theme: Theme) -> None:
        super().__init__()
        self.settings = settings
        self.theme = theme
        self.windows: list[MainWindow] = []
        self.welcome: WelcomeWindow | None = None

    def start(self, source: str | None) -> None:
        """Opens what the command line names, or the welcome page; then offers what a crash left behind."""
        if source is None:
            self.show_welcome()
        else:
            self.open(locate_design(source))
        QTimer.singleShot(0, self._offer_lost_work)

    def open(self, path: Path) -> MainWindow | None:
        """Opens a design file in a window of its own, or raises the one that shows it; None if it cannot be read."""
        shown = next((window for window in self.windows if _same(window.document.path, path)), None)
        if shown is not None:
            shown.raise_()
            shown.activateWindow()
            return shown
        try:
            file = read_design(path)
        except FileError as error:
            self._tell_faults(error)
            return None
        if _is_builtin(path):
            return self._show(Document(file))
        self.settings.add_recent(path)
        return self._show(Document(file, path))

    def open_builtin(self, stem: str) -> MainWindow | None:
        """Opens a built-in design as a new one without a file."""
        path = find_builtin(stem)
        return self.open(path) if path is not None else None

    def new(self) -> MainWindow:
        """Opens a new design with nothing but an input."""
        design = Design(layers=(starting_layer("Input"),))
        named = DesignFile(edits_with_names(design), Comments(), {})
        return self._show(Document(named))

    def show_welcome(self) -> None:
        """Shows the welcome page."""
        if self.welcome is None:
            self.welcome = WelcomeWindow(self.theme, self.settings)
            self.welcome.design_chosen.connect(self.open_builtin)
            self.welcome.file_chosen.connect(self.open)
            self.welcome.new_chosen.connect(self.new)
            self.welcome.closed.connect(self._on_welcome_closed)
        self.welcome.show()
        self.welcome.raise_()

    def _on_welcome_closed(self) -> None:
        self.welcome = None

    def _show(self, document: Document) -> MainWindow:
        window = MainWindow(document, self.settings, self.theme)
        window.closed.connect(lambda: self._on_closed(window))
        window.new_wanted.connect(self.new)
        window.new_from_wanted.connect(self.show_welcome)
        window.open_wanted.connect(self.open)
        window.reload_wanted.connect(lambda: self._reload(window))
        window.quit_wanted.connect(self.quit)
        self.windows.append(window)
        if len(self.windows) > 1:
            window.move(self.windows[-2].pos().x() + 32, self.windows[-2].pos().y() + 32)
        window.show()
        if self.welcome is not None:
            self.welcome.close()
        return window

    def _on_closed(self, window: MainWindow) -> None:
        self.windows.remove(window)
        window.deleteLater()

    def _reload(self, window: MainWindow) -> None:
        path = window.document.path
        if path is None:
            return
        try:
            read_design(path)
        except FileError as error:
            self._tell_faults(error, window)
            return
        window.document.undo_stack.setClean()
        window.close()
        self.open(path)

    def quit(self) -> None:
        """Closes every window; one that wants to stay stops it."""
        for window in list(self.windows):
            if not window.close():
                return
        if self.welcome is not None:
            self.welcome.close()

    def _tell_faults(self, error: FileError, parent: QWidget | None = None) -> None:
        box = QMessageBox(parent)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(self.tr("Not opened"))
        lines = error.lines()
        box.setText(self.tr("'{name}' is no design that can be opened.").format(name=Path(error.source).name))
        box.setInformativeText(lines[0])
        if len(lines) > 1:
            box.setDetailedText("\n".join(lines))
        box.exec()

    def _offer_lost_work(self) -> None:
        for lost in lost_work():
            self._offer(lost)

    def _offer(self, lost: Lost) -> None:
        name = lost.file.name if lost.file else lost.design.design.name
        text = self.tr("The program ended before '{name}' was saved. Recover the unsaved work?").format(name=name)
        answer = QMessageBox.question(
            QApplication.activeWindow(), self.tr("Recover work"), text, _Button.Yes | _Button.No, _Button.Yes
        )
        if answer == _Button.Yes:
            window = self._show(Document(lost.design, lost.file))
            window.document.undo_stack.resetClean()
        lost.forget()


def edits_with_names(design: Design) -> Design:
    """The design with every item named."""
    from cnnstudio.core.edits import insert

    return insert(Design(name=design.name), ((), 0), design.layers).design


def _same(one: Path | None, other: Path) -> bool:
    try:
        return one is not None and one.resolve() == other.resolve()
    except OSError:
        return False


def _is_builtin(path: Path) -> bool:
    builtin = find_builtin(path.stem)
    return builtin is not None and _same(builtin, path)


def _on_unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An error in the program itself: told plainly, on the terminal in full; the work goes on."""
    if issubclass(kind, KeyboardInterrupt):
        QApplication.quit()
        return
    traceback.print_exception(kind, error, trace)
    text = QGuiApplication.translate(
        "Studio", "Something went wrong inside the program. Your design is unchanged; save it under a new name."
    )
    box = QMessageBox(QMessageBox.Icon.Critical, "CNN Studio", text)
    box.setDetailedText("".join(traceback.format_exception(kind, error, trace)))
    box.exec()


def make_application(arguments: list[str]) -> QApplication:
    """The Qt application with its names; the one that exists if there is one."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(arguments)
    application.setApplicationName(APPLICATION)
    application.setOrganizationName(ORGANIZATION)
    application.setApplicationDisplayName("CNN Studio")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("cnnstudio")
    return application


def run(source: str | None = None, store: QSettings | None = None) -> int:
    """Runs the studio until its last window is closed; the exit status."""
    if refusal := this_pair():
        print(f"cnnstudio: {refusal}", file=sys.stderr)
        return 2
    application = make_application(sys.argv[:1])
    sys.excepthook = _on_unexpected
    settings = Settings(store)
    theme = Theme()
    theme.set_mode(settings.theme_mode)
    theme.set_text_scale(settings.text_scale)
    theme.apply()
    application.setWindowIcon(application_icon())
    studio = Studio(settings, theme)
    studio.start(source)
    return application.exec()
