"""GitLab pipelines: the calls of pytest in the scripts of `.gitlab-ci.yml`.

Source: GitLab's documentation, "CI/CD YAML syntax reference".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from precollect.reading.launchers import VARIABLES
from precollect.reading.launches import yaml
from precollect.reading.launches.calls import Call, Surroundings, calls
from precollect.reading.launches.piece import Piece, joined
from precollect.reading.launches.yaml import Node
from precollect.reading.text import Text

NO_JOBS: Final = frozenset({"default", "include", "stages", "variables", "workflow", "image", "services", "cache"})
# A job with one of these takes something over from elsewhere, or is expected to fail, or runs by hand.
BEYOND_US: Final = frozenset(
    {"extends", "<<", "allow_failure", "when", "rules", "only", "except", "trigger", "parallel"}
)


def read(source: Text) -> Iterator[Call]:
    """The calls in one pipeline."""
    pipeline = yaml.read(source)
    if not isinstance(pipeline, dict) or not isinstance(pipeline.get("default", {}), dict):
        return
    for name, job in pipeline.items():
        if isinstance(job, dict) and name not in NO_JOBS and not name.startswith("."):
            yield from _job(pipeline, job)


def _job(pipeline: Mapping[str, Node], job: Mapping[str, Node]) -> Iterator[Call]:
    default = pipeline.get("default", {})
    assert isinstance(default, dict)
    before = next((level["before_script"] for level in (job, default, pipeline) if "before_script" in level), [])
    lines = [*_lines(before), *_lines(job.get("script", []))]
    known = [line for line in lines if line is not None]
    if not BEYOND_US.isdisjoint(job) or len(known) < len(lines) or not known:
        return
    image = next((level["image"] for level in (job, default, pipeline) if "image" in level), None)
    plain = image is None or (isinstance(image, Piece) and image.text.startswith(("python:", "$")))
    why_open = "" if plain else "the image may hold what no file declares"
    around = Surroundings("", yaml.texts("variables", VARIABLES, pipeline, job), why_open)
    around.files_made = "needs" in job or "dependencies" in job
    yield from calls(joined(known), around)


def _lines(script: Node) -> list[Piece | None]:
    """The lines of a script; None for one that is not known."""
    items = script if isinstance(script, list) else [script]
    return [item if isinstance(item, Piece) else None for item in items]
