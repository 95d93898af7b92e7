"""Jinja for templates of packs that are not ours: no way to run anything, or to reach a file.

What a template calls goes through Jinja's sandbox. Loaded only where such a pack is used.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from jinja2 import sandbox

from generator.templates import Environment


class SandboxedEnvironment(sandbox.SandboxedEnvironment, Environment):
    """Jinja's sandbox, in which a `Path` (the metadata has some) has no attributes either."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may see `obj.attr`."""
        return not isinstance(obj, PurePath) and super().is_safe_attribute(obj, attr, value)
