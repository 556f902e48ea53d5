"""Every rule has a page, and what a page shows is what happens."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing

import pytest

from precollect.concerns.rulebook import RuleBook
from rule_pages import FOLDER, Page, RealPytest, answer, fixed, index, is_here, names, parse, pinned, read, renewed

RULES = RuleBook()
PAGES = {name: parse(read(name)) for name in names()}


every_page = pytest.mark.parametrize("page", [pytest.param(page, id=name) for name, page in PAGES.items()])
in_its_environment = pytest.mark.parametrize(
    "page",
    [
        pytest.param(
            page,
            id=name,
            marks=() if is_here(page.broken) and is_here(page.after(page.repaired)) else pytest.mark.registry,
        )
        for name, page in PAGES.items()
    ],
)


@pytest.fixture(scope="module")
def real_pytest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealPytest]:
    with closing(RealPytest(tmp_path_factory.mktemp("own"))) as started:
        yield started


def reported(console: str) -> set[str]:
    """The rules of the findings that precollect prints."""
    return set(re.findall(r"^\S.*?:\d+:\d+: ([a-z-]+): ", console, flags=re.MULTILINE))


def quoted(page: Page) -> list[str]:
    """Patterns of what pytest says according to our own message about the rule: the first sentence of each quote."""
    own = "".join(line for line in page.console.splitlines(keepends=True) if f": {page.rule}: " in line)
    quotes = re.findall(r"pytest stops: (.+?)(?:\. |; | in -W | \[breaks\])", own)
    return [
        re.escape(quote).replace(r"\(\.\.\.\)", r"\(.*\)")
        for quote in quotes
        if not quote.startswith("the warning about")
    ]


def test_every_rule_has_a_page_and_no_page_is_without_a_rule() -> None:
    assert set(PAGES) == set(RULES)


def test_the_index_lists_every_rule() -> None:
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == index()


@every_page
def test_a_page_says_what_its_rule_is(page: Page) -> None:
    rule = RULES[page.rule]

    assert (page.kind, page.concern) == (rule.kind, rule.concern)
    assert page.explanation
    assert page.silent
    assert page.repaired
    assert page.allowed
    assert pinned(page.broken)["pytest"] == page.version


@every_page
def test_the_broken_example_is_reported_as_shown(page: Page) -> None:
    found = answer(page.broken, page.options)

    assert found == page.console
    assert page.rule in reported(found)


@every_page
def test_a_message_names_a_way_out(page: Page) -> None:
    messages = re.findall(rf"^\S.*?:\d+:\d+: {page.rule}: (.*)$", page.console, flags=re.MULTILINE)

    assert messages
    assert [message for message in messages if not re.search("; |did you mean| instead ", message)] == []


@every_page
def test_the_repaired_example_is_clean(page: Page) -> None:
    assert page.repaired.items() - page.broken.items()
    assert answer(page.after(page.repaired), page.options) == ""


@pytest.mark.parametrize("page", [page for page in PAGES.values() if page.fix], ids=lambda page: page.rule)
def test_the_repaired_example_is_what_the_fix_writes(page: Page) -> None:
    assert page.fix
    assert fixed(page.broken, [*page.options, page.fix]) == page.after(page.repaired)


@every_page
def test_the_header_names_the_option_that_mends_the_example(page: Page) -> None:
    assert renewed(read(page.rule)) == read(page.rule)


@every_page
def test_each_way_to_allow_the_finding_does(page: Page) -> None:
    others = reported(page.console) - {page.rule}
    for path, text in page.allowed:
        assert reported(answer(page.after({path: text}), page.options)) == others, path


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@in_its_environment
def test_pytest_says_what_is_quoted_and_is_content_after_the_repair(page: Page, real_pytest: RealPytest) -> None:
    status, said = real_pytest.ask(page.broken)

    assert [line for line in page.says if line not in said] == []
    assert [words for words in quoted(page) if not re.search(words, said)] == []
    assert (status != 0) == (page.kind == "breaks"), said
    assert page.says or " warning" not in said, said

    status, said = real_pytest.ask(page.after(page.repaired))
    assert status == 0, said
    assert [line for line in page.says if line in said] == []
