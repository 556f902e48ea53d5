"""Put tools that people use today beside precollect, on recorded cases: which says something, and how long a run takes.

    python benchmarks/compare.py            # print the tables; needs the package registry, about two minutes
    python benchmarks/compare.py --write    # and put them into benchmarks/README.md

pytest runs with what a project declares installed; the other tools in an environment of their own. A tool says
something about a project when it reports, by rule or message, what it reports about none of the sound projects: so
that a tool which asks every project for a README is neither blamed for that nor praised.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from program import CHECKOUT, Program, clean_environment, install, run
from run import machine, write_figures

sys.path.insert(0, str(CHECKOUT / "tests" / "cases"))
from case_files import FOLDER, Case, lay_out, read_case
from record import COMMAND, bare_python, installed, pins_of

STACK = "8.4.2"
REQUIREMENTS = ("sp-repo-review[cli]", "validate-pyproject[all]", "validate-pyproject-schema-store", "ruff")
REPETITIONS = 5
EXAMPLE = CHECKOUT / "examples" / "disabled-plugins"
PYPROJECT = '[project]\nname = "courier"\nversion = "1.0"\n'
# What the real pytest fails at: one kind or two of each concern, as the field has them.
BROKEN = (
    "plugin-disablers/cov-off-threshold-left",
    "strict-markers/strict-flag-unregistered-decorator",
    "addopts/option-misspelt",
    "addopts/path-renamed",
    "addopts/path-that-gitignore-names",  # which files alone cannot tell
    "requirements/timeout-option-without-the-plugin",
    "requirements/fixture-of-an-absent-plugin",
    "asyncio-mode/asyncio-mode-typo",
    "asyncio-mode/async-test-nobody-runs",
    "config-file/list-for-a-boolean",
    "config-file/table-name-with-letters-missing",
    "reruns-policy/reruns-option-without-the-plugin",
    "test-layout/packages-tests-twice",
    "test-layout/merge-conflict",
    "test-layout/parametrize-too-few-values",
)
SOUND = (
    "asyncio-mode/async-tests-in-auto-mode",
    "strict-markers/conftest-registers-in-a-loop",
    "strict-markers/markers-toml-multiline-string",
)


class Project(NamedTuple):
    """A project laid out in a repository; `path` is what PYTHONPATH has to hold for its pytest."""

    title: str
    folder: Path
    path: str


class Tool(NamedTuple):
    """A command, and what it reports in its output: rules or messages, nothing where it is content."""

    name: str
    words: Sequence[str]
    reported: Callable[[int, str], set[str]]
    needs: str = ""
    """The file without which there is nothing to run it on."""


def status_of_pytest(status: int, _: str) -> set[str]:
    return {f"exit {status}"} if status else set()


def rules_of_ruff(_: int, output: str) -> set[str]:
    return {str(each["code"]) for each in json.loads(output)}


def failed_checks(_: int, output: str) -> set[str]:
    """sp-repo-review's; it prints no JSON where it cannot read a file, which says something as well."""
    try:
        checks = json.loads(output)["checks"]
    except ValueError:
        return {"stopped"}
    return {name for name, check in checks.items() if check["result"] is False}


def message_of_validator(status: int, output: str) -> set[str]:
    return {output.strip()} if status else set()


def rules_of_precollect(status: int, output: str) -> set[str]:
    if status not in (0, 1):
        raise SystemExit(f"precollect: exit {status}: {output}")
    return set(re.findall(r"^\S+:\d+:\d+: ([a-z-]+): ", output, flags=re.MULTILINE))


def scripts_of(scratch: Path) -> Path:
    """The folder of the commands of the tools' environment."""
    return scratch / "tools" / ("Scripts" if sys.platform == "win32" else "bin")


def tools(scratch: Path, program: Program) -> list[Tool]:
    """All tools, installed."""
    venv.create(scratch / "tools", with_pip=True)
    scripts = scripts_of(scratch)
    subprocess.run([scripts / "python", "-m", "pip", "install", "--quiet", *REQUIREMENTS], check=True)
    pytest = scratch / "pytest"
    pytest.write_text(COMMAND)
    ruff = [str(scripts / "ruff"), "check", "--select", "PT", "--output-format", "json", "--no-cache"]
    review = [str(scripts / "sp-repo-review"), "--format", "json", "."]
    validate = [str(scripts / "validate-pyproject"), "pyproject.toml"]
    return [
        Tool("`pytest --collect-only -q`", [str(bare_python()), str(pytest), "--collect-only", "-q"], status_of_pytest),
        Tool("`ruff check --select PT`", ruff, rules_of_ruff),
        Tool("`sp-repo-review`", review, failed_checks),
        Tool("`validate-pyproject`", validate, message_of_validator, needs="pyproject.toml"),
        Tool("`precollect`", program.words(), rules_of_precollect),
    ]


def repository(folder: Path) -> None:
    """Stage all of a folder, in a repository that begins with it."""
    for words in (["init", "--quiet", "--template="], ["add", "--all"]):
        subprocess.run(["git", *words], cwd=folder, check=True)


def project_of(case: Case, scratch: Path) -> Project:
    """A case's project as the stack declares it."""
    folder = scratch / case.name
    folder.mkdir(parents=True)
    lay_out(case, STACK, folder)
    repository(folder)
    return Project(case.title, folder, os.pathsep.join(str(installed(pin)) for pin in pins_of(case, STACK)))


