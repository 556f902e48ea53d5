"""`precollect catalog add`, on a plugin written here and installed, without an index, beside the pytest that runs this.

And what hooks make of the file: silent before, judged after it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest

import judged
from precollect import catalog
from precollect.catalog import team_file
from precollect.catalog.history import to_text
from precollect.cli import main
from precollect.reading.environment.requirement import normalised
from precollect.reading.git import words_on
from precollect.reading.tree import Tree
from precollect.settings import SettingsError
from running import git, repository

PLUGIN = """
import pytest

def pytest_addoption(parser):
    parser.addoption("--acme-level", type=int, choices=[1, 2])
    parser.addini("acme_dirs", "where", type="linelist")

def pytest_configure(config):
    config.addinivalue_line("markers", "acme(n): ours")
"""
STRICT = "[pytest]\naddopts = --strict-markers\n"
SETTINGS = 'catalog = ["precollect-catalog.json"]\n'


class Environment:
    """A virtual environment whose packages can be changed, with a copy of the pytest that runs this."""

    def __init__(self, folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        self.python = str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")
        asked = [self.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
        self.packages = Path(subprocess.check_output(asked, text=True).strip())

    def copy(self, *names: str) -> None:
        """Put distributions there that are installed here, those that are not left out."""
        here = {normalised(each.name): each for each in distributions()}
        for each in (here[name] for name in names if name in here):
            for path in each.files or ():
                if ".." not in path.parts and path.suffix != ".pyc":
                    (self.packages / path).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(str(each.locate_file(path)), self.packages / path)

    def install(self, name: str, version: str, plugin: str = "", requires: str = "pytest>=7") -> None:
        """Put a distribution there, in place of any other version of it; its plugin is a module of the same name."""
        module = name.replace("-", "_")
        for old in self.packages.glob(f"{module}-*.dist-info"):
            for file in old.iterdir():
                file.unlink()
            old.rmdir()
        info = self.packages / f"{module}-{version}.dist-info"
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Dist: {requires}\n"
        (info / "METADATA").write_text(metadata)
        (info / "RECORD").write_text(f"{module}.py,,\n" if plugin else "")
        if plugin:
            (self.packages / f"{module}.py").write_text(plugin)
            (info / "entry_points.txt").write_text(f"[pytest11]\n{module} = {module}\n")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    made = Environment(tmp_path_factory.mktemp("environment") / "env")
    made.copy("pytest", "pluggy", "iniconfig", "packaging", "pygments")
    made.copy("exceptiongroup", "tomli", "typing-extensions", "colorama")
    made.install("pytest-xdist", "3.8.0", "def pytest_configure(): pass\n")
    return made


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that is written by default, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "precollect-catalog.json"


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    catalog.extend([])


def add(environment: Environment, *words: str) -> int:
    return main(["catalog", "add", "--python", environment.python, *words])


def content(file: Path) -> dict[str, Any]:
    return {each["distribution"]: each for each in json.loads(file.read_text(encoding="utf-8"))}


def test_only_plugins_that_the_catalog_lacks_are_described(
    environment: Environment, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.install("pytest-acme", "1.0", PLUGIN, requires="pytest-xdist")
    assert add(environment) == 0
    assert capsys.readouterr() == ("", "precollect-catalog.json: pytest-acme\n")
    (acme,) = content(file).values()
    assert (acme["distribution"], acme["releases"], acme["brings"]) == ("pytest-acme", "1.0", "pytest-xdist")
    assert acme["marks"] == [{"name": "acme", "line": "acme(n): ours", "owner": "pytest_acme"}]
    assert acme["keys"] == [{"name": "acme_dirs", "type": "linelist", "owner": "pytest_acme", "default": []}]
    assert [option["names"] for option in acme["options"]] == [["--acme-level"]]


def test_one_fact_is_one_line_and_the_loader_reads_them(environment: Environment, file: Path) -> None:
    environment.install("pytest-acme", "1.0", PLUGIN)
    add(environment)
    assert '  {"name": "acme", "line": "acme(n): ours", "owner": "pytest_acme"}\n' in file.read_text()
    (read,) = team_file.read(Tree(str(file.parent), {file.name: words_on(0o100644)}), [file.name])
    assert read.at("1.0").marks["acme"].line == "acme(n): ours"
    assert read.at("1.0").distribution == "pytest-acme"


def test_without_news_not_a_byte_changes(environment: Environment, file: Path) -> None:
    environment.install("pytest-acme", "1.0", PLUGIN)
    add(environment)
    before, age = file.read_bytes(), file.stat().st_mtime_ns
    assert add(environment) == 0
    assert (file.read_bytes(), file.stat().st_mtime_ns) == (before, age)


def test_another_python_or_pytest_changes_nothing_where_the_facts_are_the_same(
    environment: Environment, file: Path
) -> None:
    environment.install("pytest-acme", "1.0", PLUGIN)
    add(environment)
    pytest_version = f"pytest {pytest.__version__}"
    assert pytest_version in file.read_text()
    before = file.read_text().replace(pytest_version, "pytest 7.0.0")
    file.write_text(before)
    add(environment)
    assert file.read_text() == before


def test_releases_are_kept_each_with_its_facts(environment: Environment, file: Path) -> None:
    environment.install("pytest-acme", "1.10", PLUGIN.replace("acme(n): ours", "fast: new"))
    add(environment)
    environment.install("pytest-acme", "1.9", PLUGIN)
    add(environment)
    acme = content(file)["pytest-acme"]
    assert acme["releases"] == "1.9 1.10"
    assert acme["marks"] == [
        {"name": "acme", "line": "acme(n): ours", "owner": "pytest_acme", "in": "..1.9"},
        {"name": "fast", "line": "fast: new", "owner": "pytest_acme", "in": "1.10.."},
    ]


def test_a_version_in_development_counts_as_the_release_that_it_leads_to(environment: Environment, file: Path) -> None:
    for version in ("2.0.dev1+g1234", "2.0.dev7+g5678"):
        environment.install("pytest-acme", version, PLUGIN)
        assert add(environment) == 0
    assert content(file)["pytest-acme"]["releases"] == "2.0"


def test_a_distribution_that_is_named_is_described_whatever_it_is(environment: Environment, file: Path) -> None:
    environment.install("acme-testing", "3.0", requires="pytest-xdist")
    assert add(environment, "Acme_Testing", "pytest.xdist") == 0
    assert sorted(content(file)) == ["acme-testing", "pytest-xdist"]
    assert content(file)["acme-testing"]["brings"] == "pytest-xdist"


def test_what_is_not_installed_is_said_and_what_the_file_holds_is_kept(
    environment: Environment, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.install("pytest-acme", "1.0", PLUGIN)
    add(environment)
    before = file.read_bytes()
    capsys.readouterr()
    assert add(environment, "pytest-gone") == 1
    assert capsys.readouterr().err == "pytest-gone is not installed there\n"
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["pytest"], "pytest itself is in precollect's catalog", id="pytest itself"),
        pytest.param(["--python", "no/such/python"], "no/such/python: no such file or directory", id="no interpreter"),
        pytest.param(["--output", "no/such/folder/x.json"], "no/such/folder/x.json: no such file", id="no folder"),
        pytest.param(["--output", "broken.json"], "broken.json:2:1: is no JSON: ", id="a file that is none of ours"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    environment: Environment, file: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (file.parent / "broken.json").write_text("[\n")
    environment.install("pytest-acme", "1.0", PLUGIN)
    assert add(environment, *words) == 2
    printed = capsys.readouterr().err.splitlines()[-1]
    assert printed.startswith(f"precollect: {said}")
    assert not file.exists()
    assert (file.parent / "broken.json").read_text() == "[\n"


WITHOUT_PYTEST = """
import sys
sys.modules.update(dict.fromkeys(["_pytest", "pluggy", "pytest"]))
from precollect.cli import main
raise SystemExit(main(sys.argv[1:]))
"""


def test_precollect_need_not_be_installed_beside_a_pytest(environment: Environment, file: Path) -> None:
    environment.install("pytest-acme", "1.0", PLUGIN)
    words = [sys.executable, "-c", WITHOUT_PYTEST, "catalog", "add", "--python", environment.python]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "precollect-catalog.json: pytest-acme\n")
    assert list(content(file)) == ["pytest-acme"]


def test_an_environment_without_pytest_asks_for_another(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(Environment(file.parent / "bare")) == 2
    assert "No module named '_pytest'; name the interpreter of your tests with --python" in capsys.readouterr().err


# What the hooks make of it.

REPOSITORY = {
    "pytest.ini": STRICT,
    "requirements-test.txt": "pytest==9.2.0\npytest-acme==1.0\n",
    "test_it.py": "import pytest\n\n@pytest.mark.acme(1)\ndef test_it(): pass\n",
}
SLIP = {"test_it.py": "import pytest\n\n@pytest.mark.acmee(1)\ndef test_it(): pass\n"}
SLIP_FOUND = ["test_it.py:3:2: breaks unregistered-mark"]
OPTION = {"pytest.ini": STRICT + "    --acme-levle=1\n"}


@pytest.fixture(scope="module")
def described(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is committed after `add`."""
    file = tmp_path_factory.mktemp("described") / "precollect-catalog.json"
    environment.install("pytest-acme", "1.0", PLUGIN)
    assert add(environment, "--output", str(file)) == 0
    return {"precollect.toml": SETTINGS, file.name: file.read_text(encoding="utf-8")}


