"""What the views of one window are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from cnnstudio.app.document import Document
from cnnstudio.app.settings import Settings
from cnnstudio.app.theme import Theme
from cnnstudio.app.view_state import ViewState

if TYPE_CHECKING:
    from cnnstudio.app.editing import Editing


class Parts(Struct, frozen=True, eq=False):
    """The document, what is selected and open in it, and what acts on them; one set for each window."""

    document: Document
    view_state: ViewState
    theme: Theme
    settings: Settings
    editing: Callable[[], Editing]
