"""The Jinja environment in which packs are rendered, and its compiled-template cache."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket

from generator import __version__
from generator.errors import PackError
from generator.names import kebab, pascal, upper_snake

INLINE = "inline:"
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
            path = root / name
            if path.is_file():
                return path.read_text(encoding="utf-8")
        raise jinja2.TemplateNotFound(name)

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        return self.read(template), template, lambda: True


class CompiledTemplates(jinja2.BytecodeCache):
    """Keeps compiled templates in the user's cache folder, one file a template.

    Compiling takes about 1 ms a template and is nine tenths of a rendering's time without it.
    A folder that cannot be written means no cache, never an error.
    """

    def __init__(self) -> None:
        self.folder = cache_folder() / f"templates-{__version__}-{sys.implementation.cache_tag}"

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            with open(self.folder / bucket.key, "rb") as file:
                bucket.load_bytecode(file)
        except (OSError, ValueError, EOFError, TypeError):
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        path = self.folder / bucket.key
        partial = path.with_suffix(f".{os.getpid()}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(partial, "wb") as file:
                bucket.write_bytecode(file)
            os.replace(partial, path)
        except OSError:
            with suppress(OSError):
                partial.unlink()


def cache_folder() -> Path:
    """`$GEN_CACHE_DIR`, else serverless-py's folder where the platform keeps caches."""
    if chosen := os.environ.get("GEN_CACHE_DIR"):
        return Path(chosen)
    if sys.platform == "win32":
        parent = os.environ.get("LOCALAPPDATA")
    else:
        parent = os.environ.get("XDG_CACHE_HOME")
    return Path(parent or os.path.expanduser("~/.cache")) / "serverless-py"


class Templates:
    """Renders templates by name. Raises PackError when a template is at fault."""

    def __init__(self, roots: tuple[Path, ...]) -> None:
        self.loader = SourceLoader(roots)
        self.environment = jinja2.Environment(
            loader=self.loader,
            bytecode_cache=CompiledTemplates(),
            undefined=jinja2.StrictUndefined,
            auto_reload=False,
            cache_size=-1,
            autoescape=False,
            **JINJA_SETTINGS,  # type: ignore[arg-type]
        )
        self.environment.filters.update(FILTERS)

    def render(self, name: str, context: Mapping[str, object]) -> str:
        try:
            return self.environment.get_template(name).render(context)
        except jinja2.TemplateError as error:
            line = getattr(error, "lineno", None)
            place = f"{name}:{line}" if line else name
            raise PackError(f"{place}: {type(error).__name__}: {error}") from error

    def render_text(self, text: str, context: Mapping[str, object]) -> str:
        """`text` is the template itself (a path, a derived name)."""
        return text if "{" not in text else self.render(INLINE + text, context)

    def holds(self, expression: str, context: Mapping[str, object]) -> bool:
        """Whether a Jinja expression of a pack's rule is true."""
        return bool(self.render(f"{INLINE}{{% if {expression} %}}1{{% endif %}}", context))


@lru_cache(maxsize=4)
def templates_of(roots: tuple[Path, ...]) -> Templates:
    """One environment for each search path: building one takes 2 ms."""
    return Templates(roots)


def to_json(value: object) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def to_toml(value: object) -> str:
    """A TOML value; a JSON string is a TOML string but for DEL, which no answer may have."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(to_toml(item) for item in value) + "]"
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


FILTERS: dict[str, Callable[..., str]] = {
    "pascal": pascal,
    "kebab": kebab,
    "upper_snake": upper_snake,
    "json": to_json,
    "toml": to_toml,
    "yaml": to_yaml,
    "py": to_python,
    "sub": substitute,
}
