"""Why precollect may not be able to work at all."""

from __future__ import annotations


class CannotWorkError(Exception):
    """Our options, settings or repository are such that we cannot work; the text says why, in one line."""
