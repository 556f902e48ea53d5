"""Cases: small projects, and what the real pytest did with each of them.

A case is one TOML file in the folder of its concern:

    title       one line: what is wrong, or right, with this project
    plugins     distributions of stacks.toml that are installed beside pytest (default: none)
    stacks      the stacks that the case makes sense on (default: all)
    declared    true (default): a requirements-test.txt names the exact versions, so that files can tell them
    start       the folder that pytest is started in (default ".")
    env         further environment variables
    arguments   words that pytest is started with: those of a call in a file of the case
    importable  true where the project's own packages can be imported, as after `pip install -e .`
    loses       true where pytest is content although tests or settings are lost
    undecidable why files alone cannot tell that pytest fails, where they cannot: precollect has to be silent
    [files]     path -> text, written byte for byte as UTF-8
    [recorded]  stack -> what pytest did; written by record.py, never by hand

A recording holds `collect`, the exit status of `pytest --collect-only`; `run`, that of a plain run, where collection
was possible; `tests`, how many were collected; `says`, the line that tells why pytest failed; `warns`, the first
warning of pytest's own where it did not fail.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, Literal, NamedTuple

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).parent
Truth = Literal["broken", "lossy", "sound"]

# Pytest warns, goes on, and something that the author wrote has no effect.
LOSS = re.compile(r"Unknown config option|No files were found in testpaths|cannot collect test class")


class Recording(NamedTuple):
    """What one stack's pytest did; `run` is None where it did not get as far as a run."""

    collect: int
    run: int | None
    tests: int
    says: str = ""
    warns: str = ""


class Case(NamedTuple):
    """One case file; `recorded` is empty until record.py has run."""

    path: Path
    title: str
    plugins: list[str]
    stacks: list[str]
    declared: bool
    start: str
    env: dict[str, str]
    arguments: list[str]
    importable: bool
    loses: bool
    undecidable: str
    files: dict[str, str]
    recorded: dict[str, Recording]

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"


def read_stacks() -> dict[str, dict[str, list[str]]]:
    """Stack → distribution → its pins ("pytest==8.4.2"), itself first."""
    stacks: dict[str, dict[str, list[str]]] = tomllib.loads((FOLDER / "stacks.toml").read_text(encoding="utf-8"))
    return stacks


STACKS = read_stacks()


def read_case(path: Path) -> Case:
    """The case in a file; ValueError names the file where it has keys that mean nothing."""
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    if unknown := sorted(data.keys() - set(Case._fields)):
        raise ValueError(f"{path}: unknown keys: {', '.join(unknown)}")
    return Case(
        path=path,
        title=data["title"],
        plugins=data.get("plugins", []),
        stacks=data.get("stacks", list(STACKS)),
        declared=data.get("declared", True),
        start=data.get("start", "."),
        env=data.get("env", {}),
        arguments=data.get("arguments", []),
        importable=data.get("importable", False),
        loses=data.get("loses", False),
        undecidable=data.get("undecidable", ""),
        files=data["files"],
        recorded={stack: Recording(**{"run": None, **facts}) for stack, facts in data.get("recorded", {}).items()},
    )


def all_cases() -> list[Case]:
    """Every case, in order of its name."""
    return [read_case(path) for path in sorted(FOLDER.glob("*/*.toml"))]


def lay_out(case: Case, stack: str, root: Path) -> None:
    """Write the case's project into an existing folder."""
    for name, text in case.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    if case.declared:
        pins = [STACKS[stack][name][0] for name in ["pytest", *case.plugins]]
        (root / "requirements-test.txt").write_text("\n".join(pins) + "\n", encoding="utf-8")


def truth(case: Case, stack: str) -> Truth:
    """What the recording says of the project.

    broken: pytest does not collect, collects nothing, or collects and then fails because of the configuration.
    lossy: pytest is content, but tests or settings are lost. sound: anything else.
    """
    seen = case.recorded[stack]
    if seen.collect or seen.run:
        return "broken"
    return "lossy" if case.loses or LOSS.search(seen.warns) else "sound"


def write_recording(case: Case, recorded: dict[str, Recording]) -> None:
    """Put a recording in the place of the one in the case's file; all above `[recorded]` stays as it is."""
    text = case.path.read_text(encoding="utf-8")
    head = text.rpartition("\n[recorded]\n")[0] if case.recorded else text
    rows = [f'"{stack}" = {{ {", ".join(_facts(seen))} }}' for stack, seen in recorded.items()]
    case.path.write_text("\n".join([head.rstrip("\n"), "", "[recorded]", *rows, ""]), encoding="utf-8")


def _facts(seen: Recording) -> list[str]:
    facts = [f"collect = {seen.collect}"]
    if seen.run is not None:
        facts.append(f"run = {seen.run}")
    facts.append(f"tests = {seen.tests}")
    facts += [f"{key} = {_quoted(text)}" for key, text in (("says", seen.says), ("warns", seen.warns)) if text]
    return facts


def _quoted(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\u{ord(match[0]):04x}", text) + '"'
