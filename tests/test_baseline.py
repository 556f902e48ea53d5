"""The baseline: what was found before refuses nothing, what is new does, and what is gone is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from precollect.baseline import Entry, parse, text, thing_of
from precollect.findings import Finding, Place
from running import git, lay_out, run, snapshot, stage

FILE = "precollect-baseline.json"
SLOW = "import pytest\n\n\n@pytest.mark.slow\ndef test_one():\n    assert True\n"
ALSO_FAST = SLOW + "\n\n@pytest.mark.fast\ndef test_two():\n    assert True\n"
BROKEN = {
    "pytest.ini": "[pytest]\naddopts = --strict-markers\n",
    "test_one.py": SLOW,
    "requirements.txt": "pytest==9.2.0\n",
}
WRITTEN = """\
{
 "version": 1,
 "folders": ["."],
 "findings": [
  {"path": "test_one.py", "rule": "unregistered-mark", "thing": "slow", "kind": "breaks", "count": 1}
 ]
}
"""


def things(folder: Path, name: str = FILE) -> list[str]:
    """What stands in the baseline: "rule thing", in its order."""
    document = json.loads((folder / name).read_text(encoding="utf-8"))
    return [f"{entry['rule']} {entry['thing']}" for entry in document["findings"]]


def test_what_is_noted_refuses_no_commit_any_more(here: Callable[..., Path]) -> None:
    folder = here(BROKEN)

    assert run("--write-baseline") == (
        0,
        "",
        f"1 finding noted in {FILE}; it counts once it is tracked: git add {FILE}\n",
    )
    assert (folder / FILE).read_text(encoding="utf-8") == WRITTEN
    git(folder, "add", FILE)

    assert run() == (0, "", "")
    assert json.loads(run("--format", "json").out)["findings"] == []
    assert run("--write-baseline") == (0, "", f"1 finding noted in {FILE}; nothing has changed\n")


def test_a_baseline_that_nobody_tracks_does_not_count_and_says_so(here: Callable[..., Path]) -> None:
    here(BROKEN)
    run("--write-baseline")

    status, _, err = run()

    assert status == 1
    assert err.splitlines()[0] == f"{FILE} is not tracked, so it does not count: git add {FILE}"


def test_outside_git_every_file_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, BROKEN)
    monkeypatch.chdir(tmp_path)

    assert run("--write-baseline").status == 0
    assert run() == (0, "", "")


def test_lines_may_move(here: Callable[..., Path]) -> None:
    folder = here(BROKEN)
    run("--write-baseline")
    stage(folder, {"test_one.py": "# a comment\n\n\n" + SLOW})

    assert run() == (0, "", "")


NEW = {
    "of another thing": ({"test_one.py": ALSO_FAST}, ["test_one.py:9:2: unregistered-mark: mark 'fast'"]),
    "of another file": (
        {"test_two.py": SLOW.replace("slow", "fast")},
        ["test_two.py:4:2: unregistered-mark: mark 'fast'"],
    ),
    "of another rule": (
        {"pytest.ini": "[pytest]\naddopts = --strict-markers --nothing\n"},
        ["pytest.ini:2:28: unknown-option: "],
    ),
}


@pytest.mark.parametrize(("files", "found"), NEW.values(), ids=NEW)
def test_a_new_finding_refuses_and_is_all_that_is_reported(
    here: Callable[..., Path], files: dict[str, str], found: list[str]
) -> None:
    folder = here(BROKEN)
    run("--write-baseline")
    stage(folder, files)

    status, out, err = run()

    lines = [line for line in out.splitlines() if not line.startswith(" ")]
    assert status == 1
    assert [line[: len(start)] for line, start in zip(lines, found, strict=True)] == found
    assert err.splitlines()[-1].startswith("1 finding (1 breaks)")


def test_a_thing_that_is_met_in_another_file_first_is_the_same(here: Callable[..., Path]) -> None:
    folder = here(BROKEN)
    run("--write-baseline")
    stage(folder, {"test_before.py": SLOW, "test_two.py": SLOW})

    assert run() == (0, "", "")


def test_more_of_the_same_is_new(here: Callable[..., Path]) -> None:
    parametrize = "@pytest.mark.parametrize('a', [1])\ndef test_{}():\n    assert True\n"
    folder = here({**BROKEN, "test_one.py": "import pytest\n" + parametrize.format("one")})
    run("--write-baseline")
    stage(folder, {"test_one.py": "import pytest\n" + parametrize.format("one") + parametrize.format("two")})

    found = json.loads(run("--format", "json").out)["findings"]

    assert [entry["line"] for entry in found] == [5]


def test_what_is_gone_is_said_and_refuses_nothing(here: Callable[..., Path]) -> None:
    folder = here({**BROKEN, "test_one.py": ALSO_FAST})
    run("--write-baseline")
    stage(folder, {"test_one.py": SLOW})

    for _ in range(2):
        assert run() == (
            0,
            "",
            "no longer found: unregistered-mark 'fast' in test_one.py; "
            f"--fix or --write-baseline takes it out of {FILE}\n",
        )
    assert things(folder) == ["unregistered-mark fast", "unregistered-mark slow"]


def test_fix_takes_out_what_is_gone_and_that_is_a_rewritten_file(here: Callable[..., Path]) -> None:
    folder = here({**BROKEN, "test_one.py": ALSO_FAST})
    run("--write-baseline")
    stage(folder, {"test_one.py": SLOW})

    assert run("--fix") == (1, "", f"fixed {FILE}: 1 entry no longer found\n")
    assert (folder / FILE).read_text(encoding="utf-8") == WRITTEN
    assert run("--fix") == (0, "", "")


def test_writing_takes_out_what_is_gone(here: Callable[..., Path]) -> None:
    folder = here({**BROKEN, "test_one.py": ALSO_FAST})
    run("--write-baseline")
    stage(folder, {"test_one.py": SLOW})

    assert run("--write-baseline") == (0, "", f"1 finding noted in {FILE}; commit the change\n")
    assert (folder / FILE).read_text(encoding="utf-8") == WRITTEN


def test_an_empty_baseline_is_a_baseline(here: Callable[..., Path]) -> None:
    folder = here({**BROKEN, "test_one.py": SLOW.replace("slow", "skip")})

    assert run("--write-baseline").err == f"0 findings noted in {FILE}; it counts once it is tracked: git add {FILE}\n"
    assert things(folder) == []
    git(folder, "add", FILE)
    assert run() == (0, "", "")


def test_the_index_has_a_baseline_of_its_own(here: Callable[..., Path]) -> None:
    folder = here(BROKEN)
    stage(folder, {FILE: WRITTEN})
    lay_out(folder, {FILE: WRITTEN.replace("slow", "other")})

    assert run("--staged").status == 0
    assert run().status == 1


def test_what_was_found_clean_is_asked_anew_where_the_baseline_changes(
    here: Callable[..., Path], tmp_path: Path
) -> None:
    memory = str(tmp_path / "cache")
    folder = here({**BROKEN, FILE: WRITTEN})
    assert run(memory=memory) == run(memory=memory) == (0, "", "")

    assert run("--no-baseline", memory=memory).status == 1
    lay_out(folder, {FILE: WRITTEN.replace("slow", "other")})
    assert run(memory=memory).status == 1
    (folder / FILE).unlink()
    assert run(memory=memory).status == 1


def test_no_baseline_reports_all(here: Callable[..., Path]) -> None:
    here({**BROKEN, FILE: WRITTEN})

    assert run("--no-baseline").status == 1
    assert run("--verbose").err.startswith(f"1 finding stands in {FILE}; --no-baseline reports it\n")


def test_a_house_rule_of_one_hook_is_not_gone_for_those_who_do_not_ask(here: Callable[..., Path]) -> None:
    folder = here({**BROKEN, "pytest.ini": "[pytest]\n"})
    assert run("--write-baseline", concern="strict-markers").status == 0
    git(folder, "add", FILE)

    assert any(thing.startswith("strict-markers-off ") for thing in things(folder))
    assert run(concern="strict-markers") == (0, "", "")
    assert run() == (0, "", "")
    assert run(concern="addopts") == (0, "", "")


def test_each_hook_notes_its_own_and_leaves_the_others(here: Callable[..., Path]) -> None:
    folder = here({**BROKEN, "pytest.ini": "[pytest]\naddopts = --strict-markers --nothing\n"})
    run("--write-baseline", concern="strict-markers")
    run("--write-baseline", concern="addopts")
    git(folder, "add", FILE)

    assert things(folder) == ["unknown-option --nothing", "unregistered-mark slow"]
    assert run() == (0, "", "")

    stage(folder, {"pytest.ini": BROKEN["pytest.ini"]})
    assert run(concern="strict-markers") == (0, "", "")
    assert "no longer found: unknown-option '--nothing' in pytest.ini" in run(concern="addopts").err


def test_several_folders_share_a_baseline(here: Callable[..., Path]) -> None:
    folder = here({f"{name}/{path}": content for name in "ab" for path, content in BROKEN.items()})
    run("--write-baseline", "a")
    run("--write-baseline", "b")
    git(folder, "add", FILE)

    document = json.loads((folder / FILE).read_text(encoding="utf-8"))
    assert (document["folders"], len(document["findings"])) == (["a", "b"], 2)
    assert run("a") == run("b") == run("a", "b") == (0, "", "")

    stage(folder, {"a/test_one.py": "", "b/test_one.py": ""})
    assert run("a") == (0, "", "")
    assert run("a", "b").err.startswith("no longer found: unregistered-mark 'slow' in a/test_one.py, ")


def test_the_settings_or_an_option_name_another_file(here: Callable[..., Path]) -> None:
    folder = here({**BROKEN, "precollect.toml": 'baseline = "ci/known.json"\n', "ci/.keep": ""})

    assert run() == (
        2,
        "",
        "precollect: baseline: the commit has no file 'ci/known.json'; '--write-baseline' writes it\n",
    )
    assert run("--write-baseline").status == 0
    assert run().err == "precollect: baseline: the commit has no file 'ci/known.json'; 'git add ci/known.json'\n"
    git(folder, "add", "--all")
    assert run() == (0, "", "")
    assert run("--baseline", "other.json", "--write-baseline").status == 0
    assert things(folder, "other.json") == things(folder, "ci/known.json") == ["unregistered-mark slow"]


NO_BASELINES = {
    "no JSON": "{",
    "marks of a conflict": WRITTEN.replace(' "findings"', '<<<<<<< ours\n "findings"'),
    "a list": "[]",
    "another version": WRITTEN.replace('"version": 1', '"version": 2'),
    "an entry without its rule": WRITTEN.replace('"rule"', '"rules"'),
    "a count that is no number": WRITTEN.replace('"count": 1', '"count": "many"'),
    "a count without end": WRITTEN.replace('"count": 1', '"count": Infinity'),
    "brackets without end": "[" * 100_000,
}


@pytest.mark.parametrize("content", NO_BASELINES.values(), ids=NO_BASELINES)
def test_a_file_that_is_none_is_status_2_and_can_be_written_anew(here: Callable[..., Path], content: str) -> None:
    folder = here({**BROKEN, FILE: content})

    assert run() == (
        2,
        "",
        f"precollect: {FILE}: is no baseline; 'precollect --write-baseline' writes it anew\n",
    )
    assert run("--write-baseline") == (0, "", f"1 finding noted in {FILE}; commit the change\n")
    assert (folder / FILE).read_text(encoding="utf-8") == WRITTEN


UNWRITABLE = {
    "a folder of that name": ({f"{FILE}/a": ""}, "is a directory"),
    "a missing folder": ({"precollect.toml": 'baseline = "a/b.json"\n'}, "no such file or directory"),
}


@pytest.mark.parametrize(("files", "said"), UNWRITABLE.values(), ids=UNWRITABLE)
def test_a_file_that_cannot_be_written_is_status_2_and_one_line(
    here: Callable[..., Path], files: dict[str, str], said: str
) -> None:
    folder = here({**BROKEN, **files})
    before = snapshot(folder)

    status, out, err = run("--write-baseline")

    assert (status, out) == (2, "")
    assert err.endswith(f"{said}\n")
    assert err.count("\n") == 1
    assert snapshot(folder) == before


def test_a_link_out_of_the_repository_is_not_written_through(here: Callable[..., Path], tmp_path: Path) -> None:
    folder = here(BROKEN)
    outside = tmp_path / "outside.json"
    outside.write_text("mine", encoding="utf-8")
    (folder / FILE).symlink_to(outside)

    assert run("--write-baseline") == (
        2,
        "",
        f"precollect: the baseline is not written: {FILE} leads out of the repository\n",
    )
    assert outside.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("value", ["'/etc/passwd'", "'../a.json'", "'.'", "1", "''"])
def test_a_baseline_lies_below_the_root(here: Callable[..., Path], value: str) -> None:
    here({**BROKEN, "precollect.toml": f"baseline = {value}\n"})

    assert run().status == 2
    assert run().err.startswith("precollect: precollect.toml:1:1: baseline: ")


def test_what_is_written_is_read_back() -> None:
    entries = [Entry("caf\udce9.py", "a-rule", "a 'b' \u65e5 \"", "loses", 2), Entry("b.py", "b", "", "policy", 1)]
    content = text(["", "a"], entries).encode("ascii")

    found = parse(FILE, content)

    assert found is not None
    assert (found.folders, list(found.entries)) == ((".", "a"), entries)
    assert len(content.splitlines()) == 8


THINGS = {
    "mark 'slow' is not registered; did you mean 'slo'": "slow",
    "pytest's own option '-p no:x' at pytest.ini:3:4": "-p no:x",
    "3 of 12 tests at a.py:3:4 and b.py:7 are lost": "N of N tests at a.py and b.py are lost",
    "an open ' quote": "an open ' quote",
}


@pytest.mark.parametrize(("message", "thing"), THINGS.items(), ids=THINGS)
def test_a_finding_is_known_by_what_its_message_quotes(message: str, thing: str) -> None:
    assert thing_of(Finding(Place("a.py", 3, 4), "a-rule", "addopts", "breaks", message)) == thing
