"""How options read their values: the converters that pytest and its plugins give to their parser.

Each takes the text, returns the value, and raises ValueError where the option refuses it: with
the plugin's own words in RefusedValue, or plainly, and then argparse speaks. What depends on the
disk (`directory_arg`) is not here. Sources: `_pytest/main.py`, `_pytest/debugging.py` (9.2.0);
pytest-xdist 3.8.0 `plugin.py`; pytest-cov 4.1.0 to 7.1.0 `plugin.py`; pytest-benchmark 5.3.1 `utils.py`;
pytest-randomly 3.15.0 to 4.0.1 `__init__.py`.
"""

from __future__ import annotations

from collections.abc import Callable

LOG_LEVELS = frozenset({"CRITICAL", "DEBUG", "ERROR", "FATAL", "INFO", "NOTSET", "WARN", "WARNING"})
REPORT_FILES = ("annotate", "html", "xml", "json", "markdown", "markdown-append", "lcov")
REPORT_TERMINALS = ("term", "term-missing")
SORT_FIELDS = ("min", "max", "mean", "stddev", "name", "fullname")


class RefusedValue(ValueError):  # noqa: N818 - it names what was found
    """A value that an option refuses; the text is what pytest then says."""


def _worker_count(text: str) -> object:
    return text if text in {"auto", "logical"} else int(text)


def _coverage_report(text: str) -> object:
    kind, colon, rest = text.partition(":")
    if kind not in ("", *REPORT_TERMINALS, *REPORT_FILES):
        raise RefusedValue(f'invalid choice: "{text}" (choose from "{[*REPORT_TERMINALS, *REPORT_FILES]}")')
    if colon and kind not in REPORT_FILES and not (kind in REPORT_TERMINALS and rest == "skip-covered"):
        raise RefusedValue(f'output specifier not supported for: "{text}" (choose from "{[*REPORT_FILES]}")')
    return text


def _least_coverage(text: str) -> object:
    try:
        value = float(text)
    except ValueError:
        raise RefusedValue("An integer or float value is required.") from None
    if value > 100:
        raise RefusedValue("Your desire for over-achievement is admirable but misplaced. The maximum value is 100.")
    return value


def _coverage_context(text: str) -> object:
    if text != "test":
        raise RefusedValue('The only supported value is "test".')
    return text


def _order_seed(text: str) -> object:
    if text in ("default", "last"):
        return text
    try:
        return int(text)
    except ValueError:
        raise RefusedValue(f"{text!r} is not an integer or the string 'last'") from None


def _debugger(text: str) -> object:
    if text.count(":") != 1:
        raise RefusedValue(f"{text!r} is not in the format 'modname:classname'")
    return text


def _base_of_temporary_folders(text: str) -> object:
    if all(part in {"", ".", ".."} for part in text.split("/")) and not text.startswith("/"):
        raise RefusedValue("basetemp must not be empty, the current working directory or any parent directory of it")
    return text


def _rounds(text: str) -> object:
    try:
        value = int(text)
    except ValueError as error:
        raise RefusedValue(str(error)) from None
    if value < 1:
        raise RefusedValue("Value for --benchmark-rounds must be at least 1.")
    return value


def _sort_field(text: str) -> object:
    text = text.lower().strip()
    if text not in SORT_FIELDS:
        names = ", ".join(map(repr, SORT_FIELDS))
        raise RefusedValue(f"Unacceptable value: {text!r}. Value for --benchmark-sort must be one of: {names}.")
    return text


CONVERTERS: dict[str, Callable[[str], object]] = {
    "_validate_usepdb_cls": _debugger,
    "float": float,
    "int": int,
    "lower": str.lower,
    "parse_numprocesses": _worker_count,
    "parse_rounds": _rounds,
    "parse_sort": _sort_field,
    "seed_type": _order_seed,
    "str": str,
    "validate_basetemp": _base_of_temporary_folders,
    "validate_context": _coverage_context,
    "validate_fail_under": _least_coverage,
    "validate_report": _coverage_report,
}
"""Name of the callable, as the catalog has it, → the converter."""


def no_log_level(text: str) -> bool:
    """Whether Python's logging has no level of this name or number (`get_log_level_for_setting`)."""
    try:
        int(text)
    except ValueError:
        return text.upper() not in LOG_LEVELS
    return False
