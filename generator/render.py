"""Renders a spec into a tree: every layer's files, with the slots of the skeletons filled."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

from generator import __version__
from generator.errors import PackError
from generator.layers import (
    BASE_LAYER,
    Layer,
    base_layer_files,
    base_layer_folder,
    check_pieces,
    ci_slots,
    declared_slots,
    files_of,
    layers,
    pack_folders,
    root_layers,
)
from generator.metadata import CiSystem
from generator.packs import BUILT_IN, PACK, Packs
from generator.sources import Function, Source
from generator.spec import Spec
from generator.templates import templates_of
from generator.tree import Entry, Tree, check_target, text_entry

DIGEST_LENGTH = 12
OWN = ".gen/"
Scope = Function | Source | None
Key = tuple[str, str, str, str]
"""Of a filled slot: the CI system whose own it is, its name and the identity of its scope."""
Origin = tuple[str, tuple[str, str]]
"""Of a rendered file: its template, and the identity of the scope it was rendered in."""


def render(spec: Spec, packs: Packs) -> Tree:
    """The files of the service, without `.gen/base`. Raises PackError."""
    return Rendering(spec, packs).tree()


class Rendering:
    """One service being rendered. Slots and contexts are made once each and kept.

    `said_by` is what gen.toml says of the version: the installed one, if it is empty. `folder` is
    where the service lies in its repository, for what that needs in its root; a service by itself
    does not know it.
    """

    def __init__(self, spec: Spec, packs: Packs, said_by: str = "", folder: str = "") -> None:
        self.spec = spec
        self._folder = folder
        self._said_by = said_by or generated_by(spec, packs)
        self.packs = packs
        self.roots = (*dict.fromkeys((*packs.roots, BUILT_IN)), base_layer_folder().parent)
        self.templates = templates_of(self.roots)
        self.slots = declared_slots(spec, packs)
        self.layers = list(layers(spec, packs.roots))
        self._pieces: dict[Key, list[tuple[str, Scope, CiSystem | None]]] = {}
        for layer in self.layers:
            check_pieces(layer, self.slots, spec)
            self._offer_pieces(layer)
        self._filled: dict[Key, str] = {}
        self._views = {function.name: function_view(function) for function in spec.functions}
        self._sources = {(s.kind, s.key): self._source_view(s) for s in spec.sources}
        self._common = self._common_context()
        self.origins: dict[str, Origin] = {}

    def tree(self) -> Tree:
        """Every file of the service: path -> entry."""
        tree: Tree = {}
        base = {"cookiecutter": cookiecutter_values(self.spec), "slot": self.slot}
        for path in base_layer_files():
            rendered = self.templates.render(f"{BASE_LAYER}/{path}", base)
            tree[path] = text_entry(rendered)
        for layer in self.layers:
            self._add(tree, layer)
        return dict(sorted(tree.items()))

    def root_tree(self) -> Tree:
        """What the CI systems need in the root of the repository that the service lies in."""
        tree: Tree = {}
        for layer in root_layers(self.spec, self.packs.roots):
            self._add(tree, layer)
        return dict(sorted(tree.items()))

    def text(self, path: str) -> str:
        """One file of the whole service, for which no other is rendered."""
        for layer in self.layers:
            if path in layer.files and layer.function is None and layer.source is None:
                context = self.context(None, layer.ci)
                return self._entry(layer.files[path], context).content.decode()
        raise PackError(f"no layer gives {path}")

    def _add(self, tree: Tree, layer: Layer) -> None:
        context = self.context(layer.function or layer.source, layer.ci)
        for path, template in layer.files.items():
            target = self.templates.render_text(path, context)
            entry = self._entry(template, context)
            if not entry.content.strip():
                continue
            check_target(target, template)
            if target.startswith(OWN) and self.templates.is_foreign(template):
                raise PackError(f"{template}: {target!r} is where gen keeps what it remembers")
            if target in tree:
                raise PackError(f"{template}: {target} is given by another layer too")
            tree[target] = entry
            self.origins[target] = (template, _identity(layer.function or layer.source))

    def _entry(self, template: str, context: Mapping[str, object]) -> Entry:
        if template.endswith(".j2"):
            return text_entry(self.templates.render(self.templates.name_of(template), context))
        self.templates.check_place(template)
        content = Path(template).read_bytes()
        return Entry(content, content.startswith(b"#!"))

    def slot(self, name: str) -> str:
        """What fills a slot of service scope."""
        return self._fill(name, None)

    def _fill(self, name: str, scope: Scope, ci: CiSystem | None = None) -> str:
        """What fills the slot of this name: the CI system's own in what is rendered for one."""
        own = ci is not None and name in ci.slots
        slots = ci.slots if ci and own else self.slots
        if name not in slots:
            raise PackError(f"no slot is called {name!r}; declared: {sorted(slots)}")
        slot = slots[name]
        wanted = None if slot.scope == "service" else scope
        key = (ci.name if ci and own else "", name, *_identity(wanted))
        if key not in self._filled:
            rendered = [
                self._piece(template, self.context(owner, system))
                for template, owner, system in self._pieces.get(key, [])
            ]
            self._filled[key] = join([piece for piece in rendered if piece.strip()], slot.join)
        return self._filled[key]

    def _piece(self, template: str, context: Mapping[str, object]) -> str:
        return self.templates.render(self.templates.name_of(template), context).strip("\n")

    def _offer_pieces(self, layer: Layer) -> None:
        """Notes what the layer has for slots: of the whole service, and of its own scope.

        What it has for a slot of a CI system is noted for that system, and rendered for it.
        """
        owner = layer.function or layer.source
        scopes = {_identity(None), _identity(owner)}
        own = list(ci_slots(layer, self.spec))
        offered: list[tuple[str, str, CiSystem | None]] = [(ci.name, name, ci) for name, ci in own]
        taken = {name for name, _ in own} if layer.ci else set()
        offered += [("", name, layer.ci) for name in layer.pieces if name not in taken]
        for system, name, ci in offered:
            for scope in scopes:
                pieces = self._pieces.setdefault((system, name, *scope), [])
                pieces.append((layer.pieces[name], owner, ci))

    def context(self, scope: Scope, ci: CiSystem | None = None) -> dict[str, object]:
        """The variables that templates of this scope see, maybe for one CI system."""
        fill: Callable[[str], str] = lambda name: self._fill(name, scope, ci)  # noqa: E731
        context = self._common | {"slot": fill}
        if ci:
            context["ci"] = ci
        if isinstance(scope, Function):
            context |= {"function": self._views[scope.name], "trigger": scope.trigger}
        elif isinstance(scope, Source):
            context["source"] = self._sources[scope.kind, scope.key]
        return context

    def _common_context(self) -> dict[str, object]:
        spec = self.spec
        for function in spec.functions:
            key = function.source_key
            self._views[function.name].source = self._sources[key] if key else None
        service = {
            "name": spec.name,
            "package": spec.package,
            "description": spec.description,
            "provider": spec.provider.name,
            "tool": spec.tool.name,
            "ci": tuple(ci.name for ci in spec.ci_systems),
            "python": spec.python,
            "region": spec.region,
        }
        return {
            "service": SimpleNamespace(**(dict(spec.options) | service)),
            "functions": list(self._views.values()),
            "sources": list(self._sources.values()),
            "provider": spec.provider,
            "tool": spec.tool,
            "declared": spec.declared,
            "packs": spec.packs,
            "generated_by": self._said_by,
            "folder": self._folder,
        }

    def _source_view(self, source: Source) -> SimpleNamespace:
        return SimpleNamespace(
            kind=source.kind,
            key=source.key,
            created=source.created,
            users=[self._views[user.name] for user in source.users],
            options=SimpleNamespace(**source.options),
        )


