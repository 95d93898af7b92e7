"""Which files and keys are called otherwise now: for a function's new name, or newer templates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from generator.metadata import Rename
from generator.names import kebab, pascal, upper_snake
from generator.packs import Packs
from generator.render import Rendering
from generator.spec import Spec
from generator.templates import templates_of
from generator.tree import Entry

KEYED = {".yml", ".yaml", ".toml"}
KEY = re.compile(r"""^[ \t-]*["']?([\w.-]+)["']?[ \t]*[:=]|^\s*\[([^]]+)\]""", re.MULTILINE)


def moves_between(before: Spec, old: str, after: Spec, new: str, packs: Packs) -> dict[str, str]:
    """Old path -> new path of every file of the function `old`, which is called `new` after."""
    new_paths = _paths_of(after, new, packs)
    return {
        path: new_paths[template]
        for template, path in _paths_of(before, old, packs).items()
        if template in new_paths and new_paths[template] != path
    }


def _paths_of(spec: Spec, function: str, packs: Packs) -> dict[str, str]:
    """The files of one function by the template of each."""
    rendering = Rendering(spec, packs)
    rendering.tree()
    scope = ("function", function)
    return {
        template: path for path, (template, owner) in rendering.origins.items() if owner == scope
    }


def renamed_keys(
    before: Spec, old: str, after: Spec, new: str, packs: Packs, moves: Mapping[str, str]
) -> dict[str, str]:
    """The keys of YAML and TOML files that have the function's name in them, old -> new.

    They are looked for file by file: a word that is a key elsewhere may be a function's name, too
    (the `jobs` of a CI workflow). Where each stands is checked when it is renamed.
    """
    was, now = (Rendering(spec, packs).tree() for spec in (before, after))
    forms = [(form, other) for form, others in forms_of(old, new).items() for other in others]
    found: dict[str, str] = {}
    for path, entry in was.items():
        renamed = now.get(moves.get(path, path))
        if renamed is None or renamed == entry or PurePosixPath(path).suffix not in KEYED:
            continue
        keys = _keys(entry)
        come = _keys(renamed) - keys
        for key in keys:
            names = {key.replace(form, other) for form, other in forms if form in key} & come
            if names:
                found[key] = min(names)
    return dict(sorted(found.items()))


def forms_of(old: str, new: str) -> dict[str, list[str]]:
    """Every form of a function's old name, with what each may have become."""
    found: dict[str, list[str]] = {}
    for form in (pascal, upper_snake, kebab, str):
        others = found.setdefault(form(old), [])
        if form(new) not in others:
            others.append(form(new))
    return found


def _keys(entry: Entry) -> set[str]:
    found: set[str] = set()
    for key, header in KEY.findall(entry.content.decode()):
        found.update([key] if key else header.split("."))
    return found


def declared_moves(spec: Spec, packs: Packs) -> dict[str, str]:
    """The renames that the packs of a service declare, old path -> new path."""
    templates = templates_of(packs.roots)
    rendering = Rendering(spec, packs)
    return {
        templates.render_text(rename.old, context): templates.render_text(rename.new, context)
        for rename, context in _declared(spec, packs, rendering)
    }


def _declared(
    spec: Spec, packs: Packs, rendering: Rendering
) -> Iterator[tuple[Rename, Mapping[str, object]]]:
    """Every declared rename with the variables that its paths are rendered with."""
    contexts = {function.name: rendering.context(function) for function in spec.functions}
    systems = (ci.renames for ci in spec.ci_systems)
    shared = (packs.base_renames, spec.provider.renames, *systems)
    for rename in (r for part in (*shared, *(t.renames for t in spec.tools)) for r in part):
        each = "function." in rename.old
        for context in contexts.values() if each else [rendering.context(None)]:
            yield rename, context
    for function in spec.functions:
        for rename in function.trigger.renames:
            yield rename, contexts[function.name]
