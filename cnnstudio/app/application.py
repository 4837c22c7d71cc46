"""The composition root: makes the parts once, opens windows, and catches what nobody caught."""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from msgspec import structs
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from cnnstudio.app.appearance.icons import application_icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.background_reading import load_design
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.same_file import same_file
from cnnstudio.app.manual.help_keys import HelpKeys
from cnnstudio.app.platform.garbage_collection import GarbageCollector
from cnnstudio.app.platform.settings import APPLICATION, ORGANIZATION, Settings
from cnnstudio.app.platform.settings_file import SettingsFile
from cnnstudio.app.platform.site_settings import read_site_settings
from cnnstudio.app.platform.sound_qt import this_pair
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.core.network.design import Design
from cnnstudio.formats.builtin import find_builtin, is_builtin, locate_design
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.gallery import is_of_course
from cnnstudio.version import __version__

if TYPE_CHECKING:
    from cnnstudio.app.document.recovery import Lost
    from cnnstudio.app.document.recovery_dialog import RecoveryDialog
    from cnnstudio.app.manual.window import ManualWindow
    from cnnstudio.app.welcome.window import WelcomeWindow
    from cnnstudio.app.window.comparisons import Comparisons
    from cnnstudio.manual.contents import Manual
    from cnnstudio.manual.page import Page


CASCADE = 32
STYLE = "Fusion"
"""The same on all systems, so that the style sheet fits."""
SEEN_AFTER_MS = 300
"""The delay after the start until lost work is offered, and everything else that can wait for the window to be
seen.
"""


