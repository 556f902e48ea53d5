"""The introspection finds out who registers what, on a plugin written here and the pytest of this environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from precollect.catalog.environments import INTROSPECT

PLUGIN = """
import pytest

pytest_plugins = ["inhouse.more"]

def pytest_addhooks(pluginmanager):
    from inhouse import newhooks
    pluginmanager.add_hookspecs(newhooks)

def pytest_addoption(parser):
    group = parser.getgroup("inhouse")
    group.addoption("--level", "-L", type=int, default=3, choices=[1, 2, 3], help="how deep")
    group.addoption("--all", dest="everything", action="store_true")
    group.addoption("--pick", action="append", nargs=2)
    parser.addini("inhouse_level", "how deep", type="args", default=["a", "b"])
    parser.addini("inhouse_where", "", default="/a/path/of/this/machine")
    parser.addini("inhouse_lines", "", type="linelist", default=["one"])
    if parser is None:
        parser.addoption("--never", action="store_true")
        parser.addini("inhouse_never", "")

class Late:
    def pytest_collect_file(self, file_path):
        pass

class OnlyIfAskedFor:
    def pytest_pyfunc_call(self, pyfuncitem):
        pass

    def pytest_inhouse_thing(self, config, item):
        pass

def pytest_configure(config):
    config.addinivalue_line("markers", "inhouse(n): text: more")
    config.addinivalue_line("inhouse_lines", "two")
    config.pluginmanager.register(Late(), "inhouse-late")
    if config.getoption("everything"):
        config.addinivalue_line("markers", "everything: only with --all")

@pytest.fixture
def house():
    return 1

def pytest_sessionfinish():
    raise SystemExit("a session that never was must not end")
"""
MORE = """
import pytest

@pytest.fixture(name="garden")
def fixture_with_another_name():
    return 2

