"""A small project as a list of independent ingredients, and the files that they make.

Every subset of the ingredients is a project again: that is what makes a disagreement small.
"""

from __future__ import annotations

import json
import random
import re
import shlex
from typing import NamedTuple

from differential.spelling import put, spelled

Value = str | bool | int | tuple[str, ...]

# How a project is configured: name → (file, header; "" where keys stand at the file's top, whether values have types).
FORMS = {
    "pytest.ini": ("pytest.ini", "[pytest]", False),
    ".pytest.ini": (".pytest.ini", "[pytest]", False),
    "tox.ini": ("tox.ini", "[pytest]", False),
    "setup.cfg": ("setup.cfg", "[tool:pytest]", False),
    "pyproject.toml": ("pyproject.toml", "[tool.pytest.ini_options]", False),
    "pyproject.toml, native": ("pyproject.toml", "[tool.pytest]", True),
    "pytest.toml": ("pytest.toml", "[pytest]", True),
    ".pytest.toml": (".pytest.toml", "[pytest]", True),
}


class Entry(NamedTuple):
    """A key of the configuration; of two entries of one key the later counts."""

    key: str
    value: Value


class Words(NamedTuple):
    """Words of addopts."""

    words: tuple[str, ...]


class Marker(NamedTuple):
    """One line of `markers`."""

    line: str


class Code(NamedTuple):
    """A piece of a Python file, below the pieces before it; the file starts with `import pytest`.

    `around`: what it stands in, of `spelling.AROUND`; "" for nothing.
    """

    path: str
    text: str
    around: str = ""


class Spelled(NamedTuple):
    """Another way to write a whole Python file, of `spelling.SPELLINGS`."""

    path: str
    way: str


class File(NamedTuple):
    """A file as it stands."""

    path: str
    text: str


class Declared(NamedTuple):
    """How the environment is declared: pins, ranges, pyproject or project. Without it: pins."""

    way: str


class Layout(NamedTuple):
    """Another way to lay out the configuration, of LAYOUTS."""

    way: str


class Launch(NamedTuple):
    """A file that starts pytest, of LAUNCHERS, with these words."""

    path: str
    words: tuple[str, ...]


class Folder(NamedTuple):
    """The folder that pytest is started in."""

    path: str


class Damage(NamedTuple):
    """One accident to the text of the configuration; `seed` chooses the line."""

    kind: str
    seed: int


Ingredient = Entry | Words | Marker | Code | Spelled | File | Declared | Layout | Launch | Folder | Damage


class Project(NamedTuple):
    """`stack`: pytest's version; `plugins`: distributions installed beside it; `form`: a name of FORMS.

    `importable`: the project's own modules can be imported from anywhere, as with `python -m pytest` or an
    editable install: no file tells, so both must be right.
    """

    stack: str
    plugins: tuple[str, ...]
    form: str
    ingredients: tuple[Ingredient, ...]
    importable: bool = False

    @property
    def start(self) -> str:
        """The folder that pytest is started in, "" for the project's own."""
        return next((each.path for each in self.ingredients if isinstance(each, Folder)), "")

    @property
    def launch(self) -> Launch | None:
        """The file that starts pytest, if there is one."""
        return next((each for each in self.ingredients if isinstance(each, Launch)), None)


def files_of(project: Project, pins: list[str]) -> dict[str, str]:
    """Path → text. `pins`: pytest and the plugins with their versions, "pytest==9.2.0"."""
    entries: dict[str, Value] = {}
    words: list[str] = []
    markers: list[str] = []
    files: dict[str, str] = {}
    way = "pins"
    for ingredient in project.ingredients:
        match ingredient:
            case Entry(key, value):
                entries[key] = value
            case Words(more):
                words += more
            case Marker(line):
                markers.append(line)
            case Code(path, text, around):
                files[path] = files.get(path, "import pytest\n") + "\n\n" + put(text, around)
            case File(path, text):
                files[path] = text
            case Declared(chosen):
                way = chosen
    if words:
        entries["addopts"] = tuple(words)
    if markers:
        entries["markers"] = tuple(markers)
    path, header, typed = FORMS[project.form]
    for spelling in project.ingredients:
        if isinstance(spelling, Spelled) and spelling.path in files:
            files[spelling.path] = spelled(files[spelling.path], spelling.way)
    if project.launch is not None:
        files[project.launch.path] = LAUNCHERS[project.launch.path].format(f"pytest {shlex.join(project.launch.words)}")
    text = configuration(entries, header, typed=typed, toml=path.endswith(".toml"))
    for change in project.ingredients:
        if isinstance(change, Layout):
            text = laid_out(text, change.way, toml=path.endswith(".toml"))
        elif isinstance(change, Damage):
            text = damaged(text, change)
    made = declaration(way, pins)
    for name, part in ((path, text), *made.items()):
        files[name] = "\n".join(filter(None, (part, files.get(name, "") if name.endswith(("l", "g")) else "")))
    return files


