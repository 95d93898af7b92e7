"""`gen list`: what the packs offer, as data and as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from generator.metadata import CiSystem, Option
from generator.packs import Packs, ProviderPack
from generator.policies import refusal, with_function_defaults, with_service_defaults

KINDS = ("providers", "tools", "triggers", "ci")


def catalogue(packs: Packs, kind: str = "", provider: str = "") -> dict[str, Any]:
    """What `gen list --json` prints; `kind` and `provider` narrow it. JSON types only.

    What an organisation's packs say of one entry is in it: `forbidden`, why it must not be chosen
    (empty where it may), and their defaults. What they say of entries chosen together is not.
    """
    chosen = [p for p in packs.providers.values() if provider in ("", p.name)]
    makers: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "providers": lambda: [_provider(pack, packs) for pack in chosen],
        "tools": lambda: [row for pack in chosen for row in _tools(pack, packs)],
        "triggers": lambda: [row for pack in chosen for row in _triggers(pack, packs)],
        "ci": lambda: [_ci(ci, packs) for ci in packs.ci_systems.values()],
    }
    return {name: make() for name, make in makers.items() if kind in ("", name)}


def describe_catalogue(
    data: Mapping[str, list[dict[str, Any]]], with_options: bool = False
) -> Iterator[str]:
    """One line an entry: name, title, and where it can be used. Nothing is cut off.

    What is forbidden comes last, a line for each reason.
    """
    for kind, rows in data.items():
        yield f"{kind}:"
        allowed = [row for row in rows if not row["forbidden"]]
        width = max((len(row["name"]) for row in allowed), default=0)
        for row in allowed:
            extras = [row["provider"]] if "provider" in row else []
            if row.get("tools"):
                extras.append("tools: " + ", ".join(row["tools"]))
            if row.get("aliases"):
                extras.append("also: " + ", ".join(row["aliases"]))
            detail = f" ({'; '.join(extras)})" if extras else ""
            yield f"  {row['name']:<{width}}  {row['description'] or row['title']}{detail}"
            if with_options:
                yield from _options_of(row)
        yield from _forbidden(rows)


def _forbidden(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    names: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row["forbidden"]:
            names.setdefault((row.get("provider", ""), row["forbidden"]), []).append(row["name"])
    for (provider, reason), found in names.items():
        yield f"  forbidden: {', '.join(found)}{f' ({provider})' if provider else ''}: {reason}"


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


def _provider(pack: ProviderPack, packs: Packs) -> dict[str, Any]:
    provider, chosen = pack.provider, {"provider": (pack.name,)}
    each = with_function_defaults(provider.function_options, packs, chosen)
    return {
        "name": pack.name,
        "title": provider.title,
        "description": f"{provider.title}: {provider.description}",
        "tools": list(pack.tools),
        "python": [python.version for python in provider.pythons],
        "default_region": provider.default_region,
        "forbidden": refusal(packs, provider=pack.name),
        "options": _options(with_service_defaults(provider.options, packs, chosen)),
        "function_options": _options(each),
    }


def _tools(pack: ProviderPack, packs: Packs) -> Iterator[dict[str, Any]]:
    for tool in pack.tools.values():
        chosen = {"provider": (pack.name,), "tool": (tool.name,)}
        yield {
            "name": tool.name,
            "provider": pack.name,
            "title": tool.title,
            "description": tool.description,
            "default": tool.default,
            "forbidden": refusal(packs, provider=pack.name, tool=tool.name),
            "options": _options(with_service_defaults(tool.options, packs, chosen)),
        }


def _triggers(pack: ProviderPack, packs: Packs) -> Iterator[dict[str, Any]]:
    for trigger in pack.triggers.values():
        chosen = {"provider": (pack.name,), "trigger": (trigger.name,)}
        yield {
            "name": trigger.name,
            "provider": pack.name,
            "title": trigger.title,
            "description": trigger.description,
            "aliases": list(trigger.aliases),
            "elsewhere": dict(trigger.elsewhere),
            "tools": [name for name in pack.tools if name in trigger.tools],
            "forbidden": refusal(packs, provider=pack.name, trigger=trigger.name),
            "options": _options(with_function_defaults(trigger.options, packs, chosen)),
        }


def _ci(ci: CiSystem, packs: Packs) -> dict[str, Any]:
    return {
        "name": ci.name,
        "title": ci.title,
        "description": ci.description,
        "forbidden": refusal(packs, ci=ci.name),
        "options": _options(with_service_defaults(ci.options, packs, {"ci": (ci.name,)})),
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
