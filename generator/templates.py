"""The Jinja environment in which packs are rendered, and its compiled-template cache."""

from __future__ import annotations

import json
import marshal
import re
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2.bccache import Bucket
from jinja2.runtime import new_context

from generator.cache import open_cache
from generator.errors import PackError
from generator.names import kebab, pascal, upper_snake

INLINE = "inline:"
PLAIN = re.compile(r"\{\{ (\w+)\.(\w+)(?: \| (\w+))? \}\}")
"""`{{ function.name }}` and `{{ function.name | kebab }}`."""
ABSENT = (FileNotFoundError, NotADirectoryError)
# Cookiecutter renders the base layer with the same settings: cookiecutter.json repeats them.
JINJA_SETTINGS = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}


class SourceLoader(jinja2.BaseLoader):
    """Finds a template by its path below one of the roots; `inline:TEXT` is a template itself."""

    def __init__(self, roots: tuple[Path, ...]) -> None:
        self.roots = roots
        self.sources: dict[str, str] = {}

    def read(self, name: str) -> str:
        """The template's text, read once. Raises TemplateNotFound."""
        if name not in self.sources:
            self.sources[name] = self._read(name)
        return self.sources[name]

    def _read(self, name: str) -> str:
        if name.startswith(INLINE):
            return name.removeprefix(INLINE)
        for root in self.roots:
            with suppress(*ABSENT), open(f"{root}/{name}", encoding="utf-8") as file:
                return file.read()
        raise jinja2.TemplateNotFound(name)

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        return self.read(template), template, lambda: True


class CompiledTemplates(jinja2.BytecodeCache):
    """Keeps compiled templates between runs: compiling takes about 1 ms each, loading 0.1 ms."""

    def __init__(self) -> None:
        self.cache = open_cache("compiled")

    def load_bytecode(self, bucket: Bucket) -> None:
        code = self.cache.take(bucket.key, bucket.checksum)
        if isinstance(code, bytes):
            bucket.code = marshal.loads(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.cache.put(bucket.key, bucket.checksum, marshal.dumps(bucket.code))


class Environment(jinja2.Environment):
    """Jinja's, but a template that is loaded already is found at once: most `import` another."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._loaded: dict[str, jinja2.Template] = {}

    def get_template(
        self,
        name: str | jinja2.Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,
    ) -> jinja2.Template:
        found = self._loaded.get(str(name))
        if found is None:
            found = self._loaded[str(name)] = super().get_template(name, parent, globals)
        return found


class Templates:
    """Renders templates by name. Raises PackError when a template is at fault."""

    def __init__(self, roots: tuple[Path, ...]) -> None:
        self.loader = SourceLoader(roots)
        self.environment = Environment(
            loader=self.loader,
            bytecode_cache=CompiledTemplates(),
            undefined=jinja2.StrictUndefined,
            auto_reload=False,
            cache_size=-1,
            autoescape=False,
            **JINJA_SETTINGS,
        )
        self.environment.filters.update(FILTERS)

    def render(self, name: str, context: Mapping[str, object]) -> str:
        """What the template called `name` makes of `context`."""
        try:
            template = self.environment.get_template(name)
            # What Template.render() does, without copying anew what all templates share.
            variables = {**self.environment.globals, **context}
            made = new_context(self.environment, name, template.blocks, variables, shared=True)
            return "".join(template.root_render_func(made))
        except jinja2.TemplateError as error:
            line = getattr(error, "lineno", None)
            place = f"{name}:{line}" if line else name
            raise PackError(f"{place}: {type(error).__name__}: {error}") from error

    def render_text(self, text: str, context: Mapping[str, object]) -> str:
        """`text` is the template itself (a path, a derived name)."""
        if "{" not in text:
            return text
        # Most are so plain that a template apiece, to load and to run, is not worth it.
        with suppress(AttributeError, KeyError):
            filled = PLAIN.sub(lambda match: _value(context, *match.groups()), text)
            if "{" not in filled:
                return filled
        return self.render(INLINE + text, context)

    def holds(self, expression: str, context: Mapping[str, object]) -> bool:
        """Whether a Jinja expression of a pack's rule is true."""
        return bool(self.render(f"{INLINE}{{% if {expression} %}}1{{% endif %}}", context))


@lru_cache(maxsize=4)
def templates_of(roots: tuple[Path, ...]) -> Templates:
    """One environment for each search path: building one takes 2 ms."""
    return Templates(roots)


def _value(context: Mapping[str, object], name: str, attribute: str, filter: str | None) -> str:
    value = getattr(context[name], attribute)
    return FILTERS[filter](value) if filter else str(value)


def to_json(value: object) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def to_toml(value: object) -> str:
    """A TOML value; a JSON string is a TOML string but for DEL, which no answer may have."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(to_toml(item) for item in value) + "]"
    if isinstance(value, str) and '"' in value and "'" not in value and value.isprintable():
        return f"'{value}'"  # a literal string: JSON in it stays readable
    return to_json(value)


def to_yaml(value: object) -> str:
    """A scalar, quoted only where YAML would take it for something else."""
    if not isinstance(value, str):
        return to_json(value)
    plain = value.replace(" ", "").replace("-", "").replace("_", "").replace("/", "")
    safe = plain.isascii() and plain.isalpha() and value[0].isalpha() and value[-1] not in " -"
    ambiguous = value.lower() in {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
    return value if safe and not ambiguous else to_json(value)


def to_python(value: object) -> str:
    """A Python literal with double quotes, as ruff format writes it."""
    if isinstance(value, list | tuple):
        items = ", ".join(to_python(item) for item in value)
        return f"({items},)" if isinstance(value, tuple) and len(value) == 1 else f"({items})"
    if isinstance(value, str):
        return to_json(value)
    return repr(value)


def substitute(text: str, pattern: str, replacement: str) -> str:
    """`text` with every match of a regular expression replaced."""
    return re.sub(pattern, replacement, text)


FILTERS: dict[str, Callable[..., Any]] = {
    "pascal": pascal,
    "kebab": kebab,
    "upper_snake": upper_snake,
    "json": to_json,
    "from_json": json.loads,
    "toml": to_toml,
    "yaml": to_yaml,
    "py": to_python,
    "sub": substitute,
}