@pytest.mark.parametrize("files", [{}, SLIP, OPTION], ids=["a mark of it", "a slip in a mark", "a slip in an option"])
def test_an_unknown_plugin_silences(files: dict[str, str]) -> None:
    assert judged.judged({**REPOSITORY, **files}) == []


SILENT: dict[str, dict[str, str]] = {
    "its marks": {},
    "its options and keys": {"pytest.ini": STRICT + "    --acme-level=1\nacme_dirs = a\n"},
    "a pinned release that was not measured may have more": {
        **SLIP,
        "requirements-test.txt": "pytest==9.2.0\npytest-acme==1.1\n",
    },
    "a range in which no measured release lies": {
        **SLIP,
        "requirements-test.txt": "pytest==9.2.0\npytest-acme>=2\n",
    },
    "another plugin that is unknown": {
        **SLIP,
        "requirements-test.txt": "pytest==9.2.0\npytest-acme==1.0\npytest-other\n",
    },
}
FOUND: dict[str, tuple[dict[str, str], list[str]]] = {
    "a slip in a mark": (SLIP, SLIP_FOUND),
    "a slip in an option": (OPTION, ["pytest.ini:3:5: breaks unknown-option"]),
    "a value that it refuses": (
        {"pytest.ini": STRICT + "    --acme-level=3\n"},
        ["pytest.ini:3:5: breaks bad-option-value"],
    ),
    "its mark while it is disabled": (
        {"pytest.ini": STRICT + "    -p no:pytest_acme\n"},
        ["pytest.ini:3:8: breaks disabled-plugin-mark"],
    ),
    "a version in development of the measured release": (
        {**SLIP, "requirements-test.txt": "pytest==9.2.0\npytest-acme==1.0.dev3\n"},
        SLIP_FOUND,
    ),
}