class Studio(QObject):
    """All windows of the program, and what they share."""

    def __init__(self, settings: Settings, theme: Theme, command_pages: Callable[[], Iterable[Page]] = tuple) -> None:
        """`command_pages` are the pages of the manual about the command line, made by what knows it."""
        super().__init__()
        self._command_pages = command_pages
        self.manual_window: ManualWindow | None = None
        self.settings = settings
        self.theme = theme
        self.windows: list[MainWindow] = []
        self.welcome: WelcomeWindow | None = None
        self.recovery_dialog: RecoveryDialog | None = None
        HelpKeys(self.show_manual, self)

    @cached_property
    def comparisons(self) -> Comparisons:
        """The windows that compare designs."""
        from cnnstudio.app.window.comparisons import Comparisons

        return Comparisons(lambda: self.windows)

    @cached_property
    def manual(self) -> Manual:
        """The manual, with the pages of the command line and of the window's shortcuts."""
        from cnnstudio.app.window.guidance.shortcuts_page import shortcuts_page
        from cnnstudio.manual.contents import Manual

        return Manual(self._command_pages(), (shortcuts_page(),))

    def show_manual(self, path: str) -> None:
        """Shows a page of the manual; beside a dialog that holds up the windows in a window of the dialog's own."""
        from cnnstudio.app.manual.window import ManualWindow

        modal = QApplication.activeModalWidget()
        if modal is not None:
            shown = modal.findChild(ManualWindow, options=Qt.FindChildOption.FindDirectChildrenOnly)
            (shown or ManualWindow(self.manual, self.theme, modal)).show_page(path)
            return
        if self.manual_window is None:
            self.manual_window = ManualWindow(self.manual, self.theme)
        self.manual_window.show_page(path)

    def show_first_steps(self) -> None:
        """Leads through the window, on a built-in design in a window of its own, so that nobody's work is touched."""
        from cnnstudio.app.window.guidance.first_steps import DESIGN, start_first_steps

        window = self.open_builtin(DESIGN)
        if window is not None:
            start_first_steps(window)

    def start(self, source: str | None, file: DesignFile | None = None) -> None:
        """Opens what the command line names, or the welcome page; then offers what a crash left behind."""
        if source is None or self._open_named(source, file) is None:
            self.show_welcome()
        QTimer.singleShot(SEEN_AFTER_MS, self._offer_lost_work)

    def _open_named(self, source: str, file: DesignFile | None) -> MainWindow | None:
        try:
            path = locate_design(source)
        except FileError as error:
            self._tell_faults(error)
            return None
        return self.open(path, file)

    def open(self, path: Path, file: DesignFile | None = None) -> MainWindow | None:
        """Opens a design file in a window of its own, or raises the one that shows it; `file` if it is read already.

        None if it cannot be read, which a message says, or if reading was cancelled.
        """
        # Two windows of one file would overwrite each other's work.
        shown = self._window_of(path)
        if shown is not None:
            shown.raise_()
            shown.activateWindow()
            return shown
        try:
            file = file or load_design(path, QApplication.activeWindow())
        except FileError as error:
            self._tell_faults(error)
            return None
        if file is None:
            return None
        if is_builtin(path) or is_of_course(path, self.settings.course_folder):
            return self._show(Document(file))
        self.settings.add_recent(path)
        return self._show(Document(file, None if file.report else path))

    def open_source(self, text: str) -> MainWindow | None:
        """Opens the network of a text that was pasted; None if it cannot be read, which a message says."""
        # Kept until the program ends, as the report can import it again.
        folder = Path(tempfile.mkdtemp(prefix="cnnstudio-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        path = folder / "pasted.py"
        path.write_text(text, encoding="utf-8")
        try:
            file = load_design(path, QApplication.activeWindow())
        except FileError as error:
            self._tell_faults(error)
            return None
        return None if file is None else self._show(Document(file))

    def _window_of(self, path: Path) -> MainWindow | None:
        return next((window for window in self.windows if same_file(path, window.document.path)), None)

    def open_builtin(self, stem: str) -> MainWindow | None:
        """Opens a built-in design as a new one without a file."""
        path = find_builtin(stem)
        return self.open(path) if path is not None else None

    def new(self) -> MainWindow:
        """Opens a new design with nothing but an input."""
        from cnnstudio.layers.starting import starting_layer

        design = edits_with_names(Design(layers=(starting_layer("Input"),)))
        named = DesignFile(structs.replace(design, convention=self.settings.new_convention))
        return self._show(Document(named))

    def show_welcome(self) -> None:
        """Shows the welcome page."""
        if self.welcome is None:
            from cnnstudio.app.welcome.window import WelcomeWindow

            self.welcome = WelcomeWindow(self.theme, self.settings)
            self.welcome.design_chosen.connect(self.open_builtin)
            self.welcome.file_chosen.connect(self.open)
            self.welcome.source_dropped.connect(self.open_source)
            self.welcome.new_chosen.connect(self.new)
            self.welcome.first_steps_chosen.connect(self.show_first_steps)
            self.welcome.quit_requested.connect(self.quit)
            self.welcome.closed.connect(self._on_welcome_closed)
        self.welcome.show()
        self.welcome.raise_()

    def _on_welcome_closed(self) -> None:
        self.welcome = None

    def _show(self, document: Document) -> MainWindow:
        window = MainWindow(document, self.settings, self.theme)
        window.closed.connect(lambda: self._on_closed(window))
        window.new_requested.connect(self.new)
        window.new_from_requested.connect(self.show_welcome)
        window.open_requested.connect(self.open)
        window.source_paste_requested.connect(self.open_source)
        window.quit_requested.connect(self.quit)
        window.compare_requested.connect(lambda: self.comparisons.ask(window))
        window.manual_requested.connect(self.show_manual)
        window.design_requested.connect(lambda design: self._show(Document(DesignFile(design))))
        window.first_steps_requested.connect(self.show_first_steps)
        self.windows.append(window)
        if len(self.windows) > 1:
            _place_beside(window, self.windows[-2])
        window.show()
        if self.welcome is not None:
            self.welcome.close()
        return window

    def _on_closed(self, window: MainWindow) -> None:
        if window in self.windows:
            self.windows.remove(window)
            window.deleteLater()

    def tell(self, sentence: str) -> None:
        """Says something in the line of status of every window."""
        for window in (*self.windows, self.welcome):
            if window is not None:
                window.statusBar().showMessage(sentence)

    def quit(self) -> None:
        """Closes every window; one that wants to stay stops it."""
        for window in list(self.windows):
            if not window.close():
                return
        for other in (self.welcome, self.manual_window):
            if other is not None:
                other.close()

    def _tell_faults(self, error: FileError) -> None:
        from cnnstudio.app.appearance.questions import warn

        lines = error.lines()
        text = self.tr("'{name}' cannot be opened.").format(name=Path(error.source).name)
        detail = "\n".join(lines) if len(lines) > 1 else ""
        warn(QApplication.activeWindow(), self.tr("Not opened"), f"{text}\n\n{lines[0]}", detail)

    def _offer_lost_work(self) -> None:
        from cnnstudio.app.document.recovery import lost_work

        found = lost_work(self.settings.recovery_folder)
        if found:
            from cnnstudio.app.document.recovery_dialog import RecoveryDialog

            parent = QApplication.activeWindow() or self.welcome or next(iter(self.windows), None)
            self.recovery_dialog = RecoveryDialog(found, self._recover, parent)
            self.recovery_dialog.finished.connect(self._on_recovery_finished)
            self.recovery_dialog.open()

    def _on_recovery_finished(self) -> None:
        if self.recovery_dialog is not None:
            self.recovery_dialog.deleteLater()
            self.recovery_dialog = None

    def _recover(self, lost: Lost) -> None:
        """Shows lost work, in the window of its file if that is open; what was kept goes once it is kept again."""
        shown = self._window_of(lost.file) if lost.file is not None else None
        if shown is not None:
            shown.document.replace(lost.design, self.tr("Recover unsaved work"))
        else:
            shown = self._show(Document(lost.design, lost.file))
        if shown.files.keep_recovered():
            lost.forget()


def edits_with_names(design: Design) -> Design:
    """The design with every item named."""
    from cnnstudio.core.edits import insert

    return insert(Design(name=design.name), ((), 0), design.layers).design


def _place_beside(window: MainWindow, other: MainWindow) -> None:
    """Puts a window a little lower and to the right of another, within the screen."""
    room = other.screen().availableGeometry()
    corner = other.pos() + QPoint(CASCADE, CASCADE)
    frame = other.frameGeometry().size() - other.size()
    size = window.size().boundedTo(QSize(room.right() - corner.x(), room.bottom() - corner.y()) - frame)
    if size.width() < window.minimumSizeHint().width() or size.height() < room.height() // 2:
        corner, size = room.topLeft(), window.size().boundedTo(room.size() - frame)
    window.move(corner)
    window.resize(size)


class Unexpected:
    """The handler for `sys.excepthook`: shows an error of the program itself, one at a time, and lets the work
    go on.
    """

    def __init__(self) -> None:
        self._is_telling = False

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        # Also to the terminal: the message may be what cannot be shown.
        traceback.print_exception(kind, error, trace)
        # A window that cannot be painted fails again while the message is shown.
        if not self._is_telling:
            self._is_telling = True
            self._tell("".join(traceback.format_exception(kind, error, trace)))
            self._is_telling = False

    def _tell(self, detail: str) -> None:
        from cnnstudio.app.appearance.questions import warn

        text = QCoreApplication.translate(
            "Studio", "Something went wrong inside the program. Your design is unchanged; save it under a new name."
        )
        warn(QApplication.activeWindow(), "CNN Studio", text, detail)


class Application(QApplication):
    """Tells of a file that the system asks for: macOS sends an event where others start the program with its name."""

    open_requested = Signal(Path)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            self.open_requested.emit(Path(event.file()))
            return True
        return super().event(event)


def make_application(arguments: list[str]) -> QApplication:
    """The Qt application with its names; the one that exists if there is one."""
    application = QApplication.instance()
    if isinstance(application, QApplication):
        application.setStyle(STYLE)
    else:
        # Named here, as `setStyle` hands the style to Python, which takes 10 ms at the start.
        application = Application([*arguments, "-style", STYLE])
    application.setApplicationName(APPLICATION)
    application.setOrganizationName(ORGANIZATION)
    application.setApplicationDisplayName("CNN Studio")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("cnnstudio")
    return application


def _show_icon() -> None:
    """Gives windows their icon, which is drawn in several sizes."""
    QApplication.setWindowIcon(application_icon())


def run(
    source: str | None = None,
    file: DesignFile | None = None,
    remembered: SettingsFile | None = None,
    command_pages: Callable[[], Iterable[Page]] = tuple,
) -> int:
    """Runs the studio until its last window is closed; the exit status. `file` is what `source` names, if read."""
    # Before the first call of Qt: PySide6 6.12 aborts the process on Python 3.11 after some thousand calls.
    if refusal := this_pair():
        print(f"cnnstudio: {refusal}", file=sys.stderr)
        return 2
    application = make_application(sys.argv[:1])
    sys.excepthook = Unexpected()
    site = read_site_settings()
    if site.fault:
        print(f"cnnstudio: {site.fault}", file=sys.stderr)
    settings = Settings(remembered, site)
    theme = Theme()
    theme.set_mode(settings.theme_mode)
    theme.set_text_scale(settings.text_scale)
    theme.apply()
    studio = Studio(settings, theme, command_pages)
    GarbageCollector(studio)
    if isinstance(application, Application):
        application.open_requested.connect(studio.open)
    studio.start(source, file)
    QTimer.singleShot(SEEN_AFTER_MS, _show_icon)
    if site.fault:
        # A start from the desktop has no terminal that would have said it.
        QTimer.singleShot(SEEN_AFTER_MS, lambda: studio.tell(site.fault))
    return application.exec()
