"""precollect's verdict beside pytest's, and the smallest project on which they disagree."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

from case_files import Truth
from differential.oracle import Answer, Oracle, declared
from differential.projects import Code, Project, files_of
from judged import judged
from precollect.findings import Finding
from running import lay_out

# What no file tells: (pytest's words, a text of the project).
UNTOLD = tuple(
    (re.compile(words), re.compile(text))
    for words, text in (
        # A hook may run async tests, mark them or skip them.
        (
            "async def functions|requested an async fixture",
            "def pytest_(runtest_setup|runtest_call|collection_modifyitems)",
        ),
        # A hook may put the mark on tests that the expression asks for.
        ("deselected", "def pytest_collection_modifyitems"),
        # What a hook does in a loop is not followed: it may have nothing to go through.
        ("not found in `markers`|did you mean 'parametrize'", "for item in items:\n +item.add_marker"),
        # Imports that no distribution of the environment has.
        ("No module named '(nobody_here|pytest_asyncio)|^ERROR \\S+$", "import (nobody_here|pytest_asyncio)"),
        # Bodies that fail: the marks that would keep them from it are found to be lost, not broken.
        ("assert False", "no:skipping"),
        # pytest says nothing at all.
        ("^$", "no:terminal"),
    )
)

Verdict = Literal["agreed", "untold", "false alarm", "missed", "loss missed", "crash"]


class Comparison(NamedTuple):
    """What both said. `about`: the rule of a false alarm, pytest's words for what was missed; "" where they agree.

    `untold`: pytest fails for a reason that no file tells, so silence is right.
    """

    project: Project
    verdict: Verdict
    about: str
    truth: Truth
    answer: Answer
    findings: list[Finding]
    error: str = ""


def compare(oracle: Oracle, project: Project) -> Comparison:
    """Both verdicts on a project."""
    files = files_of(project, declared(project.stack, project.plugins))
    with tempfile.TemporaryDirectory(prefix="differential-") as folder:
        place = Path(folder, "home", "project")
        place.mkdir(parents=True)
        lay_out(place, files)
        (place / project.start).mkdir(parents=True, exist_ok=True)
        ask = partial(oracle.ask, project.stack, project.plugins, place, start=project.start)
        answer = ask(importable=project.importable)
        try:
            findings = judged(files, start=project.start)
        except Exception as error:
            return Comparison(project, "crash", repr(error)[:80], answer.truth, answer, [], repr(error))
        called = [found for found in findings if project.launch is not None and _speaks_of(found, project.launch.path)]
        plain = [found for found in findings if found not in called]
        answer = _mildest(ask, project, plain, answer)
        verdict, about = opinion(answer, plain)
        if verdict == "agreed" and answer.truth != "broken" and project.launch is not None and not project.start:
            ask = partial(ask, words=project.launch.words)
            answer = _mildest(ask, project, called, ask(importable=project.importable))
            verdict, about = opinion(answer, called)
            about = about and f"a call: {about}"
            verdict = "agreed" if verdict == "loss missed" else verdict
    if verdict == "missed" and _untold(answer, files):
        verdict, about = "untold", ""
    return Comparison(project, verdict, about, answer.truth, answer, findings)


def _mildest(ask: Callable[..., Answer], project: Project, findings: list[Finding], answer: Answer) -> Answer:
    """What pytest does where all of the project can be imported, if that is what a missed failure may be about."""
    missed = answer.status and not any(found.kind == "breaks" for found in findings)
    return ask(importable=True) if missed and not project.importable else answer


def _speaks_of(finding: Finding, path: str) -> bool:
    return path in {finding.place.path, *(related.place.path for related in finding.related)}


def opinion(answer: Answer, findings: list[Finding]) -> tuple[Verdict, str]:
    """Whether findings say what pytest did, and what a disagreement is about."""
    breaks = [found.rule for found in findings if found.kind == "breaks"]
    if answer.truth == "broken":
        return ("agreed", "") if breaks else ("missed", outline(answer.says))
    if breaks:
        return "false alarm", breaks[0]
    if answer.truth == "lossy" and not any(found.kind == "loses" for found in findings):
        return "loss missed", outline(answer.says)
    return "agreed", ""


def _untold(answer: Answer, files: dict[str, str]) -> bool:
    everything = "\n".join(files.values())
    return any(words.search(answer.says) and text.search(everything) for words, text in UNTOLD)


def outline(text: str) -> str:
    """A message without what differs from project to project: names in quotes, numbers, paths."""
    text = re.sub(r"""(['"`]).*?\1""", "X", text)
    return re.sub(r"\S*/\S+|\d+", "N", text)[:90]


def shrunk(oracle: Oracle, found: Comparison) -> Comparison:
    """The same disagreement on as small a project as leaving things out leads to."""
    smaller = True
    while smaller:
        smaller = False
        for candidate in simpler(found.project):
            tried = compare(oracle, candidate)
            if (tried.verdict, tried.about) == (found.verdict, found.about):
                found, smaller = tried, True
                break
    return found


def simpler(project: Project) -> Iterator[Project]:
    """The project with one thing fewer, largest steps first; its first ingredient, a sound test, stays."""
    first, *rest = project.ingredients
    parts = tuple(rest)
    half = len(parts) // 2
    if half > 1:
        yield project._replace(ingredients=(first, *parts[half:]))
        yield project._replace(ingredients=(first, *parts[:half]))
    for number in range(len(parts)):
        yield project._replace(ingredients=(first, *parts[:number], *parts[number + 1 :]))
    for number, part in enumerate(parts):
        if isinstance(part, Code) and part.around:
            yield project._replace(ingredients=(first, *parts[:number], part._replace(around=""), *parts[number + 1 :]))
    for plugin in project.plugins:
        yield project._replace(plugins=tuple(other for other in project.plugins if other != plugin))
    if project.importable:
        yield project._replace(importable=False)
    if project.form not in ("pytest.ini", "pytest.toml"):
        yield project._replace(form="pytest.ini")


def case_text(found: Comparison) -> str:
    """The project as a case file for tests/cases, not yet recorded."""
    files = files_of(found.project, declared(found.project.stack, found.project.plugins))
    standard = "requirements-test.txt" in files and not any(
        line for line in files["requirements-test.txt"].split() if "==" not in line
    )
    if standard:
        del files["requirements-test.txt"]
    rows = [f"# {found.project.stack}: {found.verdict}: {found.about}", f"# pytest: {found.answer.says}"]
    rows += [f"# precollect: {item.place}: {item.kind} {item.rule}: {item.message}" for item in found.findings]
    if found.error:
        rows.append(f"# precollect: {found.error}")
    rows.append('title = ""')
    if found.project.start:
        rows.append(f'start = "{found.project.start}"')
    if found.project.launch is not None:
        rows.append(f"arguments = {json.dumps(found.project.launch.words)}")
    if found.project.plugins:
        rows.append(f"plugins = [{', '.join(repr(name) for name in found.project.plugins)}]".replace("'", '"'))
    if not standard:
        rows.append("declared = false")
    rows.append("\n[files]")
    rows += [f'"{path}" = {_block(text)}' for path, text in files.items()]
    return "\n".join(rows) + "\n"


def _block(text: str) -> str:
    if "'''" in text:
        return '"""\n' + text.replace("\\", "\\\\").replace('"""', '\\"""') + '"""'
    return f"'''\n{text}'''"
