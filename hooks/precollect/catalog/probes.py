"""Questions that no parser of pytest answers, put to the real pytest: a mini project each, yes or no.

A probe is a file `probes/NAME.toml`; its name is the behaviour:

    question  what is asked, in one sentence
    of        the distributions whose releases are asked (default: pytest alone)
    args      words for pytest (default none)
    env       extra environment variables
    [files]   path -> text of the project
    [yes] and [no]   how each answer shows: `exit` (exit codes), `says` (text in the output), `lacks` (text not in it)

Where neither or both show, the behaviour is unclear for that release: visible in the data, never a silent no.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from functools import cache
from typing import Any, NamedTuple

from precollect.catalog.environments import environment

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROBES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "probes")
SECONDS = 60


class Probe(NamedTuple):
    """One question; `fingerprint` changes with its text."""

    question: str
    of: tuple[str, ...]
    files: dict[str, str]
    args: list[str]
    env: dict[str, str]
    yes: dict[str, Any]
    no: dict[str, Any]
    fingerprint: str


@cache
def read_all() -> dict[str, Probe]:
    """Every probe by its name, sorted."""
    found = {}
    for file_name in sorted(os.listdir(PROBES)):
        with open(os.path.join(PROBES, file_name), "rb") as file:
            text = file.read()
        data = tomllib.loads(text.decode())
        mark = hashlib.sha256(text).hexdigest()[:12]
        found[file_name[: -len(".toml")]] = Probe(
            data["question"],
            tuple(data.get("of", "pytest").split()),
            data["files"],
            data.get("args", []),
            data.get("env", {}),
            data["yes"],
            data["no"],
            mark,
        )
    return found


def about(distribution: str) -> dict[str, Probe]:
    """The probes of one distribution by name, sorted; none for most."""
    return {name: probe for name, probe in read_all().items() if distribution in probe.of}


def fingerprint(distribution: str) -> str:
    """A text that changes when any probe of a distribution does; "" where it has none."""
    marks = "".join(probe.fingerprint for probe in about(distribution).values())
    return hashlib.sha256(marks.encode()).hexdigest()[:12] if marks else ""


def ask_all(probes: dict[str, Probe], python: str, wanted: list[str]) -> dict[str, tuple[bool | None, str]]:
    """Name -> the answer (None: unclear) and the last line of output, with these distributions. Raises ToolError."""
    if not probes:
        return {}
    with environment(python, wanted) as interpreter:
        return {name: ask(probe, interpreter) for name, probe in probes.items()}


def ask(probe: Probe, interpreter: str) -> tuple[bool | None, str]:
    """The answer of the pytest beside this interpreter, and the last line of its output."""
    with tempfile.TemporaryDirectory(prefix="probe-") as scratch:
        root = os.path.join(scratch, "project")
        for path, text in probe.files.items():
            target = os.path.join(root, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
        # The command itself: `python -m pytest` would put the project's folder on sys.path.
        command = [os.path.join(os.path.dirname(interpreter), "pytest"), "-p", "no:cacheprovider", *probe.args]
        bare = {"PATH": os.environ.get("PATH", ""), "HOME": scratch, "LANG": "C.UTF-8", "COLUMNS": "200", **probe.env}
        try:
            done = subprocess.run(
                command, cwd=root, env=bare, timeout=SECONDS, stdin=subprocess.DEVNULL, text=True, errors="replace",
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return None, "no answer in time"
    yes, no = (shows(side, done.returncode, done.stdout) for side in (probe.yes, probe.no))
    last = (done.stdout.strip().splitlines() or [""])[-1]
    return (None if yes == no else yes), f"exit {done.returncode}: {last}"


def shows(side: dict[str, Any], code: int, output: str) -> bool:
    """Whether an answer's signs are all there."""
    codes = side.get("exit", [code])
    return (
        code in (codes if isinstance(codes, list) else [codes])
        and side.get("says", "") in output
        and not ("lacks" in side and side["lacks"] in output)
    )
