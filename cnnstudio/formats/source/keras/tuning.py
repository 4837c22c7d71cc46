"""Hyperparameters of KerasTuner: a network is read with the value that each begins with."""

from __future__ import annotations

from typing import Any

from cnnstudio.formats.source.language.values import Native, Thing, Unknown

_ARGUMENTS = {
    "Int": ("name", "min_value", "max_value", "step"),
    "Float": ("name", "min_value", "max_value", "step"),
    "Choice": ("name", "values"),
    "Boolean": ("name", "default"),
    "Fixed": ("name", "value"),
}


class HyperParameters(Thing):
    """Gives the default of each; without one, the least number, the first choice, or False."""

    title = "hyperparameters"

    def __init__(self, host: Any) -> None:
        self.host = host

    def attribute(self, name: str) -> Any:
        """The kinds of hyperparameters; others, and what was found before, are not known."""
        if name not in _ARGUMENTS:
            return Unknown(f"'{name}' of hyperparameters")
        return Native(name, lambda given, named: self._value(name, given, named))

    def _value(self, kind: str, given: list[Any], named: dict[str, Any]) -> Any:
        values = {**dict(zip(_ARGUMENTS[kind], given, strict=False)), **named}
        name, choices = values.get("name"), values.get("values")
        first = choices[0] if isinstance(choices, (list, tuple)) and choices else Unknown("one of some choices")
        usual = {"Choice": first, "Boolean": False, "Fixed": values.get("value")}.get(kind, values.get("min_value"))
        found = values.get("default", usual)
        settings = self.host.core.settings
        if isinstance(name, str) and name in settings:
            self.host.core.used_settings.add(name)
            return settings[name]
        self.host.core.note(f"leaves '{name}' to a search, which was taken to begin with {found}.")
        return found
