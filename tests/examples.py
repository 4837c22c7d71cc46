"""The number of examples of a property, as a share of what the profile in use gives to one."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

MIN_EXAMPLES = 2


def share(part: float, **options: Any) -> settings:
    """A decorator for a property that costs much an example, or that is tried for each of many types.

    What has no such decorator gets the whole number. The profile is chosen before any test is imported.
    """
    return settings(max_examples=max(MIN_EXAMPLES, round(settings().max_examples * part)), **options)
