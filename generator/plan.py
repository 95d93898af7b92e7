"""What a command is about to do, as data and as text for a person."""

from typing import NamedTuple

from generator.base import FOLDER
from generator.metadata import Permission
from generator.names import kebab, pascal
from generator.sources import Function
from generator.spec import Spec
from generator.templates import Templates
from generator.tree import Tree
from generator.values import fill


class FunctionPlan(NamedTuple):
    """What one function brings: resources of its own, of its source, and what it may do."""

    name: str
    trigger: str
    resources: tuple[str, ...]
    shared: tuple[str, ...]
    permissions: tuple[Permission, ...]


class Plan(NamedTuple):
    """`files` are those that people read: the base files in `.gen` are only counted."""

    files: tuple[str, ...]
    base_files: int
    functions: tuple[FunctionPlan, ...]


def plan_new(spec: Spec, tree: Tree, templates: Templates) -> Plan:
    """The plan of writing `tree` where there is nothing yet."""
    files = tuple(path for path in tree if not path.startswith(FOLDER))
    return Plan(
        files=files,
        base_files=len(tree) - len(files),
        functions=tuple(function_plan(spec, f, templates) for f in spec.functions),
    )


def function_plan(spec: Spec, function: Function, templates: Templates) -> FunctionPlan:
    """What one function of a service brings."""
    values = {
        **spec.options,
        **function.options,
        "function": function.name,
        "function-kebab": kebab(function.name),
        "function-pascal": pascal(function.name),
        "service": spec.name,
    }
    source = next((s for s in spec.sources if function in s.users), None)
    shared = source.meta.resources if source and source.created else ()
    givers = (spec.provider, function.trigger)
    return FunctionPlan(
        name=function.name,
        trigger=function.trigger.name,
        resources=tuple(fill(text, values) for giver in givers for text in giver.grants.resources),
        shared=tuple(fill(text, values) for text in shared),
        permissions=tuple(
            Permission(permission.actions, fill(permission.on, values))
            for giver in givers
            for permission in giver.grants.permissions
            if not permission.when or templates.holds(permission.when, values, giver.folder)
        ),
    )


def describe(plan: Plan, target: str) -> list[str]:
    """The plan as lines of text, for a terminal of any width."""
    lines = [f"Files to create in {target}:"]
    lines += [f"  + {path}" for path in plan.files]
    lines.append(f"  + {FOLDER}/ ({plan.base_files} files: what was generated, for later merges)")
    for function in plan.functions:
        lines += ["", f"Function {function.name} ({function.trigger}):"]
        lines += [f"  + {text}" for text in (*function.resources, *function.shared)]
        lines.append("  may:" if function.permissions else "  may: nothing")
        lines += [f"    {', '.join(p.actions)} on {p.on}" for p in function.permissions]
    return lines
