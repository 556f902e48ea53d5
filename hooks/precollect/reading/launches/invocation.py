"""Which words of a command are pytest's, what is set for it in front, and what a command installs."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final, NamedTuple

from precollect.reading.launches.shell import Word
from precollect.reading.words import UNTOLD

ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*=")
PYTHON: Final = re.compile(r"(?:\S*/)?(?:python(?:\d(?:\.\d+)?)?|pypy3?|py)(?:\.exe)?")
PYTEST: Final = re.compile(r"(?:[^\s=]*/)?(?:pytest|py\.test)(?:\.exe)?")
PYTHON_FLAGS: Final = re.compile(r"-[bBdEiIqRsSuvx]+")
MODULE: Final = re.compile(r"-[bBdEiIqRsSuvx]*m")

# uv run, coverage run: options with a value of their own, and those that change what is installed.
UV_VALUES: Final = frozenset({"--extra", "--group", "--only-group", "--no-group", "--python", "-p", "--resolution"})
UV_FLAGS: Final = frozenset(
    {
        *("--active", "--all-extras", "--all-groups", "--all-packages", "--dev", "--exact", "--frozen", "--isolated"),
        *("--locked", "--no-cache", "--no-dev", "--no-default-groups", "--no-editable", "--no-progress", "--no-sync"),
        *("--offline", "--quiet", "-q", "--verbose", "-v", "--managed-python"),
    }
)
COVERAGE_VALUES: Final = frozenset(
    {"--concurrency", "--context", "--data-file", "--include", "--omit", "--rcfile", "--save-signal", "--source"}
)
BARE_RUNNERS: Final = frozenset({"poetry", "pdm", "pipenv", "rye"})


class Invocation(NamedTuple):
    """A call of pytest.

    `word`: that names it; `arguments`: those behind it; `assigned`: variables set in front of it;
    `adds`: why more may be installed for this call alone, "" for no reason.
    """

    word: Word
    arguments: tuple[Word, ...]
    assigned: tuple[tuple[str, Word], ...]
    adds: str


def invocation(words: tuple[Word, ...]) -> Invocation | None:
    """The call of pytest that a command is; None for any other, and where what stands in front is not understood."""
    if not any(PYTEST.fullmatch(word.text) for word in words):
        return None
    assigned: list[tuple[str, Word]] = []
    adds = ""
    index: int | None = 0
    while index is not None and index < len(words):
        text = words[index].text
        if PYTEST.fullmatch(text):
            return Invocation(words[index], words[index + 1 :], tuple(assigned), adds)
        if match := ASSIGNMENT.match(text):
            value = Word(text[match.end() :], words[index].offset + match.end())
            assigned.append((text[: match.end() - 1], value))
            index += 1
        elif text in {"env", "exec", "command", "time"}:
            index += 1
        elif text == "xvfb-run":
            index = _behind(words, index + 1, frozenset({"-s", "-n"}))
        elif text == "timeout":
            index = _behind(words, index + 1, frozenset({"-k", "-s"}))
            index = None if index is None else index + 1
        elif PYTHON.fullmatch(text):
            index = _behind_python(words, index + 1)
        elif text == "coverage" and _text(words, index + 1) == "run":
            index = _behind_module(words, index + 2, COVERAGE_VALUES)
        elif text == "uv" and _text(words, index + 1) == "run":
            index, adds = _behind_uv(words, index + 2)
        elif (text in BARE_RUNNERS and _text(words, index + 1) == "run") or text in {"ddtrace-run", "catchsegv"}:
            index += 2 if text in BARE_RUNNERS else 1
        else:
            return None
    return None


def _text(words: tuple[Word, ...], index: int) -> str:
    return words[index].text if index < len(words) else ""


def _behind(words: tuple[Word, ...], index: int, with_value: frozenset[str]) -> int | None:
    """The index behind options; None where one of them cannot be read."""
    while _text(words, index).startswith("-"):
        text = _text(words, index)
        if UNTOLD in text.partition("=")[0]:
            return None
        index += 2 if text in with_value else 1
        if text == "--":
            break
    return index


def _behind_python(words: tuple[Word, ...], index: int) -> int | None:
    """The index of the module that Python runs; None where it runs something else."""
    while (text := _text(words, index)).startswith("-"):
        if MODULE.fullmatch(text):
            return index + 1 if _text(words, index + 1) in {"pytest", "py.test", "coverage"} else None
        if not PYTHON_FLAGS.fullmatch(text) and not text.startswith(("-W", "-X")):
            return None
        index += 2 if text in {"-W", "-X"} else 1
    return None


def _behind_module(words: tuple[Word, ...], index: int, with_value: frozenset[str]) -> int | None:
    """The index of the module behind `-m`."""
    while (text := _text(words, index)).startswith("-"):
        if text in {"-m", "--module"}:
            return index + 1
        if UNTOLD in text.partition("=")[0]:
            return None
        index += 2 if text in with_value else 1
    return None


def _behind_uv(words: tuple[Word, ...], index: int) -> tuple[int | None, str]:
    """The index of what `uv run` starts, and why it installs more than is declared."""
    adds = ""
    while (text := _text(words, index)).startswith("-"):
        name = text.partition("=")[0]
        if text == "--":
            return index + 1, adds
        if text in {"-m", "--module"}:
            return (index + 1 if _text(words, index + 1) == "pytest" else None), adds
        if name in {"--with", "--with-requirements", "--with-editable"}:
            adds = f"'uv run {name}' adds to what is declared"
            index += 1 if "=" in text else 2
        elif name in UV_VALUES:
            index += 1 if "=" in text else 2
        elif text in UV_FLAGS:
            index += 1
        else:
            return None, adds
    return index, adds


# Commands that leave what is installed as it is, and that fill no folders of the repository.
_HARMLESS = """
    cat cd chmod coverage cp date df echo env exit export false find free grep head hostname ls lscpu mkdir mv mypy
    nproc nvidia-smi popd printf pushd pwd rm ruff set sleep tail tee test touch true ulimit uname wc which whoami #
    : [ [[
"""
HARMLESS: Final = frozenset(_HARMLESS.split())
# Tools of packaging whose installation brings no plugin.
TOOLS: Final = frozenset(
    {
        *("build", "cibuildwheel", "codecov", "coverage", "coveralls", "flit", "hatch", "mypy", "nox", "pdm", "pip"),
        *("pipenv", "pipx", "poetry", "pre-commit", "ruff", "setuptools", "setuptools-scm", "tox", "tox-uv", "twine"),
        *("uv", "virtualenv", "wheel", "Cython", "cython", "numpy"),
    }
)
DISTRIBUTION: Final = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[\w,.-]*\])?(?P<rest>[<>=!~].*)?")
HERE: Final = re.compile(r"\./?(?:\[[^\]]*\])?")
PIP_VALUES: Final = frozenset(
    {"--group", "-c", "--constraint", "--index-url", "-i", "--extra-index-url", "-f", "--find-links"}
)
PIP_OPTIONS: Final = frozenset({"--upgrade", "-U", "--no-deps", "--no-build-isolation", "--pre", "--user", "--system"})


def installs(words: tuple[Word, ...]) -> str:
    """Why a command may install what no file declares; "" where it does not."""
    index = 0
    while index < len(words) and ASSIGNMENT.match(words[index].text):
        index += 1
    texts = [word.text for word in words[index:]]
    if texts[:1] == ["sudo"]:
        texts = texts[1:]
    if texts[:1] in (["apt-get"], ["apt"], ["brew"]) and not any("py" in text or UNTOLD in text for text in texts):
        return ""
    if not texts or texts[0] in HARMLESS:
        return ""
    said = f"'{' '.join(texts[:4])}' may install what no file declares"
    if PYTHON.fullmatch(texts[0]):
        if texts[1:2] in (["--version"], ["-V"], ["-VV"]) or texts[1:3] == ["-m", "venv"]:
            return ""
        if texts[1:3] == ["-m", "pip"]:
            texts = texts[2:]
    if texts[0] == "uv" and texts[1:2] == ["pip"]:
        texts = texts[1:]
    if texts[0] in {"pip", "pip3"}:
        if texts[1:2] == ["install"]:
            return "" if _is_declared(texts[2:]) else said
        return "" if texts[1:2] in (["list"], ["freeze"], ["check"], ["--version"], ["cache"]) else said
    if texts[:2] in (["uv", "venv"], ["uv", "python"], ["uv", "lock"], ["poetry", "config"], ["poetry", "lock"]):
        return ""
    if texts[:2] in (["uv", "sync"], ["poetry", "install"], ["pdm", "install"], ["pdm", "sync"], ["pipenv", "install"]):
        plain = all(
            text.startswith("-") or before in UV_VALUES | {"--with", "--without", "-G", "--only", "-E"}
            for before, text in pairwise(texts[1:])
        )
        return "" if plain and not any(UNTOLD in text for text in texts) else said
    if texts[0] == "git" or invocation(words) is not None:
        return ""
    return said


def _is_list(path: str) -> bool:
    """Whether a list of requirements is one that counts as declared: what `environment.sources` finds by itself."""
    from precollect.reading.environment.sources import FILES, FOLDERS, reader_at

    *folders, name = (part for part in path.split("/") if part not in {".", ".."})
    if len(folders) > 1 or (folders and folders[0].lower() not in FOLDERS):
        return False
    return name in FILES or reader_at("".join(folders), name) is not None


def _is_declared(words: list[str]) -> bool:
    """Whether `pip install` with these words brings only what files of the repository declare, and tools."""
    if any(UNTOLD in word for word in words):
        return False
    index = 0
    while index < len(words):
        text, value = words[index], "".join(words[index + 1 : index + 2])
        name = DISTRIBUTION.fullmatch(text)
        if text in {"-e", "--editable"}:
            index += 1
            if not HERE.fullmatch(value):
                return False
        elif text in {"-r", "--requirement"}:
            index += 1
            if not _is_list(value):
                return False
        elif text in PIP_VALUES:
            index += 1
        elif text.startswith("-r"):
            if not _is_list(text[2:]):
                return False
        elif not (
            text in PIP_OPTIONS
            or HERE.fullmatch(text)
            or text.startswith(("--prefer", "--disable", "--quiet", "-q", "-v"))
            or (name is not None and name["name"] in TOOLS)
        ):
            return False
        index += 1
    return True
