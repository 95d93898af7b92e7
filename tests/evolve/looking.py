"""What tests of an evolving service look at: the tool's files, what they say, when they changed."""

from __future__ import annotations

from typing import Any

import yaml
from evolve.playground import Result, Service

MAIN = {"sam": "template.yaml", "serverless": "serverless.yml"}
"""The file of each tool that all functions share."""

JOBS = ("add-trigger", "sqs", "--name", "jobs")


class _Loader(yaml.SafeLoader):
    """Any tag is taken for what it stands before, and a key twice is a mistake."""


def _tagged(loader: Any, suffix: str, node: Any) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {suffix: loader.construct_mapping(node, deep=True)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    return {suffix: loader.construct_scalar(node)}


_Loader.add_multi_constructor("!", _tagged)


def parsed(text: str) -> Any:
    """What a YAML text says."""
    return yaml.load(text, Loader=_Loader)


def main_of(service: Service) -> str:
    """The path of the file that all functions share."""
    return next(path for path in MAIN.values() if (service.root / path).exists())


def own_of(service: Service, function: str) -> str:
    """The path of the file that has a function's properties."""
    return f"infra/{function}.yml" if main_of(service) == MAIN["serverless"] else MAIN["sam"]


def resources(service: Service) -> set[str]:
    """The logical names of every resource that the tool's files have."""
    if main_of(service) == MAIN["sam"]:
        return set(parsed(service.read(MAIN["sam"]))["Resources"])
    found: set[str] = set()
    for item in parsed(service.read(MAIN["serverless"]))["resources"]:
        if not isinstance(item, str):
            found |= set(item.get("Resources", {}))
    for file in (service.root / "infra").glob("*.yml"):
        said = parsed(file.read_text("utf-8"))
        found |= set(said.get("resources", said).get("Resources", {}))
    return found


def done(service: Service, *arguments: str) -> Result:
    """A run of `gen` that must succeed, and leave nothing for `gen check` to find."""
    result = service.gen(*arguments)
    service.gen("check")
    return result


Stamps = dict[str, tuple[int, int, int, bytes]]


def stamps(service: Service, *but: str) -> Stamps:
    """Every file and folder with all that a write to it changes."""
    found: Stamps = {}
    for path in [service.root, *sorted(service.root.rglob("*"))]:
        name = path.relative_to(service.root).as_posix()
        if name not in but:
            status = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            found[name] = (status.st_ino, status.st_mtime_ns, status.st_mode, content)
    return found


def refused(service: Service, code: int, *arguments: str) -> Result:
    """A run of `gen` that must end with this exit code and without a write to any file."""
    own = (".gen", ".gen/lock")  # a lock is taken before anything is known
    before = stamps(service, *own)
    result = service.gen(*arguments, code=code)
    assert stamps(service, *own) == before
    assert "Traceback" not in result.err
    assert "bug in gen" not in result.err + result.out
    return result
