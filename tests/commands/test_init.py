"""`precollect init`: the hook in `.pre-commit-config.yaml`, byte for byte, and what is suggested."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]  # it comes with pre-commit

from precollect import __version__
from precollect.editing.changes import RefusedError
from precollect.editing.pre_commit_config import added, whole
from running import lay_out, run, snapshot

NAME = ".pre-commit-config.yaml"
URL = "https://github.com/precollect/precollect"
OURS = (URL, f"v{__version__}", "precollect")
SOUND = {
    "pytest.ini": "[pytest]\naddopts = --strict-markers\n",
    "test_one.py": "def test_one():\n    assert True\n",
    "requirements.txt": "pytest==9.2.0\n",
}


EXTENDED = {
    "a list at the margin": (
        "repos:\n- repo: https://a.b/c\n  rev: v1\n  hooks:\n  - id: d\n",
        f"- repo: {URL}\n  rev: v{__version__}\n  hooks:\n  - id: precollect\n",
        "",
    ),
    "a list that is indented": (
        "repos:\n  - repo: https://a.b/c\n    rev: v1\n    hooks:\n      - id: d\n",
        f"  - repo: {URL}\n    rev: v{__version__}\n    hooks:\n      - id: precollect\n",
        "",
    ),
    "the layout of pre-commit's own sample": (
        "repos:\n-   repo: https://a.b/c\n    rev: v1\n    hooks:\n    -   id: d\n",
        f"-   repo: {URL}\n    rev: v{__version__}\n    hooks:\n    -   id: precollect\n",
        "",
    ),
    "empty lines between items": (
        "repos:\n- repo: a\n  rev: '1'\n  hooks:\n  - id: d\n\n- repo: e\n  rev: '1'\n  hooks:\n  - id: f\n",
        f"\n- repo: {URL}\n  rev: v{__version__}\n  hooks:\n  - id: precollect\n",
        "",
    ),
    "keys before and behind": (
        "---\n# ours\nexclude: |\n  (?x)^(\n    a|b\n  )$\ndefault_stages:\n- pre-commit\nrepos:  # all\n"
        "- repo: 'a'  # why\n  rev: \"1\"\n  hooks:\n  - id: 'd'\n    args: [--x,\n      --y]\n",
        f"- repo: {URL}\n  rev: v{__version__}\n  hooks:\n  - id: precollect\n",
        "\n# the service\nci:\n  skip: [d]\n",
    ),
    "a hook that somebody has put away": (
        "repos:\n- repo: a\n  rev: '1'\n  hooks:\n  - id: d\n  # - id: e\n",
        f"- repo: {URL}\n  rev: v{__version__}\n  hooks:\n  - id: precollect\n",
        "# the end\n",
    ),
    "lines that end in CRLF": (
        "repos:\r\n- repo: a\r\n  rev: '1'\r\n  hooks:\r\n  - id: d\r\n",
        f"- repo: {URL}\r\n  rev: v{__version__}\r\n  hooks:\r\n  - id: precollect\r\n",
        "",
    ),
    "a byte order mark and other letters": (
        "\ufeff# Prüfung\nrepos:\n- repo: a\n  rev: '1'\n  hooks:\n  - id: d\n",
        f"- repo: {URL}\n  rev: v{__version__}\n  hooks:\n  - id: precollect\n",
        "",
    ),
    "a local repository and meta": (
        "repos:\n- repo: meta\n  hooks:\n  - id: identity\n"
        "- repo: local\n  hooks:\n  - id: d\n    name: |\n      - repo: x\n    entry: d\n    language: system\n",
        f"- repo: {URL}\n  rev: v{__version__}\n  hooks:\n  - id: precollect\n",
        "",
    ),
}


@pytest.mark.parametrize(("before", "put", "behind"), EXTENDED.values(), ids=EXTENDED)
def test_the_item_is_put_behind_the_others_and_nothing_else_changes(before: str, put: str, behind: str) -> None:
    made = added((before + behind).encode(), *OURS)

    assert made.decode() == before + put + behind
    expected = yaml.safe_load(before + behind)
    expected["repos"].append({"repo": URL, "rev": f"v{__version__}", "hooks": [{"id": "precollect"}]})
    assert yaml.safe_load(made) == expected


def test_a_last_line_without_newline_gets_one() -> None:
    made = added(b"repos:\n- repo: a\n  rev: '1'\n  hooks:\n  - id: d", *OURS)

    assert made.decode().endswith(f"  - id: d\n- repo: {URL}\n  rev: v{__version__}\n  hooks:\n  - id: precollect\n")


REFUSED = {
    "an empty list": "repos: []\n",
    "a list in flow style": "repos: [{repo: a, rev: b, hooks: [{id: c}]}]\n",
    "items in flow style": "repos:\n- {repo: a, rev: b, hooks: [{id: c}]}\n",
    "an item that begins with another key": "repos:\n- rev: b\n  repo: a\n  hooks:\n  - id: c\n",
    "no list": "repos:\n",
    "no repos": "exclude: a\n",
    "nothing": "",
    "the list twice": "repos:\n- repo: a\nrepos:\n- repo: b\n",
    "an anchor": "repos: &all\n- repo: a\n  rev: b\n  hooks:\n  - id: c\n",
    "two documents": "repos:\n- repo: a\n  rev: b\n  hooks:\n  - id: c\n---\nrepos: []\n",
    "a bracket that closes at the margin": "repos:\n- repo: a\n  hooks:\n  - id: c\n    args: [\n      x\n]\n",
    "another word at the margin": "repos:\n- repo: a\n  rev: b\n  hooks:\n  - id: c\nsomething: else\n",
    "tabs": "repos:\n- repo: a\n\trev: b\n",
    "an item that is less indented": "repos:\n  - repo: a\n    rev: b\n    hooks: []\n- repo: c\n",
    "JSON": '{"repos": []}\n',
    "carriage returns alone": "repos:\r- repo: a\r",
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_a_file_of_another_layout_is_left_as_it_is_and_says_what_to_add(
    here: Callable[..., Path], content: str
) -> None:
    with pytest.raises(RefusedError):
        added(content.encode(), *OURS)
    folder = here({**SOUND, NAME: content})
    before = snapshot(folder)

    status, out, err = run("init")

    assert (status, err) == (1, "")
    assert out.startswith(
        f"{NAME} is left as it is: its layout is not the usual one; add to its 'repos'\n"
        f"    - repo: {URL}\n      rev: v{__version__}\n      hooks:\n      - id: precollect\n"
    )
    assert snapshot(folder) == before


def test_bytes_that_are_no_utf_8_are_left_as_they_are() -> None:
    with pytest.raises(RefusedError, match="no UTF-8"):
        added(b"repos:\n- repo: caf\xe9\n", *OURS)


def test_a_repository_without_the_file_gets_one(here: Callable[..., Path]) -> None:
    folder = here(SOUND)

    assert run("init") == (
        0,
        f"""\
