"""The Jinja environment in which packs are rendered, and its compiled-template cache."""

from __future__ import annotations

import json
import marshal
import os
import re
from collections.abc import Callable, Container, Mapping, MutableMapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2.bccache import Bucket
from jinja2.runtime import new_context

from generator.cache import Cache, open_cache
from generator.errors import GeneratorError, PackError
from generator.names import kebab, pascal, upper_snake

INLINE = "inline:"
PLAIN = re.compile(r"\{\{ (\w+)\.(\w+)(?: \| (\w+))? \}\}")
"""`{{ function.name }}` and `{{ function.name | kebab }}`."""
FOLDER = re.compile(r"(\w+)/([\w-]+)/")
"""`providers/aws/` and `ci/github/` at the start of the name of a template of ours."""
HERE = Path(__file__).parent
OWN = (HERE / "packs", HERE / "template", HERE.parent)
"""Where our own templates are: in a wheel, and in a checkout."""
ABSENT = (FileNotFoundError, NotADirectoryError)
# Cookiecutter renders the base layer with the same settings: cookiecutter.json repeats them.
JINJA_SETTINGS = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}


class SourceLoader(jinja2.BaseLoader):
    """Finds a template by its path below one of our own roots, or by its whole path in another's.

    `inline:TEXT` is a template itself.
    """

    def __init__(self, roots: tuple[Path, ...]) -> None:
        self.roots = tuple(root for root in roots if root in OWN)
        self.foreign = tuple(root.as_posix() for root in roots if root not in OWN)
        self.sources: dict[str, str] = {}

    def name_of(self, path: str) -> str:
        """The name of the template at `path`. Raises PackError where it is in no root."""
        name = Path(path).as_posix()
        if self.root_of(name):
            return name
        for root in self.roots:
            if name.startswith(f"{root.as_posix()}/"):
                return name[len(root.as_posix()) + 1 :]
        raise PackError(f"{path} is in no pack")

    def root_of(self, name: str) -> str:
        """The foreign root that a template is in; empty where it is one of ours."""
        return next((root for root in self.foreign if name.startswith(f"{root}/")), "")

    def is_foreign(self, path: str) -> bool:
        """Whether the file at `path` is of a pack that is not ours."""
        return bool(self.root_of(Path(path).as_posix()))

    def near(self, name: str, parent: str) -> str:
        """What a template calls `name`: a file of its own pack, else one of ours, else another's.

        So a template of ours can ask for what only some pack has: how a CI system logs in.
        """
        if not self.foreign or os.path.isabs(name) or name.startswith(INLINE):
            return name
        own = self.root_of(parent)
        if own and os.path.isfile(f"{own}/{name}"):
            return f"{own}/{name}"
        if any(os.path.isfile(f"{root}/{name}") for root in self.roots):
            return name
        others = (f"{root}/{name}" for root in self.foreign)
        return next((path for path in others if os.path.isfile(path)), name)

    def check_place(self, path: str) -> None:
        """Raises PackError for a file of somebody's pack that lies elsewhere, through a link."""
        root = self.root_of(Path(path).as_posix())
        if root and not is_below(path, root):
            raise PackError(f"{path}: it lies outside of its pack")

    def read(self, name: str) -> str:
        """The template's text, read once. Raises TemplateNotFound."""
        if name not in self.sources:
            self.sources[name] = self._read(name)
        return self.sources[name]

    def _read(self, name: str) -> str:
        if name.startswith(INLINE):
            return name.removeprefix(INLINE)
        if ".." in name.split("/"):
            raise jinja2.TemplateNotFound(name)
        if self.root_of(name):
            self.check_place(name)
            with suppress(*ABSENT), open(name, encoding="utf-8") as file:
                return file.read()
        for root in self.roots if not os.path.isabs(name) else ():
            with suppress(*ABSENT), open(f"{root}/{name}", encoding="utf-8") as file:
                return file.read()
        raise jinja2.TemplateNotFound(name)

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        return self.read(template), template, lambda: True


class CompiledTemplates(jinja2.BytecodeCache):
    """Keeps compiled templates between runs: compiling takes about 1 ms each, loading 0.1 ms.

    In a file for each provider and CI system, as a run needs those of one: all of ours together are
    4.5 MB.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return name

    def cache(self, name: str) -> Cache:
        """The one that the template called `name` is kept in."""
        folder = FOLDER.match(name)
        return open_cache(f"{self.kind}-{'-'.join(folder.groups()) if folder else 'other'}")

    def load_bytecode(self, bucket: Bucket) -> None:
        code = self.cache(bucket.key).take(bucket.key, bucket.checksum)
        if isinstance(code, bytes):
            bucket.code = marshal.loads(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.cache(bucket.key).put(bucket.key, bucket.checksum, marshal.dumps(bucket.code))


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
        name = self.join_path(str(name), parent or "")
        found = self._loaded.get(name)
        if found is None:
            found = self._loaded[name] = super().get_template(name, None, globals)
        return found

    def join_path(self, template: str, parent: str) -> str:
        """The name of the template that `parent` calls `template`."""
        loader = self.loader
        return loader.near(template, parent) if isinstance(loader, SourceLoader) else template


class Templates:
    """Renders templates by name. Raises PackError when a template is at fault."""

    def __init__(self, roots: tuple[Path, ...]) -> None:
        self.loader = SourceLoader(roots)
        self.name_of, self.check_place = self.loader.name_of, self.loader.check_place
        self.is_foreign = self.loader.is_foreign
        kind, cached = Environment, "compiled"
        if self.loader.foreign:
            from generator.sandbox import SandboxedEnvironment

            kind, cached = SandboxedEnvironment, "sandboxed"
        self.environment = kind(
            loader=self.loader,
            bytecode_cache=CompiledTemplates(cached),
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
        except GeneratorError:
            raise
        except Exception as error:  # a template can raise whatever Python can
            place = _place(name, error, self.loader.sources)
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

    def holds(self, expression: str, context: Mapping[str, object], said: Path) -> bool:
        """Whether a Jinja expression of a pack's metadata is true; `said` is where it stands."""
        try:
            return bool(self.render(f"{INLINE}{{% if {expression} %}}1{{% endif %}}", context))
        except PackError as error:
            why = error.__cause__ or error
            message = f"{said}: {expression}: {type(why).__name__}: {why}"
            raise PackError(message) from error


def _place(name: str, error: Exception, known: Container[str]) -> str:
    """The template that an error comes from, and its line there."""
    from jinja2.debug import rewrite_traceback_stack

    line: int | None = getattr(error, "lineno", None)
    if line:
        return f"{getattr(error, 'name', None) or name}:{line}"
    step = rewrite_traceback_stack().__traceback__
    place = name
    while step is not None:
        if step.tb_frame.f_code.co_filename in known:
            place = f"{step.tb_frame.f_code.co_filename}:{step.tb_lineno}"
        step = step.tb_next
    return place.removeprefix(INLINE)


@lru_cache(maxsize=4)
def templates_of(roots: tuple[Path, ...]) -> Templates:
    """One environment for each search path: building one takes 2 ms."""
    return Templates(roots)


def is_below(path: str, root: str) -> bool:
    """Whether a file lies in a folder, once every link is followed."""
    return os.path.realpath(path).startswith(os.path.realpath(root) + os.sep)


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
