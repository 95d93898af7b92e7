"""What TOML files of a pack mean together: two of one name, two defaults, a trigger for nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from generator.conformance.files import Metadata
from generator.conformance.known import Known
from generator.doctor.findings import Finding
from generator.errors import printable
from generator.metadata import Slot


def check_together(files: Sequence[Metadata], known: Known) -> Iterator[Finding]:
    """What is wrong between files each of which is right by itself."""
    for file in files:
        if file.path.name == "trigger.toml":
            yield from _names(file, files, known)
            yield from _tools(file, known)
    yield from _defaults(files, known)
    yield from _slots(files, known)


def _names(file: Metadata, files: Sequence[Metadata], known: Known) -> Iterator[Finding]:
    """Names and aliases of a provider's triggers: each means one."""
    pack = known.pack(file.location)
    own = file.location.trigger
    later = {other.location.trigger for other in files[files.index(file) :]}
    others = [t for t in pack.triggers.values() if t.name not in later - {own}] if pack else []
    for alias in file.data.get("aliases", []):
        for other in others:
            if alias == other.name:
                message = f"the alias {printable(alias)} is the name of a trigger"
                yield file.failure(message, "aliases", hint="leave it out")
            elif other.name != own and alias in other.aliases:
                message = f"the alias {printable(alias)} is one of {other.name}, too"
                yield file.failure(message, "aliases", hint="leave it out at one of them")


def _tools(file: Metadata, known: Known) -> Iterator[Finding]:
    pack, trigger = known.pack(file.location), known.trigger(file.location)
    if pack is not None and trigger is not None and not trigger.tools & pack.tools.keys():
        hint = f"make a folder beside trigger.toml called as one of: {', '.join(pack.tools)}"
        yield file.failure("no tool supports this trigger", hint=hint)


def _defaults(files: Sequence[Metadata], known: Known) -> Iterator[Finding]:
    """Of the tools of a provider, and of the CI systems, one may be the default."""
    for number, file in enumerate(files):
        pack, own = known.pack(file.location), file.location
        later = {other.location for other in files[number + 1 :]}
        if file.path.name == "tool.toml" and pack is not None:
            tools = [own._replace(tool=t.name) for t in pack.tools.values() if t.default]
            rivals = [place.tool for place in tools if place != own and place not in later]
        elif file.path.name == "ci.toml":
            systems = [c.name for c in known.packs.ci_systems.values() if c.default]
            places = [own._replace(ci=name) for name in systems]
            rivals = [place.ci for place in places if place != own and place not in later]
        else:
            continue
        if file.data.get("default") and rivals:
            hint = "leave default = true at one of them"
            yield file.failure(f"{rivals[0]} is the default, too", "default", hint=hint)


def _slots(files: Iterable[Metadata], known: Known) -> Iterator[Finding]:
    """A slot that is declared again must be declared as the same."""
    packs = known.packs
    for file in files:
        own, pack = file.location, known.pack(file.location)
        above: dict[str, Slot] = dict(packs.base_slots) if file.path.name != "base.toml" else {}
        if own.tool and pack is not None:
            above |= pack.provider.slots
            for ci in packs.ci_systems.values():
                above |= ci.slots
        for name, entry in file.data.get("slots", {}).items():
            first = above.get(name)
            if first is not None and first != Slot(name, **entry):
                message = f"the slot {name} is declared elsewhere, otherwise"
                hint = f"declare it the same: {_declared(first)}"
                yield file.failure(message, "slots", name, hint=hint)


def _declared(slot: Slot) -> str:
    return f'{{ scope = "{slot.scope}", join = "{slot.join}" }}'
