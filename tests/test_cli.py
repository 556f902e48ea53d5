"""The command: what it takes, what it writes where, and the statuses that scripts rely on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import precollect
from precollect import __version__
from precollect.concerns.rulebook import MODULES, RuleBook
from running import NO_MEMORY, git, lay_out, repository, run, snapshot

STRICT = "[pytest]\naddopts = --strict-markers\n"
USES = "import pytest\n\n\n@pytest.mark.{}\ndef test_one():\n    assert True\n"
SOUND = {"pytest.ini": STRICT, "test_one.py": USES.format("skip"), "requirements.txt": "pytest==9.2.0\n"}
BROKEN = {**SOUND, "test_one.py": USES.format("slow")}
# What a safe fix mends: the disabler of a plugin whose mark is in use.
MENDABLE = {
    "pytest.ini": "[pytest]\naddopts = --strict-markers -p no:asyncio\n",
    "requirements.txt": "pytest==9.2.0\npytest-asyncio==1.2.0\n",
    "test_one.py": "import pytest\n\n\n@pytest.mark.asyncio\nasync def test_one():\n    assert True\n",
}
SHELL = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")


SUMMARY = "1 finding (1 breaks); --unsafe-fixes mends 1; precollect explain unregistered-mark tells more\n"


# Statuses


def test_nothing_found_is_status_0_and_silence(here: Callable[..., Path]) -> None:
    here(SOUND)

    assert run() == (0, "", "")


def test_a_finding_is_status_1_and_is_counted_on_standard_error(here: Callable[..., Path]) -> None:
    here(BROKEN)

    found = run()

    assert found.status == 1
    assert found.out.startswith("test_one.py:4:2: unregistered-mark: mark 'slow' is not registered, pytest stops")
    assert found.err == SUMMARY


CANNOT_WORK = {
    "a missing folder": (["nowhere"], "there is no folder 'nowhere'"),
    "a file in place of a folder": (["pytest.ini"], "there is no folder 'pytest.ini'"),
    "an empty name": ([""], "there is no folder ''"),
    "a slip in a command": (["shwo"], "there is no folder 'shwo'; did you mean the command 'show'?"),
    "a name behind two dashes": (["--", "--fix"], "there is no folder '--fix'"),
    "a name that a terminal would obey": (["a\n\x1b[31m"], r"there is no folder 'a\n\x1b[31m'"),
    "a slip in an option": (["--stagd"], "there is no option '--stagd'; did you mean '--staged'?"),
    "a slip in an option with a value": (
        ["--fromat=json"],
        "there is no option '--fromat=json'; did you mean '--format'?",
    ),
    "the beginning of an option": (["--unsafe"], "there is no option '--unsafe'; see --help"),
    "an option unlike any other": (["--color\x1b"], r"there is no option '--color\x1b'; see --help"),
    "a slip in a rule": (
        ["--ignore", "unregistered-marks"],
        "--ignore: 'unregistered-marks' is no rule or concern; did you mean 'unregistered-mark'?",
    ),
    "a slip in a concern": (
        ["--house-rules", "strict-marker"],
        "--house-rules: 'strict-marker' is no concern; did you mean 'strict-markers'?",
    ),
    "a mode that does not exist": (["--mode", "legacy"], "--mode: expected 'auto' or 'strict', got 'legacy'"),
    "a number that is none": (
        ["--max-reruns", "many"],
        "--max-reruns: expected a whole number from 0 to 1000, got 'many'",
    ),
    "a number that is too large": (
        ["--max-reruns", "9" * 5000],
        f"--max-reruns: expected a whole number from 0 to 1000, got '{'9' * 40}'",
    ),
    "a delay that is no number": (
        ["--min-reruns-delay", "nan"],
        "--min-reruns-delay: expected seconds from 0 to 86400, got 'nan'",
    ),
    "a version that is none": (["--pytest", "newest"], "--pytest: expected a version such as '8.4.2', got 'newest'"),
}


@pytest.mark.parametrize(("arguments", "said"), CANNOT_WORK.values(), ids=CANNOT_WORK)
def test_what_keeps_us_from_working_is_status_2_and_one_line(
    here: Callable[..., Path], arguments: list[str], said: str
) -> None:
    here(BROKEN)

    assert run(*arguments) == (2, "", f"precollect: {said}\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "xml"], "argument --format: invalid choice: 'xml'"),
        (["--ignore"], "argument --ignore: expected one"),
    ],
)
def test_an_option_with_a_wrong_or_without_a_value_is_status_2_and_one_line(arguments: list[str], said: str) -> None:
    status, out, err = run(*arguments)

    assert (status, out) == (2, "")
    assert err.startswith(f"precollect: {said}")
    assert err.endswith("; see --help\n")
    assert err.count("\n") == 1


BAD_SETTINGS = {
    "a slip in a key": (
        "pyproject.toml",
        "[tool.precollect]\nignored = []\n",
        "pyproject.toml:2:1: 'ignored' is no setting; did you mean 'ignore'?",
    ),
    "a wrong type": (
        "precollect.toml",
        'max-reruns = "3"\n',
        "precollect.toml:1:1: max-reruns: expected a whole number from 0 to 1000, got '3'",
    ),
    "a table that is none": (
        "pyproject.toml",
        "[tool]\nprecollect = 1\n",
        "pyproject.toml:2:1: tool.precollect: expected a table, got 1",
    ),
    "no TOML": (
        "precollect.toml",
        "max-reruns = \n",
        "precollect.toml:1:14: cannot be read: Invalid value (at line 1, column 14)",
    ),
    "a folder that the commit does not have": (
        "precollect.toml",
        'starts = ["a"]\n',
        "precollect.toml:1:1: starts: the commit has no folder 'a'",
    ),
}


@pytest.mark.parametrize(("name", "content", "said"), BAD_SETTINGS.values(), ids=BAD_SETTINGS)
def test_bad_settings_are_status_2_and_one_line_with_their_place(
    here: Callable[..., Path], name: str, content: str, said: str
) -> None:
    here({**BROKEN, name: content})

    assert run() == (2, "", f"precollect: {said}\n")


def test_arguments_win_over_settings(here: Callable[..., Path]) -> None:
    here({**BROKEN, "precollect.toml": 'ignore = ["unregistered-mark"]\n'})

    assert run().status == 0
    assert run("--ignore", "plugin-disabled").status == 1


def test_help_and_version_are_status_0() -> None:
    assert run("--version") == (0, f"precollect {__version__}\n", "")
    assert run("--help").status == 0
    assert "Exit status: 0 nothing found" in run("--help").out


# Formats


@pytest.mark.parametrize("files", [SOUND, BROKEN], ids=["sound", "broken"])
def test_json(here: Callable[..., Path], files: dict[str, str]) -> None:
    here(files)

    status, out, err = run("--format", "json")
    document = json.loads(out)

    assert (status, err) == (int(files is BROKEN), "")
    assert document["version"] == 1
    assert [
        (entry["rule"], entry["kind"], entry["concern"], entry["path"], entry["line"], entry["column"])
        for entry in document["findings"]
    ] == ([("unregistered-mark", "breaks", "strict-markers", "test_one.py", 4, 2)] if files is BROKEN else [])
    assert all(entry["fix"] == {"title": entry["fix"]["title"], "safe": False} for entry in document["findings"])


def test_sarif(here: Callable[..., Path]) -> None:
    here(BROKEN)

    status, out, _ = run("--format", "sarif")
    (result,) = json.loads(out)["runs"][0]["results"]

    assert (status, result["ruleId"], result["level"]) == (1, "unregistered-mark", "error")


def test_github(here: Callable[..., Path]) -> None:
    here(BROKEN)

    status, out, err = run("--format=github")

    assert (status, err) == (1, "")
    assert out.startswith("::error file=test_one.py,line=4,col=2,title=unregistered-mark::mark 'slow'")
    assert out.count("\n") == 1


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_a_document_is_written_though_nothing_is_found_whether_remembered_or_not(
    here: Callable[..., Path], tmp_path: Path, form: str
) -> None:
    here(SOUND)

    first, second = (run("--format", form, memory=str(tmp_path / "cache")) for _ in range(2))

    assert first == second
    assert json.loads(first.out)


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "utf-16"])
def test_every_encoding_of_standard_output_is_served(here: Callable[..., Path], form: str, encoding: str) -> None:
    here(
        {
            **BROKEN,
            "test_\u00e9\u65e5.py": USES.format("l\u00e4nger_\u65e5"),
        }
    )

    found = run("--format", form, encoding=encoding)

    assert found.status == 1
    assert "unregistered-mark" in found.out or encoding == "utf-16"
    if form in ("json", "sarif"):
        assert len(json.loads(found.out)) > 1


# Options


def test_what_is_staged_is_asked_for(here: Callable[..., Path]) -> None:
    folder = here(BROKEN)
    lay_out(folder, SOUND)

    assert run().status == 0
    assert run("--staged").status == 1

    git(folder, "add", "--all")
    lay_out(folder, BROKEN)

    assert run().status == 1
    assert run("--staged").status == 0


def test_safe_fixes_are_applied_and_said_and_the_rewritten_file_is_status_1(here: Callable[..., Path]) -> None:
    folder = here(MENDABLE)
    assert run().status == 1

    status, out, err = run("--fix")

    assert (status, out) == (1, "")
    assert err == "fixed pytest.ini\n"
    assert (folder / "pytest.ini").read_text() == "[pytest]\naddopts = --strict-markers\n"
    assert run("--fix") == (0, "", "")


def test_unsafe_fixes_wait_until_they_are_asked_for(here: Callable[..., Path]) -> None:
    folder = here(BROKEN)
    before = snapshot(folder)

    assert run("--fix").status == 1
    assert snapshot(folder) == before

    assert run("--unsafe-fixes").status == 1
    assert "    slow: \n" in (folder / "pytest.ini").read_text() or "slow" in (folder / "pytest.ini").read_text()
    assert run().status == 0


def test_without_fix_nothing_is_written(here: Callable[..., Path], tmp_path: Path) -> None:
    here(MENDABLE)
    before = snapshot(tmp_path)

    for form in ("text", "json", "github", "sarif"):
        assert run("--format", form, "--verbose").status == 1

    assert snapshot(tmp_path) == before


def test_verbose_says_what_files_cannot_tell(here: Callable[..., Path]) -> None:
    here({name: text for name, text in SOUND.items() if name != "requirements.txt"})

    status, out, err = run("--verbose")

    assert (status, out) == (0, "")
    assert err == (
        "judged: pytest 9.2.0 in .: pytest.ini, 1 test module\nunknown: no file declares pytest\nnothing found\n"
    )


def test_a_run_that_judged_nothing_says_so_instead_of_success(here: Callable[..., Path], tmp_path: Path) -> None:
    here({"README": "", "docs/index.md": ""})

    assert run() == (0, "", "")
    for arguments, folders in ((["."], "."), (["docs"], "docs"), ([".", "docs"], "., docs")):
        status, out, err = run("--verbose", *arguments, memory=str(tmp_path / "cache"))

        assert (status, out) == (0, "")
        assert err.endswith(f"\nnothing to judge: no configuration of pytest and no test modules in {folders}\n")


def test_on_a_terminal_nothing_found_is_said(
    here: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("precollect.checking.on_terminal", lambda: True)
    here(SOUND)

    for _ in range(2):  # judged, then remembered
        assert run(memory=str(tmp_path / "cache")) == (0, "", "nothing found\n")
    assert run("--format", "github").err == ""


def test_verbose_speaks_though_the_commit_was_found_clean_before(here: Callable[..., Path], tmp_path: Path) -> None:
    here({name: text for name, text in SOUND.items() if name != "requirements.txt"})
    memory = str(tmp_path / "cache")
    run(memory=memory)

    assert "unknown: " in run("--verbose", memory=memory).err


@pytest.mark.parametrize("concern", MODULES)
def test_each_concern_is_a_command_that_reports_its_own_findings_only(here: Callable[..., Path], concern: str) -> None:
    here({**BROKEN, **MENDABLE, "test_two.py": USES.format("slow")})

    status, out, _ = run("--format", "json", concern=concern)
    findings = json.loads(out)["findings"]

    assert status == bool(findings)
    assert {entry["concern"] for entry in findings} <= {concern}
    assert bool(findings) or concern not in ("plugin-disablers", "strict-markers")


def test_house_rules_apply_where_they_are_asked_for(here: Callable[..., Path]) -> None:
    here({"pytest.ini": "[pytest]\naddopts = --reruns 1\n", "requirements.txt": "pytest\npytest-rerunfailures\n"})

    assert run().status == 0
    assert run("--house-rules", "reruns-policy").status == 1
    assert run(concern="reruns-policy").status == 1


# A part of the rules, and their severity

TWO_CONCERNS = {**MENDABLE, "test_two.py": USES.format("slow")}


def rules_found(*arguments: str, concern: str | None = None) -> set[str]:
    found = json.loads(run("--format", "json", *arguments, concern=concern).out)["findings"]
    return {entry["rule"] for entry in found}


SELECTED = {
    "a rule": (["--select", "unregistered-mark"], {"unregistered-mark"}),
    "a concern": (["--select", "plugin-disablers"], {"disabled-plugin-mark"}),
    "a rule and a concern": (
        ["--select", "unregistered-mark,plugin-disablers"],
        {"disabled-plugin-mark", "unregistered-mark"},
    ),
    "a rule that finds nothing": (["--select", "disabler-without-effect"], set()),
    "all without a concern": (["--ignore", "plugin-disablers"], {"unregistered-mark"}),
    "what is selected and ignored is ignored": (
        ["--select", "strict-markers", "--ignore", "unregistered-mark"],
        set(),
    ),
    "a concern without its house rules": (["--select", "strict-markers"], {"unregistered-mark"}),
}


@pytest.mark.parametrize(("arguments", "found"), SELECTED.values(), ids=SELECTED)
def test_rules_are_selected_and_ignored(here: Callable[..., Path], arguments: list[str], found: set[str]) -> None:
    here(TWO_CONCERNS)

    assert rules_found(*arguments) == found
    assert run(*arguments).status == bool(found)


def test_a_house_rule_that_is_selected_by_its_name_applies(here: Callable[..., Path]) -> None:
    here({**SOUND, "pytest.ini": "[pytest]\n"})

    assert rules_found("--select", "strict-markers-off") == {"strict-markers-off"}
    assert rules_found("--select", "strict-markers") == set()


def test_a_hook_reports_what_is_selected_of_its_own_rules(here: Callable[..., Path]) -> None:
    here({**TWO_CONCERNS, "precollect.toml": 'select = ["unregistered-mark", "disabler-without-effect"]\n'})

    assert rules_found(concern="strict-markers") == {"unregistered-mark"}
    assert rules_found(concern="plugin-disablers") == set()


def test_a_warning_is_reported_and_refuses_nothing(here: Callable[..., Path]) -> None:
    here({**BROKEN, "precollect.toml": 'severity = { unregistered-mark = "warning" }\n'})

    status, out, err = run()

    assert status == 0
    assert out.splitlines()[0].endswith(" [breaks, warning]")
    assert err == SUMMARY.replace("1 breaks", "1 breaks; 1 is a warning")
    assert run("--format", "github").out.startswith("::warning file=test_one.py")
    assert json.loads(run("--format", "sarif").out)["runs"][0]["results"][0]["level"] == "warning"
    (entry,) = json.loads(run("--format", "json").out)["findings"]
    assert sorted(entry) == ["column", "concern", "fix", "kind", "line", "message", "path", "related", "rule"]


def test_a_warning_is_reported_every_time(here: Callable[..., Path], tmp_path: Path) -> None:
    here({**BROKEN, "precollect.toml": 'severity = { breaks = "warning" }\n'})
    memory = str(tmp_path / "cache")

    assert run(memory=memory) == run(memory=memory)
    assert "unregistered-mark" in run(memory=memory).out


def test_one_error_among_warnings_refuses(here: Callable[..., Path]) -> None:
    here({**TWO_CONCERNS, "precollect.toml": 'severity = { unregistered-mark = "warning" }\n'})

    status, _, err = run()

    assert status == 1
    assert err.startswith("2 findings (2 breaks; 1 is a warning)")


def test_a_house_rule_with_a_severity_applies_and_says_how_to_allow_it(here: Callable[..., Path]) -> None:
    here({**SOUND, "pytest.ini": "[pytest]\n", "precollect.toml": 'severity = { strict-markers-off = "error" }\n'})

    status, out, err = run()

    assert status == 1
    assert out.startswith("pytest.ini:1:1: strict-markers-off: ")
    assert err.splitlines()[1] == (
        "a comment at its line allows a house rule: # precollect: allow strict-markers-off -- REASON"
    )
    assert run("--format", "github").out.startswith("::error file=pytest.ini")


def test_a_rule_that_is_off_reports_nothing(here: Callable[..., Path]) -> None:
    here({**BROKEN, "precollect.toml": 'severity = { strict-markers = "off" }\n'})

    assert run() == (0, "", "")


def test_a_fix_is_applied_to_warnings_too(here: Callable[..., Path]) -> None:
    here({**MENDABLE, "precollect.toml": 'severity = { disabled-plugin-mark = "warning" }\n'})

    assert run().status == 0
    assert run("--fix").status == 1
    assert run("--fix") == (0, "", "")


# Folders


def test_several_folders_are_several_starts(here: Callable[..., Path]) -> None:
    package = {"a": BROKEN, "b": SOUND, "c": BROKEN}
    folder = here({f"{name}/{file}": text for name, files in package.items() for file, text in files.items()})

    def paths(*arguments: str) -> list[str]:
        return [entry["path"] for entry in json.loads(run("--format", "json", *arguments).out)["findings"]]

    assert paths("b") == []
    assert paths("a", "b") == ["a/test_one.py"]
    assert paths("c", "a", "a/../a", str(folder / "c")) == ["a/test_one.py", "c/test_one.py"]


def test_a_folder_of_another_repository_is_told_apart(here: Callable[..., Path], tmp_path: Path) -> None:
    here({**SOUND, "below/.gitkeep": ""})
    repository(tmp_path / "other", SOUND)
    repository(tmp_path / "project" / "below" / "inner", SOUND)

    for first, second in ((".", "../other"), ("../other", "."), (".", "below/inner"), ("below/inner", ".")):
        assert run(first, second) == (
            2,
            "",
            f"precollect: {second!r} belongs to another repository than {first!r}\n",
        )
    assert run("../other").status == run("below/inner").status == run("below").status == 0


def test_git_s_own_variables_do_not_lead_to_another_repository(
    here: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here(BROKEN)
    other = repository(tmp_path / "other", SOUND)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))

    assert run().status == run("--staged").status == 1


@pytest.mark.skipif(os.name == "nt", reason="a current folder cannot be removed")
def test_a_current_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    assert run() == (2, "", "precollect: there is no folder '.'\n")


# Outputs that do not take what we write


def in_shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        ["sh", "-c", command.replace("precollect", f"{sys.executable} -m precollect")],
        cwd=folder,
        env={**kept, "XDG_CACHE_HOME": NO_MEMORY, "PYTHONPATH": str(Path(precollect.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=60,
    )


PRINTING = (
    "precollect --format json",
    "precollect explain",
    "precollect show",
    "precollect catalog list",
    "precollect catalog show pytest-cov",
)
OUTPUTS = {
    "a reader that has seen enough": ("{ precollect --format json; echo $? >&2; } | true", "1\n"),
    "a closed standard output": (
        "precollect >&-; echo $? >&2",
        f"{SUMMARY}1\n",
    ),
    "a closed standard error": ("precollect 2>&- >/dev/null; echo $? >&2", "1\n"),
    "both closed": ("precollect >&- 2>&-; echo $? >&2", "1\n"),
    **{f"a closed standard output of '{command}'": (f"{command} >&-; echo $? >&2", "0\n") for command in PRINTING[1:]},
    "an error without standard error": ("precollect nowhere 2>&-; echo $? >&2", "2\n"),
}


@SHELL
@pytest.mark.parametrize(("command", "said"), OUTPUTS.values(), ids=OUTPUTS)
def test_outputs_that_nobody_reads(tmp_path: Path, command: str, said: str) -> None:
    lay_out(tmp_path, BROKEN)

    assert in_shell(command, tmp_path).stderr == said


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
@pytest.mark.parametrize("command", PRINTING)
def test_a_full_disk_is_status_2_and_one_line(tmp_path: Path, command: str) -> None:
    lay_out(tmp_path, BROKEN)

    done = in_shell(f"{command} > /dev/full", tmp_path)

    assert (done.returncode, done.stderr) == (2, "precollect: the report cannot be written: No space left on device\n")


def test_every_rule_can_be_ignored_by_its_name(here: Callable[..., Path]) -> None:
    here(BROKEN)

    assert run("--ignore", ",".join(RuleBook())) == (0, "", "")
