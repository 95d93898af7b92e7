"""Shell completion: names and values from the packs, for the provider that is meant.

That is the one which the line names already, else that of the service at hand. What is offered goes
through shells: nothing of a gen.toml does that is no name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from generator.answers import Answers, FunctionAnswers
    from generator.metadata import CiSystem, Option, Provider, Tool, Trigger
    from generator.packs import Packs, ProviderPack

Candidates = list[tuple[str, str]]


def complete_kind(incomplete: str) -> Candidates:
    from generator.catalogue import KINDS

    return _starting(incomplete, ((kind, "") for kind in KINDS))


def complete_page(incomplete: str) -> Candidates:
    """The topics and commands that `gen help` explains."""
    from generator.help import COMMANDS
    from generator.topics import summary, topics

    pages = [(name, summary(page)) for name, page in topics().items()]
    return _starting(
        incomplete, [*pages, *((name, words) for name, (_, _, words) in COMMANDS.items())]
    )


def complete_name(kind: str) -> Callable[..., Candidates]:
    """A completion function for `kind`: providers, tools, triggers, pythons or ci."""

    def complete(ctx: typer.Context, incomplete: str) -> Candidates:
        return _starting(incomplete, _rows(kind, ctx))

    return complete


def complete_choice(incomplete: str) -> Candidates:
    """The ways to decide a conflict."""
    from generator.evolve.decide import CHOICES

    return _starting(incomplete, ((choice, "") for choice in CHOICES))


def complete_function(ctx: typer.Context, incomplete: str) -> Candidates:
    """The functions of the service at hand, with their triggers."""
    from generator.names import KEBAB, SNAKE

    found = _service(ctx)
    return _starting(
        incomplete,
        (
            (function.name, function.trigger if KEBAB.fullmatch(function.trigger) else "")
            for function in (found.functions if found else ())
            if SNAKE.fullmatch(function.name)
        ),
    )


def complete_setting(ctx: typer.Context, incomplete: str) -> Candidates:
    """`OPTION=VALUE` of the function that the line adds."""
    # Where a flag at the end still lacks its value, what stands before it is not assigned yet.
    trigger = ctx.params.get("trigger") or next(iter(ctx.args), "")
    return _starting(
        incomplete,
        (row for pack in _packs(ctx) for row in _function_rows(pack, trigger.partition("=")[0])),
    )


def complete_new_setting(ctx: typer.Context, incomplete: str) -> Candidates:
    """`OPTION=VALUE` of the new service, `FUNCTION.OPTION=VALUE` of what `--trigger` says."""
    from generator.answers import parse_trigger
    from generator.errors import GeneratorError

    functions: list[FunctionAnswers] = []
    for text in ctx.params.get("trigger") or ():
        with suppress(GeneratorError):
            functions.append(parse_trigger(text, ""))

    def rows() -> Iterator[tuple[str, str]]:
        for pack in _packs(ctx):
            for part in _parts(pack, ctx):
                yield from _values(part.options.values())
            for function in functions:
                for text, help in _function_rows(pack, function.trigger):
                    yield f"{function.name}.{text}", help

    return _starting(incomplete, rows())


def _starting(incomplete: str, rows: Iterable[tuple[str, str]]) -> Candidates:
    """The rows that start so, each name once."""
    return [*{name: (name, help) for name, help in rows if name.startswith(incomplete)}.values()]


def _rows(kind: str, ctx: typer.Context) -> Iterator[tuple[str, str]]:
    if kind == "ci":
        yield from ((ci.name, ci.title) for ci in _found(ctx).ci_systems.values())
    elif kind == "providers":
        yield from ((pack.name, pack.provider.title) for pack in _found(ctx).providers.values())
    else:
        for pack in _packs(ctx):
            if kind == "pythons":
                yield from ((p.version, f"until {p.end_of_life}") for p in pack.provider.pythons)
            else:
                items = pack.tools if kind == "tools" else pack.triggers
                yield from ((name, item.title) for name, item in items.items())


def _packs(ctx: typer.Context) -> list[ProviderPack]:
    """Of the provider that is meant; all of them where none is."""
    packs = _found(ctx).providers
    meant = str(ctx.params.get("provider") or "")
    # A command that takes no provider is about a service that has one.
    if "provider" not in ctx.params and (service := _service(ctx)):
        meant = service.provider
    return [packs[meant]] if meant in packs else list(packs.values())


def _found(ctx: typer.Context) -> Packs:
    """The packs of the service at hand, else all that are offered; ours where those are damaged."""
    from generator.errors import GeneratorError
    from generator.search_path import packs_below, packs_on_path, service_packs

    with suppress(GeneratorError, OSError):
        # A command that takes a provider makes a new service.
        if "provider" not in ctx.params and _service(ctx):
            return service_packs(ctx.params.get("project") or "")
        return packs_on_path()
    return packs_below(())


def _service(ctx: typer.Context) -> Answers | None:
    """What the gen.toml at hand says; None where there is none, or it cannot be read."""
    from generator.declaration import parse_declaration
    from generator.errors import GeneratorError
    from generator.evolve.disk import Disk
    from generator.evolve.project import declared_text, find_root

    with suppress(GeneratorError, OSError):
        return parse_declaration(declared_text(Disk(find_root(ctx.params.get("project") or ""))))
    return None


def _parts(pack: ProviderPack, ctx: typer.Context) -> Iterator[Provider | Tool | CiSystem]:
    """What has options of the whole service."""
    yield pack.provider
    chosen = pack.tools.get(str(ctx.params.get("tool"))) or next(iter(pack.tools.values()))
    yield from pack.chain(chosen)
    systems = _found(ctx).ci_systems
    yield from (systems[name] for name in ctx.params.get("ci") or () if name in systems)


def _function_rows(pack: ProviderPack, name: str) -> Iterator[tuple[str, str]]:
    trigger: Trigger | None = pack.triggers.get(name)
    if trigger:
        yield from _values(trigger.options.values())
        yield from _values(pack.provider.function_options.values())


def _values(options: Iterable[Option]) -> Iterator[tuple[str, str]]:
    """Each option with its choices, else with its default or an example, to be typed over."""
    for option in options:
        default = ",".join(option.default) if isinstance(option.default, tuple) else option.default
        known = ["true", "false"] if option.type == "boolean" else list(option.choices)
        plain = str(default) if "{" not in str(default) else ""
        for value in known or [plain or option.example]:
            yield f"{option.name}={value}", option.help
