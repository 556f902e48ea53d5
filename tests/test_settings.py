"""Settings: what is accepted, and the one line for what is not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Literal

import pytest

from precollect.findings import Finding, Place
from precollect.reading.git import words_on
from precollect.reading.tree import Tree
from precollect.settings import CHECKS, FIELDS, Known, Settings, SettingsError, from_option, ignored, load, severity_of

RULES = ("unregistered-mark", "disabled-plugin-mark", "unused-disabler")
CONCERNS = ("plugin-disablers", "strict-markers", "reruns-policy", "asyncio-mode")
DEFAULTS = Settings()


def known(folder: Path, files: dict[str, str | bytes]) -> Known:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    return Known(RULES, CONCERNS, Tree(str(folder), {path: words_on(0o100644) for path in files}))


DEFAULT = {
    "there is no file": {},
    "pyproject.toml says nothing about us": {"pyproject.toml": "[project]\nname = 'x'\n"},
    "pyproject.toml only depends on us": {"pyproject.toml": "[dependency-groups]\ndev = ['precollect']\n"},
    "pyproject.toml depends on us and is broken, which is not for the settings to say": {
        "pyproject.toml": "[dependency-groups]\ndev = ['precollect'\n"
    },
    "tool is no table": {"pyproject.toml": "tool = 1 # precollect\n"},
    "our table is empty": {"pyproject.toml": "[tool.precollect]\n"},
    "our file is empty": {"precollect.toml": ""},
    "another folder has settings": {"sub/precollect.toml": "max-reruns = 1\n"},
}


@pytest.mark.parametrize("files", DEFAULT.values(), ids=DEFAULT)
def test_without_settings_the_defaults_hold(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    assert load(known(tmp_path, files)) == DEFAULTS


def test_an_unreadable_pyproject_is_not_for_the_settings_to_say(tmp_path: Path) -> None:
    setting = known(tmp_path, {})
    setting.tree.files["pyproject.toml"] = words_on(0o100644)
    assert load(setting) == DEFAULTS


ACCEPTED = {
    "house-rules = true": DEFAULTS._replace(policies=frozenset(CONCERNS)),
    "house-rules = false": DEFAULTS,
    "house-rules = ['strict-markers']": DEFAULTS._replace(policies=frozenset({"strict-markers"})),
    "allow-disabled = []": DEFAULTS._replace(allow_disabled=()),
    "allow-disabled = ['xdist', 'flaky']": DEFAULTS._replace(allow_disabled=("xdist", "flaky")),
    "asyncio-mode = 'auto'": DEFAULTS._replace(asyncio_mode="auto"),
    "asyncio-mode = 'strict'": DEFAULTS._replace(asyncio_mode="strict"),
    "max-reruns = 0": DEFAULTS._replace(max_reruns=0),
    "min-reruns-delay = 2": DEFAULTS._replace(min_reruns_delay=2.0),
    "min-reruns-delay = 0.5": DEFAULTS._replace(min_reruns_delay=0.5),
    "starts = ['packages/a', './packages/b/', '.']": DEFAULTS._replace(starts=("packages/a", "packages/b", "")),
    "plugins = ['pytest-asyncio==1.2.0', 'ours']": DEFAULTS._replace(plugins=("pytest-asyncio==1.2.0", "ours")),
    "environment = 'closed'": DEFAULTS._replace(environment="closed"),
    "environment = 'declared'": DEFAULTS,
    "pytest = '8.4.2'": DEFAULTS._replace(pytest="8.4.2"),
    "catalog = ['./packages/a/x.py']": DEFAULTS._replace(catalog=("packages/a/x.py",)),
    "ignore = ['unused-disabler']": DEFAULTS._replace(ignore=("unused-disabler",)),
    "ignore = ['plugin-disablers']": DEFAULTS._replace(ignore=("plugin-disablers",)),
    "select = ['unused-disabler', 'strict-markers']": DEFAULTS._replace(select=("unused-disabler", "strict-markers")),
    "severity = {unused-disabler = 'warning', strict-markers = 'off', policy = 'error'}": DEFAULTS._replace(
        severity={"unused-disabler": "warning", "strict-markers": "off", "policy": "error"}
    ),
    "per-file-ignores = {'a/**' = ['unregistered-mark']}": DEFAULTS._replace(
        per_file_ignores={"a/**": ("unregistered-mark",)}
    ),
}


@pytest.mark.parametrize(("line", "settings"), ACCEPTED.items(), ids=ACCEPTED)
@pytest.mark.parametrize(("path", "header"), [("precollect.toml", ""), ("pyproject.toml", "[tool.precollect]\n")])
def test_accepted(tmp_path: Path, path: str, header: str, line: str, settings: Settings) -> None:
    files: dict[str, str | bytes] = {path: f"{header}{line}\n", "packages/a/x.py": "", "packages/b/x.py": ""}
    assert load(known(tmp_path, files)) == settings


def test_every_key_has_a_field_and_every_field_a_key() -> None:
    assert sorted(FIELDS.values()) == sorted(Settings._fields)
    assert FIELDS.keys() == CHECKS.keys()


REFUSED = {
    "max-rerun = 1": "max-rerun' is no setting; did you mean 'max-reruns'?",
    "max_reruns = 1": "'max_reruns' is no setting; did you mean 'max-reruns'?",
    "colour = 1": (
        "'colour' is no setting; there are allow-disabled, asyncio-mode, baseline, catalog, environment, house-rules, "
        "ignore, max-reruns, min-reruns-delay, per-file-ignores, plugins, pytest, select, severity, starts"
    ),
    "'a\\nb' = 1": "'a\\\\nb' is no setting; there are ",
    "house-rules = 1": "house-rules: expected true, false or a list of concerns, got 1",
    "house-rules = ['strict-marker']": "'strict-marker' is no concern; did you mean 'strict-markers'?",
    "allow-disabled = 'xdist'": "allow-disabled: expected a list of entry-point names, got 'xdist'",
    "allow-disabled = [1]": "allow-disabled: expected a list of entry-point names, got 1",
    "allow-disabled = ['']": "allow-disabled: expected a list of entry-point names, got ''",
    "asyncio-mode = 'Auto'": "asyncio-mode: expected 'auto' or 'strict', got 'Auto'",
    "asyncio-mode = true": "asyncio-mode: expected 'auto' or 'strict', got true",
    "max-reruns = '3'": "max-reruns: expected a whole number from 0 to 1000, got '3'",
    "max-reruns = true": "max-reruns: expected a whole number from 0 to 1000, got true",
    "max-reruns = 3.0": "max-reruns: expected a whole number from 0 to 1000, got 3.0",
    "max-reruns = -1": "max-reruns: expected a whole number from 0 to 1000, got -1",
    "max-reruns = 0x" + "f" * 5000: "max-reruns: expected a whole number from 0 to 1000, got a huge number",
    "min-reruns-delay = nan": "min-reruns-delay: expected seconds from 0 to 86400, got nan",
    "min-reruns-delay = inf": "min-reruns-delay: expected seconds from 0 to 86400, got inf",
    "min-reruns-delay = [2]": "min-reruns-delay: expected seconds from 0 to 86400, got a list",
    "starts = 'a'": "starts: expected a list of folders, got 'a'",
    "starts = ['gone']": "starts: the commit has no folder 'gone'",
    "starts = ['../other']": "starts: the commit has no folder '../other'",
    "starts = ['/etc']": "starts: the commit has no folder '/etc'",
    "plugins = ['pytest asyncio']": "plugins: 'pytest asyncio' is no requirement such as 'pytest-asyncio==1.2.0'",
    "environment = 'open'": "environment: expected 'declared' or 'closed', got 'open'",
    "environment = 2026-01-01": "environment: expected 'declared' or 'closed', got 2026-01-01",
    "pytest = 8": "pytest: expected a version such as '8.4.2', got 8",
    "pytest = '>=8'": "pytest: expected a version such as '8.4.2', got '>=8'",
    "catalog = 'a.json'": "catalog: expected a list of files, got 'a.json'",
    "catalog = ['a.json']": "catalog: the commit has no file 'a.json'; 'precollect catalog add' writes one",
    "catalog = ['/etc/passwd']": "catalog: the commit has no file '/etc/passwd'",
    "ignore = ['unregistered-marks']": "'unregistered-marks' is no rule or concern; did you mean 'unregistered-mark'?",
    "ignore = ['xyz']": "ignore: 'xyz' is no rule or concern",
    "ignore = {}": "ignore: expected a list of rules or concerns, got a table",
    "select = 'strict-markers'": "select: expected a list of rules or concerns, got 'strict-markers'",
    "select = ['strict-marker']": "select: 'strict-marker' is no rule or concern; did you mean 'strict-markers'?",
    "severity = 'warning'": "severity: expected a table of rules, concerns or kinds, got 'warning'",
    "severity = {polices = 'warning'}": "severity: 'polices' is no rule, concern or kind; did you mean 'policy'?",
    "severity = {policy = 'warn'}": "severity: policy: expected 'error', 'warning' or 'off', got 'warn'",
    "severity = {policy = 1}": "severity: policy: expected 'error', 'warning' or 'off', got 1",
    "per-file-ignores = ['a']": ("per-file-ignores: expected a table of patterns with lists of rules, got a list"),
    "per-file-ignores = {'a' = 'b'}": "per-file-ignores: expected a list of rules or concerns for 'a', got 'b'",
    "per-file-ignores = {'a' = ['b']}": "per-file-ignores: 'b' is no rule or concern",
}


@pytest.mark.parametrize(("line", "said"), REFUSED.items(), ids=[line[:40] for line in REFUSED])
def test_refused_with_the_place_of_the_key(tmp_path: Path, line: str, said: str) -> None:
    files: dict[str, str | bytes] = {"pyproject.toml": f"[project]\nname = 'x'\n\n[tool.precollect]\n  {line}\n"}
    with pytest.raises(SettingsError) as caught:
        load(known(tmp_path, files))
    assert str(caught.value).startswith("pyproject.toml:5:3: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


BROKEN = {
    "a file that is no TOML": ({"precollect.toml": "a = \n"}, "precollect.toml:1:5: cannot be read: Invalid value"),
    "a file that is no UTF-8": ({"precollect.toml": b"a = '\xe9'\n"}, "precollect.toml:1:6: cannot be read: 'utf-8'"),
    "a file nested too deeply": (
        {"precollect.toml": "a = " + "[" * 100_000},
        "precollect.toml:1:1: cannot be read: nested too deeply",
    ),
    "a pyproject.toml that holds our table and is broken": (
        {"pyproject.toml": "[tool.precollect]\nignore = [\n"},
        "pyproject.toml:2:11: cannot be read: ",
    ),
    "our table is none": (
        {"pyproject.toml": "[tool]\nprecollect = 1\n"},
        "pyproject.toml:2:1: tool.precollect: expected a table, got 1",
    ),
    "settings in both files": (
        {"pyproject.toml": "\n[tool.precollect]\n", "precollect.toml": ""},
        "pyproject.toml:2:1: precollect.toml holds settings too: keep them in one file",
    ),
}


@pytest.mark.parametrize(("files", "said"), BROKEN.values(), ids=BROKEN)
def test_files_that_cannot_be_followed(tmp_path: Path, files: dict[str, str | bytes], said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(known(tmp_path, files))
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_our_own_file_must_be_readable(tmp_path: Path) -> None:
    setting = known(tmp_path, {})
    setting.tree.files["precollect.toml"] = words_on(0o100644)
    with pytest.raises(SettingsError, match=r"^precollect\.toml:1:1: cannot be read: no such file"):
        load(setting)


OPTIONS = {
    "max-reruns": ("5", DEFAULTS._replace(max_reruns=5)),
    "min-reruns-delay": ("0.5", DEFAULTS._replace(min_reruns_delay=0.5)),
    "asyncio-mode": ("strict", DEFAULTS._replace(asyncio_mode="strict")),
    "allow-disabled": ("xdist, flaky,", DEFAULTS._replace(allow_disabled=("xdist", "flaky"))),
    "ignore": ("unused-disabler", DEFAULTS._replace(ignore=("unused-disabler",))),
    "house-rules": ("strict-markers", DEFAULTS._replace(policies=frozenset({"strict-markers"}))),
    "pytest": ("9.0", DEFAULTS._replace(pytest="9.0")),
}


@pytest.mark.parametrize(("key", "text", "settings"), [(key, *row) for key, row in OPTIONS.items()], ids=OPTIONS)
def test_an_option_wins(tmp_path: Path, key: str, text: str, settings: Settings) -> None:
    assert from_option(DEFAULTS, f"--{key}", key, text, known(tmp_path, {})) == settings


@pytest.mark.parametrize(("text", "policies"), [("true", CONCERNS), ("false", ())])
def test_house_rules_are_switched_on_and_off_by_the_option(
    tmp_path: Path, text: str, policies: Collection[str]
) -> None:
    before = DEFAULTS._replace(policies=frozenset({"strict-markers"}))
    after = from_option(before, "--house-rules", "house-rules", text, known(tmp_path, {}))
    assert after.policies == frozenset(policies)


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("max-reruns", "many", "--max-reruns: expected a whole number from 0 to 1000, got 'many'"),
        ("max-reruns", "2.5", "--max-reruns: expected a whole number from 0 to 1000, got 2.5"),
        (
            "max-reruns",
            "9" * 5000,
            "--max-reruns: expected a whole number from 0 to 1000, got '9999999999999999999999999999999999999999'",
        ),
        ("asyncio-mode", "", "--asyncio-mode: expected 'auto' or 'strict', got ''"),
        (
            "ignore",
            "unused-disablers",
            "--ignore: 'unused-disablers' is no rule or concern; did you mean 'unused-disabler'?",
        ),
    ],
)
def test_an_option_is_checked_like_a_setting(tmp_path: Path, key: str, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        from_option(DEFAULTS, f"--{key}", key, text, known(tmp_path, {}))
    assert str(caught.value) == said


MATCHES = {
    ("tests/legacy/**", "tests/legacy/a/b.py"): True,
    ("tests/legacy", "tests/legacy/a/b.py"): True,
    ("./tests/legacy/", "tests/legacy/b.py"): True,
    ("tests/legacy", "tests/legacy_too/b.py"): False,
    ("legacy", "tests/legacy/b.py"): False,
    ("test_old_*.py", "tests/deep/test_old_io.py"): True,
    ("test_old_*.py", "tests/test_old_/x.py"): False,
    ("tests/**/test_x.py", "tests/test_x.py"): True,
    ("tests/**/test_x.py", "tests/a/b/test_x.py"): True,
    ("**/test_x.py", "test_x.py"): True,
    ("pytest.ini", "pytest.ini"): True,
    ("Pytest.ini", "pytest.ini"): False,
    ("*" + "a*" * 50 + "b", "a" * 2000): False,
}


@pytest.mark.parametrize(("pattern", "path", "expected"), [(*key, value) for key, value in MATCHES.items()])
def test_a_pattern_silences_its_rules_in_the_files_it_matches(pattern: str, path: str, expected: bool) -> None:
    settings = DEFAULTS._replace(per_file_ignores={pattern: ("unregistered-mark",)})
    assert ignored(settings, path, "unregistered-mark", "strict-markers") is expected
    assert not ignored(settings, path, "unused-disabler", "plugin-disablers")


def test_an_ignored_rule_is_silent_everywhere() -> None:
    settings = DEFAULTS._replace(ignore=("unused-disabler",))
    assert ignored(settings, "pytest.ini", "unused-disabler", "plugin-disablers")
    assert not ignored(settings, "pytest.ini", "unregistered-mark", "strict-markers")


def test_an_ignored_concern_is_silent_with_all_its_rules() -> None:
    settings = DEFAULTS._replace(ignore=("plugin-disablers",), per_file_ignores={"a.py": ("strict-markers",)})
    assert ignored(settings, "pytest.ini", "unused-disabler", "plugin-disablers")
    assert ignored(settings, "a.py", "unregistered-mark", "strict-markers")
    assert not ignored(settings, "b.py", "unregistered-mark", "strict-markers")


def test_the_severity_of_a_rule_wins_over_that_of_its_concern_and_this_over_that_of_its_kind() -> None:
    finding = Finding(Place("a.py", 1, 1), "unregistered-mark", "strict-markers", "breaks", "why")
    severity: dict[str, Literal["error", "warning", "off"]] = {"breaks": "error"}
    assert severity_of(DEFAULTS._replace(severity=severity), finding) == "error"
    severity["strict-markers"] = "warning"
    assert severity_of(DEFAULTS._replace(severity=severity), finding) == "warning"
    severity["unregistered-mark"] = "off"
    assert severity_of(DEFAULTS._replace(severity=severity), finding) == "off"
    assert severity_of(DEFAULTS._replace(severity=severity), finding._replace(concern="addopts", rule="x")) == "error"
    assert severity_of(DEFAULTS, finding) is None


def test_a_repository_without_settings_pays_for_no_parser(tmp_path: Path) -> None:
    known(tmp_path, {"pyproject.toml": "[project]\nname = 'x'\n"})
    program = (
        "import sys\n"
        "from precollect.reading.git import words_on\n"
        "from precollect.reading.tree import Tree\n"
        "from precollect.settings import Known, load\n"
        "tree = Tree(sys.argv[1], {'pyproject.toml': words_on(0o100644)})\n"
        "load(Known((), (), tree))\n"
        "assert not {'tomllib', 'tomli', 'packaging', 'fnmatch', 'dataclasses'} & set(sys.modules)\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent / "hooks")}
    done = subprocess.run([sys.executable, "-S", "-c", program, str(tmp_path)], env=environ, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