def configuration(entries: dict[str, Value], header: str, *, typed: bool, toml: bool) -> str:
    """The text of a table or section; `typed`: values keep their types, otherwise they are texts for pytest."""
    write = _toml if toml else _ini
    return "".join(f"{line}\n" for line in (header, *(write(key, value, typed) for key, value in entries.items())))


def _ini(key: str, value: Value, _: bool) -> str:
    if key == "addopts" and isinstance(value, tuple):
        return f"{key} = {shlex.join(value)}"
    if isinstance(value, tuple):
        return "\n    ".join((f"{key} =", *value))
    return f"{key} = {_plain(value)}"


def _toml(key: str, value: Value, typed: bool) -> str:
    if key == "addopts" and isinstance(value, tuple) and not typed:
        value = shlex.join(value)
    if isinstance(value, tuple):
        return "\n".join((f"{key} = [", *(f"    {_quoted(item)}," for item in value), "]"))
    if isinstance(value, str):
        return f"{key} = {_quoted(value)}"
    return f"{key} = {_plain(value)}"


def _plain(value: str | bool | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def declaration(way: str, pins: list[str]) -> dict[str, str]:
    """The files that declare what is installed; every way resolves to exactly the pins."""
    pairs = [pin.split("==") for pin in pins]
    ranges = [f"{name}>={version.split('.')[0]},<={version}" for name, version in pairs]
    match way:
        case "ranges":
            return {"requirements-test.txt": "\n".join(ranges) + "\n"}
        case "group":
            return {"pyproject.toml": f"\n[dependency-groups]\n{_toml('test', tuple(pins), True)}\n"}
        case "extra":
            head = '\n[project]\nname = "thing"\nversion = "1"\n\n[project.optional-dependencies]\n'
            return {"pyproject.toml": f"{head}{_toml('test', tuple(ranges), True)}\n"}
    return {"requirements-test.txt": "\n".join(pins) + "\n"}


def laid_out(text: str, way: str, *, toml: bool) -> str:
    """The text of a configuration in another layout, which pytest mostly takes for the same."""
    match way:
        case "carriage returns":
            return text.replace("\n", "\r\n")
        case "byte order mark":
            return "\ufeff" + text
        case "no end of line":
            return text.rstrip("\n")
        case "comments between":
            return re.sub(r"^(?=\w)", "# don't mind: addopts = --nobody\n", text, flags=re.MULTILINE)
        case "comments within":
            return re.sub(r"^(?=    )", "    # don't mind\n", text, flags=re.MULTILINE)
        case "blank lines":
            return text.replace("\n", "\n\n")
        case "no blanks" if "=" in text:
            return re.sub(r"^(\w+) = ", r"\1=", text, flags=re.MULTILINE)
        case "colons" if not toml:
            return re.sub(r"^(\w+) =", r"\1:", text, flags=re.MULTILINE)
        case "tabs":
            return text.replace("    ", "\t")
        case "words below each other" if not toml:
            return re.sub(
                r"^addopts = (.*)",
                lambda found: "addopts =\n    " + found[1].replace(" -", "\n    -"),
                text,
                flags=re.M,
            )
        case "words below each other":
            return re.sub(
                r'^addopts = "(.*)"',
                lambda found: f'addopts = """\n{found[1].replace(" -", chr(10) + "-")}\n"""',
                text,
                flags=re.M,
            )
        case "words in a list" if toml:
            return re.sub(
                r'^addopts = "(.*)"', lambda found: f"addopts = {json.dumps(_cut(found[1]))}", text, flags=re.M
            )
        case "simple quotes" if toml:
            return re.sub(r'"([^"\\\']*)"', r"'\1'", text)
        case "dotted keys" if toml and text.startswith("[tool.pytest"):
            header, _, rest = text.partition("]\n")
            table, _, last = header[1:].rpartition(".")
            return f"[{table}]\n" + re.sub(r"^(\w+) =", rf"{last}.\1 =", rest, flags=re.M)
        case "another table behind" if toml:
            return text + '\n[tool.other]\naddopts = "--nobody"\n'
        case "another section before" if not toml:
            return f"[other]\naddopts = --nobody\n\n{text}"
    return text


def _cut(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return [text]


LAYOUTS = (
    "carriage returns",
    "byte order mark",
    "no end of line",
    "comments between",
    "comments within",
    "blank lines",
    "no blanks",
    "colons",
    "tabs",
    "words below each other",
    "words in a list",
    "simple quotes",
    "dotted keys",
    "another table behind",
    "another section before",
)

# Path → text of a file that starts pytest, whose call stands where {} is.
LAUNCHERS = {
    "Makefile": ".PHONY: test\n\ntest:\n\t{}\n",
    "justfile": "test:\n    {}\n",
    ".github/workflows/ci.yml": "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n"
    "      - uses: actions/checkout@v5\n      - run: |\n          {}\n",
    ".gitlab-ci.yml": "test:\n  script:\n    - >-\n      {}\n",
    "tox.ini": "[testenv]\nskip_install = true\ncommands =\n    {}\n",
}


def damaged(text: str, damage: Damage) -> str:
    """The text after an accident; as it was where there is nothing that it could happen to."""
    luck = random.Random(damage.seed)
    lines = text.splitlines()
    chosen = luck.randrange(len(lines)) if lines else 0
    keys = [number for number, line in enumerate(lines) if "=" in line and line[:1].isalpha()]
    match damage.kind:
        case "line dropped" if len(lines) > 1:
            del lines[max(chosen, 1)]
        case "line twice" if lines:
            lines.insert(chosen, lines[chosen])
        case "letters swapped in a key" if keys:
            chosen = luck.choice(keys)
            key, sign, value = lines[chosen].partition(" =")
            at = luck.randrange(max(len(key) - 1, 1))
            lines[chosen] = key[:at] + key[at : at + 2][::-1] + key[at + 2 :] + sign + value
        case "wrong section" if lines:
            lines[0] = luck.choice(
                ("[pytest]", "[tool:pytest]", "[tool.pytest]", "[tool.pytest.ini-options]", "[Pytest]")
            )
        case "not indented":
            deep = [number for number, line in enumerate(lines) if line.startswith("    ")]
            if deep:
                chosen = luck.choice(deep)
                lines[chosen] = lines[chosen].lstrip()
        case "comment behind a value" if keys:
            lines[luck.choice(keys)] += "  # as agreed"
        case "quote lost":
            quoted = [number for number, line in enumerate(lines) if '"' in line or "'" in line]
            if quoted:
                chosen = luck.choice(quoted)
                lines[chosen] = lines[chosen][::-1].replace('"' if '"' in lines[chosen] else "'", "", 1)[::-1]
        case "equals lost" if keys:
            chosen = luck.choice(keys)
            lines[chosen] = lines[chosen].replace("=", "", 1)
        case "value lost" if keys:
            chosen = luck.choice(keys)
            lines[chosen] = lines[chosen].partition("=")[0] + "="
        case "first line indented" if len(lines) > 1:
            lines[1] = " " + lines[1]
    return "\n".join(lines) + "\n"


DAMAGES = (
    "line dropped",
    "line twice",
    "letters swapped in a key",
    "wrong section",
    "not indented",
    "comment behind a value",
    "quote lost",
    "equals lost",
    "value lost",
    "first line indented",
)
