"""Environments of their own for releases, made with `uv` and `pip`, and what is measured inside.

Both are asked through their ordinary command lines, so they use whatever index is configured.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from itertools import product
from typing import Any

from precollect.catalog.history import Failure, Measurement, dumped, to_rows

INTROSPECT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "introspect.py")
INTROSPECTION = 3  # raised when introspect.py learns to see more: every release is then measured again
PYTHONS = ("3.11", "3.13", "3.10", "3.14")  # tried in this order
PYTESTS = ("", "==8.4.2", "==7.4.4", "==6.2.5")  # the newest first
HELPERS: tuple[tuple[str, ...], ...] = ((), ("setuptools<80",))  # the last with pkg_resources, which old plugins import
NOT_STARTED = "pytest did not start"
INSTALL_SECONDS = 240
START_SECONDS = 60


class ToolError(Exception):
    """uv or pip could not do what was asked; the text is the end of what it said."""


def run(command: Sequence[str], seconds: float, **options: Any) -> str:
    """What a command says. Raises ToolError when it fails or takes longer."""
    try:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, errors="replace", **options
        )
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"no answer within {seconds:.0f} s") from error
    if done.returncode:
        raise ToolError((done.stdout[-1000:] + done.stderr[-3000:]).strip())
    return done.stdout + done.stderr


def uv(*words: str) -> str:
    command = shutil.which("uv", path=os.path.dirname(sys.executable)) or shutil.which("uv") or "uv"
    return run([command, *words, "--no-python-downloads"], INSTALL_SECONDS)


def known_releases(name: str) -> list[str]:
    """Every final release of a distribution that is not withdrawn, ascending. Raises ToolError."""
    from packaging.version import InvalidVersion, Version

    words = ["-m", "pip", "index", "versions", name, "--ignore-requires-python", "--disable-pip-version-check"]
    for line in run([sys.executable, *words], 60).splitlines():
        if line.startswith("Available versions:"):
            found = set()
            for text in line.partition(":")[2].split(","):
                with suppress(InvalidVersion):  # "0.5.macosx-10.9-x86_64", from the time before PEP 440
                    found.add(Version(text.strip()))
            return [str(version) for version in sorted(found) if not version.is_prerelease]
    raise ToolError(f"pip knows no releases of {name}")


def newest_before(name: str, day: str) -> str | None:
    """The newest release before a day ("2021-01-01"), None where there was none that installs today.

    `name` may pin a version ("pytest-cov==4.1.0"); the answer then tells whether that one was out.
    """
    with tempfile.TemporaryDirectory() as folder:
        words = ["--dry-run", "--no-deps", "--target", folder, "--exclude-newer", day, name]
        try:
            said = uv("pip", "install", *words)
        except ToolError:
            return None
    return next((line.split("==")[1].strip() for line in said.splitlines() if line.startswith(" + ")), None)


def first_day(name: str, version: str) -> str | None:
    """The first day of a half-year on which this release was out, None where that cannot be told."""
    half_years = [f"{year}-{month}-01" for year in range(2020, date.today().year + 1) for month in ("01", "07")]
    index = bisect_left(half_years, True, key=lambda day: newest_before(f"{name}=={version}", day) is not None)
    return half_years[index] if index < len(half_years) else None


def brought_along(name: str) -> tuple[set[str], set[str]]:
    """Names of all distributions that the newest release requires, directly or not: everywhere, and on some platforms.

    `name` may have one extra: "pandas[test]". Raises ToolError, also where there is no such extra.
    """
    with tempfile.TemporaryDirectory() as folder:
        wanted = os.path.join(folder, "wanted.in")
        with open(wanted, "w", encoding="utf-8") as file:
            file.write(name + "\n")
        text = uv("pip", "compile", "--universal", "--no-header", "--no-annotate", wanted)
    if "does not have an extra" in text:
        raise ToolError(f"there is no {name}")
    found = [line.partition("==")[::2] for line in text.splitlines() if "==" in line]
    always = {name.strip() for name, rest in found if ";" not in rest}
    return always, {name.strip() for name, _ in found} - always


@contextmanager
def environment(python: str, wanted: Sequence[str], *more: str) -> Iterator[str]:
    """The interpreter of a new environment that holds these distributions; removed afterwards. Raises ToolError.

    `more`: further words for `uv pip install`.
    """
    with tempfile.TemporaryDirectory(prefix="catalog-") as folder:
        home = os.path.join(folder, "env")
        uv("venv", "--quiet", "--python", python, home)
        interpreter = os.path.join(home, "Scripts" if os.name == "nt" else "bin", "python")
        uv("pip", "install", "--quiet", "--python", interpreter, *more, *wanted)
        yield interpreter


def measure(name: str, version: str, beside: Sequence[str] = ()) -> Measurement | Failure:
    """What one release registers: with the newest pytest with which it starts, on the first Python that takes it.

    `beside`: distributions that it needs without requiring them.
    """
    failure = Failure("does not install")
    for python in PYTHONS:
        for helpers, pytest in product(HELPERS, PYTESTS):
            found = attempt(name, python, [f"{name}=={version}", f"pytest{pytest}", *beside, *helpers], helpers)
            if isinstance(found, Measurement):
                return found
            failure = more_telling(failure, found)
        if failure.reason != "does not install":
            break  # this Python takes it; another one would not mend what stops pytest
    day = first_day(name, version)
    for python in PYTHONS if day else ():
        wanted = [f"{name}=={version}", "pytest", *beside]
        found = attempt(name, python, wanted, [f"packages of {day}"], "--exclude-newer", str(day))
        if isinstance(found, Measurement):
            return found
    return failure


def attempt(name: str, python: str, wanted: Sequence[str], remarks: Sequence[str], *more: str) -> Measurement | Failure:
    """What a distribution registers in one environment; `remarks` go into the measurement's tools."""
    try:
        with environment(python, wanted, *more) as interpreter:
            answer = introspect(interpreter, [name])
    except ToolError as error:
        return failed(str(error))
    tools = ", ".join([f"Python {answer['python']}", f"pytest {answer['pytest']}", *remarks])
    return Measurement(to_rows(answer["distributions"][0]), tools)