@pytest.mark.parametrize("files", SILENT.values(), ids=SILENT)
def test_silent_once_it_is_described(described: dict[str, str], files: dict[str, str]) -> None:
    assert judged.judged({**REPOSITORY, **described, **files}) == []


@pytest.mark.parametrize(("files", "found"), FOUND.values(), ids=FOUND)
def test_found_once_it_is_described(described: dict[str, str], files: dict[str, str], found: list[str]) -> None:
    assert judged.lines(judged.judged({**REPOSITORY, **described, **files})) == found


def test_the_plugin_of_the_repository_itself_is_read_from_its_source(described: dict[str, str]) -> None:
    """A version that was not measured opens nothing: new marks stand in the source, the slip in none."""
    files = {
        "pyproject.toml": '[project]\nname = "pytest-acme"\nversion = "1.1"\ndependencies = ["pytest==9.2.0"]\n'
        '[project.entry-points.pytest11]\npytest_acme = "pytest_acme"\n',
        "pytest_acme.py": PLUGIN.replace('"acme(n): ours"', '"fast"'),
        "pytest.ini": STRICT,
        "test_it.py": "import pytest\n\n@pytest.mark.fast\n@pytest.mark.fats\ndef test_it(): pass\n",
    }
    for more in ({}, described):
        assert judged.lines(judged.judged({**files, **more})) == ["test_it.py:4:2: breaks unregistered-mark"]


def test_one_repository_says_nothing_of_the_next(described: dict[str, str]) -> None:
    judged.judged({**REPOSITORY, **described})
    assert catalog.load("pytest-acme") is not None
    assert judged.judged({**REPOSITORY, **SLIP}) == []
    assert catalog.load("pytest-acme") is None
    assert catalog.owners("mark", "acme") == ()


