"""Marks that are plain enough to be judged by their bytes, so that rules need not parse every module.

As in `scan`, a flag that is False is certain, and one that is True only asks for the syntax tree.
"""

import re
from typing import NamedTuple

from precollect.reading.python.facts import Scan

GAP = rb"(?:[\s\\]|#[^\n]{0,120}\n)*"
FLAKY = re.compile(rb"mark\.flaky\b")
# No two gaps stand side by side: there would be as many ways to share blanks between them as there are blanks.
PLAIN_FLAKY = re.compile(
    rb"(?:\(" + GAP + rb"(?:(?:reruns|reruns_delay)" + GAP + rb"=" + GAP + rb"([\d.]+)"
    + GAP + rb"(?:," + GAP + rb")?)*\))?(?=\s)"
)  # fmt: skip
RERUNS = re.compile(rb"reruns" + GAP + rb"=" + GAP + rb"([\d.]+)")
ASYNCIO = re.compile(rb"mark\.asyncio\b")
PLAIN_ASYNCIO = re.compile(
    rb"(?:\(" + GAP + rb"(?:(?:loop_)?scope" + GAP + rb"=" + GAP
    + rb"""["'](?:function|class|module|package|session)["']""" + GAP + rb"(?:," + GAP + rb")?)?\))?(?=[\s,\])])"
)  # fmt: skip
ASYNC_FIXTURE = re.compile(
    rb"fixture(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?[ \t]*"
    rb"(?:#[^\r\n]{300}|(?:#[^\r\n]*)?\r?\n(?:[ \t]*@[^\r\n]*\r?\n){0,50}[ \t]*async[ \t]+def\b)"
)
ASYNC_TEST = re.compile(rb"async[ \t]+def[ \t]+test")
RUNNER = re.compile(rb"mark\.(?:asyncio|anyio|trio)\b")


class PlainMarks(NamedTuple):
    """What marks and async functions of a module may ask for; every flag that is False is certain."""

    odd_flaky: bool
    """A flaky mark may have other arguments than literal numbers of reruns and seconds."""
    odd_asyncio: bool
    """An asyncio mark may have other arguments than a valid loop scope."""
    async_fixture: bool
    """A fixture may be an async function."""
    unmarked_async_test: bool
    """An async test may lack a mark of a plugin that runs it, among its own decorators and `pytestmark`."""
    most_reruns: float
    """The largest number of reruns that plain flaky marks ask for, 0 where none does."""


def plain_marks(data: bytes, seen: Scan) -> PlainMarks:
    """What a module in which this was seen may hold. Never raises, whatever the bytes are."""
    flaky = seen.open_marks or "flaky" in seen.marks
    return PlainMarks(
        odd_flaky=flaky and _odd(data, FLAKY, PLAIN_FLAKY),
        odd_asyncio=seen.asynchronous
        and (seen.open_marks or "asyncio" in seen.marks)
        and _odd(data, ASYNCIO, PLAIN_ASYNCIO),
        async_fixture=seen.asynchronous and ASYNC_FIXTURE.search(data) is not None,
        unmarked_async_test=seen.asynchronous and _unmarked_async_test(data),
        most_reruns=_most_reruns(data) if flaky else 0,
    )


def _odd(data: bytes, mark: re.Pattern[bytes], plain: re.Pattern[bytes]) -> bool:
    """Whether what follows one of these marks is not plain."""
    return any(plain.match(data, match.end()) is None for match in mark.finditer(data))


def _most_reruns(data: bytes) -> float:
    ends = [match.end() for match in FLAKY.finditer(data)]
    numbers = [number for end in ends for number in RERUNS.findall(data, end, end + 200)]
    return max((float(number) for number in numbers if number.count(b".") < 2 and number != b"."), default=0)


def _unmarked_async_test(data: bytes) -> bool:
    if all(_decorated(data, match.start()) for match in ASYNC_TEST.finditer(data)):
        return False
    start = data.find(b"pytestmark")
    return not (start >= 0 and data[start - 1 : start] in {b"", b"\n"} and RUNNER.search(data, start, start + 80))


def _decorated(data: bytes, start: int) -> bool:
    """Whether no async test begins at an offset, or a runner's mark stands in the decorator lines directly above."""
    end = data.rfind(b"\n", 0, start) + 1
    if data[end:start].strip(b" \t"):
        return True  # within a line: a comment, a text
    while end > 0:
        begin = data.rfind(b"\n", 0, end - 1) + 1
        line = data[begin:end].strip()
        if not line.startswith(b"@"):
            return False
        if RUNNER.search(line):
            return True
        end = begin
    return False
