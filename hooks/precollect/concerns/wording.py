"""Names and places as the messages of several concerns give them."""

from __future__ import annotations

from collections.abc import Sequence

from precollect import catalog
from precollect.findings import Related
from precollect.model.plugins import Kind
from precollect.model.project import Project
from precollect.model.tests import Use
from precollect.reading import warning_filters
from precollect.reading.ini import without_comment
from precollect.reading.warning_filters import ACTIONS, Filter
from precollect.similar import way_out


def related(uses: Sequence[Use]) -> tuple[Related, ...]:
    """The places of uses of a mark."""
    return tuple(Related(use.place, "used here") for use in uses)


def requirement_name(requirement: str) -> str:
    """The distribution of a requirement, letter by letter as it is written."""
    return (
        requirement.partition(";")[0].replace("(", " ").translate(dict.fromkeys(map(ord, "<>=!~["), " ")).split(" ")[0]
    )


def other_pytest(project: Project, kind: Kind, name: str) -> str:
    """What to do about an option or key that only other releases of pytest have; "" where none has it."""
    known, judged = catalog.pytest(), project.pytest.version
    holding = known.releases_with(kind, name)
    if not holding:
        return ""
    if known.releases.index(holding[0]) > known.releases.index(judged):
        return f"it came with pytest {holding[0]}, and pytest {judged} is declared: declare that, or remove it"
    return f"it went after pytest {holding[-1]}, and pytest {judged} is declared: remove it"


def filter_way_out(line: str, said: str) -> str:
    """What to do about the line of a warning filter that pytest refuses with these words."""
    if (meant := without_comment(line)) != line and isinstance(warning_filters.parse(meant, literal=False), Filter):
        return "a comment behind a value is part of it, give it a line of its own"
    if said.startswith("invalid action"):
        return way_out(line.partition(":")[0].strip(), ACTIONS, f"write {', '.join(ACTIONS[:-1])} or {ACTIONS[-1]}")
    if said.startswith("Invalid regex"):
        return "escape what is meant literally: \\("
    if said.startswith("Too many fields"):
        return "a colon in the message is written as '.'"
    return "write a line number" if said.startswith("invalid lineno") else "correct it"


def count(number: int, what: str) -> str:
    """A number of things in words: "1 class", "2 classes"."""
    plural = f"{what}es" if what.endswith("s") else f"{what}s"
    return f"{number} {what if number == 1 else plural}"
