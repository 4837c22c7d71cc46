"""The inspector: the fields of what is selected, made from their declarations, and edited in place."""

from __future__ import annotations

from math import prod
from typing import Final

from msgspec import structs
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from cnnstudio.app.appearance.help_topics import set_topic, topic_of
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.inspector.field_editor import FieldEditor
from cnnstudio.app.inspector.field_form import FieldForm
from cnnstudio.app.inspector.field_target import SubjectTarget
from cnnstudio.app.inspector.inputs_editor import EditedItem, InputsEditor
from cnnstudio.app.inspector.inspector_parts import FactsSection, InspectorHead, TotalsSection
from cnnstudio.app.inspector.subtotals_section import SubtotalsSection
from cnnstudio.authoring.input_choices import entry_at, input_choices
from cnnstudio.authoring.selection import InspectedItems, subject_of
from cnnstudio.core.arithmetic.numerals import BY_SIZE, UNKNOWN
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.columns import COLUMN
from cnnstudio.core.counting.rows import Entry, unknown_text
from cnnstudio.core.edits import index_of, items_of
from cnnstudio.core.network.design import Block, ItemPath, find, input_range, path_text
from cnnstudio.core.network.wiring import feeds, names_inside

MAX_FORMS: Final = 24
"""Forms that are kept for another layer of their type."""
MIN_WIDTH: Final = 278
NO_BREAK: Final = "\u00a0"


