"""Makes a new service: answers -> spec -> tree -> disk. Both routes come here."""

import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from generator.answers import Answers
from generator.base import with_base
from generator.errors import TargetError
from generator.packs import Packs
from generator.plan import Plan, plan_new
from generator.render import render
from generator.repository import Repository, repository_around
from generator.spec import Spec, build_spec
from generator.templates import templates_of
from generator.tree import Tree
from generator.write import check_target, write_new


class NewService(NamedTuple):
    """A service that is rendered in memory and planned, and not yet on disk."""

    target: Path
    spec: Spec
    tree: Tree
    plan: Plan
    repository: Repository | None = None

    def write(self) -> None:
        """Puts it on disk, whole or not at all. Raises TargetError."""
        write_new(self.target, self.tree)


def check_place(target: Path) -> None:
    """Raises UserError when a new service cannot be written to `target`.

    Where there is a service already, a gen.toml that is damaged or from a newer version is told
    first: it is what the next command would stumble over.
    """
    declaration = target / "gen.toml"
    with suppress(OSError, ValueError):  # check_target says what is wrong with the place itself
        if declaration.is_file():
            from generator.declaration import parse_declaration  # the one that needs a TOML parser

            parse_declaration(declaration.read_text("utf-8", errors="replace"))
    check_target(target)
    check_around(target)


def check_around(target: Path) -> None:
    """Raises TargetError for a place in a service: who is there wants one more function of it."""
    place = Path(os.path.realpath(target))
    around = next((p for p in place.parents if os.path.isfile(p / "gen.toml")), None)
    if around:
        raise TargetError(
            f"{target} would be a service inside of the service {around}",
            where=str(target),
            hint="gen add-trigger TRIGGER adds a function to the service that is there; "
            "for another service choose a folder outside of it: gen new DIR",
        )


def new_service(target: Path, answers: Answers, packs: Packs) -> NewService:
    """Renders what `answers` ask for. Raises UserError; writes nothing."""
    check_place(target)
    if packs.infos:
        from generator.search_path import places

        answers = answers._replace(packs=places(packs, target))
    spec = build_spec(answers, packs)
    tree = with_base(render(spec, packs))
    plan = plan_new(spec, tree, templates_of(packs.roots))
    return NewService(target, spec, tree, plan, repository_around(target, spec, packs))
