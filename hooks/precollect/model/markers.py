"""Markers: the names that are registered, by whom, and from which moment on.

Source: `_pytest/mark/structures.py` `MarkGenerator.__getattr__`, `Config._iter_registered_markers`,
`Config.addinivalue_line`; 7.4.4, 8.4.2, 9.2.0.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from precollect.findings import Place
from precollect.model.plugins import Plugins, Standing
from precollect.reading.python.facts import Module

# A registration in one of these hooks comes after test modules have been imported.
LATE_HOOKS = frozenset(
    {
        "pytest_collection_modifyitems",
        "pytest_collection_finish",
        "pytest_itemcollected",
        "pytest_generate_tests",
        "pytest_runtestloop",
        "pytest_runtest_setup",
        "pytest_runtest_call",
        "pytest_sessionfinish",
        "pytest_terminal_summary",
        "pytest_unconfigure",
    }
)
# pytest refuses these names with a hint, strict or not.
MISSPELLED = frozenset({"parameterize", "parametrise", "parameterise"})
# Marks that are meant to give a test its arguments.
PARAMETRIZE = MISSPELLED | {"parametrize"}


class Registered(NamedTuple):
    """A marker of the project's own. `since`: the number of the step that registers it, -1 from the start."""

    name: str
    place: Place
    since: int = -1


class Source(NamedTuple):
    """A conftest or local plugin that may register markers. `since`: as in Registered."""

    path: str
    module: Module
    since: int = -1


def name_of(line: str) -> str:
    """The name that a line of `markers` registers."""
    return line.split(":", 1)[0].split("(", 1)[0].strip()


class Markers:
    """The markers of one start of pytest."""

    def __init__(self, lines: Iterable[tuple[str, Place]], sources: Iterable[Source], plugins: Plugins) -> None:
        """`lines`: of the key `markers`."""
        self.lines = [Registered(name_of(line), place) for line, place in lines]
        self._plugins = plugins
        self._given = plugins.marks
        self.own: dict[str, list[Registered]] = {}
        self.why_open = ""
        for registered in self.lines:
            self.own.setdefault(registered.name, []).append(registered)
        for path, module, since in sources:
            if module.registers_open or module.unknown:
                self.why_open = self.why_open or module.registers_open or f"{path}: {module.unknown}"
            for registration in module.registers:
                if registration.hook in LATE_HOOKS:
                    continue
                place = Place(path, registration.line, registration.column)
                name = name_of(registration.text)
                self.own.setdefault(name, []).append(Registered(name, place, since))

    @property
    def names(self) -> list[str]:
        """Every registered name, the project's own first."""
        return [*self.own, *(name for name in self._given if name not in self.own)]

    def from_the_start(self, name: str) -> bool:
        """Whether a mark is registered before anything is collected."""
        return name in self._given or any(registered.since < 0 for registered in self.own.get(name, ()))

    def standing(self, name: str, step: int | None = None) -> Standing:
        """Who registers a mark by the time of a collection step; `step` None: at any time."""
        if any(step is None or registered.since < step for registered in self.own.get(name, ())):
            return Standing("given")
        if name in self._given:
            return Standing("given", "pytest" if name in self._plugins.pytest.marks else "")
        if self.why_open:
            return Standing("unknown")
        return self._plugins.standing("mark", name)
