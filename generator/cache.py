"""What takes long to make and follows from a text alone, kept in the user's cache folder.

Compiled templates and parsed TOML files are most of a cold run. One file a kind: opening many
costs more than reading one. A folder that cannot be read or written means no cache, never an
error. Values are of the types that `marshal` knows.
"""

from __future__ import annotations

import marshal
import os
import sys
from contextlib import suppress
from functools import cache, cached_property

from generator import __version__

# A file that has grown beyond this has entries of templates that are gone: it starts anew.
LARGEST = 8_000_000
Kept = tuple[object, object]
"""What a value was made from, and the value."""


class Cache:
    """Values by key, each valid for one `source`; it reads its file when it is first asked."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._new: dict[str, Kept] = {}

    @cached_property
    def _entries(self) -> dict[str, Kept]:
        return self._read()

    def _read(self) -> dict[str, Kept]:
        try:
            with open(self.path, "rb") as file:
                found = marshal.loads(file.read(LARGEST))
        except (OSError, ValueError, EOFError, TypeError):
            return {}
        return found if isinstance(found, dict) else {}

    def get(self, key: str, source: object) -> object:
        """What was put for this key and source, or None."""
        entry = self._entries.get(key)
        return entry[1] if entry and entry[0] == source else None

    def take(self, key: str, source: object) -> object:
        """The same for what is large and asked for once: it is not held in memory any longer."""
        value = self.get(key, source)
        self._entries.pop(key, None)
        return value

    def put(self, key: str, source: object, value: object) -> None:
        self._entries[key] = self._new[key] = (source, value)

    def keep(self) -> None:
        """Writes what is new: whole or not at all."""
        if not self._new:
            return
        partial = f"{self.path}.{os.getpid()}"
        try:
            os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
            with open(partial, "wb") as file:
                file.write(marshal.dumps(self._read() | self._new))
            os.replace(partial, self.path)
        except (OSError, ValueError):  # ValueError: a value that marshal does not know
            with suppress(OSError):
                os.unlink(partial)
        self._new = {}


def open_cache(kind: str) -> Cache:
    """The cache of that kind, of this version of serverless-py and of Python."""
    return _cache(os.path.join(folder(), f"{kind}-{__version__}-{sys.implementation.cache_tag}"))


def keep() -> None:
    """Writes every cache that has something new; a run ends with it."""
    for opened in _opened:
        opened.keep()


def folder() -> str:
    """`$GEN_CACHE_DIR`, else serverless-py's folder where the platform keeps caches."""
    if chosen := os.environ.get("GEN_CACHE_DIR"):
        return chosen
    if sys.platform == "win32":
        parent = os.environ.get("LOCALAPPDATA")
    else:
        parent = os.environ.get("XDG_CACHE_HOME")
    return os.path.join(parent or os.path.expanduser("~/.cache"), "serverless-py")


_opened: list[Cache] = []


@cache
def _cache(path: str) -> Cache:
    _opened.append(Cache(path))
    return _opened[-1]