def test_the_index_is_read_where_the_index_is_judged(
    described: dict[str, str], file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(file.parent / "cache"))
    folder = file.parent / "repository"
    repository(folder, {**REPOSITORY, **SLIP, **described})
    monkeypatch.chdir(folder)
    (folder / file.name).write_text("[]\n")
    assert main([]) == 0
    assert main(["--staged"]) == 1
    assert capsys.readouterr().out.startswith("test_it.py:3:2: unregistered-mark: ")
    assert main(["catalog", "show", "pytest-acme"]) == 2
    git(folder, "checkout", "--quiet", ".")
    assert main(["catalog", "show", "pytest-acme"]) == 0
    assert main([]) == 1


# Files that were edited by hand.


def entry(**more: object) -> str:
    data: dict[str, object] = {
        "distribution": "pytest-acme",
        "releases": "1.0 1.1",
        "measured": {"Python 3.11, pytest 9.2.0": "1.0 1.1"},
        "spelled": [{"name": "pytest-acme"}],
    }
    return json.dumps([data | more])


BROKEN = {
    "nothing": ("", ":1:1: is no JSON: "),
    "no JSON": ("[\n{,]", ":2:2: is no JSON: "),
    "no list": ("{}", ":1:1: expected a list of distributions, as 'precollect catalog add' writes it"),
    "nested without end": ("[" * 100_000, ":1:1: "),
    "a number without end": ("[" + "1" * 10_000 + "]", ":1:1: "),
    "a list of numbers": ("[1]", ":1:1: distribution 1: expected an object"),
    "no name": (entry(distribution=None), ":1:1: distribution 1: 'distribution' has to be a normalised name"),
    "a path for a name": (entry(distribution="../x"), ":1:1: '../x': 'distribution' has to be a normalised name"),
    "pytest itself": (entry(distribution="pytest"), ":1:1: 'pytest': pytest itself is not described here"),
    "no releases": (entry(releases=" "), ":1:1: 'pytest-acme': 'releases' has to be a text of versions"),
    "releases out of order": (entry(releases="1.1 1.0"), ":1:1: 'pytest-acme': 'releases' has to be in ascending"),
    "a release that is no version": (entry(releases="new"), ":1:1: 'pytest-acme': "),
    "nothing measured": (entry(measured={}), ":1:1: 'pytest-acme': 'measured' has to say"),
    "marks without a list": (entry(marks={}), ":1:1: 'pytest-acme': 'marks' has to be a list"),
    "a mark without an owner": (entry(marks=[{"name": "a", "line": "a"}]), ":1:1: 'pytest-acme': 'marks', number 1, "),
    "an option with one name": (
        entry(options=[{"names": "-a", "dest": "a", "owner": "o"}]),
        ":1:1: 'pytest-acme': 'options', number 1, is no fact such as the catalog holds",
    ),
    "a default that is a table": (
        entry(keys=[{"name": "a", "owner": "o", "default": {}}]),
        ":1:1: 'pytest-acme': 'keys', number 1, ",
    ),
    "a range of other releases": (
        entry(fixtures=[{"name": "a", "owner": "o", "in": "1.0..1.2"}]),
        ":1:1: 'pytest-acme': 'fixtures', number 1, ",
    ),
    "a release without a spelling": (
        entry(spelled=[{"name": "pytest-acme", "in": "1.0"}]),
        ":1:1: 'pytest-acme': 'spelled' has to say",
    ),
    "brings no text": (entry(brings=["anyio"]), ":1:1: 'pytest-acme': 'brings' has to be a text of names"),
    "too large": (" " * (team_file.LARGEST + 1), ":1:1: is larger than 2 MiB"),
}


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_said_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    files = {**REPOSITORY, "precollect.toml": SETTINGS, "precollect-catalog.json": text}
    with pytest.raises(SettingsError) as caught:
        judged.judged(files)
    assert str(caught.value).startswith(f"precollect-catalog.json{said}")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_in_the_commit_is_refused_where_the_settings_name_it() -> None:
    with pytest.raises(SettingsError, match=r"^precollect\.toml:1:1: catalog: the commit has no file '\.\./x\.json'"):
        judged.judged({"precollect.toml": 'catalog = ["../x.json"]\n'})


@pytest.mark.parametrize("name", ["pytest-xdist", "pytest-asyncio", "anyio", "hypothesis"])
def test_the_data_files_themselves_pass_the_checks(name: str) -> None:
    from precollect.catalog.history import from_text

    text = Path(catalog.DATA, f"{name}.json").read_text(encoding="utf-8")
    team_file.check(json.loads(text))
    head = {key: json.loads(text)[key] for key in ("introspection", "probes") if key in json.loads(text)}
    assert team_file.written([to_text(from_text(text), **head)]) == "[\n" + text.rstrip("\n") + "\n]\n"
