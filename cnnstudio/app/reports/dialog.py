"""The dialog that makes reports: what is chosen at the left, what it will look like at the right."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.app.appearance.help_topics import set_topic
from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.labels import ElidedLabel
from cnnstudio.app.appearance.panel import hairline
from cnnstudio.app.appearance.questions import Button, ask, warn
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.platform.settings import Settings
from cnnstudio.app.reports.choice import ReportChoice
from cnnstudio.app.reports.forms import FORMS, save_report
from cnnstudio.app.reports.job import Made, ReportJob, content_job, copy_job, pages_job, preview_job
from cnnstudio.app.reports.options import ReportOptions
from cnnstudio.app.reports.preview import ReportPreview
from cnnstudio.app.reports.subjects import ReportSubject
from cnnstudio.drawings.colours import DARK_PAGE, LIGHT_PAGE, PageColours
from cnnstudio.formats import without_suffix
from cnnstudio.reports.form_table import ReportError

SETTLED_MS: Final = 150
"""The delay after which the preview follows a change, longer than between two clicks."""
OPTIONS_WIDTH: Final = 330


class ReportDialog(QDialog):
    """Makes reports of a subject. All that was chosen is remembered for the next one."""

    def __init__(
        self,
        subject: ReportSubject,
        options: ReportOptions,
        settings: Settings,
        theme: Theme,
        parent: QWidget,
        *,
        is_print: bool = False,
    ) -> None:
        super().__init__(parent)
        set_topic(self, "views/report.md")
        self._subject = subject
        self._settings = settings
        self._theme = theme
        self._preview_job: ReportJob | None = None
        self._task: ReportJob | None = None
        self._pending_path = Path()
        self.options = options
        self.preview = ReportPreview(theme, self)
        self.status = ElidedLabel(self)
        self.setWindowTitle(self.tr("Print") if is_print else self.tr("Report"))
        self._lay_out(is_print)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLED_MS)
        self._settled.timeout.connect(self.refresh)
        options.changed.connect(self._on_changed)
        theme.changed.connect(self._settled.start)
        self.preview.cancelled.connect(self._cancel)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Print), self, self.print)
        room = self.screen().availableSize()
        self.resize(min(1180, room.width() - 20), min(780, room.height() - 60))
        self.refresh()

    def _lay_out(self, is_print: bool) -> None:
        self.options.setFixedWidth(round(OPTIONS_WIDTH * max(1.0, self._theme.text_scale)))
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.options)
        middle.addWidget(hairline(self, upright=True))
        middle.addWidget(self.preview, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 8, 14, 10)
        self.open_button = QPushButton(icon("external-link", self._theme), self.tr("Open"), self)
        self.open_button.setAutoDefault(False)
        self.open_button.setToolTip(self.tr("Show the saved report in the program that the system has for it"))
        self.open_button.clicked.connect(lambda _checked=False: self.open_saved())
        self.open_button.hide()
        foot.addWidget(self.status, 1)
        foot.addWidget(self.open_button)
        foot.addWidget(self._buttons(is_print))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(middle, 1)
        layout.addWidget(hairline(self))
        layout.addLayout(foot)

    def _buttons(self, is_print: bool) -> QDialogButtonBox:
        box = QDialogButtonBox(self)
        role = QDialogButtonBox.ButtonRole
        self.copy_button = self._button(box, self.tr("Copy"), "copy", role.ActionRole, self.copy)
        self.print_button = self._button(box, self.tr("Print…"), "printer", role.ActionRole, self.print)
        self.save_button = self._button(box, self.tr("Save as…"), "save", role.ActionRole, self.save)
        self.close_button = self._button(box, self.tr("Close"), "", role.RejectRole, self.reject)
        main, name = (self.print_button, "printer") if is_print else (self.save_button, "save")
        main.setDefault(True)
        main.setIcon(icon(name, self._theme, "fill_text"))
        return box

    def _button(
        self, box: QDialogButtonBox, text: str, icon_name: str, role: QDialogButtonBox.ButtonRole, handler: object
    ) -> QPushButton:
        button = QPushButton(text, self)
        if icon_name:
            button.setIcon(icon(icon_name, self._theme))
        button.setAutoDefault(False)
        if callable(handler):
            button.clicked.connect(lambda _checked=False: handler())
        box.addButton(button, role)
        return button

    # The preview.

    @property
    def choice(self) -> ReportChoice:
        """The choices as they are now."""
        return self.options.choice

    def _on_changed(self) -> None:
        self._settings.report_choice = self.choice.to_text()
        self.status.show_text("")
        self.open_button.hide()
        self._settled.start()

    def refresh(self) -> None:
        """Makes the preview anew; one that is being made is given up."""
        self._drop_preview()
        reason = self.options.reason
        for button in (self.copy_button, self.print_button, self.save_button):
            button.setEnabled(not reason)
        if reason:
            self.preview.show_message(reason)
            return
        choice = self.choice
        job = preview_job(self._subject.composer(choice), choice.form, self._colours(choice), self)
        self._preview_job = job
        job.done.connect(self._on_previewed)
        job.failed.connect(self._on_preview_failed)
        job.progressed.connect(self.preview.show_progress)
        self.preview.wait()
        job.start()

    def _colours(self, choice: ReportChoice) -> PageColours:
        is_dark = self._theme.is_dark if choice.form != "html" or choice.light == "auto" else choice.light == "dark"
        return DARK_PAGE if is_dark else LIGHT_PAGE

    def _on_previewed(self, made: Made) -> None:
        self._drop_preview()
        self.preview.show_made(made)

    def _on_preview_failed(self, sentence: str) -> None:
        self._drop_preview()
        self.preview.show_message(_sentence(sentence))

    def _drop_preview(self) -> None:
        _let_go(self._preview_job)
        self._preview_job = None
        self.preview.rest()

    def _cancel(self) -> None:
        """Gives up what is being made; the choice can be changed then."""
        was_task = self._task is not None
        self._drop_task()
        if not was_task:
            self._drop_preview()
            self.preview.show_message(self.tr("The preview was cancelled. Change something, or save without it."))

    # What is done with the report.

    def save(self) -> None:
        """Asks for a file and writes the report to it; the suffix says the form."""
        choice = self.choice
        path = self._ask_for_path(choice)
        if path is None:
            return
        form = path.suffix[1:].lower()
        self._pending_path = path
        self._run(content_job(self._subject.composer(choice), form, self), self._on_content)

    def _ask_for_path(self, choice: ReportChoice) -> Path | None:
        form = FORMS[choice.form]
        start = self._settings.report_folder / f"{_file_stem(self._subject.name)}.{form.key}"
        filters = [f"{entry.title} (*.{entry.key})" for entry in (form, *FORMS.values())]
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save report"), str(start), ";;".join(dict.fromkeys(filters))
        )
        if not name:
            return None
        path = Path(name)
        if path.suffix[1:].lower() not in FORMS:
            path = path.with_name(f"{path.name}.{form.key}")
            if path.exists() and not self._may_replace(path):
                return None
        return path

    def _may_replace(self, path: Path) -> bool:
        """The file dialog has asked for the name as it was typed, not for the one with the suffix."""
        text = self.tr("'{name}' exists already. Replace it?").format(name=path.name)
        return ask(self, self.tr("Save report"), text, Button.Yes | Button.No, Button.No) == Button.Yes

    def _on_content(self, made: Made) -> None:
        path = self._pending_path
        try:
            save_report(made.content, path)
        except ReportError as error:
            warn(self, self.tr("Not saved"), str(error))
            return
        self._settings.report_folder = path.parent
        self.status.show_text(self.tr("Saved to {path}").format(path=path))
        self.open_button.show()

    def open_saved(self) -> None:
        """Shows the saved report in the system's own program for it."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._pending_path))):
            self.status.show_text(self.tr("The system has no program for {name}").format(name=self._pending_path.name))

    def copy(self) -> None:
        """Puts the report on the clipboard: rich and plain text, or of a form that is text the text itself."""
        choice = self.choice
        self._run(copy_job(self._subject.composer(choice), choice.form, self), self._on_copied)

    def _on_copied(self, made: Made) -> None:
        data = QMimeData()
        data.setText(made.text)
        if made.rich is not None:
            data.setHtml(made.rich.html)
        QGuiApplication.clipboard().setMimeData(data)
        self.status.show_text(self.tr("Copied to the clipboard"))

    def print(self) -> None:
        """Prints the pages that a PDF would have, whatever the form."""
        self._run(pages_job(self._subject.composer(self.choice), self), self._on_printable)

    def _on_printable(self, made: Made) -> None:
        from cnnstudio.app.reports.printing import print_pages

        if made.pages is not None and print_pages(made.pages, made.manuscript.title, self):
            self.status.show_text(self.tr("Sent to the printer"))

    # One task at a time.

    def _run(self, job: ReportJob, on_done: object) -> None:
        self._drop_task()
        self._task = job
        self._set_busy(is_busy=True)
        job.done.connect(self._drop_task)
        if callable(on_done):
            job.done.connect(on_done)
        job.failed.connect(self._on_failed)
        job.progressed.connect(self.preview.show_progress)
        self.preview.wait()
        job.start()

    def _on_failed(self, sentence: str) -> None:
        self._drop_task()
        warn(self, self.tr("No report"), _sentence(sentence))

    def _drop_task(self, *_: object) -> None:
        _let_go(self._task)
        self._task = None
        self._set_busy(is_busy=False)
        if self._preview_job is None:
            self.preview.rest()

    def _set_busy(self, *, is_busy: bool) -> None:
        self.options.setEnabled(not is_busy)
        can_act = not is_busy and not self.options.reason
        for button in (self.copy_button, self.print_button, self.save_button):
            button.setEnabled(can_act)

    def done(self, result: int) -> None:
        """Leaves nothing behind that is still being made."""
        self._settled.stop()
        self._drop_task()
        self._drop_preview()
        super().done(result)


def _let_go(job: ReportJob | None) -> None:
    if job is not None:
        job.cancel()
        job.deleteLater()


def _sentence(text: str) -> str:
    """A refusal as it stands alone: with a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "."


def _file_stem(name: str) -> str:
    """A title as a file name that every system allows."""
    stem = without_suffix(name)
    kept = "".join(letter if letter.isalnum() or letter in " -_." else "-" for letter in stem).strip(" .-")
    return kept[:80].replace(" ", "-").lower() or "report"
