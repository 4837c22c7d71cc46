"""Puts the changelog into the wheel, where the manual shows it; an editable install reads the one of the checkout."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Changelog(BuildHookInterface[Any]):
    """Hatch calls it before it builds."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"]["CHANGELOG.md"] = "cnnstudio/_resources/CHANGELOG.md"