@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    for name in ("red", "green"):
        config.addinivalue_line("markers", name)
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The facts of a plugin that is installed below the folder where the measuring runs."""
    folder = tmp_path_factory.mktemp("house")
    files = {
        "inhouse/__init__.py": "",
        "inhouse/plugin.py": PLUGIN,
        "inhouse/more.py": MORE,
        "inhouse/newhooks.py": "def pytest_inhouse_thing(config, item): pass\n",
        "In_House-1.5.dist-info/METADATA": "Metadata-Version: 2.1\nName: In_House\nVersion: 1.5\n"
        "Requires-Python: >=3.9\nRequires-Dist: pytest<99,>=6.2\nRequires-Dist: anyio\n"
        "Requires-Dist: tomli; python_version < '3.11'\n"
        "Requires-Dist: trio; extra == 'trio'\n",
        "In_House-1.5.dist-info/entry_points.txt": "[pytest11]\nhome = inhouse.plugin\n",
        "In_House-1.5.dist-info/RECORD": "inhouse/__init__.py,,\ninhouse/plugin.py,,\ninhouse/more.py,,\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return measured(folder, "in.house")


def measured(folder: Path, *names: str, path: Sequence[Path] = ()) -> dict[str, Any]:
    output = folder / "facts.json"
    command = [sys.executable, INTROSPECT, str(output), *names]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [folder, *path]))}
    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (facts,) = json.loads(output.read_text())["distributions"]
    return dict(facts)


def test_the_distribution_is_described(house: dict[str, Any]) -> None:
    assert house["spelled"] == ["In_House"]
    assert house["entry_points"] == [{"name": "home", "module": "inhouse.plugin", "loaded": "default"}]
    assert house["modules"] == ["inhouse"]
    assert house["requires_pytest"] == "<99,>=6.2"
    assert house["requires_python"] == ">=3.9"
    assert house["requires"] == ["anyio", "pytest"]


def test_marks_have_their_text_and_their_owner(house: dict[str, Any]) -> None:
    assert sorted(house["marks"], key=lambda mark: str(mark["name"])) == [
        {
            "name": "everything",
            "line": "everything: only with --all",
            "owner": "home",
            "condition": "config.getoption('everything')",
        },
        {"name": "green", "line": "green", "owner": "home"},
        {"name": "inhouse", "line": "inhouse(n): text: more", "owner": "home"},
        {"name": "red", "line": "red", "owner": "home"},
    ]


def test_keys_have_their_type_and_default_but_no_path_of_this_machine(house: dict[str, Any]) -> None:
    assert house["keys"] == [
        {"name": "inhouse_level", "type": "args", "owner": "home", "default": ["a", "b"]},
        {"name": "inhouse_where", "type": "string", "owner": "home", "default": None},
        {"name": "inhouse_lines", "type": "linelist", "owner": "home", "default": ["one"]},
        {"name": "inhouse_never", "type": "string", "default": None, "owner": "home", "condition": "parser is None"},
    ]


def test_options_are_described_as_argparse_knows_them(house: dict[str, Any]) -> None:
    level, everything, pick, never = house["options"]
    assert level == {
        "names": ["--level", "-L"],
        "dest": "level",
        "action": "store",
        "type": "int",
        "choices": ["1", "2", "3"],
        "owner": "home",
    }
    assert everything == {
        "names": ["--all"],
        "dest": "everything",
        "action": "store_true",
        "nargs": 0,
        "owner": "home",
    }
    assert (pick["action"], pick["nargs"]) == ("append", 2)
    assert (never["names"], never["condition"]) == (["--never"], "parser is None")


def test_fixtures_hooks_and_late_plugins_belong_to_the_entry_point(house: dict[str, Any]) -> None:
    assert house["fixtures"] == [{"name": "garden", "owner": "home"}, {"name": "house", "owner": "home"}]
    assert house["hooks"] == [{"name": "pytest_inhouse_thing", "arguments": ["config", "item"], "owner": "home"}]
    assert house["registers"] == [{"name": "inhouse-late", "owner": "home"}, {"name": "inhouse.more", "owner": "home"}]


def test_hooks_of_pytest_are_those_that_it_implements_or_would_with_an_option(house: dict[str, Any]) -> None:
    held = {fact["name"] for fact in house["implements"] if "condition" not in fact}
    assert held == {
        *("pytest_addhooks", "pytest_addoption", "pytest_collect_file", "pytest_configure", "pytest_sessionfinish"),
    }
    assert [fact for fact in house["implements"] if "condition" in fact] == [
        {"name": "pytest_pyfunc_call", "owner": "home", "condition": "not registered when measured"}
    ]


def test_a_working_copy_is_described_by_the_modules_of_its_plugins(tmp_path: Path) -> None:
    """As `pip install --editable` leaves it: the files that are installed only lead to the modules."""
    files = {
        "source/inhouse/__init__.py": "",
        "source/inhouse/plugin.py": PLUGIN.replace('pytest_plugins = ["inhouse.more"]', ""),
        "source/inhouse/newhooks.py": "def pytest_inhouse_thing(config, item): pass\n",
        "__editable___inhouse_1_5_finder.py": "",
        "inhouse-1.5.dist-info/METADATA": "Metadata-Version: 2.1\nName: inhouse\nVersion: 1.5.dev2\n",
        "inhouse-1.5.dist-info/entry_points.txt": "[pytest11]\nhome = inhouse.plugin\n",
        "inhouse-1.5.dist-info/RECORD": "__editable___inhouse_1_5_finder.py,,\n__editable__.inhouse-1.5.pth,,\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    facts = measured(tmp_path, "inhouse", path=[tmp_path / "source"])
    assert facts["version"] == "1.5.dev2"
    assert facts["modules"] == ["inhouse"]
    conditions = {mark["name"]: mark.get("condition", "") for mark in facts["marks"]}
    assert conditions == {"inhouse": "", "everything": "config.getoption('everything')"}


def test_a_plugin_that_pytest_cannot_load_gives_a_message_and_no_file(tmp_path: Path) -> None:
    (tmp_path / "broken-1.0.dist-info").mkdir()
    (tmp_path / "broken-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (tmp_path / "broken-1.0.dist-info" / "entry_points.txt").write_text("[pytest11]\nbroken = no_such_module\n")
    output = tmp_path / "facts.json"
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, INTROSPECT, str(output)], env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "no_such_module" in done.stdout + done.stderr
    assert not output.exists()


def test_the_own_facts_of_pytest_have_its_built_in_plugins_as_owners(tmp_path: Path) -> None:
    facts = measured(tmp_path, "pytest")
    owner = {mark["name"]: mark["owner"] for mark in facts["marks"]}
    assert owner["skip"] == "skipping"
    assert owner["parametrize"] == "python"
    assert owner["filterwarnings"] == "warnings"
    loaded = {plugin["name"]: plugin["loaded"] for plugin in facts["entry_points"]}
    assert (loaded["mark"], loaded["doctest"], loaded["pytester"]) == ("always", "default", "asked")
    assert {"name": "xfail_strict", "alias_of": "strict_xfail"}.items() <= next(
        key for key in facts["keys"] if key["name"] == "xfail_strict"
    ).items()
