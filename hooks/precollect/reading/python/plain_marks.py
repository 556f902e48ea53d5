"""Marks that are plain enough to be judged by their bytes, so that rules need not parse every module.

Each question is answered True where a module may hold what it is about, and False only where it
certainly does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

GAP = rb"(?:[\s\\]|#[^\n]{0,120}\n)*"
FLAKY = re.compile(rb"mark\.flaky\b")
PLAIN_FLAKY = re.compile(
    rb"(?:\("
    + GAP
    + rb"(?:(?:reruns|reruns_delay)"
    + GAP
    + rb"="
    + GAP
    + rb"([\d.]+)"
    + GAP
    + rb",?"
    + GAP
    + rb")*\))?(?=\s)"
)
RERUNS = re.compile(rb"reruns" + GAP + rb"=" + GAP + rb"([\d.]+)")
ASYNCIO = re.compile(rb"mark\.asyncio\b")
PLAIN_ASYNCIO = re.compile(
    rb"(?:\((?:" + GAP + rb"(?:loop_)?scope" + GAP + rb"=" + GAP
    + rb"""["'](?:function|class|module|package|session)["']""" + GAP + rb",?" + GAP + rb")?\))?(?=[\s,\])])"
)  # fmt: skip
ASYNC_FIXTURE = re.compile(
    rb"fixture(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?[ \t]*(?:#[^\r\n]*)?\r?\n"
    rb"(?:[ \t]*@[^\r\n]*\r?\n)*[ \t]*async[ \t]+def\b"
)
ASYNC_TEST = re.compile(rb"^([ \t]*)async[ \t]+def[ \t]+test", re.MULTILINE)
RUNNER = re.compile(rb"mark\.(?:asyncio|anyio|trio)\b")
CHAINED_MARK = re.compile(rb"mark\s*\.\s*\w+\s*\.\s*\w")


def only_in_comments(data: bytes, names: Iterable[str]) -> bool:
    """Whether marks of these names are spoken of in lines of comment only: then none of them is code."""
    words = b"|".join(re.escape(name.encode()) for name in names)
    spoken = re.compile(rb"(?:mark[\s\\]*\.[\s\\]*|(?:attr|add_marker)\s*\([^()]{0,80}[\"'])(?:" + words + rb")\b")
    return all(
        data[data.rfind(b"\n", 0, match.start()) + 1 : match.start()].lstrip().startswith(b"#")
        for match in spoken.finditer(data)
    )


def odd_flaky(data: bytes) -> bool:
    """Whether a flaky mark may have other arguments than literal numbers of reruns and seconds."""
    return any(PLAIN_FLAKY.match(data, match.end()) is None for match in FLAKY.finditer(data))


def most_reruns(data: bytes) -> float:
    """The largest number of reruns that plain flaky marks ask for; 0 where none does."""
    numbers = [
        number for match in FLAKY.finditer(data) for number in RERUNS.findall(data, match.end(), match.end() + 200)
    ]
    return max((float(number) for number in numbers if number.count(b".") < 2 and number != b"."), default=0)


def odd_asyncio(data: bytes) -> bool:
    """Whether an asyncio mark may have other arguments than a valid loop scope."""
    return any(PLAIN_ASYNCIO.match(data, match.end()) is None for match in ASYNCIO.finditer(data))


def async_fixture(data: bytes) -> bool:
    """Whether a fixture may be an async function, as far as one decorator line after the other tells."""
    return b"async" in data and ASYNC_FIXTURE.search(data) is not None


def unmarked_async_test(data: bytes) -> bool:
    """Whether an async test may lack a mark of a plugin that runs it, among its own decorators and `pytestmark`."""
    start = data.find(b"pytestmark")
    if start >= 0 and data[start - 1 : start] in {b"", b"\n"} and RUNNER.search(data, start, start + 80):
        return False
    return any(not _decorated(data, match) for match in ASYNC_TEST.finditer(data))


def _decorated(data: bytes, match: re.Match[bytes]) -> bool:
    """Whether a runner's mark stands in the decorator lines directly above an async test."""
    end = match.start()
    while end > 0:
        start = data.rfind(b"\n", 0, end - 1) + 1
        line = data[start:end].strip()
        if not line.startswith(b"@"):
            return False
        if RUNNER.search(line):
            return True
        end = start
    return False
