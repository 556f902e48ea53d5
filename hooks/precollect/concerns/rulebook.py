"""Every concern with its module, every rule by name. Modules are imported when they are first needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from precollect.findings import Finding, Rule
    from precollect.model.project import Project

MODULES = {
    "plugin-disablers": "precollect.concerns.plugin_disablers",
    "strict-markers": "precollect.concerns.strict_markers",
    "reruns-policy": "precollect.concerns.reruns_policy",
    "asyncio-mode": "precollect.concerns.asyncio_mode",
    "config-file": "precollect.concerns.config_file",
    "addopts": "precollect.concerns.addopts",
    "requirements": "precollect.concerns.requirements",
    "test-layout": "precollect.concerns.test_layout",
}


class ConcernModule(Protocol):
    """What the module of a concern offers."""

    RULES: tuple[Rule, ...]

    def check(self, project: Project) -> Iterator[Finding]:
        """The findings of the concern."""


def concern(name: str) -> ConcernModule:
    """The module of a concern."""
    return cast(ConcernModule, import_module(MODULES[name]))


class RuleBook(Mapping[str, "Rule"]):
    """All rules by name, those about comments included."""

    @cached_property
    def _rules(self) -> dict[str, Rule]:
        from precollect import suppressions

        rules = [rule for name in MODULES for rule in concern(name).RULES]
        return {rule.name: rule for rule in (*rules, *suppressions.RULES)}

    def __getitem__(self, name: str) -> Rule:
        return self._rules[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)
