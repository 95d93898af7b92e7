"""Help pages: examples come first, and a mistyped command gets the nearest one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from typer.core import TyperCommand, TyperGroup

EXAMPLES = Path(__file__).parent / "packs" / "base" / "examples.toml"


class ExamplesFirst(TyperCommand):
    """A command whose help opens with the examples in `packs/base/examples.toml`."""

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Writes the examples, then the description."""
        import tomllib

        examples = tomllib.loads(EXAMPLES.read_text("utf-8"))
        formatter.write_paragraph()
        formatter.write_text("Examples:")
        with formatter.indentation():
            for line in examples.get(self.name or "", []):
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
        super().format_help_text(ctx, formatter)


class Group(TyperGroup):
    """The commands in the order in which they are needed, not sorted."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.commands)
