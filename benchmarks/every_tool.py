"""What a service of every provider and tool costs, beside Cookiecutter with the same files."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import Case, disk, measure
from benchmarks.new import COOKIECUTTER, SHARES, WARM
from benchmarks.peer_template import check_same, write_cookiecutter
from benchmarks.peers import gen, program
from benchmarks.report import Table, Target
from generator.metadata import Tool
from generator.packs import Packs, ProviderPack
from generator.render import render
from generator.request import Request, to_answers
from generator.spec import build_spec
from generator.tree import Tree

ROUNDS = 7
MORE = "gen add-trigger"
METHOD = f"""\
A service with one function of each trigger, for every tool of every provider, as the packs have
them: `gen new`, `cookiecutter` with a neutral template of exactly those files as under "A new
service", and `gen add-trigger` for one function more in that service. CPU time, median of
{ROUNDS} shuffled rounds."""


class Service(NamedTuple):
    """The service of one tool: how `gen new` is told of it, and the files."""

    name: str
    flags: list[str]
    tree: Tree
    first: str
    """A trigger to add once more."""


def run_every_tool() -> list[Table]:
    packs = Packs()
    services = [
        _service(packs, provider, tool)
        for provider in packs.providers.values()
        for tool in provider.tools.values()
    ]
    with tempfile.TemporaryDirectory(prefix="bench-tools-", dir=disk()) as folder:
        cases = [case for one in services for case in _cases(Path(folder), one)]
        costs = measure(cases, ROUNDS)
    rows, targets = [], []
    for service in services:
        own, peer, one_more = (
            costs[f"{service.name}: {what}"] for what in (WARM, COOKIECUTTER, MORE)
        )
        share = own.median_ms / peer.median_ms
        times = (f"{cost.median_ms:.0f} ms" for cost in (own, peer, one_more))
        rows.append((service.name, str(len(service.tree)), *times, f"{own.peak_mib:.1f} MiB"))
        targets.append(
            Target(f"{service.name}: {WARM} / {COOKIECUTTER}", SHARES[COOKIECUTTER], share, "x")
        )
    header = ("tool", "files", WARM, COOKIECUTTER, MORE, "peak of gen new")
    return [Table("Every provider and tool", METHOD, header, rows, targets)]


def _service(packs: Packs, provider: ProviderPack, tool: Tool) -> Service:
    triggers = [name for name, one in provider.triggers.items() if tool.name in one.tools]
    functions = tuple(f"{name}=my_{name.replace('-', '_')}" for name in triggers)
    request = Request(name="orders", provider=provider.name, tool=tool.name, trigger=functions)
    flags = ["--name", "orders", "--provider", provider.name, "--tool", tool.name]
    flags += [word for function in functions for word in ("--trigger", function)]
    tree = render(build_spec(to_answers(request), packs), packs)
    return Service(f"{provider.name} {tool.name}", flags, tree, triggers[0])


def _cases(folder: Path, service: Service) -> list[Case]:
    place = folder / service.name.replace(" ", "-")
    place.mkdir()
    create = [gen(), "new", "orders", *service.flags, "--no-input"]
    subprocess.run(create, cwd=place, check=True, capture_output=True)
    write_cookiecutter(place / "template", service.tree)
    peer = [program(COOKIECUTTER, COOKIECUTTER), "--no-input", str(place / "template")]
    with tempfile.TemporaryDirectory(dir=place) as run:
        subprocess.run(peer, cwd=run, check=True, capture_output=True)
        check_same(Path(run) / "orders", service.tree)
    add = [gen(), "add-trigger", service.first, "--name", "one_more"]
    return [
        Case(f"{service.name}: {WARM}", create),
        Case(f"{service.name}: {COOKIECUTTER}", peer),
        Case(f"{service.name}: {MORE}", add, project=place / "orders"),
    ]
