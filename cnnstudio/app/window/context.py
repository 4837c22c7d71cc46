"""The context that every view of a window is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.platform.settings import Settings

if TYPE_CHECKING:
    from cnnstudio.app.editing.layer_commands import Editing


class WindowContext(Struct, frozen=True, eq=False):
    """The context that every view of a window is given: document, view state, theme, settings, the editing of its
    layers, and what shows a page of the manual.
    """

    document: Document
    view_state: ViewState
    theme: Theme
    settings: Settings
    editing: Callable[[], Editing]
    show_manual: Callable[[str], object]
