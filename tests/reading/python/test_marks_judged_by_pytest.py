"""When is a mark evaluated? The real pytest under --strict-markers is the judge of every row.

`wanted` is the mark that nobody registers. A row that we call "import" must stop collection, with pytest's words for
it; one that we call "never" or "test" must not. "maybe" leaves it open.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from precollect.reading.python.module import read
from precollect.reading.python.scan import scan

SNIPPETS: dict[str, tuple[str, str]] = {}


def _rows(when: str, text: str) -> None:
    """Rows separated by lines of "# --- what the row is about"; pytest is imported already."""
    for row in text.strip().split("# --- ")[1:]:
        title, _, code = row.partition("\n")
        assert title not in SNIPPETS
        imports = "" if "import pytest" in code or "from pytest" in code else "import pytest\n"
        future = "from __future__ import annotations\n"
        before = future if code.startswith(future) else ""
        SNIPPETS[title] = when, before + imports + code.removeprefix(future)


_rows(
    "import",
    """
# --- a decorator of a function
@pytest.mark.wanted
def test_it(): pass
# --- a decorator of a class
@pytest.mark.wanted
class TestIt: pass
# --- a decorator with arguments, of a method
class TestIt:
    @pytest.mark.wanted(1, why="so")
    def test_it(self): pass
# --- pytestmark
pytestmark = pytest.mark.wanted
# --- pytestmark, second of a list
pytestmark = [pytest.mark.skip, pytest.mark.wanted(2)]
# --- pytestmark of a class
class TestIt:
    pytestmark = pytest.mark.wanted
# --- an annotated assignment
pytestmark: object = pytest.mark.wanted
# --- after a decorator that skips a test
import unittest
@unittest.skipIf(True, "no")
def test_other(): pass
@pytest.mark.wanted
def test_it(): pass
# --- a default argument
def helper(mark=pytest.mark.wanted): pass
# --- a keyword-only default argument
def helper(*, mark=pytest.mark.wanted): pass
# --- a default argument of a lambda
helper = lambda mark=pytest.mark.wanted: mark
# --- a parameter set
@pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.wanted)])
def test_it(n): pass
# --- a dictionary
MARKS = {"a": [pytest.mark.wanted]}
# --- an f-string
TEXT = f"{pytest.mark.wanted}"
# --- an expression of its own
pytest.mark.wanted
# --- an assertion
assert pytest.mark.wanted
# --- a base of a class
class TestIt(type(pytest.mark.wanted)): pass
# --- mark imported by name
from pytest import mark
@mark.wanted
def test_it(): pass
# --- mark imported under another name
from pytest import mark as m
@m.wanted
def test_it(): pass
# --- pytest imported under another name
import pytest as pt
@pt.mark.wanted
def test_it(): pass
# --- everything imported from pytest
from pytest import *
@mark.wanted
def test_it(): pass
# --- the generator imported from its private place
import pytest
from _pytest.mark import MARK_GEN
MARK_GEN.wanted
# --- the namespace kept under another name
quick = pytest.mark
@quick.wanted
def test_it(): pass
# --- the namespace handed on in a tuple assignment
a, b = pytest.mark, 3
a.wanted
# --- getattr with a literal
getattr(pytest.mark, "wanted")
# --- getattr with a default
getattr(pytest.mark, "wanted", None)
# --- getattr with a constant of the module
NAME = "wan" + "ted"
getattr(pytest.mark, NAME)
# --- getattr in a loop
for name in ("usefixtures", "wanted"):
    getattr(pytest.mark, name)
# --- getattr in a comprehension over a dictionary
MARKS = [getattr(pytest.mark, key) for key in {"usefixtures": 1, "wanted": 2}]
# --- hasattr
if hasattr(pytest.mark, "wanted"): pass
# --- the condition of an if
if pytest.mark.wanted: pass
# --- every branch of an if
import sys
if sys.platform == "win32":
    flag = pytest.mark.wanted
else:
    flag = pytest.mark.wanted(1)
# --- every branch of a conditional expression
import sys
flag = pytest.mark.wanted if sys.platform == "win32" else pytest.mark.wanted(1)
# --- every branch of if and elif
import sys
if sys.platform == "win32":
    flag = pytest.mark.wanted
