"""The only writer: makes the edits of fixes, proves them, and replaces the files."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from precollect.editing import ini, requirements, respelling, toml
from precollect.editing.changes import RefusedError, splice
from precollect.editing.proof import parse, prove
from precollect.findings import (
    AddLine,
    AddRequirement,
    AddWords,
    Edit,
    Fix,
    RemoveKey,
    RemoveWords,
    Respelling,
    SetKey,
)
from precollect.reading.ini import BYTE_ORDER_MARK, Ini


class Refusal(NamedTuple):
    """A fix that was not made, and why, in one sentence. All of its edits are left undone."""

    fix: Fix
    reason: str


class Result(NamedTuple):
    """`rewritten`: the files that were replaced, repository-relative and sorted."""

    rewritten: tuple[str, ...]
    refused: tuple[Refusal, ...]


class Preview(NamedTuple):
    """What `apply` would do. `files`: path → content now and then, for the files that would change."""

    files: dict[str, tuple[bytes, bytes]]
    refused: tuple[Refusal, ...]


class _Draft(NamedTuple):
    """A file between two fixes; `words`: section, key and number of the original's words that are gone."""

    original: bytes
    content: bytes
    words: frozenset[tuple[str, str, int]] = frozenset()
    done: tuple[tuple[Edit, str], ...] = ()  # with the title of the fix


def apply(root: str, fixes: Sequence[Fix], seen: Mapping[str, bytes] | None = None) -> Result:
    """Make the fixes, one after another, and replace the files that they change.

    `root` is the absolute path of the repository. `seen` has the contents that the fixes were made
    for; a file whose content on the disk is another by now is left as it is.
    """
    planned = preview(root, fixes, seen)
    failed: dict[str, str] = {}
    for path, (old, new) in sorted(planned.files.items()):
        try:
            _replace(_inside(root, path), old, new)
        except (OSError, RefusedError) as error:
            failed[path] = _reason(path, error)
    refusals = list(planned.refused)
    unmade = {refusal.fix for refusal in refusals}
    for fix in fixes:
        reason = next((failed[edit.path] for edit in fix.edits if edit.path in failed), None)
        if reason and fix not in unmade:
            refusals.append(Refusal(fix, reason))
    return Result(tuple(sorted(planned.files.keys() - failed.keys())), tuple(refusals))


def write_file(root: str, path: str, old: bytes | None, new: bytes) -> None:
    """Write a whole file, repository-relative: in the place of the content `old`, or (None) where no file is.

    Raises RefusedError where that is not what is there, or where the system does not let us.
    """
    real = _inside(root, path)
    try:
        if old is None:
            with open(real, "xb") as file:
                file.write(new)
        else:
            _replace(real, old, new)
    except OSError as error:
        raise RefusedError(_reason(path, error)) from None


def preview(root: str, fixes: Sequence[Fix], seen: Mapping[str, bytes] | None = None) -> Preview:
    """What `apply` would write, without writing it."""
    drafts: dict[str, _Draft] = {}
    refusals = []
    for fix in fixes:
        try:
            drafts.update(_edited(root, fix, drafts, seen or {}))
        except RefusedError as error:
            refusals.append(Refusal(fix, str(error)))
    files = {path: (draft.original, draft.content) for path, draft in drafts.items() if draft.original != draft.content}
    return Preview(files, tuple(refusals))


def _edited(root: str, fix: Fix, drafts: Mapping[str, _Draft], seen: Mapping[str, bytes]) -> dict[str, _Draft]:
    """The drafts of the files that a fix edits, after it. Raises RefusedError where one of its edits cannot be made."""
    edited: dict[str, _Draft] = {}
    for edit in fix.edits:
        draft = edited.get(edit.path) or drafts.get(edit.path) or _first_draft(_read(root, edit.path, seen))
        edited[edit.path] = _after(draft, edit, fix.title)
    return edited


def _first_draft(content: bytes) -> _Draft:
    return _Draft(content, content)


