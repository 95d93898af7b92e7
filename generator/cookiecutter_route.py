"""The Cookiecutter route: its answers, its hooks, and what its base layer needs.

All that this module imports stays within the standard library and Jinja2: the hooks run in
Cookiecutter's interpreter, which has little more.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

from generator import cache
from generator.answers import (
    Answers,
    labelled,
    parse_setting,
    parse_trigger,
    split_settings,
    split_triggers,
    with_settings,
)
from generator.base import with_base
from generator.create import check_place
from generator.errors import MissingAnswerError, UserError, report
from generator.names import check_service
from generator.packs import Packs
from generator.render import Rendering, render
from generator.spec import build_spec
from generator.write import write_missing

WHERE = labelled(
    {
        "name": "project_slug",
        "package": "package_name",
        "description": "description",
        "provider": "cloud_provider",
        "tool": "deployment_tool",
        "ci": "ci",
        "python": "python_version",
        "region": "region",
        "function": "triggers:",
        "option": "options:",
    }
)


def to_answers(values: Mapping[str, str]) -> Answers:
    """The answers in a `cookiecutter` dictionary. Raises UserError when one is malformed.

    Every question has a default, so an answer left empty was emptied on purpose and is refused:
    the base layer, which Cookiecutter renders, could not know what it stands for.
    """
    for key in ("package_name", "description", "deployment_tool", "python_version", "region"):
        if not values[key]:
            raise MissingAnswerError(f"{key} is empty", where=key, hint="leave out the answer")
    functions = [parse_trigger(t, f"triggers: {t}") for t in split_triggers(values["triggers"])]
    if not functions:
        raise MissingAnswerError("no trigger is given", where="triggers", hint="triggers=http=api")
    settings = [parse_setting(t, f"options: {t}") for t in split_settings(values["options"])]
    named, options = with_settings(functions, settings, WHERE)
    return Answers(
        name=values["project_slug"],
        provider=values["cloud_provider"],
        functions=named,
        tool=values["deployment_tool"],
        ci=values["ci"],
        python=values["python_version"],
        region=values["region"],
        description=values["description"],
        package=values["package_name"],
        options=options,
        where=WHERE,
    )


def pre_gen_project(answers: str) -> None:
    """The hook before anything is rendered; its folder is the current one. Exits 2 on bad input."""
    try:
        check_place(Path.cwd())
        build_spec(to_answers(json.loads(answers)), Packs())
    except UserError as error:
        _fail(error)


def post_gen_project(answers: str) -> None:
    """The hook after the base layer is rendered: writes everything else. Exits 2 on failure."""
    try:
        packs = Packs()
        spec = build_spec(to_answers(json.loads(answers)), packs)
        write_missing(Path.cwd(), with_base(render(spec, packs)))
        cache.keep()
    except UserError as error:
        _fail(error)


def _fail(error: UserError) -> NoReturn:
    with suppress(OSError):  # the exit code says it, too
        print(report(error), file=sys.stderr, flush=True)
    sys.exit(error.exit_code)


def fill_slot(values: Mapping[str, str], name: str) -> str:
    """What fills a base layer's slot, for the answers being rendered."""
    return _rendering(json.dumps(dict(values), sort_keys=True, default=str)).slot(name)


@lru_cache(maxsize=1)
def _rendering(values: str) -> Rendering:
    packs = Packs()
    return Rendering(build_spec(to_answers(json.loads(values)), packs), packs)


def default_answer(question: str, provider: str) -> str:
    """The default of a question that depends on the provider; empty for an unknown provider."""
    pack = Packs().providers.get(provider)
    if pack is None:
        return ""
    defaults = {
        "deployment_tool": next(iter(pack.tools)),
        "triggers": pack.provider.default_triggers,
        "python_version": next(p.version for p in pack.provider.pythons if p.default),
        "region": pack.provider.default_region,
        "description": pack.provider.title,
    }
    return defaults[question]


def checked_slug(slug: str) -> str:
    """`slug`, which is about to become a folder. Raises UserError if it must not."""
    return check_service(slug, WHERE("name"))
