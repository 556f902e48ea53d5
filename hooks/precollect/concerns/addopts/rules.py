"""The rules about addopts."""

from __future__ import annotations

from typing import Final

from precollect.findings import Rule

CONCERN: Final = "addopts"

UNREADABLE = Rule("unreadable-addopts", CONCERN, "breaks", "pytest cannot cut addopts into words")
UNKNOWN_OPTION = Rule("unknown-option", CONCERN, "breaks", "an option that nobody defines")
LATE_CONFTEST = Rule(
    "option-of-a-late-conftest", CONCERN, "breaks", "a conftest that is not loaded at start adds the option"
)
BAD_VALUE = Rule("bad-option-value", CONCERN, "breaks", "the value of an option is missing, refused or not taken")
MISSING_PATH = Rule("missing-path", CONCERN, "breaks", "a path that does not exist")
COMMENT = Rule("comment-in-addopts", CONCERN, "breaks", "what looks like a comment becomes paths")
TWO_WORDS = Rule("two-words-in-one-item", CONCERN, "breaks", "one item of a list holds an option and its value")
MISSING_PLUGIN = Rule("missing-plugin", CONCERN, "breaks", "a plugin that is asked for by name cannot be found")
TWICE = Rule("plugin-registered-twice", CONCERN, "breaks", "a plugin is loaded under two names")
NOT_THE_PLUGIN = Rule(
    "module-instead-of-plugin", CONCERN, "loses", "-p imports a module of Python's own instead of a plugin"
)
CONFLICT = Rule("option-defined-twice", CONCERN, "breaks", "a conftest adds an option that is there already")
RESERVED = Rule("lower-case-option", CONCERN, "breaks", "a conftest adds a short option in lower case")
KEYWORD = Rule("bad-keyword-expression", CONCERN, "breaks", "the expression of -k cannot be read")
FILTER = Rule("bad-warning-option", CONCERN, "breaks", "the filter of -W cannot be read")
OVERRIDE = Rule("bad-override", CONCERN, "breaks", "-o names no key, or none that anybody knows")
EXCLUSIVE = Rule("options-exclude-each-other", CONCERN, "breaks", "two options that no run survives together")

RULES = (
    UNREADABLE,
    UNKNOWN_OPTION,
    LATE_CONFTEST,
    BAD_VALUE,
    MISSING_PATH,
    COMMENT,
    TWO_WORDS,
    MISSING_PLUGIN,
    TWICE,
    NOT_THE_PLUGIN,
    CONFLICT,
    RESERVED,
    KEYWORD,
    FILTER,
    OVERRIDE,
    EXCLUSIVE,
)
