"""The order of versions, without importing a library for those that everybody writes."""

from __future__ import annotations

Key = tuple[tuple[int, ...], int, "tuple[object, ...]"]


def version_key(text: str) -> Key:
    """A key that sorts as PEP 440 orders versions: "1.10" after "1.9", "1.0" beside "1.0.0", "2.0rc1" before "2.0".

    Raises ValueError for a text that is no version.
    """
    parts = text.split(".")
    if all(part.isascii() and part.isdigit() for part in parts):
        return without_zeros([int(part) for part in parts]), 0, ()
    from packaging.version import InvalidVersion, Version  # 20 ms, so only for odd ones

    try:
        version = Version(text)
    except InvalidVersion as error:
        raise ValueError(str(error)) from error
    plain = Version(f"{version.epoch}!" + ".".join(map(str, version.release)))
    release = without_zeros([version.epoch * 10**9, *version.release] if version.epoch else list(version.release))
    place = (version > plain) - (version < plain)
    return release, place, (version,) if place else ()


def without_zeros(numbers: list[int]) -> tuple[int, ...]:
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
