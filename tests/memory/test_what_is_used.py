"""What a clean run of a usual suite asks of its test modules: what their bytes show, not their content."""

from __future__ import annotations

from pathlib import Path

from precollect.concerns.rulebook import MODULES, RuleBook
from precollect.judging import Scope, judge
from precollect.reading.tree import open_tree
from precollect.settings import Settings
from running import repository

MODULE = """\
import asyncio

import pytest


@pytest.fixture
def cart():
    return []


@pytest.mark.slow
@pytest.mark.parametrize(("a", "b"), [(1, 2), (3, 4)])
def test_numbers_{number}(a, b, tmp_path):
    assert a < b


@pytest.mark.asyncio
async def test_later_{number}(cart):
    await asyncio.sleep(0)
    assert cart == []


class TestCart:
    def test_size_{number}(self, cart, monkeypatch):
        assert len(cart) == 0
"""
CONFIGURATION = "[pytest]\naddopts = --strict-markers\nasyncio_mode = strict\nmarkers =\n    slow: takes long\n"
PINS = "pytest==8.4.2\npytest-asyncio==1.2.0\npytest-mock==3.15.1\n"


def test_no_module_is_read_where_its_sketch_leaves_no_question(tmp_path: Path) -> None:
    modules = {f"tests/test_{number}.py": MODULE.replace("{number}", str(number)) for number in range(120)}
    folder = repository(tmp_path, {"pytest.ini": CONFIGURATION, "requirements-test.txt": PINS, **modules})
    tree = open_tree(str(folder))

    found = judge(tree, Scope([""], Settings(), tuple(MODULES), (), RuleBook())).findings

    assert found == []
    assert tree.used & modules.keys() == set()
