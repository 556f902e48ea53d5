"""The order of versions, without importing a library for those that everybody writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# What PEP 440 compares, in this order: epoch, release, pre-release, post-release, development release, local part.
Key = tuple[int, tuple[int, ...], tuple[int, str, int], int, float, tuple[tuple[int, int, str], ...]]

DEVELOPMENT_ONLY, PRE_RELEASE, FINAL = -1, 0, 1
NO_POST, NO_DEVELOPMENT = -1, float("inf")


def version_key(text: str) -> Key:
    """A key that sorts as PEP 440 orders versions: "1.10" after "1.9", "1.0" beside "1.0.0", "2.0rc1" before "2.0".

    Raises ValueError for a text that is no version.
    """
    release, post, number = text.partition(".post")
    parts = release.split(".")
    if all(part.isascii() and part.isdigit() for part in ([*parts, number] if post else parts)):
        return 0, numbers(map(int, parts)), (FINAL, "", 0), int(number) if post else NO_POST, NO_DEVELOPMENT, ()
    return key_of_odd_version(text)


def key_of_odd_version(text: str) -> Key:
    from packaging.version import InvalidVersion, Version  # 20 ms

    try:
        version = Version(text)
    except InvalidVersion as error:
        raise ValueError(str(error)) from error
    final = version.dev is None or version.post is not None
    return (
        version.epoch,
        numbers(version.release),
        (PRE_RELEASE, *version.pre) if version.pre else (FINAL if final else DEVELOPMENT_ONLY, "", 0),
        NO_POST if version.post is None else version.post,
        NO_DEVELOPMENT if version.dev is None else version.dev,
        tuple(
            (1, int(part), "") if part.isdigit() else (0, 0, part) for part in (version.local or "").split(".") if part
        ),
    )


def numbers(release: Iterable[int]) -> tuple[int, ...]:
    """The numbers of a release without zeros at the end, as "1.0" and "1" are the same."""
    found = list(release)
    while found and found[-1] == 0:
        found.pop()
    return tuple(found)