def measure_pytest(version: str) -> Measurement | Failure:
    """What one release of pytest registers; the facts of plugins that it does not load by default have a condition."""
    try:
        with environment(PYTHONS[0], [f"pytest=={version}"]) as interpreter:
            answer = introspect(interpreter, ["pytest"])
            usual = to_rows(answer["distributions"][0])
            asked = [
                plugin["name"] for plugin in answer["distributions"][0]["entry_points"] if plugin["loaded"] == "asked"
            ]
            rows = set(usual)
            for plugin in asked:
                more = to_rows(introspect(interpreter, ["pytest"], [plugin])["distributions"][0])
                rows |= {(kind, with_condition(row, f"-p {plugin}")) for kind, row in more - usual}
    except ToolError as error:
        return failed(str(error))
    return Measurement(frozenset(rows), f"Python {answer['python']}")


def with_condition(row: str, condition: str) -> str:
    return dumped(json.loads(row) | {"condition": condition})


def failed(message: str) -> Failure:
    """The failure that a ToolError tells of."""
    if message.startswith("no answer"):
        return Failure("takes too long", message)
    return Failure("pytest does not start with it" if NOT_STARTED in message else "does not install", message)


def more_telling(one: Failure, other: Failure) -> Failure:
    """That pytest did not start says more than that another pin did not install; the first of equals counts."""
    return other if one.reason == "does not install" and (not one.detail or other.reason != one.reason) else one


def introspect(interpreter: str, names: Sequence[str], plugins: Sequence[str] = ()) -> dict[str, Any]:
    """What `introspect.py` writes, run by this interpreter in a bare process environment. Raises ToolError."""
    with tempfile.TemporaryDirectory(prefix="measure-") as folder:
        output = os.path.join(folder, "facts.json")
        more = [word for plugin in plugins for word in ("-p", plugin)]
        bare = {"PATH": os.environ.get("PATH", ""), "HOME": folder, "LANG": "C.UTF-8", "TMPDIR": folder}
        try:
            run([interpreter, "-I", INTROSPECT, output, *names, *more], START_SECONDS, env=bare, cwd=folder)
        except ToolError as error:
            raise ToolError(f"{error}\n{NOT_STARTED}") from error
        if not os.path.exists(output):
            raise ToolError(f"{NOT_STARTED}: it ended without an error")
        with open(output, encoding="utf-8") as file:
            answer: dict[str, Any] = json.load(file)
    if not answer["distributions"]:
        raise ToolError(f"{NOT_STARTED}: the distribution is not there")
    return answer
