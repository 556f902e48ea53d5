"""Texts made odd: what happens to real files, and what an attacker would try."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from contract import LARGEST

TOKENS: tuple[bytes, ...] = (
    # bytes that end, escape or hide
    b"\0", b"\r", b"\r\n", b"\n", b"\t", b"\f", b"\v", b"\x1b[31m", b"\x85", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe",
    "\u2028".encode(), "\u202e".encode(), "\ud800".encode("utf-8", "surrogatepass"), "\U0001f600".encode(),
    "\u017f".encode(),
    b"\\", b"\\\n", b"\\x", b"\\u12", b"\\N{", b"'", b'"', b'"""', b"'''", b"`", b"#", b";", b"%", b"$", b"{", b"}",
    b"[", b"]", b"[[", b"]]", b"(", b")", b",", b".", b"..", b":", b"::", b"=", b"==", b"===", b"~=", b"!=",
    b">", b"<",
    b"@", b"*", b"**", b"?", b"+", b"-", b"--", b"|", b"&", b"!", b"~", b"^", b"/", b"//",
    # numbers
    b"0", b"-1", b"9" * 30, b"1" * 5000, b"1e999", b"nan", b"inf", b"0x", b"1_0", b"1.", b"\xd9\xa3", b"1979-05-27",
    # configuration
    b"[pytest]\n", b"[tool:pytest]\n", b"[tool.pytest]\n", b"[tool.pytest.ini_options]\n", b"[tool.precollect]\n",
    b"addopts = ", b"markers = ", b"testpaths = ", b"python_files = ", b"filterwarnings = ", b"required_plugins = ",
    b"minversion = ", b"asyncio_mode = ", b"usefixtures = ", b"norecursedirs = ", b"strict = true\n",
    b"console_output_style",
    b"-p no:", b"-p ", b"-m ", b"-k ", b"-W ", b"-o ", b"-c ", b"-n ", b"--strict-markers", b"--reruns=",
    b"--ignore-glob=",
    b"--deselect ", b"--cov=", b"--rootdir=", b"-r ", b"-e ", b"-c ", b"@", b"[**]", b"[!", b"(a+)+$", b"(?P<",
    b"a{9999999999}",
    # requirements and environments
    b"pytest==", b"pytest-asyncio>=", b"; python_version < '3'", b"; extra == 'x'", b"[project]\n",
    b"dependencies = [",
    b"[dependency-groups]\n", b"include-group", b"{toxinidir}", b"{[testenv]deps}", b"{posargs}", b"deps = ",
    b"../", b"file:",
    b"git+https://x/y@z#egg=pytest", b"[testenv]\n", b"envlist = ", b"py{310,311}-{a,b}: ", b"[[package]]\n",
    b"name = ",
    # Python
    b"import pytest\n", b"@pytest.mark.", b"pytestmark = ", b"async def test_x():\n", b"class TestX:\n",
    b"    ", b"def ",
    b"@pytest.fixture\n", b"pytest_plugins = ", b"lambda: ", b"for x in ", b"if ", b"try:\n", b"with ",
    b"yield ", b"await ",
    b"match x:\n case ", b"f'{", b"rb'", b"exec(", b"globals()", b"*[", b":=", b"# coding: ", b"# precollect: allow ",
    b"parametrize('a', ", b"config.addinivalue_line(", b"def pytest_configure(config):\n", b"return ",
    b"1 << 99999", b"'x' * 10 ** 9",
    b"range(10 ** 9)", b"'%9999999d' % 1", b"[[0] * 10 ** 5] * 10 ** 5",
    # JSON and YAML
    b"null", b"true", b"\\ud800", b"PYTEST_ADDOPTS: ", b"PYTEST_PLUGINS=", b"run: pytest ", b"&a [*a]",
    b"!!python/object:",
)  # fmt: skip

BRACKETS: tuple[tuple[bytes, bytes], ...] = (
    (b"(", b")"), (b"[", b"]"), (b"{", b"}"), (b"{a=", b"}"), (b"not ", b""), (b"-", b""), (b"a.", b"b"),
    (b"[a.", b"]"),
    (b"if 1:\n ", b""), (b"{[", b"]x}"), (b"lambda:", b"0"), (b'{"a":', b"}"), (b"a and (", b")"), (b"\\", b""),
)  # fmt: skip


class Mutation(NamedTuple):
    """One change. `at` and `length` are shares of the text, from 0 to 1; `token` is what is put there."""

    kind: str
    at: float
    length: float
    token: bytes
    times: int


def mutate(data: bytes, mutation: Mutation) -> bytes:
    """The text after one change, at most LARGEST bytes."""
    kind, share, length, token, times = mutation
    start = int(share * len(data))
    end = start + int(length * (len(data) - start))
    match kind:
        case "insert":
            made = data[:start] + token + data[start:]
        case "replace":
            made = data[:start] + token + data[end:]
        case "drop":
            made = data[:start] + data[end:]
        case "repeat":
            made = data[:start] + data[start:end] * min(times, LARGEST // max(1, end - start)) + data[end:]
        case "flood":
            made = data[:start] + token * min(times, LARGEST // len(token)) + data[start:]
        case "nest":
            opening, closing = BRACKETS[len(token) % len(BRACKETS)]
            deep = min(times, LARGEST // len(opening + closing))
            made = data[:start] + opening * deep + data[start:end] + closing * deep + data[end:]
        case "lines":
            lines = data.split(b"\n")
            one, other = int(share * (len(lines) - 1)), int(length * (len(lines) - 1))
            lines[one], lines[other] = lines[other], token + lines[one]
            made = b"\n".join(lines)
        case "newlines":
            made = data.replace(b"\n", (b"\r\n", b"\r", b"\n\n", b"\x0c\n")[times % 4])
        case _:
            codec = ("utf-8-sig", "utf-16", "utf-32", "latin-1", "utf-7", "cp037")[times % 6]
            made = data.decode("utf-8", "replace").encode(codec, "replace")
    return made[:LARGEST]


KINDS = ("insert", "insert", "insert", "replace", "replace", "drop", "drop", "repeat", "flood", "nest", "lines")
RARE = ("newlines", "encode")
SHARES = st.floats(0, 1, allow_nan=False)
MUTATIONS = st.builds(
    Mutation,
    st.sampled_from([*KINDS, *KINDS, *RARE]),
    SHARES,
    SHARES.map(lambda share: share**3),  # short pieces more often than long ones
    st.one_of(st.sampled_from(TOKENS), st.binary(min_size=1, max_size=6)),
    st.sampled_from([1, 2, 3, 10, 100, 1000, 5000, LARGEST]),
)


def mutated(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Seeds after up to eight changes each; a tenth of the time something that was never a seed."""

    def changed(pair: tuple[bytes, list[Mutation]]) -> bytes:
        data, mutations = pair
        for mutation in mutations:
            data = mutate(data, mutation)
        return data[:LARGEST]

    seed = st.one_of(*[st.sampled_from(list(seeds))] * 9, st.lists(st.sampled_from(TOKENS), max_size=30).map(b"".join))
    return st.tuples(seed, st.lists(MUTATIONS, max_size=8)).map(changed)
