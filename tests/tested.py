"""`docs/tested.md`, made from the tests: what was deployed, what was sent to it, what was not seen.

`make fresh` writes the page anew; a test fails where it is stale. A check's name is what the page
says of it, so it is a sentence.
"""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from types import ModuleType

import jinja2
from deploy import test_aws
from deploy.composition import PROVIDER, checks_of, promises_across, tool_module, trigger_module
from tools.aws_local import local

HERE = Path(__file__).parent
TEMPLATE = HERE / "tested.md.j2"


def page() -> str:
    """The text of the page."""
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    template = environment.from_string(TEMPLATE.read_text("utf-8"))
    return (
        template.render(
            tools=[(name, tool.title) for name, tool in sorted(PROVIDER.tools.items())],
            triggers=sorted(PROVIDER.triggers),
            supported=lambda trigger, tool: tool in PROVIDER.triggers[trigger].tools,
            checks=lambda trigger: sentences(trigger_module(trigger)),
            tool_checks=lambda tool: sentences(tool_module(tool)),
            everywhere=[sentence(check.__name__) for check in test_aws.EVERYWHERE],
            at_last=[sentence(check.__name__) for check in test_aws.AT_LAST],
            not_emulated=not_emulated(),
            azure=[seen_by(path) for path in sorted((HERE / "azure").glob("test_*.py"))],
            gcp=[seen_by(path) for path in sorted((HERE / "gcp").glob("test_*.py"))],
        ).rstrip()
        + "\n"
    )


def sentences(module: ModuleType) -> list[str]:
    checks = [name.rpartition(": check_")[2] for name, _ in checks_of(module)]
    across = [promise.__name__.removeprefix("across_") for promise in promises_across(module)]
    return [sentence(name) for name in [*checks, *across]]


def seen_by(path: Path) -> tuple[str, list[str]]:
    """What a module of tests is about, by its docstring, and what each of its tests sees."""
    module = ast.parse(path.read_text("utf-8"))
    about = (ast.get_docstring(module) or "").partition("\n\n")[0]
    tests = [node.name for node in module.body if isinstance(node, ast.FunctionDef)]
    names = [name.removeprefix("test_") for name in tests if name.startswith("test_")]
    return " ".join(about.split()), [sentence(name) for name in names]


def sentence(name: str) -> str:
    return name.replace("_", " ")


def not_emulated() -> str:
    """What the local AWS says of itself that it lacks."""
    text = inspect.getdoc(local) or ""
    return " ".join(text.partition("What is not emulated: ")[2].split())