wrote {NAME} with the hook precollect

settings that suit this repository, for precollect.toml
    house-rules = true  # kept today

found today: nothing

next
    git add {NAME}
    pre-commit install           # or: prek install
    precollect show              # what pytest sees here
""",
        "",
    )
    assert (folder / NAME).read_bytes() == whole(*OURS)
    assert yaml.safe_load(whole(*OURS))["repos"] == [
        {"repo": URL, "rev": f"v{__version__}", "hooks": [{"id": "precollect"}]}
    ]


def test_a_second_time_changes_nothing(here: Callable[..., Path]) -> None:
    folder = here(SOUND)
    run("init")
    before = snapshot(folder)

    status, out, _ = run("init")

    assert status == 0
    assert out.startswith(f"{NAME} has a hook of precollect already: left as it is\n")
    assert snapshot(folder) == before


THERE = {
    "our repository": "repos:\n- repo: https://github.com/precollect/precollect\n  hooks:\n  - id: x\n",
    "a fork of it, in quotes": "repos:\n- repo: 'git@example.com:us/precollect.git' # ours\n",
    "a single hook": "repos:\n- repo: local\n  hooks:\n  - id: pytest-addopts\n",
    "flow style": "repos: [{repo: x, hooks: [{id: precollect}]}]\n",
}


@pytest.mark.parametrize("content", THERE.values(), ids=THERE)
def test_a_hook_of_ours_is_recognised(here: Callable[..., Path], content: str) -> None:
    here({**SOUND, NAME: content})

    assert run("init").out.startswith(f"{NAME} has a hook of precollect already")


def test_a_hook_that_is_commented_out_is_not_there(here: Callable[..., Path]) -> None:
    here({**SOUND, NAME: "repos:\n- repo: a\n  rev: b\n  hooks:\n  - id: c\n# - repo: https://x/precollect\n"})

    assert run("init").out.startswith(f"added the hook precollect to {NAME}\n")


def test_a_prek_toml_is_not_touched(here: Callable[..., Path]) -> None:
    folder = here({**SOUND, "prek.toml": "[[repos]]\n"})

    status, out, _ = run("init")

    assert status == 1
    assert out.startswith(f'prek.toml is yours to extend, by\n    [[repos]]\n    repo = "{URL}"\n')
    assert not (folder / NAME).exists()


def test_settings_are_suggested_from_what_the_repository_does(here: Callable[..., Path]) -> None:
    package = {f"packages/client/{name}": content for name, content in SOUND.items()}
    here(
        {
            **package,
            "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-p no:randomly"\ntestpaths = ["tests"]\n',
            "tests/test_two.py": "import pytest\n\n\n@pytest.mark.slow\ndef test_two():\n    assert True\n",
            "requirements.txt": "pytest==9.2.0\npytest-randomly==4.0.1\n",
        }
    )

    out = run("init").out

    assert (
        """
