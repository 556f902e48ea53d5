"""Edits of generated files: the right lines go, all others stay, and nothing that is written surprises."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from precollect.editing.writer import Preview, preview
from precollect.findings import AddLine, AddWords, Edit, Fix, RemoveKey, RemoveWords, SetKey
from precollect.reading.config_file import load
from precollect.reading.words import BadWords, cut

BEHAVIOURS = frozenset({"native-table", "dot-pytest-ini-without-section"})
WORDS = st.sampled_from(["-q", "-p", "no:x", "'a b'", '-m"not slow"', "--cov=src", "-ö"])
NEWLINES = st.sampled_from(["\n", "\r\n"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("root")


def planned(folder: Path, path: str, before: str, *edits: Edit) -> Preview:
    (folder / path).write_bytes(before.encode())
    return preview(str(folder), [Fix("Do it", True, edits)])


def words(path: str, content: bytes) -> list[str]:
    found = load(path, content, BEHAVIOURS)
    entry = found and found.entries.get("addopts")
    return [word.text for word in cut(entry)] if entry else []


def comments_that_go(lines: list[tuple[str, bool]]) -> set[int]:
    """The comment lines that explained only removed lines; `lines` are texts, and whether they are removed as a whole.

    Read backwards: a comment goes when what stands below it, down to the next comment, blank line or
    end, is removed, and there is some.
    """
    going: set[int] = set()
    below_goes = below_stays = False
    below_is_comment = False
    for number in reversed(range(len(lines))):
        text, removed = lines[number]
        if text.lstrip().startswith("#"):
            if (below_is_comment and number + 1 in going) or (not below_is_comment and below_goes and not below_stays):
                going.add(number)
            below_goes = below_stays = False
            below_is_comment = True
        elif not text.strip():
            below_goes = below_stays = below_is_comment = False
        else:
            if below_is_comment:
                below_goes = below_stays = False
            below_is_comment = False
            below_goes, below_stays = (True, below_stays) if removed else (False, True)
    return going


@settings(max_examples=80)
@given(data=st.data(), newline=NEWLINES, final=st.booleans())
def test_words_of_an_ini_value(folder: Path, data: st.DataObject, newline: str, final: bool) -> None:
    rows = data.draw(
        st.lists(st.one_of(st.just("# why"), st.just(""), st.lists(WORDS, min_size=1, max_size=3)), max_size=8)
    )
    count = sum(len(row) for row in rows if isinstance(row, list))
    gone = data.draw(st.sets(st.integers(0, count - 1))) if count else set()
    assume(len(gone) < count)
    before, kept = ["[pytest]", "addopts ="], [("[pytest]", False), ("addopts =", False)]
    after = list(before)
    number = 0
    for row in rows:
        if isinstance(row, str):
            before.append(row)
            after.append(row)
            kept.append((row, False))
            continue
        staying = [word for place, word in enumerate(row, number) if place not in gone]
        number += len(row)
        before.append("    " + " ".join(row))
        after.append("    " + " ".join(staying))
        kept.append((before[-1], not staying))
    going = comments_that_go(kept) | {place for place, (_, removed) in enumerate(kept) if removed}
    expected = [line for place, line in enumerate(after) if place not in going]
    tail = ["markers =", "    a"]
    text = newline.join([*before, *tail]) + newline * final
    result = planned(folder, "pytest.ini", text, RemoveWords("pytest.ini", "pytest", "addopts", tuple(gone)))
    assert result.refused == ()
    new = result.files["pytest.ini"][1].decode() if result.files else text
    assert new == newline.join([*expected, *tail]) + newline * final


@settings(max_examples=80)
@given(data=st.data(), newline=NEWLINES, quote=st.sampled_from("\"'"), comma=st.booleans(), native=st.booleans())
def test_items_of_a_toml_list(
    folder: Path, data: st.DataObject, newline: str, quote: str, comma: bool, native: bool
) -> None:
    item = st.sampled_from(["-q", "-p", "no:x", "a b", "#"]).map(lambda word: f"{quote}{word}{quote}")
    rows = data.draw(
        st.lists(st.tuples(st.lists(item, max_size=3), st.sampled_from(["", " # why", "  "])), min_size=1, max_size=6)
    )
    items = [word for row, _ in rows for word in row]
    gone = data.draw(st.sets(st.integers(0, len(items) - 1))) if items else set()
    assume(len(gone) < len(items))
    lines, number = [], 0
    for row, comment in rows:
        number += len(row)
        lines.append(", ".join(row) + ("," if row and (number < len(items) or comma) else "") + comment)
    section = "tool.pytest" if native else "tool.pytest.ini_options"
    opening, closing = data.draw(
        st.sampled_from([("[", "]"), ("[ ", " ]"), ("[\n  ", "\n]"), ("[ # c\n", "\n # d\n ]")])
    )
    assume("#" not in lines[-1].replace(f"{quote}#{quote}", "") or closing.startswith("\n"))
    text = f"[{section}]\nx = 1\naddopts = {opening}" + "\n  ".join(lines) + f"{closing}\ny = 2\n"
    before = text.replace("\n", newline)
    edit = RemoveWords("pyproject.toml", section, "addopts", tuple(gone))
    result = planned(folder, "pyproject.toml", before, edit)
    assert result.refused == ()
    new = result.files["pyproject.toml"][1] if result.files else before.encode()
    assert words("pyproject.toml", new) == [word[1:-1] for place, word in enumerate(items) if place not in gone]
    assert new.decode().startswith(before[: before.index("addopts")])
    assert new.decode().endswith(f"]{newline}y = 2{newline}")
    assert newline == "\n" or "\n" not in new.decode().replace("\r\n", "")


@settings(max_examples=80)
@given(data=st.data(), newline=NEWLINES, quotes=st.sampled_from(['"""', "'''"]))
def test_words_of_a_toml_string(folder: Path, data: st.DataObject, newline: str, quotes: str) -> None:
    word = st.sampled_from(["-q", "-p", "no:x", "--cov=src", "-ö"])
    rows = data.draw(st.lists(st.lists(word, max_size=3), min_size=1, max_size=6))
    plain = [word for row in rows for word in row]
    gone = data.draw(st.sets(st.integers(0, len(plain) - 1))) if plain else set()
    assume(len(gone) < len(plain))
    joined = data.draw(st.sampled_from([" \\\n  ", "\n\t"])) if quotes == '"""' else "\n  "
    opening, closing = data.draw(st.sampled_from([("", ""), ("\n", "\n"), (" ", " ")]))
    value = opening + joined.join(" ".join(row) for row in rows) + closing
    before = f"[tool.pytest.ini_options]\naddopts = {quotes}{value}{quotes} # c\ny = 2\n".replace("\n", newline)
    edit = RemoveWords("pyproject.toml", "tool.pytest.ini_options", "addopts", tuple(gone))
    result = planned(folder, "pyproject.toml", before, edit)
    assert result.refused == ()
    new = result.files["pyproject.toml"][1] if result.files else before.encode()
    assert words("pyproject.toml", new) == [word for place, word in enumerate(plain) if place not in gone]
    assert new.decode().endswith(f"{quotes} # c{newline}y = 2{newline}")


