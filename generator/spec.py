"""The validated model of a service, made from answers and packs. Pure: nothing is read or written
but the packs' metadata."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from generator import names
from generator.answers import Answers, FunctionAnswers, Where
from generator.choices import (
    choose_ci,
    choose_provider,
    choose_python,
    choose_region,
    choose_tool,
    choose_trigger,
)
from generator.derived import check_derived_names
from generator.errors import InvalidValueError, printable
from generator.metadata import (
    CiSystem,
    Option,
    Provider,
    Tool,
    Trigger,
    Value,
)
from generator.packs import Packs, ProviderPack
from generator.sources import Function, Options, Source, broken, sources_of, with_common_options
from generator.templates import Templates, templates_of
from generator.values import check, fill, parse_text, parse_typed


class Spec(NamedTuple):
    """All that rendering needs to know of one service. Functions and sources are sorted.

    `packs` are those of one's own, by name: where they are, from the service's folder.
    """

    name: str
    package: str
    description: str
    region: str
    python: str
    provider: Provider
    tool: Tool
    tools: tuple[Tool, ...]
    ci_systems: tuple[CiSystem, ...]
    options: Mapping[str, Value]
    declared: Mapping[str, Value]
    functions: tuple[Function, ...]
    sources: tuple[Source, ...] = ()
    packs: Mapping[str, str] = {}


def build_spec(answers: Answers, packs: Packs) -> Spec:
    """The service that `answers` ask for. Raises UserError for the first thing wrong with them."""
    where = answers.where
    name = names.check_service(answers.name, where("name"))
    pack = choose_provider(answers.provider, packs, where)
    provider = pack.provider
    tool = choose_tool(answers.tool, pack, packs, where)
    ci_systems = choose_ci(answers.ci, packs, where)
    if packs.infos:
        from generator.policies import check_choices, facets

        check_choices(packs, facets(provider, tool, ci_systems), where)
    package = answers.package or name.replace("-", "_")
    place = where("package" if answers.package else "name")
    names.check_package(package, provider.reserved_packages, place)
    tools = pack.chain(tool)
    known = service_options(provider, tools, ci_systems, packs)
    if unheard := [option for option in answers.options if option not in known]:
        from generator.misplaced import unknown_service_option

        raise unknown_service_option(unheard[0], known, answers, pack)
    options = _read_options(known, answers.options, "", where, answers.typed)
    templates = templates_of(packs.roots)
    declared = _declared(known, options)
    _check_service_rules(provider, options, declared, templates, where)
    functions = with_common_options(
        _functions(answers, pack, tool, ci_systems, known, packs), where
    )
    _check_rules(functions, provider, templates, where)
    spec = Spec(
        name=name,
        package=package,
        description=names.check_description(
            answers.description or f"{provider.title} service {name}", where("description")
        ),
        region=choose_region(answers.region, provider, where),
        python=choose_python(answers.python, provider, where),
        provider=provider,
        tool=tool,
        tools=tools,
        ci_systems=ci_systems,
        options=options,
        declared=declared,
        functions=functions,
        sources=sources_of(functions, templates, where),
        packs=answers.packs,
    )
    check_derived_names(spec, templates, where)
    if packs.infos:
        from generator.policies import check_functions

        check_functions(packs, spec, templates, where)
    return spec


def service_options(
    provider: Provider, tools: Sequence[Tool], ci_systems: Sequence[CiSystem], packs: Packs
) -> dict[str, Option]:
    """What `[service]` may set, by name: of the provider, the tool and its parents, the CI systems.

    Of two options with one name the later is taken: a tool may word its parent's anew. Packs of
    one's own may have other defaults.
    """
    parts: tuple[Provider | Tool | CiSystem, ...] = (provider, *tools, *ci_systems)
    found = {name: option for part in parts for name, option in part.options.items()}
    if packs.infos:
        from generator.policies import facets, with_service_defaults

        return with_service_defaults(found, packs, facets(provider, tools[-1], ci_systems))
    return found


def function_options(
    trigger: Trigger,
    provider: Provider,
    tool: Tool,
    ci_systems: Sequence[CiSystem],
    packs: Packs,
) -> dict[str, Option]:
    """What a function may set, by name: the trigger's own options, then those of every function."""
    found = {**trigger.options, **provider.function_options}
    if packs.infos:
        from generator.policies import facets, with_function_defaults

        return with_function_defaults(found, packs, facets(provider, tool, ci_systems, trigger))
    return found


