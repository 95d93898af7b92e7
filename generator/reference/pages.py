"""**Packs -> pages**: the text of each page of the reference, by its path. Pure."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import jinja2

from generator.metadata import CiSystem, Tool, Trigger
from generator.packs import Packs, ProviderPack
from generator.reference.examples import example, new_command
from generator.reference.wording import FILTERS
from generator.templates import JINJA_SETTINGS, to_toml

TEMPLATES = Path(__file__).parent / "templates"
INDEX = "README.md"
MARK = "<!-- Written by `gen docs` from the packs; edit those. -->\n"
"""How every page begins."""

GAPS = re.compile(r"\n{3,}")
Render = Callable[..., str]


def pages(packs: Packs) -> dict[str, str]:
    """Every page of what these packs have: path -> text. Raises PackError."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        **JINJA_SETTINGS,  # type: ignore[arg-type]
    )
    environment.filters |= {**FILTERS, "toml": to_toml}

    def render(path: str, template: str, **names: Any) -> str:
        def link(target: str) -> str:
            """From this page to another one's path."""
            return os.path.relpath(target, PurePosixPath(path).parent).replace(os.sep, "/")

        text = environment.get_template(f"{template}.md.j2").render(packs=packs, link=link, **names)
        return MARK + GAPS.sub("\n\n", text).rstrip("\n") + "\n"

    return dict(_all(packs, render))


def _all(packs: Packs, render: Render) -> Iterator[tuple[str, str]]:
    yield INDEX, render(INDEX, "index", provider_page=provider_page, ci_page=ci_page)
    for pack in packs.providers.values():
        yield from _provider(pack, packs, render)
    for ci in packs.ci_systems.values():
        path = ci_page(ci.name)
        yield path, render(path, "ci", ci=ci, deploys=_deploys(ci, packs), index=INDEX)


def _provider(pack: ProviderPack, packs: Packs, render: Render) -> Iterator[tuple[str, str]]:
    home = provider_page(pack.name)
    names = {
        "pack": pack,
        "provider": pack.provider,
        "home": home,
        "index": INDEX,
        "trigger_page": trigger_page,
        "tool_page": tool_page,
    }
    yield home, render(home, "provider", command=new_command(pack), **names)
    for trigger in pack.triggers.values():
        path = trigger_page(pack.name, trigger.name)
        yield (
            path,
            render(
                path,
                "trigger",
                trigger=trigger,
                tools=[tool for name, tool in pack.tools.items() if name in trigger.tools],
                elsewhere=_elsewhere(trigger, packs),
                example=example(trigger, pack, packs),
                **names,
            ),
        )
    for tool in pack.tools.values():
        path = tool_page(pack.name, tool.name)
        yield path, render(path, "tool", **_tool(tool, pack), **names)


def _tool(tool: Tool, pack: ProviderPack) -> dict[str, Any]:
    from generator.doctor.programs import read_requirements

    chain = pack.chain(tool)
    inherited = {name: option for part in chain for name, option in part.options.items()}
    return {
        "tool": tool,
        "options": inherited,
        "requires": [r for part in chain for r in read_requirements(part.requires, part.folder)],
        "triggers": [t for t in pack.triggers.values() if tool.name in t.tools],
        "lacking": [t for t in pack.triggers.values() if tool.name not in t.tools],
        "command": new_command(pack, tool=tool.name),
    }


def _elsewhere(trigger: Trigger, packs: Packs) -> list[tuple[ProviderPack, Trigger]]:
    """The equivalents that the packs have."""
    found = ((packs.providers.get(name), word) for name, word in trigger.elsewhere.items())
    return [(pack, pack.triggers[word]) for pack, word in found if pack and word in pack.triggers]


def _deploys(ci: CiSystem, packs: Packs) -> list[ProviderPack]:
    """The providers that a job of this CI system can log in to."""
    packs_of = packs.providers.values()
    login = f"ci/{ci.name}.j2"
    return [pack for pack in packs_of if any((f / login).is_file() for f in pack.folders)]


def provider_page(provider: str) -> str:
    return f"providers/{provider}/{INDEX}"


def trigger_page(provider: str, trigger: str) -> str:
    return f"providers/{provider}/triggers/{trigger}.md"


def tool_page(provider: str, tool: str) -> str:
    return f"providers/{provider}/tools/{tool}.md"


def ci_page(ci: str) -> str:
    return f"ci/{ci}.md"