elif sys.platform == "darwin":
    flag = pytest.mark.wanted(2)
else:
    flag = pytest.mark.wanted(1)
# --- a condition that always holds
DEBUG = True
if DEBUG:
    pytest.mark.wanted
# --- the branch for anything but the main module
if __name__ != "__main__":
    pytest.mark.wanted
# --- not TYPE_CHECKING
from typing import TYPE_CHECKING
if not TYPE_CHECKING:
    pytest.mark.wanted
# --- the else of TYPE_CHECKING
import typing
if typing.TYPE_CHECKING:
    import os
else:
    pytest.mark.wanted
# --- first in a try with except Exception
try:
    flag = pytest.mark.wanted
except Exception:
    flag = None
# --- first in a try with except ImportError
try:
    flag = pytest.mark.wanted
except ImportError:
    flag = None
# --- a try with several named handlers
try:
    flag = pytest.mark.wanted
except (ValueError, TypeError):
    flag = None
except AttributeError:
    flag = None
# --- after assignments in a try
try:
    name = "x"
    other = name
    flag = pytest.mark.wanted
except Exception:
    flag = None
# --- in a try with only finally
try:
    import os
    pytest.mark.wanted
finally:
    pass
# --- in finally
try:
    import os
except ImportError:
    os = None
finally:
    pytest.mark.wanted
# --- after an optional import
try:
    import numpy
except ImportError:
    numpy = None
pytest.mark.wanted
# --- below contextlib.suppress of ordinary exceptions
import contextlib
with contextlib.suppress(Exception):
    pytest.mark.wanted
# --- below a context manager of the standard library
import warnings
with warnings.catch_warnings():
    pytest.mark.wanted
# --- below pytest.raises of an ordinary exception
with pytest.raises(ValueError):
    pytest.mark.wanted
    raise ValueError
# --- in a function that is called
def make():
    return pytest.mark.wanted
flag = make()
# --- in a function that is called by a function that is called
def inner():
    return pytest.mark.wanted
def outer():
    return inner()
flag = outer()
# --- in a function used as decorator
def slow(func):
    return pytest.mark.wanted(func)
@slow
def test_it(): pass
# --- in a decorator that is made by a function
def slow(seconds):
    def decorate(func):
        return pytest.mark.wanted(seconds)(func)
    return decorate
@slow(3)
def test_it(): pass
# --- in a decorator by a name that is an argument
def tagged(name):
    return getattr(pytest.mark, name)
@tagged("wanted")
def test_it(): pass
# --- in a decorator with a default argument
def tagged(name="wanted"):
    return getattr(pytest.mark, name)
@tagged()
def test_it(): pass
# --- in a function with an early return that is not taken
def make(flag=False):
    if flag:
        return None
    return pytest.mark.wanted
make()
# --- in a lambda that is called
(lambda: pytest.mark.wanted)()
# --- in a lambda kept and called
make = lambda: pytest.mark.wanted
make()
# --- in the initialiser of a class that is made
class Maker:
    def __init__(self):
        self.flag = pytest.mark.wanted
Maker()
# --- a list comprehension over constants
FLAGS = [pytest.mark.wanted(n) for n in (1, 2)]
# --- the first iterable of a comprehension
FLAGS = [x for x in [pytest.mark.wanted]]
# --- a loop over constants
for n in range(2):
    flag = pytest.mark.wanted(n)
# --- a while loop that starts
while True:
    pytest.mark.wanted
    break
# --- after a loop with break
for n in range(3):
    if n == 1:
        break
pytest.mark.wanted
# --- after a loop over something unknown
import os
for n in os.environ:
    pass
pytest.mark.wanted
# --- after a function that raises and is never called
def fail():
    raise ValueError
pytest.mark.wanted
# --- after a class with a method that skips
class Base:
    def setup_method(self):
        pytest.skip("no")