def generated_by(spec: Spec, packs: Packs) -> str:
    """The version that renders, and a digest of all the packs that this service may use.

    Not only of what it does use: two branches that each add a trigger must agree on it, and a
    service may change its tool and its CI system.
    """
    policies = tuple((f"{info.name}/{PACK}", str(info.folder / PACK)) for info in packs.infos)
    return f"serverless-py {__version__}+{_digest(pack_folders(spec, packs), policies)}"


@lru_cache(maxsize=4)
def _digest(folders: tuple[Path, ...], more: tuple[tuple[str, str], ...]) -> str:
    digest = hashlib.sha256()
    for name, path in chain(files_of(folders), more):
        digest.update(f"{name}\0".encode())
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()[:DIGEST_LENGTH]


def function_view(function: Function) -> SimpleNamespace:
    """What templates see of a function."""
    return SimpleNamespace(
        name=function.name,
        trigger=function.trigger.name,
        title=function.trigger.title,
        options=SimpleNamespace(**function.options),
        declared=function.declared,
        source=None,
    )


def cookiecutter_values(spec: Spec) -> dict[str, str]:
    """The answers as cookiecutter.json names them: the base layer's variables."""
    return {
        "project_name": spec.name,
        "project_slug": spec.name,
        "package_name": spec.package,
        "description": spec.description,
        "cloud_provider": spec.provider.name,
        "deployment_tool": spec.tool.name,
        "triggers": ",".join(f"{f.trigger.name}={f.name}" for f in spec.functions),
        "options": "",
        "ci": ",".join(ci.name for ci in spec.ci_systems),
        "python_version": spec.python,
        "region": spec.region,
    }


def join(pieces: list[str], how: str) -> str:
    """A slot's pieces as one text without a final newline."""
    if how == "union":
        return "\n".join(sorted({line for piece in pieces for line in piece.splitlines()}))
    return ("\n\n" if how == "blocks" else "\n").join(pieces)


def _identity(scope: Scope) -> tuple[str, str]:
    if isinstance(scope, Source):
        return scope.kind, scope.key
    return ("function", scope.name) if scope else ("", "")
