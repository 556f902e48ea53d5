"""precollect's verdict on every case agrees with what the real pytest did."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from case_files import Case, all_cases, lay_out, truth
from precollect.cli import main
from running import NOBODY, git, repository

RUNS = [pytest.param(case, stack, id=f"{case.name}-{stack}") for case in all_cases() for stack in case.stacks]


@pytest.mark.parametrize(("case", "stack"), RUNS)
def test_the_verdict_is_that_of_pytest(
    case: Case, stack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = repository(tmp_path / "home" / "project", {})
    lay_out(case, stack, project)
    git(project, "add", "--all", "--force")
    cache = str(tmp_path / "cache")
    for name, value in {"HOME": str(tmp_path), "XDG_CACHE_HOME": cache, **NOBODY, **case.env}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(project / case.start)

    status = main(["--format", "json"])

    findings = json.loads(capsys.readouterr().out)["findings"]
    assert status == (1 if findings else 0)
    kinds = {finding["kind"] for finding in findings}
    said = case.recorded[stack].says or case.recorded[stack].warns or "content"
    told = "\n".join(f"{found['kind']} {found['rule']}: {found['message']}" for found in findings) or "nothing"
    explanation = f"{case.title}\npytest: {said}\nprecollect: {told}"
    match "sound" if case.undecidable else truth(case, stack):
        case "broken":
            assert "breaks" in kinds, explanation
        case "lossy":
            assert "loses" in kinds, explanation
            assert "breaks" not in kinds, explanation
        case "sound":
            assert "breaks" not in kinds, explanation
