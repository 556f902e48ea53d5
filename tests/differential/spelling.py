"""Other ways to write the same Python, and ways to write it that change what is reached: statements below others."""

from __future__ import annotations

import re
import textwrap

# Around a piece of code, which stands where {} is: indented as deep as the braces are.
AROUND = {
    "below if": "if True:\n    {}",
    "below if not": "if False:\n    {}",
    "below a version": "import sys\n\nif sys.version_info >= (3, 8):\n    {}",
    "below an old version": "import sys\n\nif sys.version_info < (3, 8):\n    {}",
    "below a platform": "import os\n\nif os.name == 'nt':\n    {}\nelse:\n    pass",
    "for type checkers": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    {}",
    "not for type checkers": "import typing\n\nif not typing.TYPE_CHECKING:\n    {}",
    "in a try": "try:\n    {}\nexcept ImportError:\n    pass",
    "in a try for all": "try:\n    {}\nexcept Exception:\n    pass",
    "in a try for everything": "try:\n    {}\nexcept BaseException:\n    pass",
    "in a try of a bare except": "try:\n    {}\nexcept:\n    pass",
    "behind a try": "try:\n    import nobody_here\nexcept ImportError:\n    nobody_here = None\nelse:\n    {}",
    "in an except": "try:\n    import nobody_here\nexcept ImportError:\n    {}",
    "in a finally": "try:\n    pass\nfinally:\n    {}",
    "suppressed": "import contextlib\n\nwith contextlib.suppress(Exception):\n    {}",
    "suppressed for imports": "from contextlib import suppress\n\nwith suppress(ImportError, AttributeError):\n    {}",
    "below a with": "import contextlib\n\nwith contextlib.nullcontext():\n    {}",
    "in a loop": "for _ in range(1):\n    {}",
    "in a loop over nothing": "for _ in ():\n    {}",
    "in an endless loop": "while True:\n    {}\n    break",
    "in a match": "match 1:\n    case 1:\n        {}",
    "in another case": "match 1:\n    case 2:\n        {}\n    case _:\n        pass",
    "in a function": "def made_by_a_call():\n    {}\n    globals().update(locals())\n\n\nmade_by_a_call()",
    "in a function not called": "def called_by_nobody():\n    {}",
    "in a class": "class Holder:\n    {}",
    "behind a skip": 'pytest.importorskip("nobody_here")\n\n\n{}',
    "behind a skip that is none": 'pytest.importorskip("json")\n\n\n{}',
    "behind a skip by a condition": "import os\n\nif os.environ.get('NOBODY'):\n"
    "    pytest.skip('no', allow_module_level=True)\n\n\n{}",
    "behind a skipping test case": "import unittest\n\nraise unittest.SkipTest('no')\n\n\n{}",
    "in a text": "TEXT = r'''\n{}\n'''",
    "in a docstring": "def documented():\n    r'''Text.\n\n    {}\n    '''",
    "executed": "exec(r'''\n{}\n''')",
    "behind a comment": "# pytest.mark.nobody, def test_nobody(nobody): and so on\n{}",
    "twice": "{}\n\n\n{}",
    "replaced": "{}\n\n\nfor name in [name for name in globals() if 'test_' in name]:\n    del globals()[name]",
}

WORDS_OF_PYTEST = ("fixture", "importorskip", "mark", "param", "raises", "skip", "hookimpl")


def put(text: str, around: str) -> str:
    """A piece of code in surroundings, of AROUND; "" for none."""
    if not around:
        return text
    return (
        re.sub(
            r"^( *)\{\}",
            lambda found: textwrap.indent(text.strip("\n"), found[1]),
            AROUND[around],
            flags=re.MULTILINE,
        ).rstrip("\n")
        + "\n"
    )


def spelled(text: str, way: str) -> str:
    """A whole file in another spelling, of SPELLINGS."""
    match way:
        case "another name":
            return re.sub(r"\bpytest\.", "pt.", text).replace("import pytest\n", "import pytest as pt\n")
        case "names from pytest":
            pattern = rf"\bpytest\.({'|'.join(WORDS_OF_PYTEST)})\b"
            used = sorted(set(re.findall(pattern, text)))
            names = f"from pytest import {', '.join(used)}\n" if used else ""
            return re.sub(pattern, r"\1", text).replace("import pytest\n", f"import pytest\n{names}", 1)
        case "names from pytest, renamed":
            pattern = rf"\bpytest\.({'|'.join(WORDS_OF_PYTEST)})\b"
            used = [f"{name} as my_{name}" for name in sorted(set(re.findall(pattern, text)))]
            names = "".join(["from pytest import (\n", *(f"    {name},\n" for name in used), ")\n"]) if used else ""
            return re.sub(pattern, r"my_\1", text).replace("import pytest\n", f"import pytest\n{names}", 1)
        case "mark kept":
            return re.sub(r"\bpytest\.mark\.", "MARK.", text).replace(
                "import pytest\n", "import pytest\n\nMARK = pytest.mark\n", 1
            )
        case "annotations from the future":
            return f"from __future__ import annotations\n\n{text}"
        case "a head":
            return f'#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n"""Text about pytest.mark.nobody."""\n\n{text}'
        case "coding of another kind":
            return f"# coding: latin-1\n{text}"
        case "carriage returns":
            return text.replace("\n", "\r\n")
        case "byte order mark":
            return "\ufeff" + text
        case "tabs":
            return text.replace("    ", "\t")
        case "form feeds":
            return text.replace("\n\n\n", "\n\x0c\n")
        case "no end of line":
            return text.rstrip("\n")
        case "annotated":
            return re.sub(r"^( *(?:async )?def .*\)):$", r"\1 -> None:", text, flags=re.MULTILINE)
        case "continued lines":
            return re.sub(r"^(@[\w.]+)\(", r"\1(  # as agreed\n    ", text, flags=re.MULTILINE)
        case "a line cut short":
            lines = text.splitlines()
            return "\n".join([*lines[:-1], lines[-1][: len(lines[-1]) // 2]]) + "\n"
    return text


SPELLINGS = (
    "another name",
    "names from pytest",
    "names from pytest, renamed",
    "mark kept",
    "annotations from the future",
    "a head",
    "coding of another kind",
    "carriage returns",
    "byte order mark",
    "tabs",
    "form feeds",
    "no end of line",
    "annotated",
    "continued lines",
    "a line cut short",
)
