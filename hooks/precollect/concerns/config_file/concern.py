"""The name of this concern, for its parts."""

from __future__ import annotations

from typing import Final

CONCERN: Final = "config-file"
