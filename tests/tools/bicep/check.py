"""What is wrong with a folder of Bicep files, but for the types of resources."""

from __future__ import annotations

import json
import posixpath
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tools.bicep import known
from tools.bicep.names import (
    Problem,
    Symbols,
    outputs_of,
    parameters_of,
    symbols_of,
    target_scope,
)
from tools.bicep.one_file import problems_of, type_of
from tools.bicep.syntax import parse
from tools.bicep.tokens import BicepSyntaxError
from tools.bicep.tree import (
    Array,
    Call,
    Declaration,
    Expression,
    For,
    Literal,
    Member,
    Name,
    Object,
    Operation,
    Text,
)
from tools.provision import python_venv

Files = dict[str, list[Declaration]]


def check(texts: Mapping[str, str], roots: Sequence[str]) -> list[str]:
    """The problems of all files. `roots` are what is deployed; all others must be their modules."""
    files: Files = {}
    problems: list[str] = []
    for path, text in sorted(texts.items()):
        try:
            files[path] = parse(text)
        except BicepSyntaxError as error:
            problems.append(f"{path}:{error.line}: {error}")
    if problems:
        return problems
    for path in files:
        found = [*problems_of(files[path]), *problems_of_modules(path, files)]
        problems += [f"{path}:{line}: {what}" for line, what in sorted(set(found))]
    reached = set(roots) | {to for path in files for to in modules_of(path, files)}
    problems += [f"{path}: is no module of any file" for path in sorted(files.keys() - reached)]
    problems += [f"{path}: is missing" for path in sorted(set(roots) - files.keys())]
    return problems


def check_parameters(text: str, template: str) -> list[str]:
    """A file of parameters gives all that the template needs, and no more."""
    given = set(json.loads(text)["parameters"])
    declared = parameters_of(parse(template))
    needed = {name for name, each in declared.items() if each.value is None}
    problems = [f"{name} is no parameter" for name in sorted(given - declared.keys())]
    return problems + [f"{name} is missing" for name in sorted(needed - given)]


def second_opinion(files: Sequence[Path]) -> str:
    """What pycep, an independent parser, refuses; it runs in an environment of its own."""
    program = Path(__file__).with_name("with_pycep.py")
    command = [python_venv("bicep") / "bin" / "python", "-I", program]
    done = subprocess.run(
        [str(word) for word in command],
        input="\n".join(str(file) for file in files),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout if done.returncode in (0, 1) else done.stderr


def modules_of(path: str, files: Files) -> Iterator[str]:
    for each in files[path]:
        if each.kind == "module" and each.reference and each.reference.plain:
            yield posixpath.normpath(posixpath.join(posixpath.dirname(path), each.reference.plain))


def problems_of_modules(path: str, files: Files) -> Iterator[Problem]:
    symbols = symbols_of(files[path])
    called: dict[str, list[Declaration]] = {}
    for each in files[path]:
        if each.kind != "module":
            continue
        reference = each.reference.plain if each.reference else None
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), reference or ""))
        if target not in files:
            yield each.line, f"{each.name}: there is no {target}"
        else:
            called[each.name] = files[target]
    for name, file in called.items():
        yield from of_call(symbols[name], file, symbols, target_scope(files[path]), called)
    yield from of_outputs(files[path], called)


def of_call(
    module: Declaration, file: list[Declaration], symbols: Symbols, scope: str, called: Files
) -> Iterator[Problem]:
    body = module.body
    if body is None:
        yield module.line, f"{module.name} has no body"
        return
    for key in sorted({str(p.key.plain) for p in body.properties} - known.MODULE_KEYS):
        yield module.line, f"{module.name}: a module has no {key}"
    yield from of_module_scope(module, body, file, symbols, scope)
    given = body.get("params") or Object(module.line, ())
    if not isinstance(given, Object):
        yield given.line, f"{module.name}: params is an object"
        return
    declared = parameters_of(file)
    for each in given.properties:
        parameter = declared.get(str(each.key.plain))
        if parameter is None:
            yield each.line, f"{module.name} has no parameter {each.key.plain}"
            continue
        wanted, found = plain_type(parameter.type), inferred(each.value, symbols, called)
        if found and wanted and found != wanted:
            yield each.line, f"{module.name}: {parameter.name} is {wanted}, not {found}"
        yield from of_allowed(module, parameter, each.value)
    names = {p.key.plain for p in given.properties}
    for name, parameter in declared.items():
        if name not in names and parameter.value is None and not parameter.type.endswith("?"):
            yield module.line, f"{module.name} needs the parameter {name}"


def of_allowed(module: Declaration, parameter: Declaration, value: Expression) -> Iterator[Problem]:
    allowed = parameter.decorator("allowed")
    if allowed is None or not isinstance(value, Text) or value.plain is None:
        return
    [choices] = allowed.arguments
    texts = (
        {i.plain for i in choices.items if isinstance(i, Text)}
        if isinstance(choices, Array)
        else {}
    )
    if value.plain not in texts:
        yield value.line, f"{module.name}: {parameter.name} cannot be {value.plain!r}"


def of_module_scope(
    module: Declaration, body: Object, file: list[Declaration], symbols: Symbols, scope: str
) -> Iterator[Problem]:
    where = body.get("scope")
    if isinstance(where, Call) and where.target is None:
        scope = where.name
    elif isinstance(where, Name):
        resource = symbols.get(where.name)
        group = resource is not None and type_of(resource) == "Microsoft.Resources/resourceGroups"
        scope = "resourceGroup" if group else f"scope {where.name}"
    if scope != target_scope(file):
        yield module.line, f"{module.name} is for a {target_scope(file)}, not for a {scope}"


def of_outputs(file: list[Declaration], called: Files) -> Iterator[Problem]:
    """`module.outputs.name`, wherever it is said."""
    for part in (part for each in file if each.value for part in each.value.walk()):
        match part:
            case Member(name=name, target=Name(name=module)) if module in called:
                if name not in ("name", "outputs"):
                    yield part.line, f"{module} is a module: say {module}.outputs.{name}"
            case Member(name=name, target=Member(name="outputs", target=Name(name=module))):
                if module in called and name not in outputs_of(called[module]):
                    yield part.line, f"{module} has no output {name}"


def plain_type(declared: str) -> str:
    declared = declared.rstrip("?")
    if declared.endswith("[]"):
        return "array"
    if declared.startswith(("'", "(")):
        return "string"
    return declared if declared in known.TYPES else ""


def inferred(expression: Expression, symbols: Symbols, called: Files) -> str:
    """The type of a value, or nothing where that is not plain to see."""
    match expression:
        case Text():
            return "string"
        case Array() | For():
            return "array"
        case Object():
            return "object"
        case Literal(value=bool()):
            return "bool"
        case Literal(value=int()):
            return "int"
        case Operation(operator="?:", operands=(_, yes, no)):
            found = {inferred(yes, symbols, called), inferred(no, symbols, called)}
            return found.pop() if len(found) == 1 else ""
        case Name(name=name) if name in symbols and symbols[name].kind == "param":
            return plain_type(symbols[name].type)
        case Name(name=name) if name in symbols and symbols[name].kind == "var":
            value = symbols[name].value
            return inferred(value, symbols, called) if value else ""
        case Member(name="id" | "name", target=Name(name=name)) if name in symbols:
            return "string" if symbols[name].kind in ("module", "resource") else ""
        case Member(name=output, target=Member(name="outputs", target=Name(name=name))):
            outputs = outputs_of(called[name]) if name in called else {}
            return plain_type(outputs[output].type) if output in outputs else ""
    return ""
