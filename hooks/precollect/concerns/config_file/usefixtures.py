"""`usefixtures` in the configuration: every test asks for these fixtures.

Source: https://docs.pytest.org/en/stable/reference/reference.html#confval-usefixtures
"""

from __future__ import annotations

from collections.abc import Iterator

from precollect.concerns.config_file.concern import CONCERN
from precollect.findings import Finding, Rule
from precollect.model.plugins import Standing
from precollect.model.project import Project
from precollect.model.refused import NOT_THERE
from precollect.reading.words import Word
from precollect.similar import way_out

UNKNOWN_FIXTURE = Rule("unknown-fixture-for-all", CONCERN, "breaks", "usefixtures names a fixture that nobody defines")

RULES = (UNKNOWN_FIXTURE,)


def check(project: Project) -> Iterator[Finding]:
    """The findings about `usefixtures`."""
    for word in project.words_in("usefixtures") or ():
        if word.text[:1] in ("#", ";"):
            return  # a comment, which is a finding of its own
        standing = project.plugins.standing("fixture", word.text)
        if word.text.isidentifier() and _is_unknown(project, word, standing) and project.tests.any_runs:
            end = way_out(word.text, _fixtures(project), "define it in a conftest.py, or remove it")
            if standing.distribution:
                end = f"declare {standing.distribution}, which has it, or remove it"
            yield UNKNOWN_FIXTURE.at(
                word.place, f"every test fails when it runs: fixture '{word.text}' not found; {end}"
            )


def _is_unknown(project: Project, word: Word, standing: Standing) -> bool:
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
