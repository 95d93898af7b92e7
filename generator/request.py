"""What `gen new` was asked for: the flags as typed, or as the wizard filled them in."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from generator.answers import (
    Answers,
    CiNames,
    FunctionAnswers,
    Where,
    parse_setting,
    parse_trigger,
    with_settings,
)
from generator.choices import choose_provider, choose_tool
from generator.errors import InvalidValueError, MissingAnswerError, printable
from generator.packs import Packs


class Request(NamedTuple):
    """`gen new`'s flags by name. An empty text or tuple means that the flag was not given."""

    directory: str = ""
    name: str | None = None
    provider: str = ""
    tool: str = ""
    trigger: tuple[str, ...] = ()
    set: tuple[str, ...] = ()
    ci: CiNames = ""
    python: str = ""
    region: str = ""
    description: str = ""
    package: str = ""
    packs: tuple[str, ...] = ()

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
    functions = [parse_trigger(text, _typed("--trigger", text)) for text in request.trigger]
    settings = [parse_setting(text, _typed("--set", text)) for text in request.set]
    where = typed_as(request)
    named, options = with_settings(functions, settings, where)
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
        where=where,
    )


def typed_as(request: Request) -> Where:
    """Places as the person typed them: `--trigger s3=uploads`, `--set uploads.prefix=in/`."""
    triggers = {parse_trigger(text, "").name: text for text in request.trigger}
    settings = {parse_setting(text, "")[:2]: text for text in request.set}

    def where(*path: str) -> str:
        kind, *names = path
        if kind == "function":
            return _typed("--trigger", triggers.get(names[0], names[0]))
        if kind == "option":
            given = settings.get((names[0], names[1]), ".".join(filter(None, names)))
            return _typed("--set", given)
        if kind == "name" and request.name is None:
            return _typed("DIR", request.directory)
        given = getattr(request, kind) or ""
        return _typed(f"--{kind}", given if isinstance(given, str) else f" --{kind} ".join(given))

    return where


def _typed(flag: str, text: str) -> str:
    """A flag and its value, safe for a terminal."""
    return f"{flag} {printable(text)[1:-1]}".rstrip()


def switched_on(**options: bool) -> Iterator[str]:
    """`--set` for each option of the service that has a flag of its own, and was given."""
    return (f"{name}=true" for name, given in options.items() if given)


def function_answers(trigger: str, name: str, settings: Sequence[str]) -> FunctionAnswers:
    """The function that `gen add-trigger TRIGGER --name NAME --set OPTION=VALUE` asks for.

    Raises InvalidValueError for a malformed option, or one given twice.
    """
    given = parse_trigger(f"{trigger}={name}" if name else trigger, f"gen add-trigger {trigger}")
    options: dict[str, object] = {}
    for text in settings:
        setting = parse_setting(text, _typed("--set", text))
        if setting.function not in ("", given.name):
            raise InvalidValueError(
                f"there is no function {printable(setting.function)} to set an option of",
                where=_typed("--set", text),
                hint=f"write --set {setting.option}={setting.value}",
            )
        if setting.option in options:
            raise InvalidValueError(f"{setting.option} is set twice", where=_typed("--set", text))
        options[setting.option] = setting.value
    return given._replace(options=options)


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
        # What is wrong comes first: an example with it in would be none.
        if request.provider:
            pack = choose_provider(request.provider, packs, typed_as(request))
            choose_tool(request.tool, pack, packs, typed_as(request))
        raise MissingAnswerError(
            "nothing can be asked here (no terminal, or --no-input); "
            f"missing: {', '.join(missing)}",
            hint=f"for example: {repeat_command(_example(request, packs))}",
        )


def _example(request: Request, packs: Packs) -> Request:
    """The request with the first possible answer wherever one is missing."""
    pack = packs.providers.get(request.provider) or next(iter(packs.providers.values()))
    able = [t.name for t in pack.triggers.values() if not request.tool or request.tool in t.tools]
    return request._replace(
        directory=request.directory or request.name or "my-service",
        provider=pack.name,
        trigger=request.trigger or tuple(able[:1]),
    )


def repeat_command(request: Request) -> str:
    """The command line that makes the same service again without asking."""
    words = ["gen", "new"]
    for field, value in request._asdict().items():
        if field == "directory":
            # A folder that looks like a flag has to be written as a path.
            words += [f"./{value}" if value.startswith("-") else value] if value else []
            continue
        for item in value if isinstance(value, tuple) else ([value] if value else []):
            words += [f"--{field}", item]
    return " ".join(shlex.quote(word) for word in [*words, "--no-input"])


def add_command(given: FunctionAnswers) -> str:
    """The command line that adds this function without asking."""
    words = ["gen", "add-trigger", given.trigger, "--name", given.name]
    for option, value in given.options.items():
        words += ["--set", f"{option}={value}"]
    return " ".join(shlex.quote(word) for word in words)
