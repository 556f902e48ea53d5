"""What is measured: a copy of this checkout as an installation would have it, and commands that run in clean air."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

CHECKOUT = Path(__file__).resolve().parents[1]
# Hook → what it calls, as [project.scripts] has it.
HOOKS = {
    "precollect": "precollect.scripts:precollect",
    "pytest-plugin-disablers": "precollect.scripts:plugin_disablers",
    "pytest-strict-markers": "precollect.scripts:strict_markers",
    "pytest-reruns-policy": "precollect.scripts:reruns_policy",
    "pytest-asyncio-mode": "precollect.scripts:asyncio_mode",
    "pytest-config-file": "precollect.scripts:config_file",
    "pytest-addopts": "precollect.scripts:addopts",
    "pytest-requirements": "precollect.scripts:requirements",
    "pytest-test-layout": "precollect.scripts:test_layout",
}
SCRIPT = """\
import sys
sys.path[0] = {packages!r}
from {module} import {function}
{function}()
"""
NOTHING = (sys.executable, "-c", "pass")


class Program(NamedTuple):
    """`packages`: the folder that holds the package; `scripts`: the one with a script for each hook."""

    packages: Path
    scripts: Path

    def words(self, hook: str = "precollect") -> list[str]:
        """The command that runs a hook."""
        return [sys.executable, str(self.scripts / hook)]


def install(folder: Path, checkout: Path = CHECKOUT) -> Program:
    """Copy the package of a checkout into a folder; the first run compiles it, which no measurement should contain."""
    packages, scripts = folder / "packages", folder / "scripts"
    left_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(checkout / "hooks" / "precollect", packages / "precollect", ignore=left_out)
    scripts.mkdir()
    for hook, called in HOOKS.items():
        module, _, function = called.partition(":")
        (scripts / hook).write_text(SCRIPT.format(packages=str(packages), module=module, function=function))
    return Program(packages, scripts)


def clean_environment(home: Path, cache: Path) -> dict[str, str]:
    """The environment without variables that slow Python down or show it other modules, with a home of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "GIT_"))}
    return {**kept, "XDG_CACHE_HOME": str(cache), "HOME": str(home), "NO_COLOR": "1"}


class Run(NamedTuple):
    """Wall time and processor time of a process and its children in seconds, their peak memory in bytes."""

    seconds: float
    work: float
    memory: int


def run(words: Sequence[str], folder: Path, env: dict[str, str], expected: Sequence[int] = (0,)) -> Run:
    """Run a command once. Raises SystemExit with its output where it does not end as expected.

    The memory is never less than what this process itself takes, as a process begins as a copy of its parent.
    """
    with tempfile.TemporaryFile("w+") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            words, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in expected:
            output.seek(0)
            raise SystemExit(f"{' '.join(words)}: exit {process.returncode}: {output.read(5000)}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)
