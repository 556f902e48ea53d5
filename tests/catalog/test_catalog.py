"""What the loader answers, on a small file written here and on the catalog's own data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from precollect import catalog
from precollect.catalog import Distribution, EntryPoint, Hook, IniKey, Mark, Option, brings, load, names, owners

PLUGIN = Distribution(
    json.loads("""{
 "distribution": "some-plugin",
 "releases": "1.0 1.9 1.10 2.0rc1 2.0 2.1",
 "spelled": [{"name": "Some_Plugin", "in": "..1.10"}, {"name": "some-plugin", "in": "2.0rc1.."}],
 "requires_pytest": [{"specifier": ">=7", "in": "2.0.."}],
 "requires_python": [{"specifier": ">=3.8"}],
 "requires": [{"name": "pytest"}, {"name": "anyio", "in": "1.9..1.10 2.1.."}],
 "entry_points": [{"name": "some", "module": "some.plugin"}, {"name": "asked", "module": "other", "loaded": "asked"}],
 "modules": [{"name": "some"}],
 "registers": [{"name": "late", "owner": "some"}],
 "marks": [
  {"name": "fast", "line": "fast(n): text", "owner": "some", "condition": "config.option.fast"},
  {"name": "slow", "line": "slow: text", "owner": "some", "in": "1.10"}
 ],
 "keys": [
  {"name": "level", "type": "int", "owner": "some", "default": 3},
  {"name": "depth", "owner": "some", "alias_of": "level"}
 ],
 "options": [
  {"names": ["-n", "--number"], "dest": "number", "type": "int", "nargs": "?", "choices": ["1", "2"], "owner": "some"},
  {"names": ["--all"], "dest": "all", "action": "store_true", "nargs": 0, "owner": "some", "in": "..1.9"}
 ],
 "fixtures": [
  {"name": "thing", "owner": "some"},
  {"name": "asked_for", "owner": "asked", "condition": "-p asked"},
  {"name": "borrowed", "owner": "some", "condition": "-p other"}
 ],
 "introspection": "3",
 "hooks": [{"name": "pytest_thing", "arguments": ["item", "config"], "owner": "some"}],
 "implements": [
  {"name": "pytest_collect_file", "owner": "some", "in": "1.9.."},
  {"name": "pytest_collect_file", "owner": "asked", "condition": "not registered when measured"}
 ],
 "behaviours": [{"name": "is-so"}, {"name": "who-knows", "unclear": true}]
}""")
)


def test_every_kind_of_fact_is_read() -> None:
    release = PLUGIN.at("1.9")
    assert release.version == "1.9"
    assert release.entry_points == (EntryPoint("some", "some.plugin"), EntryPoint("asked", "other", "asked"))
    assert release.modules == ("some",)
    assert release.registers == {"late": "some"}
    assert release.marks == {"fast": Mark("fast", "fast(n): text", "some", "config.option.fast")}
    assert release.keys["level"] == IniKey("level", "int", 3, "some", None)
    assert release.keys["depth"] == IniKey("depth", "string", None, "some", "level")
    assert release.options == (
        Option(("-n", "--number"), "number", "store", "?", "int", ("1", "2"), "some"),
        Option(("--all",), "all", "store_true", 0, None, None, "some"),
    )
    assert release.fixtures == {"thing": "some", "asked_for": "asked", "borrowed": "some"}
    assert release.late_fixtures == {"borrowed"}
    assert release.hooks == {"pytest_thing": Hook("pytest_thing", ("item", "config"), "some")}
    assert release.implements == {"pytest_collect_file": ("some", "asked")}
    assert PLUGIN.at("1.0").implements == {"pytest_collect_file": ("asked",)}
    assert release.behaviours == {"is-so"}
    assert [row["name"] for row in release.facts("behaviours") if "unclear" in row] == ["who-knows"]
    assert (release.requires_pytest, release.requires_python) == ("", ">=3.8")


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        pytest.param("1.9", "1.9", id="a release that is covered"),
        pytest.param("1.9.0", "1.9", id="the same release written longer"),
        pytest.param("1.9.7", "1.9", id="between two releases counts the lower one"),
        pytest.param("1.11", "1.10", id="versions are compared as numbers"),
        pytest.param("2.0rc2", "2.0rc1", id="a pre-release comes before its release"),
        pytest.param("2.0.post1", "2.0", id="a post-release comes after its release"),
        pytest.param("99", "2.1", id="newer than the newest"),
        pytest.param("0.1", "1.0", id="older than the oldest"),
    ],
)
def test_the_nearest_release_at_or_below_answers(asked: str, answered: str) -> None:
    assert PLUGIN.at(asked).version == answered


def test_a_fact_holds_in_its_releases_only() -> None:
    covered = PLUGIN.releases
    assert [release for release in covered if "slow" in PLUGIN.at(release).marks] == ["1.10"]
    assert [release for release in covered if len(PLUGIN.at(release).options) == 2] == ["1.0", "1.9"]
    assert [release for release in covered if "anyio" in PLUGIN.at(release).requires] == ["1.9", "1.10", "2.1"]
    assert [release for release in covered if PLUGIN.at(release).distribution == "Some_Plugin"] == [
        "1.0",
        "1.9",
        "1.10",
    ]
    assert PLUGIN.newest == "2.1"


def test_hooks_that_an_earlier_introspection_did_not_look_for_are_unknown() -> None:
    seen = {"distribution": "some-plugin", "releases": "1.0", "introspection": "2"}
    assert Distribution(seen).at("1.0").implements is None
    assert Distribution({**seen, "introspection": "3"}).at("1.0").implements == {}
    assert Distribution({"distribution": "some-plugin", "releases": "1.0"}).at("1.0").implements is None


@pytest.mark.parametrize(
    ("version", "answer"),
    [
        pytest.param("2.1", True, id="the newest release"),
        pytest.param("2.1.0", True, id="the same written longer"),
        pytest.param("1.9.7", True, id="between two releases"),
        pytest.param("0.1", True, id="older than all"),
        pytest.param("2.1.4", True, id="a later patch of the newest"),
        pytest.param("2.1.post1", True, id="a post-release of the newest"),
        pytest.param("2.1.1.dev3+g12", True, id="on its way to a later patch"),
        pytest.param("2.2", False, id="a later minor release"),
        pytest.param("2.10.1", False, id="versions are compared as numbers"),
        pytest.param("2.2rc1", False, id="a later pre-release"),
        pytest.param("2.2.dev1", False, id="on its way to a later minor release"),
        pytest.param("10.0", False, id="a later major release"),
        pytest.param("latest", True, id="a text that is no version"),
    ],
)
def test_a_release_that_is_much_newer_is_not_told_of(version: str, answer: bool) -> None:
    assert PLUGIN.tells_of(version) is answer


def test_a_text_that_is_no_version_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="latest"):
        PLUGIN.at("latest")


@pytest.mark.parametrize("name", ["no-such-plugin", "", "../index", "data/pytest", "PYTEST-COV\0"])
def test_a_name_that_the_catalog_does_not_hold_is_none(name: str) -> None:
    assert load(name) is None


@pytest.mark.parametrize("name", names())
def test_every_distribution_loads_in_every_release(name: str) -> None:
    distribution = load(name)
    assert distribution is not None
    assert distribution.name == name
    for version in distribution.releases:
        release = distribution.at(version)
        assert release.version == version
        assert catalog.read(os.path.join(catalog.DATA, f"{name}.json"))["releases"].startswith(distribution.releases[0])
        loaded = {plugin.name for plugin in release.entry_points} | {"config"}
        own = [option.owner for option in release.options] + [mark.owner for mark in release.marks.values()]
        own += [key.owner for key in release.keys.values()] + [hook.owner for hook in release.hooks.values()]
        assert {*own, *release.fixtures.values(), *release.registers.values()} <= loaded
        assert release.distribution.lower().replace("_", "-").replace(".", "-") == name


# Facts that the changelogs of these projects state, so that a broken measurement is seen.
@pytest.mark.parametrize(
    ("name", "version", "kind", "has", "lacks"),
    [
        ("pytest", "7.4.4", "marks", {"skip", "parametrize", "tryfirst"}, {"asyncio"}),
        ("pytest", "7.4.4", "keys", {"xfail_strict", "markers"}, {"strict_markers"}),
        ("pytest", "9.2.0", "keys", {"strict", "strict_markers", "strict_config"}, {"asyncio_mode"}),
        ("pytest", "8.4.2", "fixtures", {"tmp_path", "capsys"}, {"subtests"}),
        ("pytest", "8.4.2", "hooks", {"pytest_configure"}, {"pytest_cmdline_preparse"}),
        ("pytest-asyncio", "0.21.2", "fixtures", {"event_loop"}, set()),
        ("pytest-asyncio", "1.5.0", "fixtures", {"unused_tcp_port"}, {"event_loop"}),
        ("pytest-asyncio", "1.2.0", "keys", {"asyncio_default_fixture_loop_scope", "asyncio_debug"}, set()),
        ("pytest-rerunfailures", "16.1", "keys", {"reruns"}, {"only_rerun"}),
        ("pytest-rerunfailures", "16.7", "keys", {"reruns", "only_rerun"}, set()),
        ("pytest-xdist", "3.8.0", "marks", {"xdist_group"}, set()),
        ("pytest-django", "4.14.0", "marks", {"django_db", "django_isolate_apps"}, set()),
        ("pytest-django", "4.11.1", "marks", {"django_db"}, {"django_isolate_apps"}),
    ],
)
def test_known_facts_are_there(name: str, version: str, kind: str, has: set[str], lacks: set[str]) -> None:
    distribution = load(name)
    assert distribution is not None
    found = set(getattr(distribution.at(version), kind))
    assert has <= found
    assert not lacks & found


def test_behaviours_follow_the_releases_of_pytest() -> None:
    pytest_itself = load("pytest")
    assert pytest_itself is not None
    assert "strict-flags-in-addopts" in pytest_itself.at("8.4.2").behaviours
    assert "strict-flags-in-addopts" not in pytest_itself.at("9.0.2").behaviours
    assert "strict-flags-in-addopts" in pytest_itself.at("9.2.0").behaviours
    assert not [row for row in pytest_itself.rows("behaviours") if "unclear" in row]


def test_owners_and_brings_answer_from_the_small_files() -> None:
    assert owners("mark", "asyncio") == ("pytest-asyncio",)
    assert "pytest-cov" in owners("option", "--cov")
    assert "pytest-xdist" in owners("module", "xdist")
    assert owners("mark", "skip") == ()
    assert "anyio" in (brings("httpx") or ())
    assert brings("no-such-distribution") is None


def test_the_data_is_small_in_the_wheel() -> None:
    paths = [*Path(catalog.DATA).iterdir(), Path(catalog.INDEX), Path(catalog.BRINGS)]
    assert sum(len(zlib.compress(path.read_bytes())) for path in paths) < 400_000


def test_the_scanner_reads_what_json_reads() -> None:
    for path in (catalog.INDEX, os.path.join(catalog.DATA, "pytest.json")):
        assert catalog.read(path) == json.loads(Path(path).read_text(encoding="utf-8"))


def test_loading_imports_nothing_heavy() -> None:
    code = """if True:
        import sys, typing
        from precollect.catalog import load
        for name in ("pytest", "pytest-cov", "pytest-xdist", "pytest-asyncio"):
            release = load(name).at('8.4.2')
            release.options, release.keys, release.marks
        print(sorted({"json", "packaging", "dataclasses", "inspect", "pathlib", "tomllib"} & set(sys.modules)))
    """
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, env=paths(), check=True)
    assert done.stdout == "[]\n"


def paths() -> dict[str, str]:
    source = os.path.dirname(os.path.dirname(os.path.dirname(catalog.__file__)))
    return {**os.environ, "PYTHONPATH": source}
