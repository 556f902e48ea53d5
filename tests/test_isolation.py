"""What is judged is never run, and nothing beyond the repository is read or written."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

import pytest

import ourselves
import precollect
import running
from running import git, lay_out, repository, run, snapshot

SCRIPTS = re.findall(
    r'^([a-z-]+) = "(precollect\.\w+):(\w+)"$',
    ourselves.text("pyproject.toml"),
    re.MULTILINE,
)

# Whoever runs this leaves a line in the file that the environment names.
TRAP = "import os\nwith open(os.environ['TRAP'], 'a') as trap:\n    trap.write(__file__ + chr(10))\n"
OURS_AND_PYTHONS = [
    "argparse",
    "ast",
    "bisect",
    "builtins",
    "configparser",
    "difflib",
    "encodings",
    "fnmatch",
    "iniconfig",
    "io",
    "json",
    "locale",
    "os",
    "packaging",
    "pathlib",
    "posixpath",
    "pytest",
    "shlex",
    "shutil",
    "signal",
    "sitecustomize",
    "subprocess",
    "symtable",
    "tempfile",
    "textwrap",
    "tokenize",
    "tomli",
    "tomlkit",
    "tomllib",
    "typing",
    "unicodedata",
    "usercustomize",
    "_pytest",
]
METADATA = "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n"
ENTRY_POINTS = "[pytest11]\nevil = evil\n[console_scripts]\nprecollect = evil:main\n[precollect]\nevil = evil\n"
TRAPS: dict[str, str] = {
    "pytest.ini": "[pytest]\naddopts = --strict-markers -p evil\npythonpath = .\nmarkers =\n    fast\n",
    "requirements.txt": "pytest==9.2.0\npytest-asyncio==1.2.0\n-e .\n",
    "test_one.py": f"{TRAP}import pytest\n\n@pytest.mark.slow\ndef test_one():\n    pass\n",
    "conftest.py": f"{TRAP}pytest_plugins = ['evil']\n",
    "tests/conftest.py": TRAP,
    "tests/__init__.py": TRAP,
    "setup.py": f"{TRAP}from setuptools import setup\nsetup(name='evil', cmdclass={{'egg_info': evil}})\n",
    "noxfile.py": TRAP,
    "evil.py": TRAP,
    "evil.pth": "import evil\n",
    "evil-1.0.dist-info/METADATA": METADATA,
    "evil-1.0.dist-info/entry_points.txt": ENTRY_POINTS,
    "evil-1.0.dist-info/RECORD": "evil.py,,\n",
    "evil.egg-info/PKG-INFO": METADATA,
    "evil.egg-info/entry_points.txt": ENTRY_POINTS,
    "pyvenv.cfg": "home = .\ninclude-system-site-packages = true\n",
    **{f"{name}.py": TRAP for name in OURS_AND_PYTHONS},
    **{f"{name}/__init__.py": TRAP for name in ("packaging", "iniconfig", "tomlkit", "json", "encodings")},
}
# With `-m`, Python itself looks in the current folder for the package, and for what `runpy` imports before it is found:
# no program can be safe from that, but a script can.
OF_SCRIPTS = {
    **{f"precollect/{name}.py": TRAP for name in ("__init__", "__main__", "cli")},
    **{
        f"{name}.py": TRAP
        for name in ["abc", "collections", "contextlib", "enum", "functools", "keyword", "re", "types", "warnings"]
    },
}


def environment(folder: Path) -> dict[str, str]:
    home = {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), "TRAP": str(folder / "trap")}
    return {**running.environment(), **home}


def answer(words: Iterable[str | Path], at: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*words], cwd=at, env=env, capture_output=True, text=True, timeout=60, check=False)


COMMANDS: dict[str, list[str]] = {
    **{name: [name] for name, _, _ in SCRIPTS},
    "precollect on the index": ["precollect", "--staged", "--verbose"],
    "precollect show": ["precollect", "show"],
    "python -m precollect": [sys.executable, "-m", "precollect"],
    "python -m precollect show": [sys.executable, "-m", "precollect", "show"],
}


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """A folder with the console scripts, as an installer writes them."""
    folder = tmp_path / "scripts"
    for name, module, function in SCRIPTS:
        lay_out(folder, {name: f"import sys\nfrom {module} import {function}\nsys.exit({function}())\n"})
    return folder


def test_the_scripts_are_those_of_the_hooks() -> None:
    hooks = ourselves.text(".pre-commit-hooks.yaml")
    assert re.findall(r"^- id: (.*)$", hooks, re.MULTILINE) == [name for name, _, _ in SCRIPTS]


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_nothing_of_the_repository_is_run(words: list[str], scripts: Path, tmp_path: Path) -> None:
    scripted = words[0] != sys.executable
    folder = repository(tmp_path / "project", {**TRAPS, **(OF_SCRIPTS if scripted else {})})
    before = snapshot(folder)

    command = [sys.executable, str(scripts / words[0]), *words[1:]] if scripted else words
    done = answer(command, folder, environment(tmp_path))

    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "trap").exists(), (tmp_path / "trap").read_text(encoding="utf-8")
    if words[0] == "precollect" and len(words) == 1:
        assert "test_one.py:6:2: unregistered-mark" in done.stdout
    assert snapshot(folder).keys() - before.keys() == set()


def test_the_trap_would_be_seen(tmp_path: Path) -> None:
    lay_out(tmp_path, {"evil.py": TRAPS["evil.py"]})

    answer([sys.executable, "-c", "import evil"], tmp_path, environment(tmp_path))

    assert (tmp_path / "trap").read_text(encoding="utf-8").endswith("evil.py\n")


# What a run touches


WATCHED = """\
import atexit, json, os, sys
touched = []

