"""argparse: the defaults of a script's arguments, which the user's settings replace."""

from __future__ import annotations

from typing import Any

from cnnstudio.formats.source.language.core import Core
from cnnstudio.formats.source.language.values import Namespace, Native, Thing, Unknown

_BUILDERS = ("add_argument_group", "add_mutually_exclusive_group", "add_subparsers", "add_parser")


class ArgumentParser(Thing):
    """An `ArgumentParser` of a script."""

    title = "an ArgumentParser"

    def __init__(self, core: Core, known: dict[str, Any] | None = None) -> None:
        self.core = core
        self.defaults: dict[str, Any] = {} if known is None else known

    def attribute(self, name: str) -> Any:
        """Its methods; those that change nothing do nothing."""
        if name == "add_argument":
            return Native(name, self._add)
        if name == "parse_args":
            return Native(name, lambda _given, _named: self._parsed())
        if name == "parse_known_args":
            return Native(name, lambda _given, _named: (self._parsed(), []))
        if name in _BUILDERS:
            return Native(name, lambda _given, _named: ArgumentParser(self.core, self.defaults))
        if name == "set_defaults":
            return Native(name, lambda _given, named: self.defaults.update(named))
        return Native(name, lambda _given, _named: None)

    def _add(self, given: list[Any], named: dict[str, Any]) -> None:
        texts = [text for text in given if isinstance(text, str)]
        if not texts:
            return
        long = next((text for text in texts if text.startswith("--")), texts[0])
        stated = named.get("dest")
        name = stated if isinstance(stated, str) else long.lstrip("-").replace("-", "_")
        switches = {"store_true": False, "store_false": True}
        action = named.get("action")
        default = named.get("default", switches.get(action) if isinstance(action, str) else None)
        if default is None and (named.get("required") is True or not long.startswith("-")):
            default = Unknown(f"the argument '{name}' of the script; give --set {name}=...")
        kind = named.get("type")
        if isinstance(default, str) and isinstance(kind, Native) and kind.name in ("int", "float"):
            # argparse converts a default that is a text.
            default = self.core.call(kind, [default], {})
        self.defaults[name] = default

    def _parsed(self) -> Namespace:
        values = dict(self.defaults)
        for name in values:
            if name in self.core.settings:
                values[name] = self.core.settings[name]
                self.core.used_settings.add(name)
        return Namespace("the arguments", values, is_open=True)