class Inspector(QWidget):
    """Shows the fields of the selected items; with nothing selected, those of the design, and its totals.

    A form is kept while the types of the selection stay, so that focus, cursor and half-typed text survive every
    edit. The change to another form waits until the selection has settled: a rename, for one, takes it away and back.
    `help_requested` asks for the page of the manual about what is shown.
    """

    help_requested = Signal(str)

    def __init__(self, document: Document, view_state: ViewState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._view_state = view_state
        self._theme = theme
        self._subject = subject_of(document.design, ())
        self._forms: dict[tuple[object, ...], FieldForm] = {}
        self._form: FieldForm | None = None
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.timeout.connect(self.settle)
        self._make_parts()
        document.changed.connect(lambda _old, _new: self._follow())
        view_state.selection_changed.connect(self._follow)
        view_state.shape_order_changed.connect(self._follow)
        theme.changed.connect(self._apply_theme)
        self.settle()

    def _make_parts(self) -> None:
        self.setObjectName("inspector")
        self.setAccessibleName(self.tr("Inspector"))
        self.head = InspectorHead(self._theme, self)
        self.head.help.clicked.connect(lambda: self.help_requested.emit(topic_of(self)))
        self.facts = FactsSection(self._theme)
        self.totals = TotalsSection(self._theme)
        self.subtotals = SubtotalsSection(self._theme)
        self._page = QWidget()
        self._page.setBackgroundRole(QPalette.ColorRole.Base)
        self._page.setAutoFillBackground(True)
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.facts)
        self._column.addWidget(self.totals)
        self._column.addWidget(self.subtotals)
        self._column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self._page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(scroll, 1)
        self.setMinimumWidth(round(MIN_WIDTH * self._theme.text_scale))

    @property
    def subject(self) -> InspectedItems:
        """The items that are shown."""
        return self._subject

    def editor(self, name: str) -> FieldEditor | None:
        """The editor of a field that is shown, by the name of the field."""
        return self._form.editors.get(name) if self._form else None

    def focus_field(self, name: str) -> None:
        """Puts the cursor into a field."""
        editor = self.editor(name)
        if editor is not None:
            editor.control.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_first(self) -> None:
        """Puts the cursor into the first field that says what the layer does, after its name."""
        self.settle()
        names = [name for name in (self._form.editors if self._form else ()) if name != "name"] or ["name"]
        self.focus_field(names[0])

    # Following the document.

    def _follow(self) -> None:
        subject = subject_of(self._document.design, self._view_state.selection)
        if subject.form == self._subject.form and self._form is not None and self.isVisible():
            self._settled.stop()
            self._show(subject)
        elif self.isVisible():
            # When all that happens now has happened: one edit may take the selection away and give it back.
            self._settled.start(0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.settle()

    def settle(self) -> None:
        """Shows the selection as it is now, in the form for its types."""
        self._settled.stop()
        subject = subject_of(self._document.design, self._view_state.selection)
        form = self._form_for(subject)
        if form is not self._form:
            focused = self._focused_field()
            if self._form is not None:
                # A line that is hidden loses the focus, which would finish a name that is only half typed.
                self._form.restore()
                self._form.hide()
            self._form = form
            form.show()
            self._show(subject, anew=True)
            if focused:
                # The keyboard stays in the inspector, and does not go wherever Qt finds the next widget.
                (form.editors.get(focused) or next(iter(form.editors.values()))).control.setFocus()
        else:
            self._show(subject)

    def _focused_field(self) -> str:
        """The name of the field that the keyboard is in; empty if it is elsewhere."""
        focus, editors = self.focusWidget() if self.isActiveWindow() else None, self._form.editors if self._form else {}
        if focus is None or not focus.hasFocus():
            return ""
        return next((name for name, editor in editors.items() if editor.isAncestorOf(focus)), "")

    def _form_for(self, subject: InspectedItems) -> FieldForm:
        form = self._forms.pop(subject.form, None)
        if form is None:
            form = FieldForm(subject, SubjectTarget(self._document, subject), self._theme, self._page)
            self._column.insertWidget(0, form)
            # It stands above them, and the keyboard comes to it first, though it was made later.
            QWidget.setTabOrder([*form.editors.values()][-1].control, self.subtotals.by)
        self._forms[subject.form] = form
        while len(self._forms) > MAX_FORMS:
            # The first in the dictionary is the one that was used longest ago, as each use puts a form at its end.
            oldest = self._forms.pop(next(iter(self._forms)))
            oldest.deleteLater()
        return form

    def _show(self, subject: InspectedItems, *, anew: bool = False) -> None:
        anew = anew or subject.paths != self._subject.paths
        self._subject = subject
        if self._form is not None:
            self._form.follow(subject, anew=anew)
        self._show_head(subject)
        self._show_facts(subject)

    def _show_head(self, subject: InspectedItems) -> None:
        kinds = subject.kinds
        set_topic(self, _page_about(subject))
        if not subject.items:
            self.head.show_subject("", subject.design.name, self.tr("Design"))
        elif len(subject.items) == 1:
            item = subject.items[0]
            self.head.show_subject(item.family, item.name, kinds[0])
        else:
            name = self.tr("{count} layers").format(count=len(subject.items))
            types = kinds[0] if len(kinds) == 1 else self.tr("{count} types").format(count=len(kinds))
            families = {item.family for item in subject.items}
            self.head.show_subject(families.pop() if len(families) == 1 else "", name, types)

    def _show_facts(self, subject: InspectedItems) -> None:
        self.totals.setVisible(not subject.items)
        self.subtotals.setVisible(not subject.items)
        if not subject.items:
            self.totals.show_totals(self._document.analysis)
            self.subtotals.show_analysis(self._document.analysis)
        if len(subject.paths) != 1:
            self.facts.show_facts("", ())
            return
        path = subject.paths[0]
        entry = entry_at(self._document.analysis, path)
        place = path_text(path)
        problems = tuple(problem for problem in self._document.analysis.problems if problem.path == place)
        self.facts.show_facts(self._facts_text(path, entry), problems)
        inputs = self.editor("inputs")
        if isinstance(inputs, InputsEditor):
            inputs.follow_wiring(self._wiring(subject, path, entry))

    def _facts_text(self, path: ItemPath, entry: Entry | None) -> str:
        if entry is None:
            return ""
        parameters = COLUMN["parameters"].cell(entry, self._document.analysis)
        if entry.output_shape is None and parameters == UNKNOWN:
            return self.tr("Output and parameters are unknown")
        output = self._view_state.shape_text(entry.output_shape) if entry.output_shape else unknown_text(entry)
        words = self.tr("{count} parameter") if parameters == "1" else self.tr("{count} parameters")
        words = self.tr("Parameters: {count}") if parameters == BY_SIZE else words
        parts = (self.tr("Output {shape}").format(shape=output), words.format(count=parameters))
        # A line breaks between the parts only, and never within `3 × 224 × 224`.
        text = " · ".join(part.replace(" ", NO_BREAK) for part in parts)
        blocks = [find(self._document.design, path[:depth]) for depth in range(1, len(path))]
        times = prod(block.repeat for block in blocks if isinstance(block, Block))
        return text if times == 1 else f"{text}\n" + self.tr("in each of {times} repeats").format(times=f"{times:,}")

    def _wiring(self, subject: InspectedItems, path: ItemPath, entry: Entry | None) -> EditedItem:
        item = subject.items[0]
        siblings, at = items_of(subject.design, path[:-1]), index_of(subject.design, path)
        inside = names_inside(subject.design, path[:-1])
        names = feeds(siblings, at, inside=inside)
        unwired = structs.replace(item, inputs=())
        before = feeds((*siblings[:at], unwired), at, inside=inside)
        shapes: set[Shape | None] = set(entry.input_shapes) if entry else set()
        return EditedItem(
            before=", ".join(before),
            implied="" if item.inputs else ", ".join(names),
            shape_text=self._view_state.shape_text(shapes.pop()) if len(shapes) == 1 else "",
            many=input_range(item)[1] != 1,
            choices=lambda: input_choices(self._document.analysis, path),
            words=self._view_state.shape_text,
        )

    def _apply_theme(self) -> None:
        self.setMinimumWidth(round(MIN_WIDTH * self._theme.text_scale))
        self.head.apply_theme()
        self.facts.apply_theme()
        self.totals.apply_theme()
        self.subtotals.apply_theme()
        for form in self._forms.values():
            form.apply_theme()


def _page_about(subject: InspectedItems) -> str:
    """The page of the manual about the selected items: that of their type, if they are of one type."""
    if not subject.items:
        return "reference/fields.md#design"
    if len(subject.kinds) > 1:
        return "views/inspector.md"
    return "reference/fields.md#block" if isinstance(subject.items[0], Block) else f"layers/{subject.kinds[0]}.md"
