"""The files of the memory: where they lie, how they are read and replaced, and which program wrote them."""

from __future__ import annotations

import os
import sys
from _blake2 import blake2b  # hashlib would load OpenSSL for it, which takes half as long as all else here
from collections.abc import Iterator

from precollect import __version__


def memory_file(kind: str, root: str, way: str = "") -> str:
    """The path of one kind of memory of the repository at a root, for one way of asking it.

    "" where the user has no cache folder.
    """
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or os.path.expanduser("~/.cache")
    if not os.path.isabs(base):
        return ""
    return os.path.join(base, "precollect", f"{kind}-{digest(os.fsencode(root), 8)}{way}")


def read(path: str, largest: int) -> bytes:
    """The content of a file up to a size in bytes; b"" where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(largest)
    except OSError:
        return b""


def replace(path: str, content: bytes) -> None:
    """Give a file its content, all at once or not at all; where that fails, nothing happens."""
    fresh = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(fresh, "wb") as file:
            file.write(content)
        os.replace(fresh, path)
    except OSError:
        _remove(fresh)


def _remove(path: str) -> None:
    try:
        os.remove(path)
    except OSError:
        return


def digest(content: bytes, size: int = 32) -> str:
    """A fingerprint of a content, of `size` bytes, in hexadecimal digits."""
    return blake2b(content, digest_size=size).hexdigest()


def program() -> str:
    """A fingerprint of this program: a memory of another one is worth nothing.

    One that cannot look at its own files, since it is just being replaced or lies in an archive, is like no other.
    """
    try:
        own_files = list(_own_files())
    except OSError:
        own_files = [os.urandom(16).hex()]
    return digest("\0".join((__version__, sys.version, *own_files)).encode("utf-8", "surrogateescape"))


def _own_files() -> Iterator[str]:
    """Name, size and age of our own files, since a working copy changes without changing its version.

    And the age of the folder that we are installed in, which tells of other releases of what we depend on.
    """
    folders = [os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]
    yield str(os.stat(os.path.dirname(folders[0])).st_mtime_ns)
    while folders:
        for entry in sorted(os.scandir(folders.pop()), key=lambda entry: entry.name):
            if entry.is_dir():
                if entry.name != "__pycache__":
                    folders.append(entry.path)
            else:
                status = entry.stat()
                yield f"{entry.name} {status.st_size} {status.st_mtime_ns}"