INI_LINES = st.sampled_from(
    ["addopts = -q -p no:x", "addopts =", "markers = a", "  b: c", "  -p no:y", "# c", "  # d", "", "x: 1", "[b]", "[c"]
)
TOML_LINES = st.sampled_from(
    [
        "addopts = '-q -p no:x'",
        'addopts = ["-q", "-p no:x"]',
        "addopts = [",
        "  '-q',",
        "]",
        'addopts = """',
        "-q",
        '"""',
        "markers = 'a'",
        'markers = ["a", ]',
        "# c",
        "",
        "x = {a = 1}",
        "ini_options.addopts = '-q'",
        "ini_options = {addopts = '-q'}",
        "[tool.pytest]",
        "[tool.pytest.ini_options.sub]",
        "addopts = 1",
        "[tool.b]",
    ]
)


def edits_of(path: str, section: str) -> list[Edit]:
    return [
        RemoveWords(path, section, "addopts", (1, 2)),
        AddWords(path, section, "addopts", ("-m", "not 'slow'")),
        SetKey(path, section, "addopts", "-v"),
        SetKey(path, section, "strict", True),
        RemoveKey(path, section, "addopts"),
        AddLine(path, section, "markers", "n\\ew: 'x' \"y\""),
    ]


@settings(max_examples=150)
@given(data=st.data(), newline=NEWLINES, final=st.booleans())
def test_an_edit_of_any_file_is_made_as_meant_or_refused(
    folder: Path, data: st.DataObject, newline: str, final: bool
) -> None:
    path, lines, sections = data.draw(
        st.sampled_from(
            [
                ("tox.ini", INI_LINES, ["pytest"]),
                ("pyproject.toml", TOML_LINES, ["tool.pytest", "tool.pytest.ini_options"]),
            ]
        )
    )
    section = data.draw(st.sampled_from(sections))
    before = newline.join([f"[{section}]", *data.draw(st.lists(lines, max_size=8))]) + newline * final
    made = data.draw(st.sampled_from(edits_of(path, section)))
    result = planned(folder, path, before, made)
    if result.refused:
        assert result.files == {}
        assert result.refused[0].reason
        return
    after = result.files[path][1].decode() if result.files else before
    if isinstance(made, SetKey | AddLine | RemoveKey | AddWords):
        again = planned(folder, path, after, made)
        assert (again.files, again.refused) == ({}, ())


def test_the_reference_for_comments_says_what_the_design_says() -> None:
    lines = [
        ("    -v", False),
        ("    # sandbox", False),
        ("    -p no:asyncio", True),
        ("    -p no:rerunfailures", True),
    ]
    assert comments_that_go(lines) == {1}
    assert comments_that_go([*lines, ("    -q", False)]) == set()
    assert comments_that_go([*lines, ("", False), ("    -q", False)]) == {1}
    with pytest.raises(BadWords):
        words("pytest.ini", b"[pytest]\naddopts = '\n")
