"""The console scripts: a function for each hook, which ends the process.

They stand apart from their concerns, as a run that has nothing new to judge imports no rule.
"""

from __future__ import annotations

import gc
import os
from typing import NoReturn


def precollect() -> NoReturn:
    """Every concern, or a command."""
    _run(None)


def plugin_disablers() -> NoReturn:
    """Disabled plugins alone."""
    _run("plugin-disablers")


def strict_markers() -> NoReturn:
    """Marks and markers alone."""
    _run("strict-markers")


def reruns_policy() -> NoReturn:
    """Reruns alone."""
    _run("reruns-policy")


def asyncio_mode() -> NoReturn:
    """Asynchronous tests alone."""
    _run("asyncio-mode")


def config_file() -> NoReturn:
    """The configuration file alone."""
    _run("config-file")


def addopts() -> NoReturn:
    """The command line alone."""
    _run("addopts")


def requirements() -> NoReturn:
    """Requirements alone."""
    _run("requirements")


def test_layout() -> NoReturn:
    """What collection visits alone."""
    _run("test-layout")


def _run(concern: str | None) -> NoReturn:
    """Run, and leave without tidying up: looking for garbage and tearing modules down take a fifth of a short run.

    Nothing is lost by it: `reporting.output` flushes what it writes, and files are replaced in one step.
    """
    gc.disable()
    from precollect.cli import run  # what it brings is made without looking for garbage, too

    os._exit(run(concern))
