"""`.gen/base`: what the generator wrote last time, one compressed file a path.

A base file is named by the hash of what it holds, so that two branches which both change one
file add two files and git merges them without a conflict. Its bytes are masked with a stream that
follows from that hash and the path: two base files are never alike, not even those of two paths
with the same contents, so git takes none for a renamed other one (which it calls a conflict when
both branches rename it, or one and the other adds a file to the folder). It is compressed so that
no search-and-replace over a repository edits it together with the file it stands for.
Compare contents, never stored bytes: builds of zlib differ.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from generator.errors import UserError
from generator.tree import Entry, Tree

FOLDER = ".gen/base"
SUFFIX = ".z"
HASH_LENGTH = 16
SALT_LENGTH = 8


class BaseError(UserError):
    """Raised when a base file is damaged or cannot be read."""

    kind = "base"


class ClosedError(BaseError):
    """Raised when a base file or folder may not be read: that says nothing of what it holds."""


class Base(NamedTuple):
    """The base of a service, read when it is asked for.

    A path has one candidate as a rule; after a merge of two branches that both changed it, two.
    Each is something that the generator wrote, so each is a valid base, if a stale one.
    """

    root: Path
    candidates: Mapping[str, tuple[str, ...]]
    stray: tuple[str, ...] = ()
    """Files and links below `.gen/base` that are no base files, or one in its place."""

    def entry(self, path: str, digest: str) -> Entry:
        """What a candidate of `path` remembers. Raises BaseError."""
        try:
            return decode(digest, self.stored(path, digest))
        except ValueError as error:
            raise _damaged(base_path(path, digest), str(error)) from error

    def stored(self, path: str, digest: str) -> bytes:
        """The bytes of a candidate of `path`, whole or not. Raises BaseError."""
        stored = base_path(path, digest)
        file = self.root / stored
        try:
            if os.path.islink(file):
                raise _damaged(stored, "it is a symbolic link")
            return file.read_bytes()
        except PermissionError as error:
            raise _closed(self.root, stored, error, "u+r") from error
        except OSError as error:
            raise _damaged(stored, error.strerror or str(error)) from error

    def entries(self, path: str) -> Iterator[Entry]:
        """What each candidate of `path` remembers. Raises BaseError."""
        for digest in self.candidates.get(path, ()):
            yield self.entry(path, digest)


def read_base(root: Path) -> Base:
    """The base of the service at `root`; only names are read. No folder is an empty base.

    Raises BaseError for a folder that cannot be listed: what is in it would seem forgotten.
    """
    candidates: dict[str, tuple[str, ...]] = {}
    stray: list[str] = []
    top = str(root / FOLDER)
    start = len(top) + 1

    def failed(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            place = "/".join(filter(None, (FOLDER, str(error.filename)[start:])))
            raise _closed(root, place.replace(os.sep, "/"), error, "u+rx") from error

    if os.path.lexists(top) and not os.path.isdir(top):
        stray.append(FOLDER)
    for folder, folders, files in os.walk(top, onerror=failed):
        path = folder[start:].replace(os.sep, "/")
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        folders[:] = sorted({*folders} - {*links})
        for name in sorted(files + links):
            digest = name.removesuffix(SUFFIX)
            if path and name.endswith(SUFFIX) and len(digest) == HASH_LENGTH:
                candidates[path] = (*candidates.get(path, ()), digest)
            else:
                stray.append("/".join(filter(None, (FOLDER, path, name))))
    return Base(root, candidates, tuple(stray))


def digest_of(entry: Entry) -> str:
    """The hash by which a base file that remembers `entry` is named."""
    return hashlib.sha256(_payload(entry)).hexdigest()[:HASH_LENGTH]


def base_path(path: str, digest: str) -> str:
    """Where the base file with that hash lies for `path`."""
    return f"{FOLDER}/{path}/{digest}{SUFFIX}"


def encode(path: str, entry: Entry) -> tuple[str, Entry]:
    """The base file that remembers `entry` at `path`: (its path, its entry)."""
    digest = digest_of(entry)
    stored = base_path(path, digest)
    salt = hashlib.sha256(stored.encode()).digest()[:SALT_LENGTH]
    return stored, Entry(salt + _mask(digest, salt, _compress(_payload(entry))))


def decode(digest: str, stored: bytes) -> Entry:
    """The entry that a base file with this hash remembers. Raises ValueError when it is damaged."""
    try:
        payload = zlib.decompress(_mask(digest, stored[:SALT_LENGTH], stored[SALT_LENGTH:]))
    except zlib.error as error:
        raise ValueError("it cannot be decompressed") from error
    entry = Entry(payload[1:], payload[:1] == b"x")
    if payload[:1] not in (b"x", b"-") or digest_of(entry) != digest:
        raise ValueError("its contents do not match its name")
    return entry


def with_base(tree: Tree) -> Tree:
    """`tree` and the base files that remember it."""
    return tree | dict(encode(path, entry) for path, entry in tree.items())


def _damaged(stored: str, problem: str) -> BaseError:
    return BaseError(
        f"{stored} is damaged: {problem}",
        where=stored,
        hint="gen repair builds it anew, or take .gen back from version control",
    )


def _closed(root: Path, stored: str, error: OSError, mode: str) -> ClosedError:
    """`mode` opens it, unless a folder that it is in is closed."""
    parts = stored.split("/")
    above = ["/".join(parts[:depth]) for depth in range(1, len(parts))]
    opened = [f"u+rx {at}" for at in above if not os.access(root / at, os.R_OK | os.X_OK)]
    remedy = opened[0] if opened else f"{mode} {stored}"
    return ClosedError(
        f"{stored} cannot be read: {error.strerror or error}",
        where=stored,
        hint=f"make it readable, for example: chmod {remedy}",
    )


def _payload(entry: Entry) -> bytes:
    return (b"x" if entry.executable else b"-") + entry.content


def _compress(payload: bytes) -> bytes:
    """With a window of 8 KiB: a larger one costs twice the time, and a source file gains little."""
    compressor = zlib.compressobj(level=6, wbits=13, memLevel=6)
    return compressor.compress(payload) + compressor.flush()


def _mask(digest: str, salt: bytes, data: bytes) -> bytes:
    stream = hashlib.shake_128(salt + digest.encode()).digest(len(data))
    return (int.from_bytes(data) ^ int.from_bytes(stream)).to_bytes(len(data))
