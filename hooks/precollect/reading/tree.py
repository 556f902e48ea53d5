"""The tree: the files of a commit, by name and content.

Inside a git repository these are the tracked files: as the work tree holds them, or with
`staged` as the index holds them. Outside git they are the folder's files. Untracked files are
no part of a commit, submodules belong to another repository, and nothing is read that lies
outside the root, however many symbolic links lead there.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import cached_property
from posixpath import dirname, join, normpath

from precollect.reading import git
from precollect.reading.git import Listing, TreeError, UnreadableError

__all__ = ["LARGEST_FILE", "Tree", "TreeError", "UnreadableError", "levels", "open_tree"]

LARGEST_FILE = 16 * 1024 * 1024  # bytes; a larger file is not configuration or a test that anybody wrote
ROOM = 8 * 1024 * 1024  # bytes; small repositories stay in memory, since several rules look at the same files
MAX_LINKS = 8
VOUCHED_FOR = tuple(f"{tag} 100" for tag in "HSM")  # a regular file of which git knows the content
CAREFULLY = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Tree:
    """Files below one root: repository-relative paths with "/", and their bytes."""

    def __init__(self, root: str, files: dict[str, str] | Listing) -> None:
        """`files`: those of a folder, as `tracked_files` has them, or git's own listing."""
        self.root = root
        self.listing = None if isinstance(files, dict) else files
        self.used: set[str] = set()
        """The files whose content was asked for, and the links and files that it came by."""
        self._given = files
        self._folders: dict[str, tuple[list[str], list[str]]] | None = None
        self._inside: dict[str, bool] = {}
        self._texts: dict[str, bytes] = {}
        self._room = ROOM
        self._blobs = git.Blobs(root)

    def apart(self) -> Tree:
        """The same tree for another process, which shares nothing with this one that is open."""
        return Tree(self.root, self._given)

    @cached_property
    def files(self) -> dict[str, str]:
        """Path → what is known of the file without opening it, for `tracked_file` to read."""
        return self._given if isinstance(self._given, dict) else git.tracked_files(self._given)

    def __contains__(self, path: str) -> bool:
        return path in self.files

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def content_id(self, path: str) -> str:
        """What git calls the content of a file; "" where nothing vouches for it.

        A file on disk and its blob have one id, although git may write other line ends to the disk.
        """
        words = self.files.get(path, "")
        return words[len("H 100644 ") : -len(" 0")] if words.startswith(VOUCHED_FOR) else ""

    def is_link(self, path: str) -> bool:
        """Whether a path is that of a symbolic link."""
        return path in self.files and stat.S_ISLNK(git.tracked_file(self.files[path]).mode)

    @cached_property
    def others(self) -> list[str]:
        """The paths of all files but those of Python, which large repositories are full of."""
        return [path for path in self.files if not path.endswith(".py")]

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all files and folders, wherever they lie."""
        return frozenset(name for names, folders in self._listing().values() for name in (*names, *folders))

    @cached_property
    def repeated_names(self) -> frozenset[str]:
        """The names that several files have, in different folders."""
        once: set[str] = set()
        again: set[str] = set()
        for names, _ in self._listing().values():
            again.update(once.intersection(names))
            once.update(names)
        return frozenset(again)

    def has_folder(self, path: str) -> bool:
        """Whether a tracked file lies below this folder; "" is the root."""
        return path in self._listing()

    def files_in(self, folder: str) -> list[str]:
        """Sorted names of the files directly in a folder; [] where there is no such folder."""
        return self._listing().get(folder, ([], []))[0]

    def folders_in(self, folder: str) -> list[str]:
        """Sorted names of the folders directly in a folder; [] where there is no such folder."""
        return self._listing().get(folder, ([], []))[1]

    def read(self, path: str) -> bytes:
        """The content of a file, at most LARGEST_FILE bytes.

        Raises UnreadableError for a path that is not in the tree, has vanished, is no regular file,
        may not be read, is too large, or leads out of the root.
        """
        self.used.add(path)
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def read_once(self, path: str) -> bytes:
        """As `read`, but kept in memory only as long as there is room: for files of which there are many."""
        self.used.add(path)
        return self.peek(path)

    def read_or_nothing(self, path: str) -> bytes:
        """As `read_once`; b"" for a file that has no content for us."""
        try:
            return self.read_once(path)
        except UnreadableError:
            return b""

    def peek(self, path: str) -> bytes:
        """As `read_once`, but not counted as use: for who remembers himself what he took from it."""
        if path in self._texts:
            return self._texts[path]
        data = self._read(path)
        if len(data) <= self._room:
            self._room -= len(data)
            self._texts[path] = data
        return data

    def _read(self, path: str) -> bytes:
        path = self._resolve(path)
        entry = git.tracked_file(self.files[path])
        return self._blob(entry.blob) if self._is_in_index(entry) else self._read_disk(path)

    def _is_in_index(self, entry: git.TrackedFile) -> bool:
        return entry.in_index or (self.listing is not None and self.listing.staged)

    def _resolve(self, path: str) -> str:
        """The path of the file that holds the content, after following symbolic links inside the tree."""
        for _ in range(MAX_LINKS):
            if path not in self.files:
                raise UnreadableError("not in the commit")
            entry = git.tracked_file(self.files[path])
            if stat.S_ISREG(entry.mode):
                return path
            if not stat.S_ISLNK(entry.mode):
                raise UnreadableError("a submodule")
            self.used.add(path)
            try:
                in_index = self._is_in_index(entry)
                target = os.fsdecode(self._blob(entry.blob)) if in_index else os.readlink(self._absolute(path))
            except OSError as error:
                raise UnreadableError(error.strerror or "unreadable link") from None
            path = normpath(join(dirname(path), target))
            self.used.add(path)
            if path.startswith(("/", "..")):
                raise UnreadableError("a symbolic link out of the repository")
        raise UnreadableError("too many symbolic links")

    def _read_disk(self, path: str) -> bytes:
        if not self._folder_is_inside(dirname(path)):
            raise UnreadableError("below a symbolic link out of the repository")
        try:
            # A tracked file may have been replaced by a pipe or a link since: neither may hold us up or lead us out.
            handle = os.open(self._absolute(path), CAREFULLY)
        except OSError as error:
            raise UnreadableError((error.strerror or "unreadable").lower()) from None
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableError("not a regular file")
            if status.st_size > LARGEST_FILE:
                raise UnreadableError(f"larger than {LARGEST_FILE >> 20} MiB")
            return _all_of(handle, status.st_size)
        except OSError as error:
            raise UnreadableError((error.strerror or "unreadable").lower()) from None
        finally:
            os.close(handle)

    def _blob(self, blob: str) -> bytes:
        return self._blobs.read(blob, LARGEST_FILE)

    def _absolute(self, path: str) -> str:
        return os.path.join(self.root, path)

    def _folder_is_inside(self, folder: str) -> bool:
        if folder not in self._inside:
            real = os.path.realpath(os.path.join(self.root, folder))
            self._inside[folder] = real == self.root or real.startswith(self.root.rstrip(os.sep) + os.sep)
        return self._inside[folder]

    def _listing(self) -> dict[str, tuple[list[str], list[str]]]:
        """Folder → (names of its files, names of its folders), each in order of name, as pytest visits them."""
        if self._folders is None:
            folders: dict[str, tuple[list[str], list[str]]] = {"": ([], [])}
            for path in self.files:
                folder, _, name = path.rpartition("/")
                missing = []
                while folder not in folders:
                    missing.append(folder)
                    folder = folder.rpartition("/")[0]
                for folder in reversed(missing):
                    parent, _, own = folder.rpartition("/")
                    folders[parent][1].append(own)
                    folders[folder] = ([], [])
                folders[folder][0].append(name)
            for names, subfolders in folders.values():
                names.sort()
                subfolders.sort()
            self._folders = folders
        return self._folders


def _all_of(handle: int, size: int) -> bytes:
    """What a file of this size holds; without the buffers of a file object, as thousands of files are read."""
    data = os.read(handle, size)
    while len(data) < size:
        more = os.read(handle, size - len(data))
        if not more:
            break  # it has become shorter since
        data += more
    return data


def levels(folder: str) -> list[str]:
    """The folder and all above it, up to the root, ""."""
    found = [folder]
    while found[-1]:
        found.append(dirname(found[-1]))
    return found


def open_tree(folder: str, *, staged: bool = False) -> Tree:
    """The tree that holds `folder` (an absolute path): its git repository's, or the folder's own files.

    Raises TreeError where git cannot list the repository, or cannot be started although its index is asked for.
    """
    root = git.root_above(folder)
    if root is not None:
        try:
            return Tree(root, git.listing(root, staged=staged))
        except OSError:  # there is a repository, but no git on this machine
            if staged:
                raise TreeError(f"the index of {root} cannot be read: there is no git to start") from None
    root = root or os.path.realpath(folder)
    return Tree(root, dict(_files_below(root)))


def _files_below(root: str) -> Iterator[tuple[str, str]]:
    """Files of a folder that no git tracks; what tools make (environments, caches, repositories) is left out."""
    for folder, below, names in os.walk(root):
        below[:] = [
            name
            for name in sorted(below)
            if name not in {".git", ".hg", "__pycache__", "node_modules", ".tox", ".nox"}
            and not os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))
        ]
        prefix = os.path.relpath(folder, root).replace(os.sep, "/")
        for name in sorted(names):
            path = name if prefix == "." else f"{prefix}/{name}"
            try:
                yield path, git.words_on(os.lstat(os.path.join(folder, name)).st_mode)
            except OSError:
                continue  # gone since the folder was listed
