"""Whether a generated file is what its name says: parsed by its kind, never run."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from generator.conformance.hcl import hcl_problem
from generator.toml_text import parse


class Text(NamedTuple):
    """A generated file; `python` is the version that the service runs on."""

    path: str
    content: str
    python: str


def problem_of(text: Text) -> str:
    """Why the file does not parse; empty where it does, or where nothing here reads its kind.

    Shell scripts are not looked at: `shell_problems` takes many at once.
    """
    parse = KINDS.get(PurePosixPath(text.path).suffix)
    return parse(text) if parse else ""


def is_script(text: Text) -> bool:
    return shell_of(text) != ""


def shell_of(text: Text) -> str:
    """The shell that runs it: sh or bash; empty where it is no script of one."""
    first = text.content.split("\n", 1)[0]
    if named := re.match(r"#!.*[/ ](\w+)", first):
        return named[1] if named[1] in ("sh", "bash") else ""
    return "bash" if text.path.endswith((".sh", ".bash")) else ""  # one that others read


def shell_problems(scripts: Iterable[Text]) -> Mapping[Text, str]:
    """Each script that its shell cannot read, with why. Without that shell none is looked at."""
    found: dict[Text, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "script")
        for script in scripts:
            program = shutil.which(shell_of(script))
            if program is None:
                continue
            place.write_text(script.content, "utf-8")
            command = [program, "-n", str(place)]
            done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL)
            if done.returncode:
                told = done.stderr.decode("utf-8", "replace").replace(f"{place}: ", "")
                found[script] = (told.strip().splitlines() or ["cannot be read"])[0]
    return found


def _toml(text: Text) -> str:
    try:
        parse(text.content)
    except ValueError as error:
        return str(error)
    return ""


def _json(text: Text) -> str:
    try:
        json.loads(text.content)
    except RecursionError:
        return "it is nested too deep"
    except ValueError as error:
        return str(error)
    return ""


def _yaml(text: Text) -> str:
    import yaml

    try:
        for document in yaml.compose_all(text.content, _loader()):
            twice = _key_twice(document)
            if twice:
                return twice
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark else ""
        return f"{place}{getattr(error, 'problem', None) or error}"
    return ""


@cache
def _loader() -> Any:
    """The parser in C, where PyYAML has it. Nothing is constructed, so any tag will do."""
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _key_twice(node: Any) -> str:
    """A key that a mapping has twice, which PyYAML lets pass."""
    import yaml

    if isinstance(node, yaml.SequenceNode):
        return next(filter(None, map(_key_twice, node.value)), "")
    if not isinstance(node, yaml.MappingNode):
        return ""
    keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        return f"line {node.start_mark.line + 1}: the key {twice} is there twice"
    return next(filter(None, (_key_twice(value) for _, value in node.value)), "")


def is_newer(text: Text) -> bool:
    """Whether it is for a Python that this one may not know all of."""
    known = [*sys.version_info[:2]]
    return text.path.endswith(".py") and [int(n) for n in text.python.split(".")] > known


def _python(text: Text) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text.content, text.path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        return f"line {getattr(error, 'lineno', 1)}: {error.args[0]}"
    return ""


def _hcl(text: Text) -> str:
    return hcl_problem(text.content)


KINDS: Mapping[str, Callable[[Text], str]] = {
    ".toml": _toml,
    ".json": _json,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".py": _python,
    ".tf": _hcl,
    ".tfvars": _hcl,
    ".hcl": _hcl,
}
"""By the end of a name."""
