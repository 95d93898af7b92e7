"""An option that is not there: the nearest one, also where it would have had to be said.

`memory = 512` below `[service]` is meant for a function, `architecture` below a function for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from generator.answers import Answers
from generator.errors import UnknownNameError, nearest, printable
from generator.metadata import Option
from generator.packs import ProviderPack
from generator.values import unknown

# What gen.toml's [service] says that is no option: each has a flag of its own.
PROPER = ("name", "package", "description", "provider", "tool", "ci", "python", "region")
SHOWN = 3


def unknown_service_option(
    name: str, known: Iterable[str], answers: Answers, pack: ProviderPack
) -> UnknownNameError:
    """The error for an option of the service that there is none of."""
    where = answers.where("option", "", name)
    if answers.typed:
        known = [*PROPER, *known]
    elif name in PROPER:
        note = f"{printable(name)} is no option, and has a flag of its own: --{name}"
        return unknown("option of the service", name, [], where=where, note=note)
    found = _places(name, answers, pack)
    if not found or nearest(name, list(known)):
        return unknown("option of the service", name, list(known), where=where)
    shown = " or ".join(f'"{function}.{option}"' for function, option in found[:SHOWN])
    hint = f"did you mean {shown}? It is an option of a function"
    if answers.typed:
        function, option = found[0]
        hint = (
            f'did you mean "{option}"? It is an option of a function: below [functions.{function}]'
        )
    error = unknown("option of the service", name, [], where=where, note=hint)
    error.suggestion = found[0][1] if answers.typed else ".".join(found[0])
    return error


def unknown_function_option(
    function: str, name: str, known: Iterable[str], service: Mapping[str, Option], answers: Answers
) -> UnknownNameError:
    """The error for an option of a function that there is none of."""
    what, where = f"option of {function}", answers.where("option", function, name)
    if name not in service:
        return unknown(what, name, list(known), where=where)
    hint = f"{printable(name)} is an option of the whole service: "
    hint += "say it below [service]" if answers.typed else f"say it without {function}."
    error = unknown(what, name, [], where=where, note=hint)
    error.suggestion = name
    return error


def _places(name: str, answers: Answers, pack: ProviderPack) -> list[tuple[str, str]]:
    """The functions that have the option, or one that is called nearly so."""
    found = []
    for function in answers.functions:
        trigger = pack.triggers.get(function.trigger)
        options = [*(trigger.options if trigger else ()), *pack.provider.function_options]
        if close := nearest(name, options):
            found.append((function.name, close))
    return found
