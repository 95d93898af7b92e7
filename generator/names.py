"""Names that users choose: what a service, a package and a function may be called."""

from __future__ import annotations

import keyword
import re
import sys

from generator.errors import InvalidValueError, printable

SNAKE = re.compile(r"[a-z][a-z0-9_]*")
KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST = 60
# Device names that Windows refuses as a file's name, whatever its extension:
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
WINDOWS = frozenset(
    ["con", "prn", "aux", "nul"]
    + [f"{device}{number}" for device in ("com", "lpt") for number in range(10)]
)
# Folders at the root of a service, which a package of that name would stand beside.
ROOT_FOLDERS = frozenset(["src", "tests", "scripts", "events", "docs", "build", "dist"])


def pascal(name: str) -> str:
    """`my_fn` or `my-fn` -> `MyFn`."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name))


def kebab(name: str) -> str:
    """`my_fn` -> `my-fn`."""
    return name.replace("_", "-")


def upper_snake(name: str) -> str:
    """`my-fn` -> `MY_FN`."""
    return name.replace("-", "_").upper()


def snake(name: str) -> str:
    """The nearest snake_case name to whatever was typed, possibly empty."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_").lstrip("0123456789_")


def slug(name: str) -> str:
    """The nearest service name to whatever was typed, possibly empty."""
    return snake(name).replace("_", "-")


def check_service(name: str, where: str) -> str:
    """`name`, if a service may be called so. Raises InvalidValueError."""
    if not KEBAB.fullmatch(name):
        raise _bad("service name", name, "lower-case words joined by hyphens", slug(name), where)
    _check_common("service name", name, where)
    return name


def check_package(name: str, reserved: frozenset[str], where: str) -> str:
    """`name`, if a Python package may be called so without shadowing anything."""
    if not SNAKE.fullmatch(name):
        raise _bad("package name", name, "snake_case", snake(name), where)
    _check_common("package name", name, where)
    for taken, reason in (
        (sys.stdlib_module_names, "is a module of Python's standard library"),
        (reserved, "is the name of a package that the service depends on"),
        (ROOT_FOLDERS, "is the name of a folder of every service"),
    ):
        if name in taken:
            raise InvalidValueError(
                f"package name {printable(name)} {reason}",
                where=where,
                hint=f'choose another, for example "{name}_service"',
                suggestion=f"{name}_service",
            )
    return name


def check_function(name: str, reserved: frozenset[str], where: str) -> str:
    """`name`, if a function may be called so without taking a name that its handler needs."""
    if not SNAKE.fullmatch(name):
        raise _bad("function name", name, "snake_case, as in [a-z][a-z0-9_]*", snake(name), where)
    _check_common("function name", name, where)
    if name in reserved:
        raise InvalidValueError(
            f"function name {printable(name)} is one that its own module needs for something else",
            where=where,
            hint=f'choose another, for example "{name}_handler"',
            suggestion=f"{name}_handler",
        )
    return name


def check_description(text: str, where: str) -> str:
    """`text`, if it is one printable line of at most 200 characters.

    What looks like a variable is refused: templates and tools would take it for one.
    """
    if not text.isprintable() or len(text) > 200 or "${" in text or "{{" in text:
        raise InvalidValueError(
            "the description must be one line of at most 200 printable characters,"
            " without ${ or {{",
            where=where,
            hint='for example "Takes orders"',
        )
    return text


def _check_common(what: str, name: str, where: str) -> None:
    if name in WINDOWS:
        reason = "is a reserved file name on Windows"
    elif keyword.iskeyword(name):
        reason = "is a Python keyword"
    elif len(name) > LONGEST:
        reason = f"has {len(name)} characters, at most {LONGEST} are possible"
    else:
        return
    suggestion = f"my-{name}" if what == "service name" else f"{name}_handler"
    hint = f'choose another, for example "{suggestion}"' if len(name) < LONGEST else "shorten it"
    raise InvalidValueError(f"{what} {printable(name)} {reason}", where=where, hint=hint)


def _bad(what: str, name: str, form: str, suggestion: str, where: str) -> InvalidValueError:
    problem = "is empty" if not name else f"{printable(name)} is not possible"
    offered = f'write "{suggestion}"' if suggestion else "use letters a-z, digits"
    return InvalidValueError(
        f"{what} {problem}",
        where=where,
        hint=f"{offered} ({form})",
        suggestion=suggestion,
    )
