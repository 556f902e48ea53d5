"""Values against the types of their keys: what pytest itself would say.

Source: `Config._getini`, `_getini_ini`, `_getini_toml` (7.4.4, 8.4.2, 9.2.0).
"""

from __future__ import annotations

from precollect.catalog import IniKey
from precollect.concerns.config_file.readings import UNSEEN_LISTS, Complaint, choices
from precollect.model.values import Value
from precollect.reading.words import UnclosedError, spans

WORDS = frozenset({"args", "linelist", "paths"})


def complaint(key: IniKey, value: Value) -> Complaint | None:
    """What pytest says against a value; None where its type is right, or is not known to us."""
    if value.mode == "toml":
        return _native(key, value)
    if isinstance(value.raw, list):
        return _list(key, value.raw)
    return _text(key, value)


def words_of(kind: str) -> list[str]:
    """The fixed words of a type such as "'w' | 'a'"; [] where it takes anything else, too."""
    members = kind.split(" | ")
    return [member[1:-1] for member in members] if all(member[0] == "'" for member in members) else []


def _native(key: IniKey, value: Value) -> Complaint | None:
    raw, named = value.raw, f"config option '{value.key}'"
    found = f"{type(raw).__name__}: {raw!r}"
    words = words_of(key.type)
    members = key.type.split(" | ")
    if key.type in WORDS:
        if not isinstance(raw, list):
            said = f"{named} expects a list for type '{key.type}', got {found}"
            return Complaint(said, "write a list of texts", True)
        return _item(named, raw)
    if key.type == "bool":
        refused = not isinstance(raw, bool)
        return Complaint(f"{named} expects a bool, got {found}", "write true or false", True) if refused else None
    if (key.type == "string" or words) and not isinstance(raw, str):
        return Complaint(f"{named} expects a string, got {found}", "write it in quotes", True)
    if words:
        return None if raw in words else Complaint(_expects_one(named, key.type, str(raw)), choices(words))
    if len(members) > 1 and not any(_takes(member, raw) for member in members):
        said = f"{named} expects one of {key.type.replace('string', 'str')}, got {found}"
        return Complaint(said, "write one of these", not isinstance(raw, str))
    return None


def _takes(member: str, raw: object) -> bool:
    if member == "bool":
        return isinstance(raw, bool)
    if member == "int":
        return isinstance(raw, int) and not isinstance(raw, bool)
    if member == "float":
        return isinstance(raw, (int, float)) and not isinstance(raw, bool)
    if member[0] == "'":
        return raw == member[1:-1]
    return isinstance(raw, str) or member != "string"


def _item(named: str, items: list[object]) -> Complaint | None:
    for number, item in enumerate(items):
        if not isinstance(item, str):
            said = f"expects a list of strings, but item at index {number} is {type(item).__name__}: {item!r}"
            return Complaint(f"{named} {said}", "write it in quotes", True)
    return None


def _list(key: IniKey, items: list[object]) -> Complaint | None:
    """What is said against a list in [tool.pytest.ini_options]; its items reach their readers as they are."""
    if key.type in WORDS:
        odd = next((item for item in items if not isinstance(item, str)), None)
        said = f"'{key.name}' holds {odd!r}, which is no text"
        return None if odd is None else Complaint(said, "write it in quotes", True)
    if key.type == "bool":
        return Complaint(f"invalid truth value {str(items).lower()!r}", "write true or false", True)
    if key.name in UNSEEN_LISTS and not words_of(key.type):
        return None
    return Complaint(f"'{key.name}' takes one value, not a list", "write the value alone", True)


def _text(key: IniKey, value: Value) -> Complaint | None:
    text = value.text or ""
    if key.type == "bool":
        refused = value.boolean is None
        said = f"invalid truth value {text.strip().lower()!r}"
        return Complaint(said, "write true or false") if refused else None
    if words := words_of(key.type):
        named = f"config option '{value.key}'"
        return None if text in words else Complaint(_expects_one(named, key.type, text), choices(words))
    if key.type in {"args", "paths"}:
        try:
            for _ in spans(text):
                pass
        except UnclosedError as error:
            return Complaint(str(error), "quotes come in pairs")
    if key.type.startswith("int | '") and not _is_number_or_word(key.type, text):
        said = f"config option '{value.key}' expects one of {key.type}, got str: '{text}'"
        return Complaint(said, "write a whole number")
    return None


def _is_number_or_word(kind: str, text: str) -> bool:
    try:
        int(text)
    except ValueError:
        return f"'{text}'" in kind.split(" | ")
    return True


def _expects_one(named: str, kind: str, text: str) -> str:
    return f"{named} expects one of {kind}, got '{text}'"
