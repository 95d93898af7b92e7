"""Help pages: examples come first, and a mistyped command gets the nearest one."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import Any

from typer.core import TyperCommand, TyperGroup

EXAMPLES = Path(__file__).parent / "packs" / "base" / "examples.toml"


class ExamplesFirst(TyperCommand):
    """A command whose help opens with the examples in `packs/base/examples.toml`."""

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Writes the examples, then the description."""
        _write_examples(formatter, _examples().get(self.name or "", []))
        super().format_help_text(ctx, formatter)


class Group(TyperGroup):
    """The commands in the order in which they are needed, not sorted."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.commands)

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Writes an example of each command, then the description."""
        _write_examples(formatter, [lines[0] for lines in _examples().values()])
        super().format_help_text(ctx, formatter)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that `args` start with. Raises UnknownNameError with the nearest one."""
        word = args[0]
        if word not in self.commands and not word.startswith("-"):
            from generator.values import unknown

            raise unknown("command", word, list(self.commands), where=f"gen {word}")
        return super().resolve_command(ctx, args)


def help_width() -> int:
    """Columns of a help page. Typer's own pages are never narrower than fifty."""
    return max(min(shutil.get_terminal_size().columns, 80) - 2, 30)


def _examples() -> dict[str, list[str]]:
    import tomllib

    return tomllib.loads(EXAMPLES.read_text("utf-8"))


def _write_examples(formatter: Any, lines: list[str]) -> None:
    # What explains an option starts below a longer one, so that a narrow page has room for it.
    formatter.write_dl = partial(formatter.write_dl, col_max=min(30, formatter.width // 3))
    formatter.write_paragraph()
    formatter.write_text("Examples:")
    with formatter.indentation():
        for line in lines:
            # Not wrapped: a command has to work when it is pasted.
            formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
