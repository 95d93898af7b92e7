"""Half-answered requests: whether a service can still come of one, and if not, why not.

The wizard uses the very checks of the flags: a choice is impossible exactly if `build_spec`
refuses every service that could follow from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from generator.answers import parse_setting
from generator.ask.questions import said
from generator.errors import MissingAnswerError, UserError
from generator.names import check_service
from generator.packs import Packs
from generator.request import Request, to_answers
from generator.spec import Spec, build_spec

STAND_IN = "my-service"


def names_itself(request: Request) -> bool:
    """Whether the flags give a name: by --name, or by a folder that a service may be called as."""
    if request.name is not None or not request.directory:
        return request.name is not None
    try:
        check_service(request.service_name, "")
    except UserError:
        return False
    return True


def draft_spec(request: Request, packs: Packs) -> Spec:
    """The service that comes of the request with a default wherever an answer is missing.

    Raises UserError when none can.
    """
    outcome = _outcome(request, request.service_name, packs)
    if isinstance(outcome, UserError):
        raise outcome
    return outcome


@lru_cache(maxsize=4096)
def _outcome(request: Request, name: str, packs: Packs) -> Spec | UserError:
    """Remembered, because the interview runs anew from its beginning for every question.

    `name` is what the request does not say by itself: `.` is called after where we are.
    """
    problem: UserError | None = None
    for candidate in _completions(request, packs):
        try:
            return build_spec(to_answers(candidate), packs)
        except UserError as error:
            problem = problem or error
    return problem or MissingAnswerError("there is no pack to make a service with")


def first_error(request: Request, packs: Packs) -> UserError | None:
    """Why no service can come of the request, however it goes on; None if one can."""
    try:
        draft_spec(request, packs)
    except UserError as error:
        return error
    return None


def problem(request: Request, packs: Packs) -> str:
    """The same in one line; empty if all is well."""
    error = first_error(request, packs)
    return said(error) if error else ""


def only_settings_of(request: Request, functions: tuple[str, ...]) -> Request:
    """The request without settings of functions that are still to come."""
    kept = (s for s in request.set if parse_setting(s, f"--set {s}").function in ("", *functions))
    return request._replace(set=tuple(kept))


def _completions(request: Request, packs: Packs) -> Iterator[Request]:
    """The request with each provider and tool in turn where it names none."""
    if not names_itself(request):
        request = request._replace(name=STAND_IN)
    if not request.trigger:
        request = only_settings_of(request, ())
    for provider in [request.provider] if request.provider else _providers(request, packs):
        tools = packs.providers[provider].tools if provider in packs.providers else {}
        for tool in [request.tool] if request.tool else tools or [""]:
            yield request._replace(provider=provider, tool=tool)


def _providers(request: Request, packs: Packs) -> list[str]:
    """All providers; first the one that has most of the triggers asked for, because what it
    says about the rest of the request is worth reading."""
    wanted = {text.partition("=")[0] for text in request.trigger}
    return sorted(
        packs.providers, key=lambda name: -len(wanted & {*packs.providers[name].triggers})
    )