def watch(event, arguments):
    if event in ("open", "os.listdir", "os.scandir", "os.mkdir", "os.rename", "os.remove", "import"):
        names = [os.fsdecode(each) if isinstance(each, (str, bytes)) else None for each in arguments[:2]]
        touched.append([event, *names])
    elif event in ("subprocess.Popen", "socket.connect", "os.system", "os.exec", "os.posix_spawn", "ctypes.dlopen"):
        touched.append([event, str(arguments[0]), None])

sys.addaudithook(watch)
sys.dont_write_bytecode = True
from precollect.cli import main
status = main(sys.argv[2:])
with open(sys.argv[1], "w") as file:
    json.dump(touched, file)
sys.exit(status)
"""


def touched_by(arguments: list[str], at: Path, env: dict[str, str]) -> list[list[str]]:
    """The audit events of a run."""
    log = Path(env["HOME"]) / "touched.json"
    done = answer([sys.executable, "-c", WATCHED, log, *arguments], at, env)
    assert log.exists(), done.stderr
    events: list[list[str]] = json.loads(log.read_text(encoding="utf-8"))
    return events


def outside_of(events: list[list[str]], allowed: Iterable[Path], at: Path) -> list[list[str]]:
    """The events that name a path which lies in none of these folders."""
    homes = [str(folder.resolve()) for folder in allowed]
    found = []
    for event, *paths in events:
        for path in paths if event not in ("import", "subprocess.Popen") else ():
            real = os.path.realpath(at / path) if path else os.devnull
            if real != os.devnull and not any(real == home or real.startswith(home + os.sep) for home in homes):
                found.append([event, real])
    return found


def of_python_and_precollect() -> list[Path]:
    paths = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    return [*map(Path, paths), Path(sys.prefix), Path(sys.base_prefix), Path(precollect.__file__).parent]


# Every way that a repository has to speak of files, all of them leading out of it.
LEADS_OUT = {
    "pytest.ini": """\
[pytest]
addopts = --strict-markers --rootdir={out} -c {out}/pytest.ini --confcutdir={out} --ignore={out}/x @{out}/args
testpaths = ../outside tests {out}
pythonpath = ../outside {out}
markers =
    fast
""",
    "requirements.txt": "pytest==9.2.0\n-r ../outside/requirements.txt\n-c {out}/constraints.txt\n-e ../outside\n",
    "requirements-dev.txt": "-r linked/requirements.txt\n-r file://{out}/requirements.txt\n",
    "setup.py": "import setuptools\nsetuptools.setup(install_requires=open('../outside/requirements.txt').read())\n",
    "setup.cfg": "[options]\ninstall_requires = file: ../outside/requirements.txt\n",
    "tox.ini": "[testenv]\ndeps = -r{{toxinidir}}/../outside/requirements.txt\n",
    "noxfile.py": "import nox\n@nox.session\ndef tests(session):\n    session.install('-r{out}/requirements.txt')\n",
    "pyproject.toml": """\
