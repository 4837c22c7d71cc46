"""What the views of one window are made of."""

from __future__ import annotations

from msgspec import Struct

from cnnstudio.app.document import Document
from cnnstudio.app.editing import Editing
from cnnstudio.app.settings import Settings
from cnnstudio.app.theme import Theme
from cnnstudio.app.view_state import ViewState


class Parts(Struct, frozen=True, eq=False):
    """The document, what is selected and open in it, and what acts on them; one set for each window."""

    document: Document
    view_state: ViewState
    theme: Theme
    settings: Settings
    editing: Editing
