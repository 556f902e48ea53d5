"""The pages of rules: docs/rules/RULE.md in a checkout, rules/RULE.md in an installed package."""

from __future__ import annotations

import os

HERE = os.path.dirname(__file__)
# An editable installation is a checkout as well.
FOLDERS = (os.path.join(HERE, "rules"), os.path.join(HERE, os.pardir, os.pardir, "docs", "rules"))
ONLINE = "https://github.com/precollect/precollect/blob/main/docs/rules"


def page(rule: str) -> str | None:
    """The page of a rule, in Markdown; None where this installation lacks it."""
    for folder in FOLDERS:
        try:
            with open(os.path.join(folder, f"{rule}.md"), encoding="utf-8") as file:
                return file.read()
        except OSError:
            continue
    return None


def address(rule: str) -> str:
    """Where the page of a rule can be read online."""
    return f"{ONLINE}/{rule}.md"