[project]
name = "a"
dynamic = ["dependencies"]
[tool.setuptools.dynamic]
dependencies = {{file = ["../outside/requirements.txt", "{out}/requirements.txt"]}}
[tool.poetry.dependencies]
outside = {{path = "../outside", develop = true}}
[tool.uv.workspace]
members = ["../outside"]
""",
    "tests/conftest.py": "import sys\nsys.path.insert(0, '{out}')\nfrom helpers import *\n",
    "tests/test_one.py": "import pytest\n\n@pytest.mark.slow\ndef test_one():\n    pass\n",
    ".github/workflows/test.yml": "env:\n  PYTEST_ADDOPTS: -c {out}/pytest.ini\nrun: pytest\n",
}
OUTSIDE = {
    "pytest.ini": "[pytest]\naddopts = --nonsense\nmarkers =\n    slow\n",
    "requirements.txt": "pytest-asyncio==1.2.0\npytest==7.4.4\n",
    "constraints.txt": "pytest==7.4.4\n",
    "args": "--nonsense\n",
    "pyproject.toml": "[project]\nname = 'outside'\ndependencies = ['pytest-cov']\n",
    "helpers.py": "def pytest_configure(config):\n    config.addinivalue_line('markers', 'slow')\n",
    "test_far.py": "import pytest\n\n@pytest.mark.far\ndef test_far():\n    pass\n",
    "tests/test_linked.py": "import pytest\n\n@pytest.mark.linked\ndef test_linked():\n    pass\n",
    "conftest.py": "import pytest\n",
}


def leads_out(folder: Path, outside: Path) -> Path:
    made = repository(folder, {name: text.format(out=outside.as_posix()) for name, text in LEADS_OUT.items()})
    (made / "linked").symlink_to("../outside")
    (made / "tests" / "linked").symlink_to(outside / "tests")
    (made / "tests" / "test_link.py").symlink_to("../../outside/test_far.py")
    (made / "conftest.py").symlink_to(outside / "conftest.py")
    (made / "poetry.lock").symlink_to("/proc/self/environ")
    git(made, "add", "--all")
    return made


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a right on Windows")
@pytest.mark.parametrize("arguments", [[], ["--verbose"], ["--staged"], ["--fix", "--unsafe-fixes"], ["show"]])
def test_nothing_beyond_the_repository_is_opened(arguments: list[str], tmp_path: Path) -> None:
    lay_out(tmp_path / "outside", OUTSIDE)
    folder = leads_out(tmp_path / "project", tmp_path / "outside")
    env = environment(tmp_path)
    (tmp_path / "cache").mkdir()
    before = snapshot(tmp_path / "outside")

    events = touched_by(arguments, folder, env)

    opened = [path for event, path, *_ in events if event == "open" and path]
    assert str(folder / "pytest.ini") in opened or "--staged" in arguments
    allowed = [folder, tmp_path / "cache" / "precollect", tmp_path / "touched.json", *of_python_and_precollect()]
    assert outside_of(events, allowed, folder) == []
    assert {path for event, path, *_ in events if event == "subprocess.Popen"} <= {"git"}
    assert not [event for event, *_ in events if event.startswith(("socket", "ctypes", "os.system"))]
    assert snapshot(tmp_path / "outside") == before


# A project in which something is found, and each of its ways out alone beside it.
FOUND = {
    "pytest.ini": "[pytest]\naddopts = --strict-markers\nmarkers =\n    fast\n",
    "requirements-test.txt": "pytest==9.2.0\n",
    "tests/test_one.py": LEADS_OUT["tests/test_one.py"],
}


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a right on Windows")
@pytest.mark.parametrize("lead", [*LEADS_OUT, ""])
def test_what_lies_beyond_the_repository_changes_no_verdict(lead: str, tmp_path: Path) -> None:
    leads = {lead: LEADS_OUT[lead].format(out=(tmp_path / "outside").as_posix())} if lead else {}
    folder = repository(tmp_path / "project", {**FOUND, **leads})
    if not lead:
        (folder / "conftest.py").symlink_to("../outside/helpers.py")
        (folder / "linked").symlink_to("../outside")
        git(folder, "add", "--all")
    ways = (["--verbose"], ["--format", "json"], ["--staged"])
    without = [run(*words, str(folder)) for words in ways]

    lay_out(tmp_path / "outside", OUTSIDE)

    assert [run(*words, str(folder)) for words in ways] == without


@pytest.mark.parametrize("path", ["../plugins.json", "/etc/plugins.json", "a/../../plugins.json"])
def test_a_catalog_beyond_the_repository_is_refused(path: str, tmp_path: Path) -> None:
    lay_out(tmp_path, {"plugins.json": "[]"})
    folder = repository(
        tmp_path / "project", {"precollect.toml": f'catalog = ["{path}"]\n', "pytest.ini": "[pytest]\n"}
    )

    done = run(str(folder))

    assert (done.status, done.out) == (2, "")
    assert "plugins.json" in done.err


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a right on Windows")
def test_a_fix_never_follows_a_link_out_of_the_repository(tmp_path: Path) -> None:
    ini = "[pytest]\naddopts = --strict-markers -p no:asyncio\n"
    lay_out(tmp_path, {"outside/pytest.ini": ini})
    used = "import pytest\n\n\n@pytest.mark.asyncio\nasync def test_one():\n    pass\n"
    files = {"requirements.txt": "pytest==9.2.0\npytest-asyncio==1.2.0\n", "test_one.py": used}
    folder = repository(tmp_path / "project", files)
    (folder / "pytest.ini").symlink_to("../outside/pytest.ini")
    git(folder, "add", "--all")

    run("--fix", "--unsafe-fixes", str(folder))

    assert (tmp_path / "outside" / "pytest.ini").read_text(encoding="utf-8") == ini
    assert (folder / "pytest.ini").is_symlink()
