"""The fixes of this concern: another name, type or place for what somebody wrote."""

from __future__ import annotations

from precollect.catalog import IniKey
from precollect.concerns.config_file import key_types
from precollect.concerns.config_file.readings import refusal
from precollect.findings import Edit, Fix, LiftComments, RenameKey, RenameSection, SetKey, SetList
from precollect.model.project import Project
from precollect.model.values import FALSE, TRUE, Value
from precollect.reading.config_file import ConfigFile
from precollect.reading.toml import Toml
from precollect.reading.words import QUOTES, UnclosedError, spans


def typed(project: Project, key: IniKey, value: Value) -> Fix | None:
    """The fix that writes a value of a TOML file in the type of its key; None where it may be meant otherwise."""
    config = project.config
    if config is None or value.entry is None or not config.path.endswith(".toml"):
        return None
    meant = _meant(key, value, _written(config, value.key))
    if meant is None or not _is_taken(key, value._replace(raw=meant)):
        return None
    edit: Edit
    if isinstance(meant, list):
        edit = SetList(config.path, config.section, value.key, tuple(meant))
    else:
        edit = SetKey(config.path, config.section, value.key, meant)
    kind = "a list" if isinstance(meant, list) else "a boolean" if isinstance(meant, bool) else "a text"
    return Fix(f"write '{value.key}' as {kind}", True, (edit,))


def _written(config: ConfigFile, key: str) -> str:
    """The text of a value as the file has it: 9.10 and 9.1 are one number, but two versions."""
    node = config.source.nodes.get((*config.route, key)) if isinstance(config.source, Toml) else None
    return config.source.text.content[node.start : node.end] if node is not None else ""


def _meant(key: IniKey, value: Value, written: str) -> list[str] | str | bool | None:
    """The value in the type of its key; None where that is not plain to see."""
    raw = value.raw
    if value.mode == "ini":
        only = raw[0] if isinstance(raw, list) and len(raw) == 1 and key.type not in key_types.WORDS else None
        return only if isinstance(only, str) else None
    if key.type == "bool":
        word = str(raw).strip().lower() if isinstance(raw, (str, int)) else ""
        return True if word in TRUE else False if word in FALSE else None
    if key.type in key_types.WORDS and isinstance(raw, str):
        return _listed(key, raw)
    return written or None if key.type == "string" and isinstance(raw, (bool, int, float)) else None


def _listed(key: IniKey, text: str) -> list[str] | None:
    if key.type == "linelist":
        return [line.strip() for line in text.split("\n") if line.strip()]
    try:
        return [word.text for word in spans(text)]
    except UnclosedError:
        return None


def _is_taken(key: IniKey, value: Value) -> bool:
    if key_types.complaint(key, value) is not None:
        return False
    return value.text is None or refusal(key.name, value.text) is None


def lifted_comments(project: Project, value: Value) -> Fix | None:
    """The fix that gives the comments in a value lines of their own; None where quotes may hold what looks like one."""
    config = project.config
    if config is None or value.text is None or any(quote in value.text for quote in QUOTES):
        return None
    edit = LiftComments(config.path, config.section, value.key)
    return Fix(f"put the comment behind '{value.key}' on a line of its own", True, (edit,))


def renamed_key(project: Project, key: str, meant: str) -> Fix | None:
    """The fix that corrects the name of a key; it guesses where the names differ by more than a letter in length."""
    config = project.config
    if config is None:
        return None
    plain = abs(len(key) - len(meant)) <= 1
    return Fix(f"rename '{key}' to '{meant}'", plain, (RenameKey(config.path, config.section, key, meant),))


def renamed_section(path: str, name: str, meant: str) -> Fix:
    """The fix that corrects the name of a section or table; both as they are written, with or without brackets."""
    old, new = name.strip("[]"), meant.strip("[]")
    return Fix(f"rename [{old}] to [{new}]", True, (RenameSection(path, old, new),))
