"""Shell completion: names come from the packs, for the provider that the line names already."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import typer

Candidates = list[tuple[str, str]]


def complete_kind(incomplete: str) -> Candidates:
    from generator.catalogue import KINDS

    return [(kind, "") for kind in KINDS if kind.startswith(incomplete)]


def complete_name(kind: str) -> Callable[..., Candidates]:
    """A completion function for `kind`: providers, tools, triggers or ci."""

    def complete(ctx: typer.Context, incomplete: str) -> Candidates:
        provider = ctx.params.get("provider") or ""
        return [row for row in _rows(kind, provider) if row[0].startswith(incomplete)]

    return complete


def complete_function(incomplete: str) -> Candidates:
    """The functions of the service that the current folder is in."""
    from generator.declaration import parse_declaration
    from generator.errors import GeneratorError
    from generator.evolve.disk import Disk
    from generator.evolve.project import declared_text, find_root

    try:
        functions = parse_declaration(declared_text(Disk(find_root()))).functions
    except GeneratorError:
        return []
    return [(f.name, f.trigger) for f in functions if f.name.startswith(incomplete)]


def _rows(kind: str, provider: str) -> Iterator[tuple[str, str]]:
    from generator.errors import GeneratorError
    from generator.search_path import packs_on_path, service_packs

    try:
        packs = service_packs("")
    except GeneratorError:
        try:
            packs = packs_on_path()
        except GeneratorError:
            return
    if kind == "ci":
        yield from ((ci.name, ci.title) for ci in packs.ci_systems.values())
        return
    for pack in packs.providers.values():
        if kind == "providers":
            yield pack.name, pack.provider.title
        elif provider in ("", pack.name):
            items = pack.tools if kind == "tools" else pack.triggers
            yield from ((name, item.title) for name, item in items.items())
