"""`gen list`: what the packs offer, as data and as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from generator.metadata import CiSystem, Option
from generator.packs import Packs, ProviderPack

KINDS = ("providers", "tools", "triggers", "ci")


def catalogue(packs: Packs, kind: str = "", provider: str = "") -> dict[str, Any]:
    """What `gen list --json` prints; `kind` and `provider` narrow it. JSON types only."""
    chosen = [p for p in packs.providers.values() if provider in ("", p.name)]
    makers: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "providers": lambda: [_provider(pack) for pack in chosen],
        "tools": lambda: [row for pack in chosen for row in _tools(pack)],
        "triggers": lambda: [row for pack in chosen for row in _triggers(pack)],
        "ci": lambda: [_ci(ci) for ci in packs.ci_systems.values()],
    }
    return {name: make() for name, make in makers.items() if kind in ("", name)}


def describe_catalogue(
    data: Mapping[str, list[dict[str, Any]]], with_options: bool = False
) -> Iterator[str]:
    """One line an entry: name, title, and where it can be used. Nothing is cut off."""
    for kind, rows in data.items():
        yield f"{kind}:"
        width = max((len(row["name"]) for row in rows), default=0)
        for row in rows:
            extras = [row["provider"]] if "provider" in row else []
            if row.get("tools"):
                extras.append("tools: " + ", ".join(row["tools"]))
            if row.get("aliases"):
                extras.append("also: " + ", ".join(row["aliases"]))
            detail = f" ({'; '.join(extras)})" if extras else ""
            yield f"  {row['name']:<{width}}  {row['description'] or row['title']}{detail}"
            if with_options:
                yield from _options_of(row)


def _options_of(row: Mapping[str, Any]) -> Iterator[str]:
    """What can be set, a line each; of a provider, apart what every function has of its own."""
    whole, each = row["options"], row.get("function_options", [])
    if each:
        yield "    of the service:" if whole else "    of the service: none"
    yield from map(_option_line, whole)
    if each:
        yield "    of each function, as --set FUNCTION.OPTION=VALUE:"
    yield from map(_option_line, each)


def _option_line(option: Mapping[str, Any]) -> str:
    default = ",".join(option["default"]) if option["type"] == "strings" else option["default"]
    choices = f" ({', '.join(option['choices'])})" if option["choices"] else ""
    shown = str(default).lower() if option["type"] == "boolean" else default
    return f"      {option['name']}={shown}{choices}: {option['help']}"


def _provider(pack: ProviderPack) -> dict[str, Any]:
    provider = pack.provider
    return {
        "name": pack.name,
        "title": provider.title,
        "description": f"{provider.title}: {provider.description}",
        "tools": list(pack.tools),
        "python": [python.version for python in provider.pythons],
        "default_region": provider.default_region,
        "options": _options(provider.options),
        "function_options": _options(provider.function_options),
    }


def _tools(pack: ProviderPack) -> Iterator[dict[str, Any]]:
    for tool in pack.tools.values():
        yield {
            "name": tool.name,
            "provider": pack.name,
            "title": tool.title,
            "description": tool.description,
            "default": tool.default,
            "options": _options(tool.options),
        }


def _triggers(pack: ProviderPack) -> Iterator[dict[str, Any]]:
    for trigger in pack.triggers.values():
        yield {
            "name": trigger.name,
            "provider": pack.name,
            "title": trigger.title,
            "description": trigger.description,
            "aliases": list(trigger.aliases),
            "elsewhere": dict(trigger.elsewhere),
            "tools": [name for name in pack.tools if name in trigger.tools],
            "options": _options(trigger.options),
        }


def _ci(ci: CiSystem) -> dict[str, Any]:
    return {
        "name": ci.name,
        "title": ci.title,
        "description": ci.description,
        "options": _options(ci.options),
    }


def _options(options: Mapping[str, Option]) -> list[dict[str, Any]]:
    return [
        {
            "name": option.name,
            "type": option.type,
            "default": option.default,
            "choices": list(option.choices),
            "help": option.help,
        }
        for option in options.values()
    ]
