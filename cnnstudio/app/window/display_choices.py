"""The display choices of one window, and the convention by which it counts."""

from __future__ import annotations

from cnnstudio.app.window.context import WindowContext

CHANNELS_LAST: dict[str, bool | None] = {"channels_last": True, "channels_first": False}


class DisplayChoices:
    """The choices of the View menu.

    All but the convention are remembered for the next start, and making them is not an edit.
    """

    def __init__(self, context: WindowContext) -> None:
        self._context = context
        context.view_state.set_channels_last(CHANNELS_LAST.get(context.settings.shape_order))

    def set_convention(self, key: str) -> None:
        """Counts by another convention, as an undoable edit of the design."""
        from cnnstudio.core.edits import set_design

        document = self._context.document
        document.attempt(lambda: set_design(document.design, "convention", key))

    def set_shape_order(self, order: str) -> None:
        """Shows shapes as H × W × C, as C × H × W, or as the convention does."""
        if self._context.settings.is_locked("view/shape_order"):
            return
        self._context.settings.shape_order = order
        self._context.view_state.set_channels_last(CHANNELS_LAST.get(order))

    def toggle_shape_order(self) -> None:
        """Switches the order of the sizes in shapes."""
        self.set_shape_order("channels_first" if self._context.view_state.is_channels_last else "channels_last")

    def set_theme_mode(self, mode: str) -> None:
        """Light, dark, or as the desktop."""
        if self._context.settings.is_locked("view/theme"):
            return
        self._context.settings.theme_mode = mode
        self._context.theme.set_mode(mode)

    def set_text_scale(self, scale: float) -> None:
        """Makes all text larger or smaller."""
        if self._context.settings.is_locked("view/text_scale"):
            return
        scale = min(3.0, max(0.6, scale))
        self._context.settings.text_scale = scale
        self._context.theme.set_text_scale(scale)

    def magnify_text(self, factor: float) -> None:
        """Makes all text larger or smaller than it is."""
        self.set_text_scale(self._context.theme.text_scale * factor)
