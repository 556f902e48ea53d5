"""The command that rebuilds the catalog, with releases that are invented instead of installed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from precollect.catalog import environments, rebuild
from precollect.catalog.environments import ToolError
from precollect.catalog.history import Failure, Measurement, to_rows

SOURCES = rebuild.Sources(
    since="2021-01-01",
    history=["some-plugin", "broken-plugin", "no-plugin"],
    newest=["rare-plugin"],
    rare=[],
    bringers=["library", "library[test]"],
    start={},
    beside={"some-plugin": ["django"]},
)
RELEASES = {
    "some-plugin": ["0.9", "1.0.0", "1.0.1", "1.0.2", "1.1.0"],
    "broken-plugin": ["1.0"],
    "no-plugin": ["1.0"],
    "rare-plugin": ["1.0", "2.0"],
}


class World:
    """The folder of the data, and the releases that were really measured, in order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.measured: list[str] = []

    def known_releases(self, name: str) -> list[str]:
        return RELEASES[name]

    def newest_before(self, name: str, day: str) -> str | None:
        return "1.0.0" if name == "some-plugin" else None

    def measure(self, name: str, version: str, beside: Sequence[str] = ()) -> Measurement | Failure:
        self.measured.append(f"{name} {version}")
        if name == "broken-plugin":
            return Failure("pytest does not start with it", "No module named 'nose'")
        marks = [{"name": "new", "line": "new: mark", "owner": "some"}] if version == "1.1.0" else []
        plugins = [] if name == "no-plugin" else [{"name": name.split("-")[0], "module": "m", "loaded": "default"}]
        facts = {"spelled": [name], "marks": marks, "entry_points": plugins, "modules": ["m", *beside]}
        return Measurement(to_rows(facts), "Python 3.11, pytest 9.2.0")

    def brought_along(self, name: str) -> tuple[set[str], set[str]]:
        if name == "rare-plugin":
            raise ToolError("no network")
        plugins = {"library": {"Some_Plugin", "anyio"}, "library[test]": {"some-plugin"}}
        return plugins.get(name, set()), {"rare_plugin", "colorama"} if name == "library[test]" else set()

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(tmp_path)
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(rebuild, "DATA", str(tmp_path / "data"))
    monkeypatch.setattr(rebuild, "INDEX", str(tmp_path / "index.json"))
    monkeypatch.setattr(rebuild, "BRINGS", str(tmp_path / "brings.json"))
    monkeypatch.setattr(rebuild, "read_sources", lambda: SOURCES)
    for name in ("known_releases", "newest_before", "measure", "brought_along"):
        monkeypatch.setattr(environments, name, getattr(world, name))
    return world


def run(world: World, *words: str) -> int:
    return rebuild.main([*words, "--cache", str(world.folder / "cache")])