def example(scratch: Path, name: str) -> Project:
    """The example of this checkout. Its requirements are those of the case that it was made of."""
    folder = scratch / name
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    like = read_case(FOLDER / "plugin-disablers" / "seed-disabled-asyncio.toml")
    (folder / "pyproject.toml").write_text(PYPROJECT)
    repository(folder)
    path = os.pathsep.join(str(installed(pin)) for pin in pins_of(like, STACK))
    return Project("`examples/disabled-plugins`: ninety-two tests, two plugins disabled", folder, path)


def environment_of(tool: Tool, project: Project, scratch: Path) -> dict[str, str]:
    env = clean_environment(scratch, scratch / "cache")
    env = {**env, "VALIDATE_PYPROJECT_NO_NETWORK": "1"}
    return {**env, "PYTHONPATH": project.path} if tool.reported is status_of_pytest else env


def reports(tool: Tool, project: Project, scratch: Path) -> set[str]:
    """What a tool reports of a project."""
    if tool.needs and not (project.folder / tool.needs).exists():
        return set()
    env = environment_of(tool, project, scratch)
    done = subprocess.run(
        tool.words, cwd=project.folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if tool.reported is message_of_validator:
        return tool.reported(done.returncode, done.stdout + done.stderr)
    return tool.reported(done.returncode, done.stdout)


def verdicts(all_tools: Sequence[Tool], broken: Sequence[Project], sound: Sequence[Project], scratch: Path) -> str:
    """The table of what each tool says of each project."""
    usual = {tool.name: set[str]().union(*(reports(tool, each, scratch) for each in sound)) for tool in all_tools}
    lines = [
        f"| what is wrong | {' | '.join(tool.name for tool in all_tools)} |",
        f"|---|{':-:|' * len(all_tools)}",
    ]
    counts = dict.fromkeys(usual, 0)
    for project in broken:
        cells = []
        for tool in all_tools:
            said = bool(reports(tool, project, scratch) - usual[tool.name])
            counts[tool.name] += said
            cells.append("yes" if said else "")
        lines.append(f"| {project.title} | {' | '.join(cells)} |")
    lines.append(f"| **of {len(broken)}** | {' | '.join(str(count) for count in counts.values())} |")
    objected = [sum(bool(reports(tool, each, scratch)) for each in sound) for tool in all_tools]
    lines.append(f"| **sound projects reported, of {len(sound)}** | {' | '.join(map(str, objected))} |")
    return "\n".join(lines)


def times(all_tools: Sequence[Tool], mended: Project, scratch: Path) -> str:
    """The table of times on a project that breaks nothing, so that no tool stops early."""
    anyhow = range(256)
    measured: dict[str, list[float]] = {}
    for _ in range(REPETITIONS + 1):
        for tool in all_tools:
            env = environment_of(tool, mended, scratch)
            if tool.reported is rules_of_precollect:
                shutil.rmtree(scratch / "cache", ignore_errors=True)
                measured.setdefault("`precollect`, cold", []).append(run(tool.words, mended.folder, env).seconds)
                measured.setdefault("`precollect`, warm", []).append(run(tool.words, mended.folder, env).seconds)
            else:
                measured.setdefault(tool.name, []).append(run(tool.words, mended.folder, env, anyhow).seconds)
    lines = ["| one run | median |", "|---|--:|"]
    for name, seconds in measured.items():  # the first run compiled, and filled the system's memory
        lines.append(f"| {name} | {statistics.median(seconds[1:]) * 1000:,.0f} ms |")
    return "\n".join(lines)


def versions(scratch: Path) -> str:
    """The versions of the tools that are compared, as "ruff 0.1, ..."."""
    words = [str(scripts_of(scratch) / "python"), "-m", "pip", "list", "--format", "json"]
    listed: list[dict[str, str]] = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    found = {each["name"].lower().replace("_", "-"): each["version"] for each in listed}
    names = ("ruff", "sp-repo-review", "validate-pyproject", "validate-pyproject-schema-store")
    return ", ".join([f"pytest {STACK}", *(f"{name} {found[name]}" for name in names)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="compare-") as folder:
        scratch = Path(folder)
        program = install(scratch / "precollect")
        all_tools = tools(scratch, program)
        cases = [[read_case(FOLDER / f"{name}.toml") for name in names] for names in (BROKEN, SOUND)]
        broken, sound = ([project_of(case, scratch / "projects") for case in each] for each in cases)
        mended = example(scratch, "mended")
        run([*program.words(), "--fix"], mended.folder, environment_of(all_tools[-1], mended, scratch), (1,))
        subprocess.run(["git", "add", "--all"], cwd=mended.folder, check=True)
        first = verdicts(all_tools, [example(scratch, "disabled-plugins"), *broken], [mended, *sound], scratch)
        text = "\n".join(
            [
                f"{machine()} {versions(scratch)}.",
                "",
                first,
                "",
                f"On `examples/disabled-plugins`, mended, median of {REPETITIONS}:",
                "",
                times(all_tools, mended, scratch),
                "",
            ]
        )
    print(text)
    if options.write:
        write_figures("compare", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
