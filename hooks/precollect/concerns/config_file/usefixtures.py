"""`usefixtures` in the configuration: every test asks for these fixtures.

Source: https://docs.pytest.org/en/stable/reference/reference.html#confval-usefixtures
"""

from __future__ import annotations

from collections.abc import Iterator

from precollect.concerns.config_file.concern import CONCERN
from precollect.concerns.config_file.moments import runs_a_test
from precollect.findings import Finding, Rule
from precollect.model.plugins import Standing
from precollect.model.project import Project
from precollect.model.refused import NOT_THERE
from precollect.reading.words import BadWords, Word, cut
from precollect.similar import nearest

UNKNOWN_FIXTURE = Rule("unknown-fixture-for-all", CONCERN, "breaks", "usefixtures names a fixture that nobody defines")

RULES = (UNKNOWN_FIXTURE,)


def check(project: Project) -> Iterator[Finding]:
    """The findings about `usefixtures`."""
    value = project.values.get("usefixtures")
    if value is None or value.entry is None:
        return
    try:
        words = cut(value.entry)
    except BadWords:
        return
    for word in words:
        if word.text[:1] in ("#", ";"):
            return  # a comment, which is a finding of its own
        if word.text.isidentifier() and _is_unknown(project, word) and runs_a_test(project):
            near = nearest(word.text, _fixtures(project), most=1)
            hint = f"did you mean '{near[0]}'?" if near else "define it in a conftest.py, or remove it"
            yield UNKNOWN_FIXTURE.at(
                word.place, f"every test fails when it runs: fixture '{word.text}' not found; {hint}"
            )


def _is_unknown(project: Project, word: Word) -> bool:
    standing: Standing = project.plugins.standing("fixture", word.text)
    if standing.state not in NOT_THERE or project.unresolved_plugin or project.why_open:
        return False
    name = word.text.encode("utf-8", "surrogatepass")
    return not any(path.endswith(".py") and project.modules.mentions(path, name) for path in project.tree)


def _fixtures(project: Project) -> list[str]:
    """The fixtures of pytest, of plugins and of initial conftest files."""
    found = [name for release in (project.pytest, *project.plugins.present.values()) for name in release.fixtures]
    for _, module in project.local_plugins:
        found += [each.fixture.name for each in module.functions if each.fixture is not None and each.fixture.name]
    return found