def test_everything_is_measured_and_what_failed_is_listed_at_the_end(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(world) == 1
    assert world.measured == [
        "some-plugin 1.0.0",
        "some-plugin 1.0.2",
        "some-plugin 1.1.0",
        "broken-plugin 1.0",
        "no-plugin 1.0",
        "rare-plugin 2.0",
    ]
    out, err = capsys.readouterr()
    assert [line.partition(" releases")[0] for line in out.splitlines()] == [
        "some-plugin: 3 of 4",
        "rare-plugin: 1 of 1",
    ]
    assert err.splitlines() == [
        "broken-plugin 1.0: pytest does not start with it No module named 'nose'",
        "broken-plugin: no release could be measured, so the catalog lacks it",
        "no-plugin: has no pytest11 entry point, so the catalog lacks it",
        "rare-plugin: what it brings along is unknown: no network",
    ]


def test_the_files_say_what_was_found(world: World) -> None:
    run(world)
    assert sorted(path.name for path in (world.folder / "data").iterdir()) == ["rare-plugin.json", "some-plugin.json"]
    data = json.loads(world.text("data/some-plugin.json"))
    assert data["releases"] == "1.0.0 1.0.1 1.0.2 1.1.0"
    assert data["marks"] == [{"name": "new", "line": "new: mark", "owner": "some", "in": "1.1.0.."}]
    assert data["modules"] == [{"name": "django"}, {"name": "m"}]
    index = json.loads(world.text("index.json"))
    assert index["mark"] == {"new": "some-plugin"}
    assert index["module"] == {"django": "some-plugin", "m": "rare-plugin some-plugin"}
    brings = json.loads(world.text("brings.json"))
    along = {"library": "some-plugin", "library[test]": "rare-plugin? some-plugin", "some-plugin": ""}
    assert brings == along, "of rare-plugin nothing is known"


def test_a_rebuild_without_news_measures_nothing_and_changes_nothing(world: World) -> None:
    run(world, "some-plugin", "rare-plugin")
    before = {path: path.read_bytes() for path in world.folder.glob("*.json")} | {
        path: path.read_bytes() for path in (world.folder / "data").iterdir()
    }
    world.measured.clear()
    run(world, "some-plugin", "rare-plugin")
    assert world.measured == []
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("lost", ["cache", "data"])
def test_the_data_files_and_the_cache_each_remember_what_was_measured(world: World, lost: str) -> None:
    run(world, "some-plugin")
    text = world.text("data/some-plugin.json")
    (world.folder / lost).rename(world.folder / "lost")
    (world.folder / "data").mkdir(exist_ok=True)
    world.measured.clear()
    run(world, "some-plugin")
    assert world.measured == []
    assert world.text("data/some-plugin.json") == text


def test_only_a_new_release_is_measured(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run(world, "some-plugin")
    world.measured.clear()
    monkeypatch.setitem(RELEASES, "some-plugin", [*RELEASES["some-plugin"], "1.2.0"])
    run(world, "some-plugin")
    assert world.measured == ["some-plugin 1.2.0"]


def test_a_better_introspection_measures_everything_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run(world, "some-plugin")
    world.measured.clear()
    monkeypatch.setattr(environments, "INTROSPECTION", environments.INTROSPECTION + 1)
    run(world, "some-plugin")
    assert world.measured == ["some-plugin 1.0.0", "some-plugin 1.0.2", "some-plugin 1.1.0"]


def test_all_is_measured_again_where_that_is_asked_for(world: World) -> None:
    run(world, "rare-plugin")
    run(world, "rare-plugin", "--again")
    assert set(world.measured[1:]) == {"rare-plugin 2.0"}


def test_failures_are_remembered_until_a_retry_is_asked_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(name: str, version: str, beside: Sequence[str] = ()) -> Measurement | Failure:
        return Failure("does not install") if version == "1.1.0" else world.measure(name, version, beside)

    monkeypatch.setattr(environments, "measure", measure)
    run(world, "some-plugin")
    assert json.loads(world.text("data/some-plugin.json"))["failed"] == {"does not install": "1.1.0"}
    monkeypatch.setattr(environments, "measure", world.measure)
    world.measured.clear()
    run(world, "some-plugin")
    assert world.measured == []
    run(world, "some-plugin", "--retry")
    assert world.measured == ["some-plugin 1.1.0"]


def test_an_older_release_serves_where_the_newest_cannot_be_measured(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measure(name: str, version: str, beside: Sequence[str] = ()) -> Measurement | Failure:
        return Failure("does not install") if version == "2.0" else world.measure(name, version, beside)

    monkeypatch.setattr(environments, "measure", measure)
    run(world, "rare-plugin")
    assert json.loads(world.text("data/rare-plugin.json"))["releases"] == "1.0"


def test_what_an_older_introspection_measured_is_measured_again_but_not_what_failed(world: World) -> None:
    run(world, "some-plugin")
    path = world.folder / "data" / "some-plugin.json"
    data = json.loads(path.read_text())
    data |= {"introspection": "1", "failed": {"does not install": "1.0.2"}}
    path.write_text(json.dumps(data))
    shutil.rmtree(world.folder / "cache")
    world.measured.clear()
    run(world, "some-plugin")
    assert world.measured == ["some-plugin 1.0.0", "some-plugin 1.0.1", "some-plugin 1.1.0"]
    assert json.loads(path.read_text())["failed"] == {"does not install": "1.0.2"}
    world.measured.clear()
    run(world, "some-plugin", "--retry")
    assert world.measured == ["some-plugin 1.0.2"]


def test_a_name_that_the_catalog_does_not_mean_to_hold_is_refused(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(world, "some-plugin", "numpy") == 2
    assert capsys.readouterr().err == "not in sources.toml: numpy\n"
    assert world.measured == []


def test_the_sources_are_sorted_and_name_nothing_twice() -> None:
    sources = rebuild.read_sources()
    for names in (sources.history, sources.newest, sources.rare, sources.bringers):
        assert names == sorted(set(names))
    held = [*sources.history, *sources.newest, *sources.rare, *sources.bringers]
    assert len(held) == len(set(held))
    assert {*sources.start, *sources.beside} <= {*sources.history, *sources.newest, *sources.rare}
