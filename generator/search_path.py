"""Where packs of one's own are: `--packs DIR`, `GEN_PACKS`, and what a gen.toml names.

A new service uses all that are offered. One that is there uses those that its gen.toml names, so
that it is the same for everybody: the flag and the variable then only say where they are.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from generator.errors import PackError, UserError, printable, unreadable
from generator.packs import PACK, Packs

VARIABLE = "GEN_PACKS"
FLAG = "--packs"

_flags: list[str] = []
_met: set[Path] = set()
"""Every pack directory that this run has met: an error in one of them is its author's."""


def offer(directories: Iterable[str]) -> None:
    """Notes what `--packs` said. A run of `gen` has one command line."""
    _flags[:] = directories


def flags() -> tuple[str, ...]:
    """What `--packs` said."""
    return tuple(_flags)


def packs_below(folders: tuple[Path, ...]) -> Packs:
    """Our own packs and those in `folders`."""
    return Packs((*Packs().roots, *folders))


def packs_on_path() -> Packs:
    """Our own packs and all that are offered. Raises UserError for a folder that has none."""
    found = _offered()
    return packs_below(tuple(found[name] for name in sorted(found)))


def service_packs(project: str) -> Packs:
    """The packs of the service that `project` (default: the current folder) is in.

    Raises UserError where there is no service, for a pack that it names and is not found, and for
    one that `--packs` offers and it does not name.
    """
    from generator.evolve.project import find_root

    root = find_root(project)
    packs = packs_of(root)
    for name, folder in _named(_flags, FLAG).items() if _flags else ():
        if folder not in packs.roots:
            raise UserError(
                f"this service does not use the pack {name}",
                where=f"{FLAG} {folder}",
                hint=f'to adopt it: {name} = "" under [packs] in gen.toml, then gen update',
            )
    return packs


def packs_of(root: Path) -> Packs:
    """The packs of the service in the folder `root`. Raises UserError."""
    return packs_named(root, _declared(root))


def packs_named(root: Path, declared: Mapping[str, str]) -> Packs:
    """The packs that a gen.toml in `root` names, by their places. Raises UserError."""
    if not declared:
        return packs_below(())
    offered = _offered()
    folders = [
        offered.get(name) or _at(root, name, place) for name, place in sorted(declared.items())
    ]
    return packs_below(tuple(folders))


def places(packs: Packs, target: Path) -> dict[str, str]:
    """What the gen.toml of a new service says of the packs: name -> place.

    A place is said from `target` where the flag said it from the current folder: both move
    together. Any other is the machine's own, and is left to the flag and the variable.
    """
    said = {_absolute(text): not os.path.isabs(text) for text in _flags}
    return {
        info.name: os.path.relpath(info.folder, target.resolve()).replace(os.sep, "/")
        if said.get(info.folder)
        else ""
        for info in sorted(packs.infos, key=lambda info: info.name)
    }


def culprit(error: Exception) -> Path | None:
    """The pack directory that an error is about, where it is not ours."""
    said = str(error) if isinstance(error, PackError | OSError) else ""
    # Templates are named with forward slashes everywhere, files as the system does.
    return next((f for f in _met if f"{f}{os.sep}" in said or f"{f.as_posix()}/" in said), None)


def _offered() -> dict[str, Path]:
    """Every pack that the flag and the variable name: of two with one name, the flag's."""
    return {**_named(_variable(), VARIABLE), **_named(_flags, FLAG)}


def _variable() -> list[str]:
    return [text for text in os.environ.get("GEN_PACKS", "").split(os.pathsep) if text]


def _named(directories: Iterable[str], source: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for text in directories:
        folder = _absolute(text)
        name = name_of(folder, f"{source} {text}")
        if found.setdefault(name, folder) != folder:
            raise UserError(
                f"two packs are called {name}: {found[name]} and {folder}",
                where=f"{source} {text}",
                hint="leave one of them out",
            )
    return found


def _absolute(text: str) -> Path:
    return Path(os.path.abspath(os.path.expanduser(text)))


def _at(root: Path, name: str, place: str) -> Path:
    """The folder where a gen.toml says that a pack is."""
    where = f"gen.toml: [packs] {name} = {printable(place)}"
    if not place:
        raise UserError(
            f"the pack {name} is not found: gen.toml leaves its place to you",
            where=where,
            hint=f"{FLAG} DIR, or {VARIABLE}=DIR in the environment",
        )
    folder = Path(os.path.normpath(root / place))
    if not os.path.isdir(folder):
        closed = unreadable(folder)
        missing = f"{folder} {closed}" if closed else f"there is no folder {folder}"
        raise UserError(
            f"the pack {name} is not found: {missing}",
            where=where,
            hint=f"mend its place there; or {FLAG} DIR or {VARIABLE}=DIR say where it is here",
        )
    found = name_of(folder, where)
    if found != name:
        raise UserError(
            f"the pack there is called {found}", where=where, hint=f'write {found} = "{place}"'
        )
    return folder


def name_of(folder: Path, where: str) -> str:
    """What the pack in this folder is called. Raises UserError where there is none."""
    from generator.policies import check_name, read_pack

    _met.add(folder)
    if not os.path.isfile(folder / PACK):
        missing = f"has no {PACK}" if os.path.isdir(folder) else "is no folder"
        raise UserError(
            f"{folder} {unreadable(folder / PACK) or missing}",
            where=where,
            hint=f"name a folder of packs, with a {PACK} in it: gen help packs",
        )
    return check_name(read_pack(folder))


def _declared(root: Path) -> Mapping[str, str]:
    """The `[packs]` of a gen.toml; none where there are none, or the file is damaged.

    Whoever reads the service next says what is wrong with the file.
    """
    if not os.path.isfile(root / "gen.toml"):  # a pipe would be waited for
        return {}
    try:
        text = (root / "gen.toml").read_text("utf-8-sig")
    except (OSError, ValueError):
        return {}
    if "packs" not in text:
        return {}
    from generator.declaration import parse_declaration

    try:
        return parse_declaration(text).packs
    except UserError:
        return {}
