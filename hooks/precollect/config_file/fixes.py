"""The fixes of this concern: another name, type or place for what somebody wrote."""

from __future__ import annotations

from precollect.catalog import IniKey
from precollect.findings import Fix
from precollect.model.project import Project
from precollect.model.values import Value


def typed(project: Project, key: IniKey, value: Value) -> Fix | None:
    return None


def lifted_comments(project: Project, value: Value) -> Fix | None:
    return None


def renamed_key(project: Project, key: str, meant: str) -> Fix | None:
    return None


def renamed_section(path: str, name: str, meant: str) -> Fix | None:
    return None
