"""Collection: the files that the real pytest visits, in its order, and the conftest files that it loads at start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from precollect import catalog
from precollect.model.installed import Installed, releases
from precollect.model.modules import Modules
from precollect.model.project import Project, Start
from precollect.reading import environment
from precollect.reading.collection import Step, matches
from precollect.reading.tree import open_tree
from precollect.settings import Settings
from running import lay_out

TEST = "def test_one(): pass\n"
SPY = """
from pathlib import Path

ROOT = Path.cwd()

def pytest_sessionstart(session):
    names = [getattr(p, "__file__", None) for p in session.config.pluginmanager.get_plugins()]
    names = [Path(n).relative_to(ROOT).as_posix() for n in names if n and n.endswith("conftest.py")]
    print("INITIAL", *sorted(names))

def pytest_collection_modifyitems(items):
    seen = dict.fromkeys(item.path.relative_to(ROOT).as_posix() for item in items)
    print("MODULES", *seen)
"""

LAYOUTS: dict[str, dict[str, str]] = {
    "both default patterns, at any depth": {
        "test_a.py": TEST, "b_test.py": TEST, "c.py": TEST, "deep/er/test_d.py": TEST, "deep/e.py": TEST,
    },
    "files and folders in one order of names": {
        "tests/test_b.py": TEST, "tests/a/test_z.py": TEST, "tests/test_a.py": TEST, "tests/zoo/test_a2.py": TEST,
    },
    "default norecursedirs": {
        "build/test_a.py": TEST, "dist/test_b.py": TEST, ".hidden/test_c.py": TEST, "x.egg/test_d.py": TEST,
        "node_modules/test_e.py": TEST, "venv/test_f.py": TEST, "kept/test_g.py": TEST,
    },
    "own norecursedirs replace the defaults": {
        "pytest.ini": "[pytest]\nnorecursedirs = manual tests/slow\n",
        "build/test_a.py": TEST, "manual/test_b.py": TEST, "tests/slow/test_c.py": TEST, "slow/test_d.py": TEST,
    },
    "testpaths, some of them missing": {
        "pytest.ini": "[pytest]\ntestpaths = tests nowhere more/test_x.py\n",
        "tests/test_a.py": TEST, "test_b.py": TEST, "more/test_x.py": TEST, "more/test_y.py": TEST,
    },
    "testpaths as patterns": {
        "pytest.ini": "[pytest]\ntestpaths = packages/*/tests **/checks\n",
        "packages/b/tests/test_b.py": TEST, "packages/a/tests/test_a.py": TEST, "packages/a/test_no.py": TEST,
        "x/checks/test_c.py": TEST,
    },
    "testpaths that match nothing": {"pytest.ini": "[pytest]\ntestpaths = nowhere\n", "test_a.py": TEST},
    "own python_files": {
        "pytest.ini": "[pytest]\npython_files = check_*.py tests/*.py\n",
        "check_a.py": TEST, "test_b.py": TEST, "tests/c.py": TEST,
    },
    "ignored by options": {
        "pytest.ini": "[pytest]\naddopts = --ignore=tests/a --ignore tests/test_b.py --ignore-glob=*_c.py\n",
        "tests/a/test_a.py": TEST, "tests/test_b.py": TEST, "tests/test_c.py": TEST, "tests/test_d.py": TEST,
    },
    "ignored by a conftest, the nearest alone": {
        "conftest.py": "collect_ignore = ['tests/test_a.py', 'test_top.py']\n",
        "tests/conftest.py": "collect_ignore = ['test_b.py']\ncollect_ignore_glob = ['*_c.py']\n",
        "tests/test_a.py": TEST, "tests/test_b.py": TEST, "tests/test_c.py": TEST, "tests/test_d.py": TEST,
        "test_top.py": TEST,
    },
    "paths in addopts": {
        "pytest.ini": "[pytest]\ntestpaths = other\naddopts = tests/unit tests/whole/helper.py\n",
        "tests/unit/test_a.py": TEST, "tests/whole/helper.py": TEST, "tests/whole/test_b.py": TEST,
        "other/test_c.py": TEST,
    },
    "a virtual environment in the tree": {"env/pyvenv.cfg": "", "env/test_a.py": TEST, "test_b.py": TEST},
    "packages and their init files": {
        "tests/__init__.py": "", "tests/sub/__init__.py": "", "tests/sub/test_a.py": TEST, "tests/test_b.py": TEST,
    },
    "conftests of test folders are loaded at start, deeper ones are not": {
        "conftest.py": "", "tests/conftest.py": "", "tests/deep/conftest.py": "", "testing/conftest.py": "",
        "src/conftest.py": "", "tests/deep/test_a.py": TEST, "src/test_b.py": TEST,
    },
    "conftests along testpaths": {
        "pytest.ini": "[pytest]\ntestpaths = src/app/checks\n",
        "src/app/checks/conftest.py": "", "src/conftest.py": "", "src/app/checks/test_api/conftest.py": "",
        "src/app/checks/more/conftest.py": "", "src/app/checks/more/test_a.py": TEST, "tests/conftest.py": "",
    },
}  # fmt: skip


def project(folder: Path) -> Project:
    tree = open_tree(str(folder))
    declared = environment.read(tree, "", releases, catalog.brings)
    return Project(tree, Start(), Settings(), Installed(declared, Settings()), {}, Modules(tree))


@pytest.mark.parametrize("files", LAYOUTS.values(), ids=LAYOUTS)
def test_collection_is_that_of_the_real_pytest(files: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "project"
    lay_out(folder, files)
    spy = tmp_path / "spy"
    lay_out(spy, {"spy_on_collection.py": SPY})
    done = subprocess.run(
        [
            sys.executable,
            "-B",
            "-m",
            "pytest",
            "-p",
            "spy_on_collection",
            "-p",
            "no:cacheprovider",
            "--collect-only",
            "-s",
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(spy), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line.startswith(("INI", "MOD"))}

    ours = project(folder)

    assert [step.path for step in ours.collection.modules] == said["MODULES"]
    assert sorted(ours.local.initial_conftests) == said["INITIAL"]


def test_what_a_conftest_decides_at_run_time_is_not_certain(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        {
            "tests/conftest.py": "def pytest_ignore_collect(): pass\n",
            "tests/test_a.py": TEST,
            "test_b.py": TEST,
        },
    )

    assert [(step.path, step.certain) for step in project(tmp_path).collection.modules] == [
        ("test_b.py", True),
        ("tests/test_a.py", False),
    ]


def test_packages_and_nested_conftests_are_imported_before_the_modules_beside_them(tmp_path: Path) -> None:
    lay_out(tmp_path, {"a/__init__.py": "", "a/conftest.py": "", "a/test_a.py": TEST, "b/test_b.py": TEST})

    assert [(step.kind, step.path) for step in project(tmp_path).steps] == [
        ("conftest", "a/conftest.py"),
        ("package", "a/__init__.py"),
        ("module", "a/test_a.py"),
        ("module", "b/test_b.py"),
    ]


def test_doctest_modules_are_imported_too(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        {"pytest.ini": "[pytest]\naddopts = --doctest-modules\n", "a.py": "", "setup.py": "", "test_b.py": TEST},
    )

    assert Step("doctest", "a.py", True) in project(tmp_path).steps
    assert "setup.py" not in [step.path for step in project(tmp_path).steps]


MATCHES = [
    ("test_*.py", "tests/test_a.py", True),
    ("test_*.py", "tests/a_test.py", False),
    ("tests/*.py", "tests/a.py", True),
    ("tests/*.py", "deep/tests/a.py", True),
    ("tests/*.py", "mytests/a.py", False),
    (".*", "a/.hidden", True),
    ("build", "rebuild", False),
]


@pytest.mark.parametrize(("pattern", "path", "expected"), MATCHES)
def test_a_pattern_without_a_slash_looks_at_the_name_alone(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected
