"""Libraries of settings: yaml, json, yacs, OmegaConf, EasyDict and their like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnstudio.formats.source.language.core import Core
from cnnstudio.formats.source.language.texts import TextFile
from cnnstudio.formats.source.language.values import Namespace, Unknown
from cnnstudio.formats.source.project.data import as_settings, of_text

Rule = Callable[[Core, list[Any], dict[str, Any]], Any]
_OBJECTS = (
    *("easydict.EasyDict", "munch.Munch", "munch.munchify", "addict.Dict", "box.Box", "attrdict.AttrDict"),
    *("yacs.config.CfgNode", "fvcore.common.config.CfgNode", "omegaconf.OmegaConf.create", "ml_collections.ConfigDict"),
    *("omegaconf.DictConfig", "types.SimpleNamespace", "argparse.Namespace", "mmcv.Config", "dotmap.DotMap"),
)


def _text(value: Any) -> str | None:
    """The text of an opened file, of a file by its name, or a text itself."""
    if isinstance(value, TextFile):
        return value.text
    return value if isinstance(value, str) else None


def _read(is_json: bool) -> Rule:
    def made(_core: Core, given: list[Any], _named: dict[str, Any]) -> Any:
        text = _text(given[0] if given else None)
        return Unknown("settings of a file that is not here") if text is None else of_text(text, is_json=is_json)

    return made


def _loaded(core: Core, given: list[Any], _named: dict[str, Any]) -> Any:
    text = core.data(given[0]) if given and isinstance(given[0], str) else None
    return Unknown("settings of a file that is not here") if text is None else as_settings(of_text(text, is_json=False))


def _object(_core: Core, given: list[Any], named: dict[str, Any]) -> Any:
    if given and isinstance(given[0], Unknown):
        return given[0]
    inner = given[0].attributes if given and isinstance(given[0], Namespace) else given[0] if given else {}
    return as_settings({**inner, **named}) if isinstance(inner, dict) else Unknown("settings of what is no dict")


FUNCTIONS: dict[str, Rule] = {
    **dict.fromkeys(("json.load", "json.loads"), _read(is_json=True)),
    **dict.fromkeys(
        ("yaml.load", "yaml.safe_load", "yaml.full_load", "yaml.unsafe_load", "ruamel.yaml.safe_load"),
        _read(is_json=False),
    ),
    "omegaconf.OmegaConf.load": _loaded,
    **dict.fromkeys(_OBJECTS, _object),
    "omegaconf.OmegaConf.to_container": lambda _core, given, _named: given[0] if given else None,
}
"""By full name."""
