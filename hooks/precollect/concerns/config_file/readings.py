"""When pytest and its plugins read a key, and what they refuse beyond the key's type.

Values are read lazily: a bad one hurts only where somebody asks for it. Measured key by key on
pytest 7.4.4, 8.4.2 and 9.2.0, pytest-timeout 2.2.0 and 2.4.0, pytest-mock 3.12.0 to 3.17.0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

Moment = Literal["start", "header", "collection", "rewriting", "run", "junit", "xfail"]
"""Of every start; for the lines above the results, where these are wanted; when a test module is collected; when its
assertions are rewritten; before a test runs; with --junitxml; at an xfail test."""


class Complaint(NamedTuple):
    """What pytest says against a value, and what to do; `of_type`: the value is of another type than the key."""

    said: str
    way_out: str
    of_type: bool = False


START: Final = frozenset(
    {
        *("addopts", "assertion_text_diff_style", "cache_dir", "consider_namespace_packages", "console_output_style"),
        *("empty_parameter_set_mark", "filterwarnings", "log_auto_indent", "log_cli", "log_cli_date_format"),
        *("log_cli_format", "log_cli_level", "log_date_format", "log_file", "log_file_date_format", "log_file_format"),
        *("log_file_level", "log_file_mode", "log_format", "log_level", "markers", "max_warnings", "minversion"),
        *("python_files", "pythonpath", "required_plugins", "testpaths", "tmp_path_retention_count"),
        *("tmp_path_retention_policy", "usefixtures", "verbosity_test_cases"),
        *("mock_traceback_monkeypatch", "mock_use_standalone_module"),
        *("session_timeout", "timeout", "timeout_func_only", "timeout_method"),
    }
)
HEADER: Final = frozenset({"asyncio_debug"})
COLLECTION: Final = frozenset(
    {
        *("collect_imported_tests", "norecursedirs", "python_classes", "python_functions"),
    }
)
REWRITING: Final = frozenset({"enable_assertion_pass_hook"})
RUN: Final = frozenset({"faulthandler_exit_on_timeout", "faulthandler_timeout", "verbosity_subtests"})
JUNIT: Final = frozenset(
    {
        *("junit_duration_report", "junit_family", "junit_log_passing_tests", "junit_logging", "junit_suite_name"),
    }
)
XFAIL: Final = frozenset({"strict_xfail", "xfail_strict"})

# Texts that nobody takes apart: a list in their place goes unnoticed, or is found out somewhere else.
UNSEEN_LISTS: Final = frozenset(
    {
        *("console_output_style", "doctest_encoding", "junit_suite_name", "log_auto_indent", "log_cli_date_format"),
        *("log_date_format", "log_file_date_format"),
    }
)

LEVELS: Final = ("CRITICAL", "FATAL", "ERROR", "WARN", "WARNING", "INFO", "DEBUG", "NOTSET")
# What `logging.PercentStyle` looks for (CPython 3.8 to 3.14), but no zero is tried both as a flag and as a width.
FIELD: Final = re.compile(r"%\(\w+\)[#0+ -]*(\*|(?!0)\d+)?(\.(\*|\d+))?[diouxefgcrsa%]", re.IGNORECASE)


def moment_of(key: str) -> Moment | None:
    """When a key is read at the earliest; None where only special tests, or nobody, ask for it."""
    moments: tuple[tuple[Moment, frozenset[str]], ...] = (
        ("start", START),
        ("header", HEADER),
        ("collection", COLLECTION),
        ("rewriting", REWRITING),
        ("run", RUN),
        ("junit", JUNIT),
        ("xfail", XFAIL),
    )
    return next((moment for moment, keys in moments if key in keys), None)


def refusal(key: str, text: str) -> Complaint | None:
    """What is said against a text that the key's type would let pass; None where it is taken.

    Only for keys of type string or of a choice that has it: enumerations are types since pytest 9.2.
    """
    check = CHECKS.get(key)
    return check(key, text) if check is not None else None


def _level(key: str, text: str) -> Complaint | None:
    if not text or text.upper() in LEVELS or _is_number(int, text):
        return None
    said = f"'{text.upper()}' is not recognized as a logging level name for '{key}'"
    return Complaint(said, "write DEBUG, INFO, WARNING, ERROR, CRITICAL or a number")


def _format(key: str, text: str) -> Complaint | None:
    if FIELD.search(text):
        return None
    if not text:
        return Complaint("expected string or bytes-like object", "remove the key") if key == "log_format" else None
    return Complaint(f"Invalid format '{text}' for '%' style", "it needs a field such as %(message)s")


def _whole_number(key: str, text: str) -> Complaint | None:
    if _is_number(int, text):
        return None
    return Complaint(f"invalid literal for int() with base 10: '{text}'", "write a whole number")


def _count(key: str, text: str) -> Complaint | None:
    refused = _whole_number(key, text)
    if refused is None and int(text) < 0:
        return Complaint(f"{key} must be >= 0. Current input: {text}.", "write 0 or more")
    return refused


def _threshold(key: str, text: str) -> Complaint | None:
    return _whole_number(key, text) if text else None


def _verbosity(key: str, text: str) -> Complaint | None:
    return None if text == "auto" else _whole_number(key, text)


def _seconds(key: str, text: str) -> Complaint | None:
    if not text or _is_number(float, text):
        return None
    return Complaint(f"could not convert string to float: '{text}'", "write seconds, without a unit")


def _mock_boolean(key: str, text: str) -> Complaint | None:
    if text.lower() in {"true", "false"}:
        return None
    return Complaint(f"unknown string for bool: '{text}'", "pytest-mock takes true and false only")


def _one_of(said: str, *words: str) -> Callable[[str, str], Complaint | None]:
    def check(key: str, text: str) -> Complaint | None:
        return None if text in words else Complaint(said.format(key=key, text=text), choices(words))

    return check


def choices(words: Sequence[str]) -> str:
    """The way out where only some words are taken: the last four of them, the best known."""
    named = [word for word in words if word][-4:]
    return f"write {' or '.join(filter(None, (', '.join(named[:-1]), named[-1])))}"


def _is_number(kind: Callable[[str], object], text: str) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return True


CHECKS: Final[dict[str, Callable[[str, str], Complaint | None]]] = {
    "assertion_text_diff_style": _one_of("{key} must be one of 'block', 'ndiff'", "ndiff", "block"),
    "empty_parameter_set_mark": _one_of(
        "{key} must be one of skip, xfail or fail_at_collect but it is '{text}'", "", "skip", "xfail", "fail_at_collect"
    ),
    "faulthandler_timeout": _seconds,
    "junit_family": _one_of("KeyError: '{text}'", "legacy", "xunit1", "xunit2"),
    "log_cli_format": _format,
    "log_cli_level": _level,
    "log_file_format": _format,
    "log_file_level": _level,
    "log_file_mode": _one_of("invalid mode: '{text}'", "", "r", "r+", "rt", "a+", "at", "w+", "wt", "w", "a"),
    "log_format": _format,
    "log_level": _level,
    "max_warnings": _threshold,
    "tmp_path_retention_count": _count,
    "tmp_path_retention_policy": _one_of(
        "{key} must be either all, failed, none. Current input: {text}.", "all", "failed", "none"
    ),
    "verbosity_subtests": _verbosity,
    "verbosity_test_cases": _verbosity,
    # pytest-timeout
    "session_timeout": _seconds,
    "timeout": _seconds,
    "timeout_method": _one_of("Invalid method {text} from config file", "", "signal", "thread"),
    # pytest-mock
    "mock_traceback_monkeypatch": _mock_boolean,
    "mock_use_standalone_module": _mock_boolean,
}
