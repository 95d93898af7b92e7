"""What `gen new` was asked for: the flags as typed, or as the wizard filled them in."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, fields
from pathlib import Path

from generator.answers import Answers, labelled, parse_setting, parse_trigger, with_settings
from generator.errors import MissingAnswerError
from generator.packs import Packs

WHERE = labelled(
    {
        "name": "--name",
        "package": "--package",
        "description": "--description",
        "provider": "--provider",
        "tool": "--tool",
        "ci": "--ci",
        "python": "--python",
        "region": "--region",
        "function": "--trigger",
        "option": "--set",
    }
)


@dataclass(frozen=True, slots=True)
class Request:
    """`gen new`'s flags by name. An empty text or tuple means that the flag was not given."""

    directory: str = ""
    name: str | None = None
    provider: str = ""
    tool: str = ""
    trigger: tuple[str, ...] = ()
    set: tuple[str, ...] = ()
    ci: str = ""
    python: str = ""
    region: str = ""
    description: str = ""
    package: str = ""

    @property
    def target(self) -> Path:
        """The folder to write to: DIR, else one named like the service."""
        return Path(self.directory or self.service_name)

    @property
    def service_name(self) -> str:
        """The name given, else that of the folder; empty where neither is."""
        if self.name is not None or not self.directory:
            return self.name or ""
        return Path(self.directory).resolve().name


def to_answers(request: Request) -> Answers:
    """The answers of a request. Raises UserError when one is malformed."""
    functions = [parse_trigger(text, f"--trigger {text}") for text in request.trigger]
    settings = [parse_setting(text, f"--set {text}") for text in request.set]
    named, options = with_settings(functions, settings, WHERE)
    return Answers(
        name=request.service_name,
        provider=request.provider,
        functions=named,
        tool=request.tool,
        ci=request.ci,
        python=request.python,
        region=request.region,
        description=request.description,
        package=request.package,
        options=options,
        where=WHERE,
    )


def check_complete(request: Request, packs: Packs) -> None:
    """Raises MissingAnswerError, with a complete command, when an answer has no default."""
    missing = [
        flag
        for flag, given in (
            ("DIR or --name", request.directory or request.name is not None),
            ("--provider", request.provider),
            ("--trigger", request.trigger),
        )
        if not given
    ]
    if missing:
        raise MissingAnswerError(
            f"without a terminal nothing can be asked; missing: {', '.join(missing)}",
            hint=f"for example: {repeat_command(_example(request, packs))}",
        )


def _example(request: Request, packs: Packs) -> Request:
    """The request with the first possible answer wherever one is missing."""
    from dataclasses import replace

    pack = packs.providers.get(request.provider) or next(iter(packs.providers.values()))
    return replace(
        request,
        directory=request.directory or request.name or "my-service",
        provider=pack.name,
        trigger=request.trigger or tuple(list(pack.triggers)[:1]),
    )


def repeat_command(request: Request) -> str:
    """The command line that makes the same service again without asking."""
    words = ["gen", "new"]
    for field in fields(Request):
        value = getattr(request, field.name)
        if field.name == "directory":
            words += [value] if value else []
            continue
        for item in value if isinstance(value, tuple) else ([value] if value else []):
            words += [f"--{field.name}", item]
    return " ".join(shlex.quote(word) for word in [*words, "--no-input"])
