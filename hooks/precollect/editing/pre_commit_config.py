"""Adding a repository to `.pre-commit-config.yaml`: lines are put in, all others stay as they are."""

from __future__ import annotations

from precollect.editing.changes import RefusedError
from precollect.reading.pre_commit_config import PreCommitConfig, Repository, read


def item(repo: str, rev: str, hook: str, layout: PreCommitConfig | None = None) -> list[str]:
    """The lines of an item of `repos`, laid out like the others."""
    indent, gap, hook_indent, hook_gap = 0, 1, 0, 1
    if layout is not None:
        indent, gap, hook_indent, hook_gap = layout.indent, layout.gap, layout.hook_indent, layout.hook_gap
    inner = " " * (indent + 1 + gap)
    return [
        f"{' ' * indent}-{' ' * gap}repo: {repo}",
        f"{inner}rev: {rev}",
        f"{inner}hooks:",
        f"{inner}{' ' * hook_indent}-{' ' * hook_gap}id: {hook}",
    ]


def whole(repo: str, rev: str, hook: str) -> bytes:
    """The content of a new file."""
    return ("\n".join(["repos:", *item(repo, rev, hook)]) + "\n").encode("ascii")


def added(content: bytes, repo: str, rev: str, hook: str) -> bytes:
    """The content of a file with one more item at the end of `repos`, proved by reading it again.

    Raises RefusedError for a file in which its place is not certain.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RefusedError("the file is no UTF-8") from None
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").split("\n")
    before = None if "\r" in text.replace("\r\n", "") else read("\n".join(lines))
    if before is None:
        raise RefusedError("its layout is not the usual one")
    block = item(repo, rev, hook, before)
    put = ["", *block] if before.apart else block
    made = [*lines[: before.end], *put, *lines[before.end :]]
    if before.end == len(lines):  # the last line had no newline
        made.append("")
    after = read("\n".join(made))
    expected = (*before.repositories, Repository(repo, (hook,)))
    if after is None or (after.keys, after.repositories) != (before.keys, expected):
        raise RefusedError("what was put in is not read back")
    mark = "\ufeff" if content.startswith(b"\xef\xbb\xbf") else ""
    return (mark + newline.join(made)).encode("utf-8")
