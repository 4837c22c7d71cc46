"""Every action once: its key, its words, its shortcut, its icon, and when it can be used."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction, QKeySequence, QUndoStack
from PySide6.QtWidgets import QWidget

from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.translation import QT_TRANSLATE_NOOP

_Key = QKeySequence.StandardKey
CONTEXT = "Actions"


class ActionSpec(Struct, frozen=True):
    """The declaration of one action. `needs` is what must be selected: "", "selection" or "single"; `tool` is the
    shorter text of the tool bar; a switch is checked while it is on."""

    key: str
    text: str
    icon: str = ""
    shortcuts: tuple[str, ...] = ()
    standard: QKeySequence.StandardKey | None = None
    needs: str = ""
    help: str = ""
    tool: str = ""
    is_switch: bool = False


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "new",
        QT_TRANSLATE_NOOP("Actions", "New"),
        "file-plus",
        standard=_Key.New,
        help=QT_TRANSLATE_NOOP("Actions", "New design in a new window"),
    ),
    ActionSpec("new_from", QT_TRANSLATE_NOOP("Actions", "New from design…"), "layers", ("Ctrl+Shift+N",)),
    ActionSpec("open", QT_TRANSLATE_NOOP("Actions", "Open…"), "folder-open", standard=_Key.Open),
    ActionSpec("save", QT_TRANSLATE_NOOP("Actions", "Save"), "save", standard=_Key.Save),
    ActionSpec("save_as", QT_TRANSLATE_NOOP("Actions", "Save as…"), "", ("Ctrl+Shift+S",)),
    ActionSpec(
        "report",
        QT_TRANSLATE_NOOP("Actions", "Export report…"),
        "file-text",
        ("Ctrl+Shift+E",),
        help=QT_TRANSLATE_NOOP("Actions", "Report to hand in, publish or compute with"),
        tool=QT_TRANSLATE_NOOP("Actions", "Report"),
    ),
    ActionSpec("print", QT_TRANSLATE_NOOP("Actions", "Print…"), "printer", standard=_Key.Print),
    ActionSpec(
        "compare",
        QT_TRANSLATE_NOOP("Actions", "Compare…"),
        "columns-2",
        ("Ctrl+Shift+M",),
        help=QT_TRANSLATE_NOOP("Actions", "Compare the design with another one, or with its last saved version"),
        tool=QT_TRANSLATE_NOOP("Actions", "Compare"),
    ),
    ActionSpec(
        "export_diagram",
        QT_TRANSLATE_NOOP("Actions", "Export diagram…"),
        "image",
        ("Ctrl+Shift+I",),
        help=QT_TRANSLATE_NOOP("Actions", "Save the diagram as SVG, PDF or PNG"),
    ),
    ActionSpec(
        "export_code",
        QT_TRANSLATE_NOOP("Actions", "Export code…"),
        "",
        help=QT_TRANSLATE_NOOP("Actions", "Save the design as PyTorch or Keras source"),
    ),
    ActionSpec(
        "verify",
        QT_TRANSLATE_NOOP("Actions", "Verify with a framework…"),
        "circle-check",
        help=QT_TRANSLATE_NOOP("Actions", "Run the design in PyTorch, Keras or onnxruntime and compare every layer"),
    ),
    ActionSpec(
        "sweep",
        QT_TRANSLATE_NOOP("Actions", "Sweep…"),
        "sigma",
        help=QT_TRANSLATE_NOOP("Actions", "Count many variants of the design: other widths, depths, sizes, types"),
    ),
    ActionSpec(
        "scale",
        QT_TRANSLATE_NOOP("Actions", "Scale…"),
        "maximize",
        help=QT_TRANSLATE_NOOP("Actions", "Make the design wider, deeper or larger by factors"),
    ),
    ActionSpec(
        "budgets",
        QT_TRANSLATE_NOOP("Actions", "Budgets…"),
        "",
        help=QT_TRANSLATE_NOOP("Actions", "Keep the design below bounds, and rank what to shrink"),
    ),
    ActionSpec(
        "keep_recovery",
        QT_TRANSLATE_NOOP("Actions", "Keep unsaved work for recovery"),
        help=QT_TRANSLATE_NOOP("Actions", "Keep a copy of unsaved work, which is offered after a crash"),
        is_switch=True,
    ),
    ActionSpec("close", QT_TRANSLATE_NOOP("Actions", "Close window"), "", standard=_Key.Close),
    ActionSpec("quit", QT_TRANSLATE_NOOP("Actions", "Quit"), "", ("Ctrl+Q",)),
    ActionSpec("undo", QT_TRANSLATE_NOOP("Actions", "Undo"), "undo", standard=_Key.Undo),
    ActionSpec("redo", QT_TRANSLATE_NOOP("Actions", "Redo"), "redo", ("Ctrl+Shift+Z", "Ctrl+Y")),
    ActionSpec("cut", QT_TRANSLATE_NOOP("Actions", "Cut"), "", standard=_Key.Cut, needs="selection"),
    ActionSpec("copy", QT_TRANSLATE_NOOP("Actions", "Copy layers"), "copy", standard=_Key.Copy, needs="selection"),
    ActionSpec("copy_table", QT_TRANSLATE_NOOP("Actions", "Copy table"), "clipboard", ("Ctrl+Shift+C",)),
    ActionSpec("paste", QT_TRANSLATE_NOOP("Actions", "Paste"), "", standard=_Key.Paste),
    ActionSpec("select_all", QT_TRANSLATE_NOOP("Actions", "Select all"), "", standard=_Key.SelectAll),
    ActionSpec(
        "select_alike",
        QT_TRANSLATE_NOOP("Actions", "Select all of this type"),
        "",
        ("Ctrl+Shift+A",),
        needs="selection",
        help=QT_TRANSLATE_NOOP("Actions", "Select every layer of the types of the selected layers, in blocks too"),
    ),
    ActionSpec(
        "add",
        QT_TRANSLATE_NOOP("Actions", "Add layer…"),
        "plus",
        ("Ctrl+Space", "Ins"),
        tool=QT_TRANSLATE_NOOP("Actions", "Add"),
    ),
    ActionSpec("duplicate", QT_TRANSLATE_NOOP("Actions", "Duplicate"), "copy", ("Ctrl+Shift+D",), needs="selection"),
    ActionSpec(
        "use_again",
        QT_TRANSLATE_NOOP("Actions", "Use again with the same weights"),
        "link",
        ("Ctrl+Alt+D",),
        needs="selection",
        help=QT_TRANSLATE_NOOP("Actions", "Put the selected layers in once more; their weights count once"),
    ),
    ActionSpec(
        "unshare",
        QT_TRANSLATE_NOOP("Actions", "Give weights of its own"),
        "",
        needs="selection",
        help=QT_TRANSLATE_NOOP("Actions", "Let the selected layers no longer share the weights of others"),
    ),
    ActionSpec("delete", QT_TRANSLATE_NOOP("Actions", "Delete"), "trash", ("Del",), needs="selection"),
    ActionSpec("rename", QT_TRANSLATE_NOOP("Actions", "Rename"), "pencil", ("F2",), needs="single"),
    ActionSpec(
        "move_up",
        QT_TRANSLATE_NOOP("Actions", "Move up"),
        "arrow-up",
        ("Alt+Up",),
        needs="selection",
        tool=QT_TRANSLATE_NOOP("Actions", "Up"),
    ),
    ActionSpec(
        "move_down",
        QT_TRANSLATE_NOOP("Actions", "Move down"),
        "arrow-down",
        ("Alt+Down",),
        needs="selection",
        tool=QT_TRANSLATE_NOOP("Actions", "Down"),
    ),
    ActionSpec(
        "group",
        QT_TRANSLATE_NOOP("Actions", "Group"),
        "group",
        ("Ctrl+G",),
        needs="selection",
        help=QT_TRANSLATE_NOOP("Actions", "Make a block of the selected layers"),
    ),
    ActionSpec(
        "ungroup",
        QT_TRANSLATE_NOOP("Actions", "Ungroup"),
        "ungroup",
        ("Ctrl+Shift+G",),
        needs="selection",
        help=QT_TRANSLATE_NOOP("Actions", "Dissolve the selected block; a repeated one is unrolled"),
    ),
    ActionSpec(
        "repeat",
        QT_TRANSLATE_NOOP("Actions", "Repeat…"),
        "repeat",
        ("Ctrl+R",),
        needs="selection",
        help=QT_TRANSLATE_NOOP("Actions", "Repeat the selected block or layers a number of times"),
        tool=QT_TRANSLATE_NOOP("Actions", "Repeat"),
    ),
    ActionSpec(
        "at_each_step",
        QT_TRANSLATE_NOOP("Actions", "Apply at each step"),
        "",
        (),
        needs="selection",
        help=QT_TRANSLATE_NOOP(
            "Actions", "Apply the selected block or layers at each step of a sequence, as TimeDistributed does, or once"
        ),
    ),
    ActionSpec(
        "connect_to",
        QT_TRANSLATE_NOOP("Actions", "Connect to…"),
        "",
        ("Ctrl+L",),
        needs="single",
        help=QT_TRANSLATE_NOOP("Actions", "Connect the selected layer to a later one"),
    ),
    ActionSpec(
        "residual",
        QT_TRANSLATE_NOOP("Actions", "Add residual connection around"),
        "",
        ("Ctrl+Shift+R",),
        needs="selection",
        help=QT_TRANSLATE_NOOP("Actions", "Add the input of the selected layers to their output"),
    ),
    ActionSpec(
        "branch",
        QT_TRANSLATE_NOOP("Actions", "Branch in parallel"),
        "",
        ("Ctrl+Shift+B",),
        needs="selection",
        help=QT_TRANSLATE_NOOP(
            "Actions", "Put the selected layers side by side, or a copy beside one, and concatenate them"
        ),
    ),
    ActionSpec(
        "concatenate",
        QT_TRANSLATE_NOOP("Actions", "Concatenate with…"),
        "",
        ("Ctrl+Shift+K",),
        needs="selection",
        help=QT_TRANSLATE_NOOP("Actions", "Join the selected layers, or one of them with an earlier layer"),
    ),
    ActionSpec(
        "save_block",
        QT_TRANSLATE_NOOP("Actions", "Save as building block…"),
        "",
        ("Ctrl+B",),
        needs="selection",
        help=QT_TRANSLATE_NOOP("Actions", "Keep the selected layers in the palette, for this and other designs"),
    ),
    ActionSpec("fold_all", QT_TRANSLATE_NOOP("Actions", "Fold all blocks"), "", ("Ctrl+Shift+Left",)),
    ActionSpec("unfold_all", QT_TRANSLATE_NOOP("Actions", "Unfold all blocks"), "", ("Ctrl+Shift+Right",)),
    ActionSpec(
        "show_repeats",
        QT_TRANSLATE_NOOP("Actions", "Show every repeat"),
        "",
        ("Ctrl+Shift+L",),
        help=QT_TRANSLATE_NOOP("Actions", "List every repeat of every block in table and chart"),
        is_switch=True,
    ),
    ActionSpec(
        "find",
        QT_TRANSLATE_NOOP("Actions", "Find layer…"),
        "search",
        standard=_Key.Find,
        tool=QT_TRANSLATE_NOOP("Actions", "Find"),
    ),
    ActionSpec("full_screen", QT_TRANSLATE_NOOP("Actions", "Full screen"), "maximize", ("F11",)),
    ActionSpec("show_table", QT_TRANSLATE_NOOP("Actions", "Table"), "table", ("Ctrl+1",)),
    ActionSpec("show_diagram", QT_TRANSLATE_NOOP("Actions", "Diagram"), "workflow", ("Ctrl+2",)),
    ActionSpec("show_code", QT_TRANSLATE_NOOP("Actions", "Code"), "", ("Ctrl+3",)),
    ActionSpec("show_memory", QT_TRANSLATE_NOOP("Actions", "Memory"), "", ("Ctrl+4",)),
    ActionSpec("fit_diagram", QT_TRANSLATE_NOOP("Actions", "Fit diagram"), "", ("Ctrl+9",)),
    ActionSpec("text_larger", QT_TRANSLATE_NOOP("Actions", "Larger text"), "", ("Ctrl++", "Ctrl+=")),
    ActionSpec("text_smaller", QT_TRANSLATE_NOOP("Actions", "Smaller text"), "", ("Ctrl+-",)),
    ActionSpec("text_normal", QT_TRANSLATE_NOOP("Actions", "Normal text size"), "", ("Ctrl+0",)),
    ActionSpec("next_panel", QT_TRANSLATE_NOOP("Actions", "Next panel"), "", ("F6",)),
    ActionSpec("previous_panel", QT_TRANSLATE_NOOP("Actions", "Previous panel"), "", ("Shift+F6",)),
    ActionSpec("reset_layout", QT_TRANSLATE_NOOP("Actions", "Reset layout")),
    ActionSpec(
        "manual",
        QT_TRANSLATE_NOOP("Actions", "Manual"),
        "circle-help",
        ("F1",),
        help=QT_TRANSLATE_NOOP("Actions", "What the manual says of the part of the window that has the keyboard"),
    ),
    ActionSpec(
        "first_steps",
        QT_TRANSLATE_NOOP("Actions", "First steps"),
        help=QT_TRANSLATE_NOOP("Actions", "A tour of the window in five steps, on a small design"),
    ),
    ActionSpec("shortcuts", QT_TRANSLATE_NOOP("Actions", "Keyboard shortcuts")),
    ActionSpec("news", QT_TRANSLATE_NOOP("Actions", "What is new")),
    ActionSpec("design_schema", QT_TRANSLATE_NOOP("Actions", "Copy JSON Schema")),
    ActionSpec("about", QT_TRANSLATE_NOOP("Actions", "About CNN Studio"), "info"),
)


LOCKS = {"keep_recovery": "files/keeps_recovery"} | dict.fromkeys(
    ("text_larger", "text_smaller", "text_normal"), "view/text_scale"
)
"""The settings that actions change; where an institution has locked one, they cannot be used."""


class Actions(QObject):
    """The actions of one window, by key; `do` is called with the key of the one that was chosen."""

    def __init__(self, theme: Theme, do: Callable[[str], object], owner: QWidget) -> None:
        super().__init__(owner)
        self._actions: dict[str, QAction] = {}
        for spec in ACTIONS:
            self._actions[spec.key] = self._made(spec, theme, do, owner)

    def __getitem__(self, key: str) -> QAction:
        return self._actions[key]

    def _made(self, spec: ActionSpec, theme: Theme, do: Callable[[str], object], owner: QWidget) -> QAction:
        text = QCoreApplication.translate(CONTEXT, spec.text)
        action = QAction(text, owner)
        action.setObjectName(f"action_{spec.key}")
        if spec.icon:
            action.setIcon(icon(spec.icon, theme))
        words = text.rstrip("…")
        # Qt 6.11 takes the dots away by itself.
        action.setIconText(QCoreApplication.translate(CONTEXT, spec.tool) if spec.tool else words)
        action.setShortcuts(sequences(spec))
        shortcut = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        tip = QCoreApplication.translate(CONTEXT, spec.help) if spec.help else words
        action.setToolTip(f"{tip} ({shortcut})" if shortcut else tip)
        action.setCheckable(spec.is_switch)
        action.triggered.connect(lambda _checked=False: do(spec.key))
        if spec.key == "rename":
            # In the table the same key edits the cell.
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        owner.addAction(action)
        return action

    def set_available(self, *, selected: int) -> None:
        """Enables what the number of selected items allows."""
        for spec in ACTIONS:
            if spec.needs == "selection":
                self._actions[spec.key].setEnabled(selected > 0)
            elif spec.needs == "single":
                self._actions[spec.key].setEnabled(selected == 1)

    def lock(self, is_locked: Callable[[str], bool]) -> None:
        """Disables what changes a setting that is locked, and says so."""
        for key, name in LOCKS.items():
            if is_locked(name):
                self._actions[key].setEnabled(False)
                self._actions[key].setToolTip(QCoreApplication.translate(CONTEXT, "Set for all users of this machine"))

    def show_history(self, stack: QUndoStack) -> None:
        """Enables Undo and Redo where there is a step."""
        self._actions["undo"].setEnabled(stack.canUndo())
        self._actions["redo"].setEnabled(stack.canRedo())

    def name_history(self, stack: QUndoStack) -> None:
        """Names what Undo and Redo would do next.

        When somebody looks, not after every edit: another text lays out the tool bar, and with it the whole window.
        """
        words = QCoreApplication.translate
        self._name_step("undo", words(CONTEXT, "Undo"), stack.undoText())
        self._name_step("redo", words(CONTEXT, "Redo"), stack.redoText())

    def _name_step(self, key: str, words: str, step: str) -> None:
        action = self._actions[key]
        action.setText(f"{words} {step.replace('&', '&&')}".strip())
        action.setIconText(words)


def sequences(spec: ActionSpec) -> list[QKeySequence]:
    """The keys of an action on this system, the one that is shown first."""
    standard = QKeySequence.keyBindings(spec.standard)[:1] if spec.standard is not None else []
    return [*standard, *(QKeySequence(text) for text in spec.shortcuts)]