pytest.mark.wanted
# --- the first operand of or
flag = pytest.mark.wanted or None
# --- the second operand where the first is false
flag = None or pytest.mark.wanted
# --- a walrus
if (flag := pytest.mark.wanted): pass
# --- a subscript
[0][0 if pytest.mark.wanted else 0]
# --- a deletion does not unbind pytest
x = 1
del x
pytest.mark.wanted
# --- a decorator of a nested class
class TestIt:
    class TestInner:
        @pytest.mark.wanted
        def test_it(self): pass
# --- with_args
pytest.mark.wanted.with_args(len)
# --- called again and again
pytest.mark.wanted(1)(2)(a=3)
# --- applied to a function later
def test_it(): pass
test_it = pytest.mark.wanted(test_it)
# --- over several lines
flag = (
    pytest
    .mark  # the namespace
    .wanted
)
# --- with a line continuation
flag = pytest.\\
    mark.\\
    wanted
# --- a match on a constant place
match 1:
    case _:
        pass
pytest.mark.wanted
# --- rebound to something else afterwards
mark = pytest.mark
mark.wanted
mark = None
# --- pytest imported twice
import pytest
import pytest
pytest.mark.wanted
# --- pytest imported optionally
try:
    import pytest
except ImportError:
    pytest = None
pytest.mark.wanted
# --- the skip is inside a function
def pick():
    pytest.skip("no", allow_module_level=True)
pytest.mark.wanted
# --- before the skip
pytest.mark.wanted
pytest.skip("no", allow_module_level=True)
# --- before an importorskip
pytest.mark.wanted
pytest.importorskip("no_such_module_at_all")
# --- after an unrelated call
import logging
logging.getLogger("x").setLevel(10)
pytest.mark.wanted
# --- a generator that is a hook
def pytest_generate_tests(metafunc): pass
pytest.mark.wanted
# --- in a mark's own arguments
@pytest.mark.usefixtures(pytest.mark.wanted.name)
def test_it(): pass
# --- a star argument
print(*[pytest.mark.wanted])
# --- a global function changes the alias
mark = None
def setup():
    global mark
    mark = pytest.mark
setup()
mark.wanted
# --- an attribute of the mark
pytest.mark.wanted.name
# --- handed to a function as an argument
def name_of(mark):
    return mark.wanted
name_of(pytest.mark)
# --- chosen by a dictionary
print({"a": pytest.mark.wanted}.get("b"))
# --- in the body of a class that is not collected
class _Private:
    flag = pytest.mark.wanted
# --- continue does not end the loop
for n in (1, 2):
    if n == 1:
        continue
    pytest.mark.wanted
# --- a nested comprehension
FLAGS = [getattr(pytest.mark, a + b) for a in ("wan",) for b in ("ted", "ting")]
# --- a condition of a comprehension that holds
FLAGS = [getattr(pytest.mark, n) for n in ("x", "wanted") if n != "x"]
""",
)

_rows(
    "maybe",
    """
# --- below a platform check
import sys
if sys.platform == "win32":
    pytest.mark.wanted
# --- below a version check
import sys
if sys.version_info < (3, 8):
    pytest.mark.wanted
# --- in one branch only
import os
flag = pytest.mark.wanted if os.environ.get("X") else None
# --- after an import in a try
try:
    import no_such_module_at_all
    flag = pytest.mark.wanted
except ImportError:
    flag = None
# --- in a handler
try:
    import no_such_module_at_all
except ImportError:
    pytest.mark.wanted
# --- in the else of a try
try:
    import no_such_module_at_all
except ImportError:
    pass
else:
    pytest.mark.wanted
# --- in a try with a bare except
try:
    flag = pytest.mark.wanted
except:
    flag = None
# --- in a try with except BaseException
try:
    flag = pytest.mark.wanted
except BaseException:
    flag = None
# --- in a try with a handler for pytest's own failure
try:
    flag = pytest.mark.wanted
except pytest.fail.Exception:
    flag = None
# --- in a try with an unknown handler
from _pytest.outcomes import Failed
try:
    flag = pytest.mark.wanted
except (ValueError, Failed):
    flag = None
# --- below contextlib.suppress of everything
import contextlib
with contextlib.suppress(BaseException):
    pytest.mark.wanted