def _after(draft: _Draft, edit: Edit, title: str) -> _Draft:
    same_key = [(done, by) for done, by in draft.done if (done.section, done.key) == (edit.section, edit.key)]
    if any(done == edit for done, _ in same_key):
        return draft
    for done, by in same_key:
        if _conflict(done, edit):
            raise RefusedError(f'it conflicts with the fix "{by}"')
    words = draft.words
    made: Edit | None = edit
    if isinstance(edit, RemoveWords):
        fresh = {(edit.section, edit.key, word) for word in edit.words} - words
        key_is_gone = any(isinstance(done, RemoveKey) for done, _ in same_key)
        made = None if key_is_gone or not fresh else edit._replace(words=_numbers_now(fresh, words))
        words |= fresh
    content = _make(made, draft.content) if made else draft.content
    return _Draft(draft.original, content, words, (*draft.done, (edit, title)))


def _conflict(done: Edit, edit: Edit) -> bool:
    """Whether two different edits of one key cannot both be meant."""
    if isinstance(done, SetKey) or isinstance(edit, SetKey):
        return True
    additions = (AddWords, AddLine)
    return (isinstance(done, RemoveKey) and isinstance(edit, additions)) or (
        isinstance(done, additions) and isinstance(edit, RemoveKey)
    )


def _numbers_now(fresh: set[tuple[str, str, int]], gone: frozenset[tuple[str, str, int]]) -> tuple[int, ...]:
    """Numbers of words that were counted in the original, in a text from which others of the key are gone."""
    return tuple(
        sorted(
            word - sum(1 for other in gone if other[:2] == (section, key) and other[2] < word)
            for section, key, word in fresh
        )
    )


def _make(edit: Edit, content: bytes) -> bytes:
    """The content of a file with one edit made and proved."""
    if isinstance(edit, AddRequirement):
        return requirements.add(edit, content)
    if isinstance(edit, Respelling):
        return respelling.respell(edit, content)
    source = parse(edit.path, content)
    text = content.decode("utf-8")
    mark = BYTE_ORDER_MARK if isinstance(source, Ini) and text.startswith(BYTE_ORDER_MARK) else ""
    changes = ini.plan(source, edit) if isinstance(source, Ini) else toml.plan(source, edit)
    if not changes:
        return content
    new = (mark + splice(text.removeprefix(mark), changes)).encode("utf-8")
    prove(edit.path, content, new, edit)
    return new


def _read(root: str, path: str, seen: Mapping[str, bytes]) -> bytes:
    try:
        with open(_inside(root, path), "rb") as file:
            content = file.read()
    except OSError as error:
        raise RefusedError(_reason(path, error)) from None
    if seen.get(path, content) != content:
        raise RefusedError(f"{path} changed meanwhile")
    return content


def _inside(root: str, path: str) -> str:
    """The real path of a file. Raises RefusedError where it lies outside the root."""
    root = os.path.realpath(root)
    real = os.path.realpath(os.path.join(root, path))
    if not real.startswith(root.rstrip(os.sep) + os.sep):
        raise RefusedError(f"{path} leads out of the repository")
    return real


def _replace(path: str, old: bytes, new: bytes) -> None:
    """Put new content in the place of the old, all at once; mode and owner stay.

    Raises RefusedError for a file that is read-only or no longer has the old content, OSError where
    the system does not let us.
    """
    status = os.stat(path)
    if not status.st_mode & 0o222:
        raise RefusedError(f"{os.path.basename(path)} is read-only")
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=f".{os.path.basename(path)}.")
    try:
        with open(handle, "wb") as file:
            file.write(new)
            file.flush()
            os.fsync(handle)
        with suppress(OSError, AttributeError):  # not ours to give, or Windows
            os.chown(temporary, status.st_uid, status.st_gid)
        os.chmod(temporary, stat.S_IMODE(status.st_mode))
        with open(path, "rb") as now:
            if now.read() != old:
                raise RefusedError(f"{os.path.basename(path)} changed meanwhile")
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _reason(path: str, error: Exception) -> str:
    return f"{path}: {(error.strerror or 'unreadable').lower()}" if isinstance(error, OSError) else str(error)
