"""Which folders of the packs make up a service, and what each of them holds.

docs/packs.md describes layers, pieces and overlays.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from generator.errors import PackError
from generator.metadata import CiSystem, Slot, Value
from generator.packs import BUILT_IN, Packs
from generator.sources import Function, Source
from generator.spec import Spec

PIECE = re.compile(r"[a-z][a-z0-9_]*\.j2")
BASE_LAYER = "{{cookiecutter.project_slug}}"
LOGIN_SLOT = "login"


class Layer(NamedTuple):
    """Template paths of one folder by what they become, and the scope they are rendered in.

    `ci` is the CI system that the folder is of: what it has for that one's slots fills no other's.
    """

    files: Mapping[str, str]
    pieces: Mapping[str, str]
    function: Function | None = None
    source: Source | None = None
    ci: CiSystem | None = None


def base_layer_folder() -> Path:
    """The base layer: package data in an installed wheel, the repository's own in a checkout."""
    packaged = Path(__file__).parent / "template" / BASE_LAYER
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / BASE_LAYER


def declared_slots(spec: Spec, packs: Packs) -> dict[str, Slot]:
    """Every slot that the skeletons of this service have, by name, but those of CI systems."""
    found: dict[str, Slot] = {}
    for slots in (packs.base_slots, spec.provider.slots):
        found.update(slots)
    for tool in spec.tools:
        found.update(tool.slots)
    return found


def layers(spec: Spec, roots: Iterable[Path]) -> Iterator[Layer]:
    """All layers but the base layer, in the order in which their pieces appear.

    Each may be in every root: what one pack has, another adds to.
    """
    roots = tuple(roots)
    provider = f"providers/{spec.provider.name}"

    def at(
        place: str, function: Function | None = None, source: Source | None = None
    ) -> Iterator[Layer]:
        return (_layer(root / place, spec, function, source) for root in roots)

    for root in dict.fromkeys((BUILT_IN, *roots)):
        yield _layer(root / "base" / "project", spec)
    for ci in spec.ci_systems:
        parts = (*at(f"ci/{ci.name}/project"), *_logins(f"{provider}/ci/{ci.name}.j2", roots))
        yield from (layer._replace(ci=ci) for layer in parts)
    yield from at(f"{provider}/project")
    for tool in spec.tools:
        yield from at(f"{provider}/tools/{tool.name}/project")
    for source in spec.sources:
        trigger = f"{provider}/triggers/{source.users[0].trigger.name}"
        for tool in spec.tools:
            yield from at(f"{trigger}/source/{tool.name}", source=source)
    for function in spec.functions:
        trigger = f"{provider}/triggers/{function.trigger.name}"
        yield from at(f"{provider}/function", function)
        for tool in spec.tools:
            yield from at(f"{provider}/tools/{tool.name}/function", function)
        yield from at(f"{trigger}/function", function)
        for tool in spec.tools:
            yield from at(f"{trigger}/{tool.name}", function)


def _logins(place: str, roots: Iterable[Path]) -> Iterator[Layer]:
    for root in roots:
        if (root / place).is_file():
            yield Layer(files={}, pieces={LOGIN_SLOT: str(root / place)})


def root_layers(spec: Spec, roots: Iterable[Path]) -> Iterator[Layer]:
    """What the CI systems need in the root of a larger repository: no part of the service."""
    places = tuple(roots)
    for ci in spec.ci_systems:
        for root in places:
            yield _layer(root / "ci" / ci.name / "root", spec)._replace(ci=ci)


def _layer(
    folder: Path, spec: Spec, function: Function | None = None, source: Source | None = None
) -> Layer:
    options: dict[str, Value] = dict(spec.options)
    if source:
        options |= source.options
    if function:
        options |= function.options
    files, pieces = _contents((folder, *_overlays(folder, options)))
    return Layer(files, pieces, function, source)


@cache
def _contents(parts: tuple[Path, ...]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Files and pieces of a folder and its overlays; a later part has precedence."""
    files: dict[str, str] = {}
    pieces: dict[str, str] = {}
    for part in parts:
        for relative, path in _listing(part).items():
            (pieces if PIECE.fullmatch(relative) else files)[relative.removesuffix(".j2")] = path
    return files, pieces


def _overlays(folder: Path, options: Mapping[str, Value]) -> Iterator[Path]:
    """The active siblings `<folder>+<option>` and `<folder>+<option>=<value>`, sorted."""
    for path in _siblings(folder.parent, f"{folder.name}+"):
        name, equals, wanted = path.name.removeprefix(f"{folder.name}+").partition("=")
        value = options.get(name)
        if (equals and str(value) == wanted) or (not equals and value is True):
            yield path


@cache
def _siblings(parent: Path, prefix: str) -> tuple[Path, ...]:
    return tuple(parent / name for name in _names(parent) if name.startswith(prefix))


@cache
def _names(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(os.listdir(folder)))
    except (FileNotFoundError, NotADirectoryError):
        return ()


@cache
def _listing(folder: Path) -> Mapping[str, str]:
    """Every file below `folder`: its path from there -> where it is."""
    found: dict[str, str] = {}
    start = len(str(folder)) + 1
    for parent, folders, files in os.walk(str(folder)):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            path = os.path.join(parent, name)
            found[path[start:].replace(os.sep, "/")] = path
    return found


def base_layer_files() -> Mapping[str, str]:
    """The base layer's templates, each by the path it is rendered to."""
    return _listing(base_layer_folder())


def pack_folders(spec: Spec, packs: Packs) -> tuple[Path, ...]:
    """The folders whose files could be part of a service with this provider."""
    systems = [root / "ci" / name for name in packs.ci_systems for root in packs.roots]
    bases = [root / "base" for root in packs.roots if root != BUILT_IN]
    provider = packs.providers[spec.provider.name]
    folders = (base_layer_folder(), BUILT_IN / "base", *systems, *bases, *provider.folders)
    return tuple(folder for folder in folders if folder.is_dir())


def files_of(folders: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Every file below these folders: a name that does not depend on the machine, its path."""
    for folder in folders:
        for relative, path in _listing(folder).items():
            yield f"{folder.name}/{relative}", path


def ci_slots(layer: Layer, spec: Spec) -> Iterator[tuple[str, CiSystem]]:
    """Each piece of the layer that is for a CI system's slot, with the system.

    A CI system's own piece is for its own slot; any other is for that of every system that has it.
    """
    for name in layer.pieces:
        for ci in (layer.ci,) if layer.ci else spec.ci_systems:
            if name in ci.slots:
                yield name, ci


def check_pieces(layer: Layer, slots: Mapping[str, Slot], spec: Spec) -> None:
    """Raises PackError for a piece whose slot nobody declares."""
    known = {*slots, *(name for name, _ in ci_slots(layer, spec))}
    for name, path in layer.pieces.items():
        if name not in known:
            raise PackError(f"{path}: no slot is called {name!r}; declared: {sorted(slots)}")