# --- below pytest.raises of the failure
with pytest.raises(pytest.fail.Exception):
    pytest.mark.wanted
# --- after an importorskip that skips
pytest.importorskip("no_such_module_at_all")
pytest.mark.wanted
# --- after an importorskip that does not skip
pytest.importorskip("os")
pytest.mark.wanted
# --- after a conditional skip
import sys
if sys.platform != "win32":
    pytest.skip("posix", allow_module_level=True)
pytest.mark.wanted
# --- after a skip in a handler
try:
    import no_such_module_at_all
except ImportError:
    pytest.skip("missing", allow_module_level=True)
pytest.mark.wanted
# --- after a function that may skip
def need(name):
    try:
        __import__(name)
    except ImportError:
        pytest.skip(name, allow_module_level=True)
need("no_such_module_at_all")
pytest.mark.wanted
# --- after a raise of SkipTest in a condition
import unittest, sys
if sys.platform != "win32":
    raise unittest.SkipTest("posix")
pytest.mark.wanted
# --- the second operand of and
import os
flag = os.environ.get("NO_SUCH_VARIABLE") and pytest.mark.wanted
# --- a comprehension over something unknown
import os
FLAGS = [pytest.mark.wanted for n in os.environ if n == "no such"]
# --- a generator that nobody exhausts
FLAGS = (pytest.mark.wanted for n in (1, 2))
# --- a lambda that is handed on
FLAGS = sorted([], key=lambda n: pytest.mark.wanted)
# --- a function that is handed on
def make(n):
    return pytest.mark.wanted
FLAGS = list(map(make, []))
# --- a function that a test calls
def make():
    return pytest.mark.wanted
def test_it():
    if False: make()
# --- a function with a conditional return
import os
def make():
    if os.environ.get("NO_SUCH_VARIABLE") is None:
        return None
    return pytest.mark.wanted
make()
# --- in a loop after a conditional break
import os
for n in (1, 2):
    if os.environ.get("NO_SUCH_VARIABLE") is None:
        break
    pytest.mark.wanted
# --- a method of a helper class
class Maker:
    def make(self):
        return pytest.mark.wanted
# --- a setup function of the module
def setup_module():
    return pytest.mark.wanted
# --- a case of a match
import sys
match sys.platform:
    case "win32":
        pytest.mark.wanted
# --- a coroutine that is not awaited
async def make():
    return pytest.mark.wanted
make().close()
# --- a list that holds the name only perhaps
import sys
NAMES = ["usefixtures"]
if sys.platform == "win32":
    NAMES.append("wanted")
for name in NAMES:
    getattr(pytest.mark, name)
# --- after a call of exit in a condition
import sys
if sys.platform == "nowhere":
    sys.exit()
if sys.platform != "win32":
    pytest.skip("posix", allow_module_level=True)
pytest.mark.wanted
# --- a test body behind a condition
import os
def test_it():
    if os.environ.get("NO_SUCH_VARIABLE"):
        pytest.mark.wanted
# --- a test body behind a call
def test_it():
    pytest.importorskip("os")
    print(pytest.mark.wanted)
# --- a test body behind a function that may skip
def need(name):
    pytest.importorskip(name)
def test_it():
    need("os")
    print(pytest.mark.wanted)
# --- a test that is skipped
@pytest.mark.skip
def test_it():
    pytest.mark.wanted
""",
)

_rows(
    "test",
    """
# --- a test body
def test_it():
    pytest.mark.wanted
# --- a fixture body
@pytest.fixture
def it():
    return pytest.mark.wanted
def test_it(it): pass
# --- a mark added by name in a test
def test_it(request):
    request.node.add_marker("wanted")
# --- a mark added in a test
def test_it(request):
    request.node.add_marker(pytest.mark.wanted)
# --- a test method
class TestIt:
    def test_it(self):
        x = 1
        pytest.mark.wanted
""",
)

_rows(
    "never",
    """
# --- after a skip of the module
pytest.skip("no", allow_module_level=True)
pytest.mark.wanted
# --- after a certain raise of SkipTest
import unittest
raise unittest.SkipTest("no")
pytest.mark.wanted
# --- after a skip in every branch
import sys
if sys.platform == "win32":
    pytest.skip("windows", allow_module_level=True)
