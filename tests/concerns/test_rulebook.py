"""Every concern has its module, every rule its own name and rows in the tests of its concern."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from unittest import mock

import pytest

import ourselves
from precollect import scripts, suppressions
from precollect.concerns.rulebook import MODULES, RuleBook, concern
from precollect.judging import GRAVITY


@pytest.mark.parametrize("name", MODULES)
def test_a_concern_is_a_module_with_rules_a_check(name: str) -> None:
    module = import_module(MODULES[name])
    rules = concern(name).RULES

    assert name == module.CONCERN
    assert callable(module.check)
    assert rules
    assert {rule.concern for rule in rules} == {name}
    assert {rule.kind for rule in rules} <= set(GRAVITY)


def test_a_rule_has_a_speaking_name_of_its_own() -> None:
    rules = [rule for name in MODULES for rule in concern(name).RULES] + list(suppressions.RULES)
    names = Counter(rule.name for rule in rules)

    assert [name for name, count in names.items() if count > 1] == []
    assert [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z]+)+", name)] == []
    assert [rule.name for rule in rules if not rule.summary or rule.summary.endswith(".")] == []
    assert set(RuleBook()) == set(names)


@pytest.mark.parametrize("name", MODULES)
def test_a_rule_occurs_in_the_tests_of_its_concern(name: str) -> None:
    text = ourselves.text(f"tests/concerns/test_{name.replace('-', '_')}.py")

    assert [rule.name for rule in concern(name).RULES if not re.search(rf"\b{rule.name}\b(?!-)", text)] == []


@pytest.mark.parametrize("name", MODULES)
def test_a_concern_is_found_by_its_hook_and_its_command(name: str) -> None:
    hooks = ourselves.text(".pre-commit-hooks.yaml")
    project = ourselves.text("pyproject.toml")

    assert f"id: pytest-{name}\n" in hooks
    assert f'pytest-{name} = "precollect.scripts:{name.replace("-", "_")}"' in project
    assert concern_run_by(getattr(scripts, name.replace("-", "_"))) == name


def concern_run_by(script: Callable[[], object]) -> object:
    """The concern that a console script runs."""
    with mock.patch("precollect.cli.run", return_value=0) as run, mock.patch("os._exit"), mock.patch("gc.disable"):
        script()
    return run.call_args.args[0]
