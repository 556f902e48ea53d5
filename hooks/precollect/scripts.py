"""The console scripts of single concerns: a function for each hook, which gives the exit status.

They stand apart from their concerns, as a run that has nothing new to judge imports no rule.
"""

from __future__ import annotations

from precollect.cli import run


def plugin_disablers() -> int:
    """Disabled plugins alone."""
    return run("plugin-disablers")


def strict_markers() -> int:
    """Marks and markers alone."""
    return run("strict-markers")


def reruns_policy() -> int:
    """Reruns alone."""
    return run("reruns-policy")


def asyncio_mode() -> int:
    """Asynchronous tests alone."""
    return run("asyncio-mode")


def config_file() -> int:
    """The configuration file alone."""
    return run("config-file")


def addopts() -> int:
    """The command line alone."""
    return run("addopts")


def requirements() -> int:
    """Requirements alone."""
    return run("requirements")


def test_layout() -> int:
    """What collection visits alone."""
    return run("test-layout")