else:
    pytest.skip("posix", allow_module_level=True)
pytest.mark.wanted
# --- after a function that always skips
def leave():
    pytest.skip("no", allow_module_level=True)
leave()
pytest.mark.wanted
# --- after a skip below except Exception
try:
    pytest.skip("no", allow_module_level=True)
except Exception:
    pass
pytest.mark.wanted
# --- below TYPE_CHECKING
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    flag = pytest.mark.wanted
# --- below the main check
if __name__ == "__main__":
    pytest.mark.wanted
# --- a function that nothing calls
def label():
    return pytest.mark.wanted
# --- a condition that never holds
DEBUG = False
if DEBUG:
    pytest.mark.wanted
# --- an annotation that is not evaluated
from __future__ import annotations
def helper(x: pytest.mark.wanted): pass
# --- a string
TEXT = "pytest.mark.wanted"
# --- a comment
# pytest.mark.wanted
# --- a look-up of marks
@pytest.fixture
def it(request):
    list(request.node.iter_markers("wanted"))
    return request.node.get_closest_marker("wanted")
# --- the name mark is a parameter
def call(mark):
    return mark.wanted
class Other:
    wanted = 1
call(Other)
# --- the name mark is a variable of the function
def call():
    class Other:
        wanted = 1
    mark = Other
    return mark.wanted
call()
# --- the name pytest is a loop variable
class Other:
    class mark:
        wanted = 1
for pytest in (Other,):
    pytest.mark.wanted
# --- mark is imported from elsewhere
from types import SimpleNamespace as mark
def call():
    return mark.wanted
# --- another object's attribute called mark
class Other:
    class mark:
        wanted = 1
Other.mark.wanted
# --- add_marker of something that is no test
class Map:
    def add_marker(self, name): pass
def test_it():
    Map().add_marker("wanted")
# --- a loop over nothing
for n in ():
    pytest.mark.wanted
# --- the attribute of a mark
pytest.mark.usefixtures.args
# --- the first operand of and is false
flag = None and pytest.mark.wanted
# --- internals of the generator
pytest.mark._config
pytest.mark.__class__
""",
)


def _when(code: str) -> str:
    """How we say that the mark is met: the strongest of all uses."""
    found = {use.when for use in read(code.encode(), "test_it.py").marks if use.name == "wanted"}
    return next((when for when in ("import", "test", "maybe") if when in found), "never")


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Row → what the real pytest says of its module, "" where it collects it."""
    folder = tmp_path_factory.mktemp("judged")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers -p no:cacheprovider\n")
    names = {}
    for number, (title, (_, code)) in enumerate(SNIPPETS.items()):
        names[f"test_row_{number}.py"] = title
        (folder / f"test_row_{number}.py").write_text(code)
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "--continue-on-collection-errors", "--tb=line"]
    command += ["--color=no", "-W", "ignore"]
    output = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout
    said = dict.fromkeys(SNIPPETS, "")
    for line in output.splitlines():
        if line.startswith("ERROR "):
            name, _, text = line.removeprefix("ERROR ").partition(" - ")
            said[names[Path(name).name]] = text or "an error"
    return said


@pytest.mark.parametrize("title", SNIPPETS)
def test_marks_are_met_when_we_say(title: str) -> None:
    when, code = SNIPPETS[title]
    assert _when(code) == when


@pytest.mark.parametrize("title", SNIPPETS)
def test_the_real_pytest_agrees(title: str, collection: dict[str, str]) -> None:
    stops = "'wanted' not found in `markers`" in collection[title]
    when = SNIPPETS[title][0]
    if when != "maybe":
        assert stops == (when == "import"), collection[title]
    if not stops:
        assert collection[title] == ""


@pytest.mark.parametrize("title", SNIPPETS)
def test_the_bytes_never_miss_a_mark(title: str) -> None:
    code = SNIPPETS[title][1].encode()
    seen, exact = scan(code), read(code, "test_it.py")
    assert seen.open_marks or {use.name for use in exact.marks} <= seen.marks