settings that suit this repository, for pyproject.toml
    [tool.precollect]
    allow-disabled = ["cacheprovider", "randomly"]  # as it is today
    house-rules = ["plugin-disablers", "reruns-policy", "asyncio-mode", "requirements"]  # kept today
    starts = ["packages/client"]  # they have a configuration and tests of their own

"""
        in out
    )


def test_suggestions_that_are_followed_are_not_made_again(here: Callable[..., Path]) -> None:
    here({**SOUND, "precollect.toml": "house-rules = true\n"})

    assert "settings that suit" not in run("init").out


FINDINGS = {
    "a finding": {"test_one.py": "import pytest\n\n\n@pytest.mark.slow\ndef test_one():\n    assert True\n"},
    "a finding that a safe fix mends": {
        "pytest.ini": "[pytest]\naddopts = --strict-markers -p no:asyncio\n",
        "requirements.txt": "pytest==9.2.0\npytest-asyncio==1.2.0\n",
        "test_one.py": "import pytest\n\n\n@pytest.mark.asyncio\nasync def test_one():\n    assert True\n",
    },
}


@pytest.mark.parametrize("files", FINDINGS.values(), ids=FINDINGS)
def test_findings_lead_to_fixes_and_the_baseline(here: Callable[..., Path], files: dict[str, str]) -> None:
    here({**SOUND, **files})

    out = run("init").out

    assert "found today: 1 finding (1 breaks); " in out
    assert "precollect --write-baseline " in out
    assert ("    precollect --fix " in out) == ("asyncio" in files["test_one.py"])


def test_an_empty_repository_has_nothing_to_judge(here: Callable[..., Path]) -> None:
    here({"README": ""})

    assert "\nnothing to judge: no configuration of pytest and no test modules in .\n" in run("init").out


def test_it_looks_at_the_whole_repository_from_any_folder(
    here: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = here({**SOUND, "below/README": ""})
    monkeypatch.chdir(folder / "below")

    assert run("init").status == 0
    assert (folder / NAME).exists()
    assert not (folder / "below" / NAME).exists()


def test_outside_git_it_cannot_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, SOUND)
    monkeypatch.chdir(tmp_path)

    assert run("init") == (2, "", "precollect: there is no git repository here; 'git init' makes one\n")
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--froce"], "there is no option '--froce'; see --help"), (["."], "there is no option '.'; see --help")],
)
def test_arguments_that_are_none(words: list[str], said: str) -> None:
    assert run("init", *words) == (2, "", f"precollect: {said}\n")


def test_a_link_out_of_the_repository_is_not_followed(here: Callable[..., Path], tmp_path: Path) -> None:
    folder = here(SOUND)
    outside = tmp_path / "outside.yaml"
    outside.write_text("repos:\n- repo: a\n  rev: b\n  hooks:\n  - id: c\n", encoding="utf-8")
    (folder / NAME).symlink_to(outside)

    assert run("init").status == 1
    assert "precollect" not in outside.read_text(encoding="utf-8")
