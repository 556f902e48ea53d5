"""The command line: our parser reads words as the parser of the real pytest does."""

from __future__ import annotations

import argparse
from typing import Any

import pytest
from _pytest.config import get_config
from hypothesis import given
from hypothesis import strategies as st

from precollect import catalog
from precollect.catalog import Option
from precollect.findings import Place
from precollect.reading.command_line import CommandLine, Parser, refusal
from precollect.reading.words import Word

KNOWN = catalog.load("pytest")
assert KNOWN is not None
PYTEST = KNOWN.at(pytest.__version__)


def words(*texts: str) -> list[Word]:
    return [Word(text, Place("pytest.ini", 1, number + 1), number) for number, text in enumerate(texts)]


def parse(*texts: str) -> CommandLine:
    return Parser(PYTEST.options).parse(words(*texts))


def real(*texts: str) -> tuple[dict[str, Any], list[str]] | str:
    """The namespace and the unknown words of the real parser, or its complaint."""
    parser = get_config()._parser
    try:
        namespace, unknown = parser.parse_known_and_unknown_args(list(texts), argparse.Namespace())
    except pytest.UsageError as error:
        return str(error).splitlines()[-1]
    return vars(namespace), unknown


ACCEPTED = [
    [],
    ["tests"],
    ["-ra", "--strict-markers", "tests"],
    ["-xvs"],
    ["-rfEX", "-q"],
    ["-k", "not slow", "tests"],
    ["-k=a"],
    ["-knot slow"],
    ["-m not slow"],
    ["--maxfail", "3"],
    ["--maxfail=3"],
    ["--maxfail 3"],
    ["--durations=-1"],
    ["--durations", "-1"],
    ["--tb=short", "--tb", "line"],
    ["-p", "no:cacheprovider", "-pno:doctest", "-p no:logging"],
    ["--ignore", "a", "--ignore=b"],
    ["-o", "log_cli=true", "-o=xfail_strict=true"],
    ["--", "-x", "--nothing"],
    ["-W", "error", "-Wignore"],
    ["--color=no", "-"],
    ["-c", "a.ini", "--rootdir=x"],
    ["--junitxml=a.xml", "--junit-prefix=b"],
    ["tests", "--lf", "more"],
    ["--deselect", "a::b[c d]"],
    [""],
    ["-1"],
    ["--log-level=INFO", "--log-file", "a"],
]


@pytest.mark.parametrize("texts", ACCEPTED, ids=" ".join)
def test_accepted_words_mean_what_the_real_parser_takes_them_for(texts: list[str]) -> None:
    agrees(texts)


def agrees(texts: list[str]) -> None:
    line = parse(*texts)
    said = real(*texts)
    if isinstance(said, str):
        assert any(fault.trouble != "unknown" for fault in line.faults), said
        return
    namespace, unknown = said
    assert not [fault for fault in line.faults if fault.trouble != "unknown"]
    flags = [fault.word.text for fault in line.faults]
    assert flags == [text for text in unknown if text.startswith("-")]
    assert [word.text for word in line.paths] == [*namespace["file_or_dir"], *(t for t in unknown if t[:1] != "-")]
    for dest in {each.option.dest for each in line.given}:
        last = line.last(dest)
        assert last is not None
        if last.option.action == "store" and last.option.choices is None and isinstance(namespace.get(dest), str):
            assert namespace[dest] == last.value
        elif last.option.action == "append" and dest != "plugins":
            assert namespace[dest] == [each.value for each in line.all(dest)]


REFUSED = [
    (["--strict-marker"], "unknown", "unrecognized arguments: --strict-marker"),
    (["--tb=full"], "bad-value", "argument --tb: invalid choice: 'full'"),
    (["--maxfail", "many"], "bad-value", "argument --maxfail: invalid int value: 'many'"),
    (["--strict-markers=true"], "unwanted-value", "argument --strict-markers: ignored explicit argument 'true'"),
    (["-x1"], "unwanted-value", "argument -x/--exitfirst: ignored explicit argument '1'"),
    (["-k"], "missing-value", "argument -k: expected one argument"),
    (["--ignore", "--lf"], "missing-value", "argument --ignore: expected one argument"),
]


@pytest.mark.parametrize(("texts", "trouble", "message"), REFUSED, ids=lambda value: str(value)[:30])
def test_refused_words_are_faults_in_the_words_of_pytest(texts: list[str], trouble: str, message: str) -> None:
    (fault,) = parse(*texts).faults
    said = real(*texts)

    assert fault.trouble == trouble
    assert fault.message.startswith(message)
    if isinstance(said, str):
        assert message.replace("-x/--exitfirst", "--exitfirst/-x").split(":")[0].split(" ")[0] in said
    else:
        assert said[1] in (texts, ["-1"])  # Python 3.13 leaves only the rest of the bundle -x1 over


def test_what_follows_an_unknown_option_is_a_path() -> None:
    line = parse("--cov", "src", "-n", "4")

    assert [fault.word.text for fault in line.faults] == ["--cov", "-n"]
    assert [word.text for word in line.paths] == ["src", "4"]


def test_each_option_knows_its_words() -> None:
    line = parse("-ra", "-k", "slow", "--tb=short")

    assert [[word.index for word in each.words] for each in line.given] == [[0], [1, 2], [3]]


@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "-x",
                    "-xv",
                    "-k",
                    "-kslow",
                    "-m",
                    "--tb",
                    "--tb=short",
                    "--maxfail",
                    "--maxfail=2",
                    "--lf",
                    "-rA",
                    "-q",
                ),
                *("tests", "a b", "--nothing", "--nothing=1", "-n", "-n2", "2", "auto", "--ignore", "-W"),
                *("--strict-markers", "--color", "yes", "--durations", "0", "-vv", "-pno:x", "-p", "--pdb"),
            ]
        ),
        max_size=8,
    )
)
def test_any_mixture_of_words_agrees_with_the_real_parser(texts: list[str]) -> None:
    agrees(texts)


TYPED = [
    ("int", "3", None),
    ("int", " 3", None),
    ("int", "x", "invalid int value: 'x'"),
    ("float", "1.5", None),
    ("float", "1,5", "invalid float value: '1,5'"),
    ("parse_numprocesses", "auto", None),
    ("parse_numprocesses", "all", "invalid parse_numprocesses value: 'all'"),
    ("some_callable_of_a_plugin", "anything", None),
    (None, "anything", None),
]


@pytest.mark.parametrize(("kind", "value", "said"), TYPED)
def test_values_are_judged_by_types_that_we_know_and_by_no_other(
    kind: str | None, value: str, said: str | None
) -> None:
    option = Option(("--option",), "option", "store", None, kind, None, "plugin")

    assert refusal(option, value) == said