def _functions(
    answers: Answers,
    pack: ProviderPack,
    tool: Tool,
    ci_systems: Sequence[CiSystem],
    service_known: Mapping[str, Option],
    packs: Packs,
) -> tuple[Function, ...]:
    found: dict[str, Function] = {}
    for given in answers.functions:
        place = answers.where("function", given.name)
        said = answers.where("function", given.name, "trigger")
        trigger = choose_trigger(given.trigger, pack, packs, said)
        if tool.name not in trigger.tools:
            able = [name for name in pack.tools if name in trigger.tools]
            raise InvalidValueError(
                f"{tool.name} does not support the trigger {trigger.name}",
                where=place,
                hint=f"tools that do: {', '.join(able) or 'none'}",
            )
        name = names.check_function(given.name, pack.provider.reserved_functions, place)
        if name in found:
            raise InvalidValueError(
                f"two functions are called {printable(name)}",
                where=place,
                hint=f"give one a name of its own: {trigger.name}={name}_2",
            )
        known = function_options(trigger, pack.provider, tool, ci_systems, packs)
        found[name] = _function(name, trigger, given, answers, known, service_known)
    return tuple(found[name] for name in sorted(found))


def _function(
    name: str,
    trigger: Trigger,
    given: FunctionAnswers,
    answers: Answers,
    known: Mapping[str, Option],
    service_known: Mapping[str, Option],
) -> Function:
    placeholders = {"function": name, "function-kebab": names.kebab(name), "service": answers.name}
    declared = {key: _with_default(option, placeholders) for key, option in known.items()}
    if unheard := [option for option in given.options if option not in declared]:
        from generator.misplaced import unknown_function_option

        raise unknown_function_option(name, unheard[0], declared, service_known, answers)
    options = _read_options(declared, given.options, name, answers.where, given.typed)
    for key, option in declared.items():
        if key not in given.options and "{" in str(known[key].default):
            _check_default(option, answers.where("option", name, key))
    return Function(name, trigger, options, _declared(declared, options))


def _check_service_rules(
    provider: Provider, options: Options, declared: Options, templates: Templates, where: Where
) -> None:
    """A rule is about one option, and what that is by default breaks none."""
    for rule in provider.service_rules:
        if rule.option in declared and not templates.holds(
            rule.expression, options, provider.folder
        ):
            raise broken(rule, rule.option, where("option", "", rule.option), options)


def _check_rules(
    functions: Iterable[Function], provider: Provider, templates: Templates, where: Where
) -> None:
    for function in functions:
        trigger = function.trigger
        said = [(rule, provider.folder) for rule in provider.rules]
        for rule, folder in (*said, *((rule, trigger.folder) for rule in trigger.rules)):
            if not templates.holds(rule.expression, function.options, folder):
                place = where("function", function.name)
                raise broken(rule, f"function {function.name}", place, function.options)


def _with_default(option: Option, placeholders: Mapping[str, str]) -> Option:
    """The option with its default made for this function."""
    if isinstance(option.default, str):
        return option._replace(default=fill(option.default, placeholders))
    if isinstance(option.default, tuple):
        filled = tuple(fill(item, placeholders) for item in option.default)
        return option._replace(default=filled)
    return option


def _check_default(option: Option, where: str) -> None:
    """What follows from a name was said by nobody, so nobody has checked it: `a_` becomes `a-`."""
    try:
        check(option, option.default, where)
    except InvalidValueError as error:
        error.hint = f"that follows from the name, so say another: {error.hint}"
        raise


def _read_options(
    known: Mapping[str, Option],
    given: Mapping[str, object],
    function: str,
    where: Where,
    typed: bool,
) -> Options:
    options: Options = {name: option.default for name, option in known.items()}
    for name, raw in given.items():
        place = where("option", function, name)
        if isinstance(raw, str) and not typed:
            options[name] = parse_text(known[name], raw, place)
        else:
            options[name] = parse_typed(known[name], raw, place)
    return options


def _declared(known: Mapping[str, Option], options: Options) -> Options:
    return {name: value for name, value in options.items() if value != known[name].default}
