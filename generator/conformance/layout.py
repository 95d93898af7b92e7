"""The folders of a pack: each is one that is read, and each piece has a slot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from generator.conformance.files import LAYOUT, Location, failure, location_of
from generator.conformance.known import Known, Offers
from generator.conformance.paths import LEFTOVERS
from generator.doctor.findings import Finding
from generator.errors import nearest, printable
from generator.layers import LOGIN_SLOT, PIECE

LAYERS: Mapping[str, tuple[str, ...]] = {
    "base": ("project",),
    "ci": ("project", "root"),
    "provider": ("project", "function"),
    "tool": ("project", "function"),
    "trigger": ("function",),
}
"""By whose folder it is: the layers in it that have fixed names."""
OTHERS: Mapping[str, tuple[str, ...]] = {
    "base": ("shared",),
    "ci": ("shared",),
    "provider": ("shared", "ci", "tools", "triggers"),
    "tool": (),
    "trigger": ("source",),
}


def check_layout(root: Path, known: Known) -> Iterator[Finding]:
    """What is in a pack that nothing would ever read, or no service could be made of."""
    for folder in _folders(root):
        near = nearest(folder.name, ["base", "ci", "providers"])
        if near and folder.name not in ("base", "ci", "providers"):
            yield _unknown(folder.name, folder.name, ["base", "ci", "providers"])
    yield from _owner(root, root / "base", "base", known)
    for folder in _folders(root / "ci"):
        yield from _needs(root, folder, known.packs.ci_systems, "CI system", "ci.toml")
        yield from _owner(root, folder, "ci", known)
    for folder in _folders(root / "providers"):
        yield from _needs(root, folder, known.packs.providers, "provider", "provider.toml")
        yield from _provider(root, folder, known)


def _provider(root: Path, folder: Path, known: Known) -> Iterator[Finding]:
    pack = known.packs.providers.get(folder.name)
    if pack is None:
        return
    yield from _owner(root, folder, "provider", known)
    for path in sorted((folder / "ci").glob("*")):
        name = path.name.removesuffix(".j2")
        if name not in known.packs.ci_systems:
            yield _unknown(_name(root, path), name, known.packs.ci_systems, "CI system")
    for tool in _folders(folder / "tools"):
        yield from _needs(root, tool, pack.all_tools, f"tool of {pack.name}", "tool.toml")
        yield from _owner(root, tool, "tool", known)
    for trigger in _folders(folder / "triggers"):
        what = f"trigger of {pack.name}"
        yield from _needs(root, trigger, pack.triggers, what, "trigger.toml")
        yield from _owner(root, trigger, "trigger", known)


def _needs(
    root: Path, folder: Path, there: Iterable[str], what: str, file: str
) -> Iterator[Finding]:
    """A folder that has no metadata must be of one that is there."""
    if folder.name not in there:
        close = nearest(folder.name, list(there))
        hint = f'did you mean "{close}"? ' if close else ""
        message = f"there is no {what} {printable(folder.name)}, and the folder has no {file}"
        yield failure(LAYOUT, message, _name(root, folder), f"{hint}write {file}, or rename it")


def _owner(root: Path, folder: Path, kind: str, known: Known) -> Iterator[Finding]:
    """The folders of one provider, tool, trigger or CI system."""
    layers, others = list(LAYERS[kind]), OTHERS[kind]
    pack = known.pack(location_of(_name(root, folder)))
    tools = list(pack.all_tools) if pack else []
    if kind == "trigger":
        layers += tools
        for path in _folders(folder / "source"):
            yield from _layer(root, path, tools, known)
    for path in _folders(folder):
        if path.name not in others:
            yield from _layer(root, path, layers, known, others)


def _layer(
    root: Path, path: Path, layers: Iterable[str], known: Known, others: Iterable[str] = ()
) -> Iterator[Finding]:
    name, plus, overlay = path.name.partition("+")
    where = _name(root, path)
    if name not in layers:
        yield _unknown(where, name, [*layers, *others])
        return
    if plus:
        yield from _overlay(where, overlay, _options(where, known))
    yield from _pieces(root, path, known)


def _options(where: str, known: Known) -> Offers:
    """The options that an overlay at this place may ask for."""
    place, parts = location_of(where), where.split("/")
    name = parts[-1].partition("+")[0]
    pack = known.pack(place)
    if place.trigger and pack is not None and name in pack.all_tools:
        place = place._replace(tool=name)
    found = known.service_anywhere(place)
    return found if name in ("project", "root") else known.function_anywhere(place) | found


def _overlay(where: str, overlay: str, offers: Offers) -> Iterator[Finding]:
    name, equals, value = overlay.partition("=")
    options = offers.get(name, [])
    choices = sorted({choice for option in options for choice in option.choices})
    if not options:
        yield _unknown(where, name, offers, "option")
    elif not equals and all(option.type != "boolean" for option in options):
        message = f"{name} is no boolean option, so this is never used"
        yield failure(LAYOUT, message, where, f"name the folder ...+{name}=VALUE")
    elif equals and all(o.choices and value not in o.choices for o in options):
        close = nearest(value, choices)
        hint = f'did you mean "{close}"? ' if close else ""
        message = f"{name} cannot be {printable(value)}, so this is never used"
        yield failure(LAYOUT, message, where, f"{hint}allowed: {', '.join(choices)}")


def _pieces(root: Path, folder: Path, known: Known) -> Iterator[Finding]:
    """Pieces directly in a layer whose slot nobody declares."""
    slots = _slots(location_of(_name(root, folder)), known)
    for path in sorted(folder.iterdir()):
        name = path.name.removesuffix(".j2")
        if PIECE.fullmatch(path.name) and name not in slots:
            hint = "a template of a whole file is called file.ending.j2; declare slots in [slots]"
            yield _unknown(_name(root, path), name, slots, "slot", hint)


def _slots(place: Location, known: Known) -> list[str]:
    """The slots that a service may have which a folder at this place is a part of."""
    found = {*known.packs.base_slots, LOGIN_SLOT}
    for ci in known.packs.ci_systems.values():
        found |= ci.slots.keys()
    for name, pack in known.packs.providers.items():
        if place.provider in ("", name):
            found |= pack.provider.slots.keys()
            for tool in pack.all_tools.values():
                found |= tool.slots.keys()
    return sorted(found)


def _unknown(
    where: str, name: str, known: Iterable[str], what: str = "folder", hint: str = ""
) -> Finding:
    close = nearest(name, list(known))
    offered = f'did you mean "{close}"? ' if close else ""
    help = offered + (hint or f"known: {', '.join(known) or 'none'}")
    return failure(LAYOUT, f"no {what} is called {printable(name)}", where, help)


def _folders(parent: Path) -> list[Path]:
    if not parent.is_dir():
        return []
    return sorted(path for path in parent.iterdir() if path.is_dir() and path.name not in LEFTOVERS)


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
