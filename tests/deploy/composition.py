"""What the deployed service is composed of: one module a trigger, one module a tool.

A module in `triggers/` has

- `FUNCTIONS`, the functions of its trigger (`"sqs=refunds"`), and `SETTINGS`, their options;
- optionally `prepare(deployed)`: makes, before the deployment, what is to be there already;
- optionally `effect(aws)`: what the deployment has made of its sources, the same for every tool;
- `check_<behaviour>(deployed)`: real events, and what has become of them;
- optionally `across_<behaviour>(deployed)`: a generator that yields while the service is deployed
  a second time, to see what that must leave as it is.

A module in `tools/` has

- `provide(folder)`: puts the pinned tool where the service's `make` looks for it;
- `lint(deployed)`: the tool's own check of what it deploys, or a linter's;
- `packages(deployed)`: what is in the deployment packages, path -> content;
- optionally `prepare(deployed)` (before the first deployment) and
  `check_<behaviour>(deployed)`.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

from deploy.deployed import Deployed

from generator.packs import Packs
from generator.request import Request

HERE = Path(__file__).parent
PROVIDER = Packs().providers["aws"]
# What an organisation may ask for: all that a tag may be made of, and a policy with a path.
TAGS = {"cost-center": "4711", "acme:Data/class": "Team One +a=b_c.d:e/f@g-h"}
BOUNDARY = "acme/boundary"
Check = Callable[[Deployed], None]
Across = Callable[[Deployed], Iterator[None]]


def tool_names() -> list[str]:
    """Every tool of the packs; `DEPLOY_TOOLS=sam,cdk` for a part of them."""
    return _chosen("DEPLOY_TOOLS", sorted(PROVIDER.tools))


def trigger_names() -> list[str]:
    """Every trigger of the packs; `DEPLOY_TRIGGERS=sqs,s3` for a part of them."""
    return _chosen("DEPLOY_TRIGGERS", sorted(PROVIDER.triggers))


def _chosen(variable: str, known: list[str]) -> list[str]:
    wanted = os.environ.get(variable, "").split(",")
    return [name for name in known if name in wanted] if any(wanted) else known


def tool_module(name: str) -> ModuleType:
    return importlib.import_module(f"deploy.tools.{name.replace('-', '_')}")


def trigger_module(name: str) -> ModuleType:
    return importlib.import_module(f"deploy.triggers.{name.replace('-', '_')}")


def request_for(tool: str, variant: str) -> Request:
    """One service with the functions of every trigger.

    The Powertools variant is rolled out as a canary by the tools that can do so, and has what an
    organisation may ask for.
    """
    asked_for = [
        f"tags={','.join(f'{key}={value}' for key, value in TAGS.items())}",
        f"permissions_boundary={BOUNDARY}",
    ]
    modules = [trigger_module(name) for name in trigger_names()]
    return Request(
        name="orders",
        provider="aws",
        tool=tool,
        trigger=tuple(text for module in modules for text in module.FUNCTIONS),
        set=(
            *(text for module in modules for text in module.SETTINGS),
            f"powertools={variant == 'powertools'}",
            *(["rollout=canary"] if variant == "powertools" and rolls_out(tool) else []),
            *(asked_for if variant == "powertools" else []),
        ),
    )


def rolls_out(tool: str) -> bool:
    """Whether the tool can give new code a part of the traffic first."""
    chain = PROVIDER.chain(PROVIDER.tools[tool])
    return any("rollout" in part.options for part in chain)


def checks_of(module: ModuleType) -> Iterator[tuple[str, Check]]:
    """In the order of the file."""
    for name, check in vars(module).items():
        if name.startswith("check_"):
            yield f"{module.__name__.rpartition('.')[2]}: {name}", check


def promises_across(module: ModuleType) -> list[Across]:
    """What holds from before a second deployment to after it."""
    return [promise for name, promise in vars(module).items() if name.startswith("across_")]
