"""A function that each page shows: one that `gen` would really make."""

from typing import NamedTuple

from generator.answers import FunctionAnswers, parse_trigger
from generator.errors import UserError
from generator.metadata import Trigger, Value
from generator.packs import Packs, ProviderPack
from generator.request import Request, add_command, repeat_command, to_answers
from generator.spec import build_spec

SERVICE = "orders"
SHOWN = 1
"""Options of an example: enough to see how one is written. Of two, one may mean nothing beside
the other's value, and no rule says so."""


class Example(NamedTuple):
    """The function in gen.toml, by name and declared options, and the command that adds it."""

    name: str
    declared: dict[str, Value]
    command: str


def new_command(pack: ProviderPack, tool: str = "") -> str:
    """A `gen new` that works, of the provider's usual function."""
    usual = (pack.provider.default_triggers,)
    return repeat_command(Request(directory=SERVICE, provider=pack.name, tool=tool, trigger=usual))


def example(trigger: Trigger, pack: ProviderPack, packs: Packs) -> Example:
    """The trigger's function with its first options that have an example and go together."""
    name = parse_trigger(trigger.name, "").name
    common = trigger.source.common if trigger.source else ()
    tool = next((tool for tool in pack.tools if tool in trigger.tools), "")
    chosen: dict[str, object] = {}
    declared: dict[str, Value] = {}
    for option in trigger.options.values():
        if not option.example or option.name in common or len(declared) == SHOWN:
            continue
        tried = {**chosen, option.name: option.example}
        settings = tuple(f"{name}.{key}={value}" for key, value in tried.items())
        request = Request(
            name=SERVICE,
            provider=pack.name,
            tool=tool,
            trigger=(f"{trigger.name}={name}",),
            set=settings,
        )
        try:
            [function] = build_spec(to_answers(request), packs).functions
        except UserError:  # a rule wants another option with it
            continue
        if option.name in function.declared:
            chosen, declared = tried, dict(function.declared)
    return Example(name, declared, add_command(FunctionAnswers(trigger.name, name, chosen)))
