"""The arguments of a command, read by argparse, with one line of help for a slip.

Importing `argparse` costs more than the rest of a start: this module is imported where there are arguments.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from precollect.errors import CannotWorkError
from precollect.similar import way_out


class Parser(argparse.ArgumentParser):
    """A parser that raises CannotWorkError instead of printing its usage."""

    def __init__(self, prog: str, description: str, epilog: str | None = None) -> None:
        super().__init__(prog, description=description, epilog=epilog, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        raise CannotWorkError(f"{message}; see --help")

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """The arguments. Raises CannotWorkError for words that are none, with the nearest option that there is."""
        found, unknown = self.parse_known_args(words)
        if unknown:
            known = [name for action in self._actions for name in action.option_strings]
            hint = way_out(unknown[0].partition("=")[0], known, "see --help")
            raise CannotWorkError(f"there is no option {unknown[0]!r}; {hint}")
        return found
