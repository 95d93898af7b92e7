"""Help pages: examples come first, and a mistyped command gets the nearest one."""

from __future__ import annotations

import shutil
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command_from_info
from typer.models import CommandInfo

from generator import terminal

EXAMPLES = Path(__file__).parent / "pages" / "examples.toml"


def _show_help(context: Any, parameter: Any, wanted: bool) -> None:
    """What `--help` does: as Typer would, but for what becomes of an output that fails."""
    if wanted and not context.resilient_parsing:
        terminal.write(f"{context.get_help()}\n")
        context.exit()


class ExamplesFirst(TyperCommand):
    """A command whose help opens with the examples in `pages/examples.toml`."""

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)
        if option:
            option.callback = _show_help
        return option

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Writes the examples, then the description."""
        _write_examples(formatter, _examples().get(self.name or "", []))
        super().format_help_text(ctx, formatter)


# In the order in which they are needed. What each does is the first line of its function.
COMMANDS = {
    "new": ("new", "new", "Create a new service."),
    "list": ("listing", "list_packs", "Show providers, tools, triggers and CI systems."),
    "docs": ("docs", "docs", "Write a page about each provider, trigger, tool and CI system."),
    "add-trigger": ("change", "add_trigger", "Add a function to the service, everywhere at once."),
    "remove-trigger": ("change", "remove_trigger", "Take a function out of the service again."),
    "rename": ("change", "rename", "Give a function another name; your edits move with it."),
    "apply": ("change", "apply", "Make the service what gen.toml says, after you edited it."),
    "diff": ("show", "diff", "Show what gen apply would change, as a unified diff."),
    "status": ("show", "status", "Show functions, what you changed, and what is pending."),
    "check": ("show", "check", "Exit 1 if gen apply would change anything."),
    "doctor": ("doctor", "doctor", "Say what is wrong with the service or here, and the remedy."),
    "update": ("change", "update", "Bring in the installed version's templates; edits stay."),
    "undo": ("change", "undo", "Take the last change by gen back; later edits stay."),
    "repair": ("change", "repair", "Rebuild what gen remembers in .gen/base."),
    "packs": ("packs", "packs", "Check packs of your own, or list those in use."),
    "merge-file": ("merge", "merge_file", "Merge three versions of a file: git's merge driver."),
    "completion": ("completing", "completion", "Print what makes a shell complete gen's words."),
    "help": ("topics", "show_help", "Explain a command, or one of the topics below."),
}


WITHOUT_PACKS = ("undo", "merge-file")


class Group(TyperGroup):
    """The commands by name. Each is built when it is asked for: all of them take 8 ms."""

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)
        if option:
            option.callback = _show_help
        return option

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in self.commands:
            module, function, summary = COMMANDS[cmd_name]
            info = CommandInfo(
                name=cmd_name,
                cls=ExamplesFirst,
                callback=getattr(import_module(f"generator.commands.{module}"), function),
                short_help=summary,
            )
            command = get_command_from_info(
                info, pretty_exceptions_short=False, rich_markup_mode=None
            )
            if cmd_name not in WITHOUT_PACKS:
                command.params.append(_packs_option())
            self.commands[cmd_name] = command
        return self.commands[cmd_name]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes the list of commands without building one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, _, summary) in COMMANDS.items()])
        from generator.topics import summary, topics

        with formatter.section("Topics, for gen help TOPIC"):
            formatter.write_dl([(name, summary(page)) for name, page in topics().items()])

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Writes an example of each command, then the description."""
        _write_examples(formatter, [lines[0] for lines in _examples().values()])
        super().format_help_text(ctx, formatter)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that `args` start with. Raises UnknownNameError with the nearest one."""
        word = args[0]
        if word not in COMMANDS and not word.startswith("-"):
            from generator.values import unknown

            raise unknown("command", word, list(COMMANDS), where=f"gen {word}")
        return super().resolve_command(ctx, args)


def _packs_option() -> TyperOption:
    """`--packs`, which nearly every command has: what it said is asked of `search_path`."""
    from generator.search_path import offer

    return TyperOption(
        param_decls=["--packs"],
        multiple=True,
        default=(),
        expose_value=False,
        callback=lambda context, parameter, said: offer(said or ()),
        metavar="DIR",
        help="A folder of packs of your own. Repeatable; GEN_PACKS=DIR does it, too.",
        show_default=False,
    )


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
