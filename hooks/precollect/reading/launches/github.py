"""GitHub workflows: the calls of pytest in the `run` of their steps.

Source: GitHub's documentation, "Workflow syntax for GitHub Actions".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from precollect.reading.launchers import VARIABLES
from precollect.reading.launches import yaml
from precollect.reading.launches.calls import Call, Surroundings, calls
from precollect.reading.launches.piece import Piece
from precollect.reading.launches.yaml import UNKNOWN, Node
from precollect.reading.text import Text

EXPRESSION: Final = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
SHELLS: Final = frozenset({"bash", "sh", "bash -l {0}", "bash -el {0}", "bash -leo pipefail {0}"})
# Actions that install no distribution and leave the checkout as it is.
HARMLESS: Final = frozenset(
    {
        *("actions/cache", "actions/cache/restore", "actions/cache/save", "actions/checkout", "actions/setup-node"),
        *("actions/setup-python", "actions/upload-artifact", "astral-sh/setup-uv", "codecov/codecov-action"),
        *("docker/login-action", "docker/setup-buildx-action", "docker/setup-qemu-action", "extractions/setup-just"),
        *("pdm-project/setup-pdm", "pypa/hatch", "snok/install-poetry", "step-security/harden-runner"),
        *("abatilo/actions-poetry", "yezz123/setup-uv", "hynek/setup-cached-uv", "actions/setup-java"),
    }
)


def read(source: Text) -> Iterator[Call]:
    """The calls in one workflow."""
    workflow = yaml.read(source)
    if not isinstance(workflow, dict):
        return
    jobs = workflow.get("jobs")
    for job in jobs.values() if isinstance(jobs, dict) else ():
        if isinstance(job, dict) and not _may_fail(job) and not _is_switched_off(job):
            yield from _job(workflow, job)


def _job(workflow: Mapping[str, Node], job: Mapping[str, Node]) -> Iterator[Call]:
    steps = job.get("steps")
    if not isinstance(steps, list) or any(step is UNKNOWN for step in steps):
        return
    why_open = "the job runs in a container" if "container" in job else ""
    checked_out = files_made = False
    for step in steps:
        if not isinstance(step, dict):
            return
        action = _text(step, "uses")
        if action is None:
            return
        if action:
            name = action.partition("@")[0]
            if name == "actions/checkout":
                if not _checks_out_here(step):
                    return
                checked_out = True
            elif name not in HARMLESS:
                why_open = why_open or f"{name} may install what no file declares"
            continue
        script = step.get("run")
        if not isinstance(script, Piece):
            return
        folder = _working_folder(workflow, job, step)
        shells = [_text(level, "shell") for level in (step, *_defaults(job, workflow)) if "shell" in level]
        if not shells and _is_on_windows(job):
            shells = ["pwsh"]
        around = Surroundings("" if checked_out else None, yaml.texts("env", VARIABLES, workflow, job, step), why_open)
        around.files_made = files_made
        if folder is None or (shells and shells[0] not in SHELLS):
            around.folder = None
        else:
            around.changed(folder)
        found = list(calls(script, around, EXPRESSION))
        why_open, files_made = around.why_open, around.files_made
        if any(name in script.text for name in VARIABLES) and "GITHUB_ENV" in script.text:
            return
        if "if" not in step and not _may_fail(step):
            yield from found


def _may_fail(node: Mapping[str, Node]) -> bool:
    """Whether failures of a job or a step are foreseen."""
    return _text(node, "continue-on-error") not in {"", "false"}


def _is_switched_off(job: Mapping[str, Node]) -> bool:
    """Whether a job never runs: `if: false`."""
    condition = _text(job, "if")
    return condition is not None and condition.removeprefix("${{").removesuffix("}}").strip() == "false"


def _is_on_windows(job: Mapping[str, Node]) -> bool:
    """Whether a job runs on Windows, where steps that name no shell are written for PowerShell."""
    runner = job.get("runs-on")
    labels = runner if isinstance(runner, list) else [runner]
    return any(isinstance(label, Piece) and "windows" in label.text.lower() for label in labels)


def _text(node: Mapping[str, Node], key: str) -> str | None:
    """The text of a key; "" where it is not there, None where it is not known."""
    value = node.get(key)
    return "" if value is None else value.text if isinstance(value, Piece) else None


def _checks_out_here(step: Mapping[str, Node]) -> bool:
    """Whether a checkout brings this commit into the folder where steps start."""
    inputs = step.get("with", {})
    return isinstance(inputs, dict) and inputs.keys().isdisjoint({"path", "repository", "ref"})


def _defaults(*levels: Mapping[str, Node]) -> Iterator[Mapping[str, Node]]:
    """`defaults.run` of a job and of its workflow."""
    for level in levels:
        defaults = level.get("defaults")
        run = defaults.get("run") if isinstance(defaults, dict) else None
        if isinstance(run, dict):
            yield run


def _working_folder(*levels: Mapping[str, Node]) -> str | None:
    """The working directory of a step; "" for where all steps start, None where it is not known."""
    workflow, job, step = levels
    for level in (step, *_defaults(job, workflow)):
        if "working-directory" in level:
            text = _text(level, "working-directory")
            return None if text is None or EXPRESSION.search(text) else text
    return ""
