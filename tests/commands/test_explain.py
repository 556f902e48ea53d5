"""`precollect explain` prints pages for people, and helps where a name is wrong."""

from __future__ import annotations

import pytest

from precollect import pages
from precollect.commands import explain
from precollect.concerns.rulebook import MODULES, RuleBook
from precollect.reporting.terminal import Look
from rule_pages import FOLDER, names
from running import run

PAGE = """\
# some-rule

breaks · strict-markers · fix with `--fix`

A paragraph that is longer than one line of eighty columns, so that it has to be broken
somewhere, with `code` in it.

    pytest's own words

## Broken

`pytest.ini`

```ini
[pytest]
    # a comment with `backticks`

addopts = -ra
```

precollect says

```console
pytest.ini:1:1: some-rule: a message that goes on and on, as messages of ours do, until it is said [breaks]
  1 | [pytest]
    | ^
```

## Silent when

- a list has an item that is longer than one line of eighty columns can possibly be, so
  that it continues
- another
"""

PLAIN = """\
some-rule

breaks · strict-markers · fix with `--fix`

A paragraph that is longer than one line of eighty columns, so that it has to be
broken somewhere, with `code` in it.

    pytest's own words

BROKEN

`pytest.ini`

    [pytest]
        # a comment with `backticks`

    addopts = -ra

precollect says

    pytest.ini:1:1: some-rule: a message that goes on and on, as messages of
        ours do, until it is said [breaks]
      1 | [pytest]
        | ^

SILENT WHEN

- a list has an item that is longer than one line of eighty columns can possibly
  be, so that it continues
- another

"""


def test_a_page_fits_eighty_columns() -> None:
    assert "\n".join(explain.for_terminal(PAGE, Look())) + "\n" == PLAIN


def test_a_page_has_colours_on_a_terminal_only_outside_of_code_blocks() -> None:
    lines = explain.for_terminal(PAGE, Look(colour=True))

    assert lines[0] == "\x1b[1msome-rule\x1b[0m"
    assert lines[2] == "\x1b[1;31mbreaks\x1b[0m · strict-markers · fix with \x1b[1;36m--fix\x1b[0m"
    assert "broken somewhere, with \x1b[1;36mcode\x1b[0m in it." in lines
    assert "        # a comment with `backticks`" in lines


def test_what_an_encoding_lacks_is_escaped() -> None:
    assert explain.for_terminal(PAGE, Look(encoding="ascii"))[2].startswith("breaks \\xb7 strict-markers")


@pytest.mark.parametrize("rule", names())
def test_the_page_of_a_rule_is_printed_readable(rule: str) -> None:
    found = run("explain", rule)

    assert (found.status, found.err) == (0, "")
    assert found.out.startswith(f"{rule}\n\n")
    prose = [line for line in found.out.splitlines() if not line.startswith("    ")]
    assert [line for line in prose if len(line) > explain.WIDTH] == []
    assert "```" not in found.out


def test_without_a_name_every_rule_is_listed_with_kind_and_summary_under_its_concern() -> None:
    found = run("explain")

    assert (found.status, found.err) == (0, "")
    parts = found.out.split("\n\n")
    assert [part.splitlines()[0] for part in parts] == list(MODULES)
    for rule in RuleBook().values():
        (part,) = (part for part in parts if part.startswith(f"{rule.concern}\n"))
        assert f"\n  {rule.kind:<6}  {rule.name} " in part
        assert rule.summary in " ".join(part.split())
    assert max(map(len, found.out.splitlines())) <= explain.WIDTH


def test_a_concern_is_explained_by_its_rules() -> None:
    found = run("explain", "strict-markers")

    assert found.status == 0
    assert found.out.startswith("strict-markers\n  breaks  unregistered-mark ")
    assert "plugin-disablers" not in found.out


def test_several_pages_follow_each_other() -> None:
    one, other = "unregistered-mark", "strict-markers-off"

    assert run("explain", one, other).out == run("explain", one).out + "\n" + run("explain", other).out


@pytest.mark.parametrize(
    ("name", "says"),
    {
        "unregisterd-mark": "there is no rule 'unregisterd-mark'; did you mean 'unregistered-mark'?",
        "strict-marker": "there is no rule 'strict-marker'; did you mean 'strict-markers'?",
        "X100": "there is no rule 'X100'; 'precollect explain' lists all",
        "../../README": "there is no rule '../../README'; 'precollect explain' lists all",
        "README": "there is no rule 'README'; 'precollect explain' lists all",
    }.items(),
)
def test_an_unknown_name_is_helped(name: str, says: str) -> None:
    found = run("explain", name)

    assert (found.status, found.out, found.err) == (2, "", f"precollect: {says}\n")


def test_an_installation_without_pages_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "FOLDERS", (str(FOLDER / "nowhere"),))

    found = run("explain", "unregistered-mark")

    assert (found.status, found.out) == (2, "")
    assert found.err.startswith("precollect: the page of 'unregistered-mark' is not part of this installation, read ")
    assert found.err.endswith("/docs/rules/unregistered-mark.md\n")
