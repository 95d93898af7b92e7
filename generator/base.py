"""`.gen/base`: what the generator wrote last time, one compressed file a path.

A base file is named by the hash of what it holds, so that two branches which both change one
file add two files and git merges them without a conflict. It is compressed so that no
search-and-replace over a repository edits it together with the file it stands for. Compare
contents, never compressed bytes: builds of zlib differ.
"""

from __future__ import annotations

import hashlib
import zlib

from generator.tree import Entry, Tree

FOLDER = ".gen/base"
HASH_LENGTH = 16


def encode(path: str, entry: Entry) -> tuple[str, Entry]:
    """The base file that remembers `entry` at `path`: (its path, its entry)."""
    payload = (b"x" if entry.executable else b"-") + entry.content
    digest = hashlib.sha256(payload).hexdigest()[:HASH_LENGTH]
    return f"{FOLDER}/{path}/{digest}.z", Entry(_compress(payload))


def _compress(payload: bytes) -> bytes:
    """With a window of 8 KiB: a larger one costs twice the time, and a source file gains little."""
    compressor = zlib.compressobj(level=6, wbits=13, memLevel=6)
    return compressor.compress(payload) + compressor.flush()


def decode(stored: bytes) -> Entry:
    """The entry that a base file remembers. Raises ValueError when it is damaged."""
    try:
        payload = zlib.decompress(stored)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if payload[:1] not in (b"x", b"-"):
        raise ValueError("unknown kind of base file")
    return Entry(payload[1:], payload[:1] == b"x")


def with_base(tree: Tree) -> Tree:
    """`tree` and the base files that remember it."""
    return tree | dict(encode(path, entry) for path, entry in tree.items())
