"""Gives Cookiecutter's Jinja what the template's questions, base layer and hooks need.

Cookiecutter imports it from the template's own repository, whichever way that was fetched, so
this file knows where the template is when `_repo_dir` does not. It has to be importable by any
Python that Cookiecutter runs on, in order to say that a newer one is needed.
"""

import sys
from pathlib import Path

from cookiecutter.exceptions import FailedHookException
from jinja2 import Environment, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

ROOT = str(Path(__file__).resolve().parent.parent)
OLDEST_PYTHON = (3, 11)


class ServiceExtension(Extension):
    """Publishes `template_root`, `slot`, `default_answer` and `checked_slug` as globals."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        if sys.version_info < OLDEST_PYTHON:
            found = ".".join(str(part) for part in sys.version_info[:3])
            raise FailedHookException(
                f"serverless-py needs Python 3.11 or newer, Cookiecutter runs on {found}. "
                "Try: uvx --python 3.13 cookiecutter ..."
            )
        environment.globals.update(
            template_root=ROOT,
            slot=slot,
            default_answer=default_answer,
            checked_slug=checked_slug,
        )


@pass_context
def slot(context: Context, name: str) -> str:
    """What fills the base layer's slot `name`, for the answers being rendered."""
    return str(_route().fill_slot(context["cookiecutter"], name))


def default_answer(question: str, provider: str) -> str:
    """The default answer of `question` for `provider`."""
    return str(_route().default_answer(question, provider))


def checked_slug(slug: str) -> str:
    """`slug`; raises FailedHookException, before any folder is made, if it cannot name one."""
    route = _route()
    try:
        return str(route.checked_slug(slug))
    except route.UserError as error:
        raise FailedHookException(route.report(error)) from error


def _route():  # type: ignore[no-untyped-def]  # the type would import the module
    if ROOT not in sys.path:
        sys.path.insert(0, ROOT)
    from generator import cookiecutter_route

    return cookiecutter_route
