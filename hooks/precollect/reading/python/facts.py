"""What is known of one Python file without running it: plain data, made of its bytes alone.

Every type here is a NamedTuple of texts, numbers, booleans, None and tuples of these, so that it can
be stored as JSON and read back. Lines are 1-based; columns are 1-based and count characters.

A **when** says whether a place is reached by importing the module:

    "import"      reached whenever the module is imported
    "maybe"       files cannot tell: another platform, an untaken branch, after an importorskip,
                  a function that is handed around
    "test"        in the certainly executed part of a test or fixture body: reached when that runs
    "hook:NAME"   in the certainly executed part of the hook function NAME (pytest_configure ...)
    "never"       below `if TYPE_CHECKING`, in an annotation, in a function that nothing refers to,
                  after a module-level skip; such places are mostly not listed at all
"""

from typing import Literal, NamedTuple, TypeAlias

Constant: TypeAlias = "str | int | float | bool | tuple[Constant, ...] | None"


class Scan(NamedTuple):
    """What the bytes of a file show at a glance. Each is an over-approximation: strings count, comments on the lines
    of code too.

    A flag that is False and a name that is missing are certain: `read` finds nothing of the kind.
    """

    open_marks: bool
    """Marks may be used whose names `marks` lacks: `m = pytest.mark`, getattr(pytest.mark, name)."""
    chained: bool
    """A mark may be asked for a mark of its own."""
    asynchronous: bool
    """There is an `async def`."""
    marks_near_fixtures: bool
    """A fixture may be decorated with something else too, a mark for instance."""
    pytestmark_odd: bool
    """`pytestmark` may be given something that is neither one mark nor a list of marks."""
    plugins: bool
    """`pytest_plugins` is named, or `import_plugin`."""
    marks: frozenset[str]
    """Every NAME after `mark.`, and NAME in getattr(..mark, "NAME") and add_marker("NAME")."""


# What a sketch may raise; `Scan`, `Glance` and `PlainMarks` say what each of them means.
Flag: TypeAlias = Literal[
    "open_marks",
    "chained",
    "asynchronous",
    "marks_near_fixtures",
    "pytestmark_odd",
    "plugins",
    "broken",
    "repeats",
    "constructors",
    "yields",
    "setups",
    "scopes",
    "raises",
    "parametrize",
    "cycles",
    "odd_flaky",
    "odd_asyncio",
    "async_fixture",
    "unmarked_async_test",
]
# The fields of a sketch that hold names.
Names: TypeAlias = Literal["flags", "marks", "requested", "fixtures_request"]


class Sketch(NamedTuple):
    """A module as its bytes show it: all that can be said of thousands of files without parsing them.

    Every field is a text, so that the sketches of many modules are a table of texts; several words have one space
    between. A flag that is missing is certain.
    """

    flags: str
    marks: str
    requested: str
    fixtures_request: str
    most_reruns: str
    """The number of `PlainMarks`."""
    magnitude: str
    """The bits of the file's size in bytes: the size is less than two to the power of it. "0" for an empty file."""
    from_imports: str
    """Each module and the names that are imported from it, as words; ";" between one module and the next."""


def words(cell: str) -> list[str]:
    """The words in a field of a sketch."""
    return cell.split(" ") if cell else []


class Argument(NamedTuple):
    """One argument as far as files tell.

    `kind`: the type's name ("str", "int", "float", "bool", "NoneType", "bytes", "list", "tuple", "dict", "set",
    "frozenset"), also "lambda", "name" (something imported or built in: `value` is its dotted name, such as
    "builtins.int" or "os.name"), "mark", or "unknown". `known`: whether `value` is the value. A list, tuple or set
    is given as a tuple, a dict as a tuple of pairs; bytes and very long values are not known.
    """

    kind: str
    known: bool
    value: Constant


class Call(NamedTuple):
    """The arguments of a call. `complete` is False where `*args` or `**kwargs` bring more that is not known."""

    positional: tuple[Argument, ...]
    keywords: tuple[tuple[str, Argument], ...]
    complete: bool

    def keyword(self, name: str) -> Argument | None:
        """The argument given by this keyword; None where it is not given."""
        for key, argument in self.keywords:
            if key == name:
                return argument
        return None


class MarkUse(NamedTuple):
    """One evaluation of `pytest.mark.NAME`, in any spelling."""

    name: str
    line: int
    column: int
    """Of the expression's first character: of `pytest` in `pytest.mark.x`, of `getattr`."""
    when: str
    form: str
    """"attribute", "getattr", "hasattr" (a use as well: asking checks the name), "add_marker" (the name as a text)."""
    target: str
    """Where it stands: "function" (decorates one), "class", "fixture", "pytestmark", "param" (pytest.param(marks=)),
    "body" (anywhere else in a function), "value" (anywhere else)."""
    owner: str
    """Dotted name within the module of the decorated function or class, or of the function or class that holds it; ""
    at module level."""
    call: Call | None
    """Its arguments; None where it is not called."""
    guarded: bool
    """An ordinary exception raised here may be caught. The failure for an unregistered mark is none (it is a
    BaseException, and what catches those makes `when` "maybe"), but the warning turned into an error is one, and so
    is the AttributeError of `pytest.mark._x`."""
    chained: str | None
    """"b" in `pytest.mark.a.b` where MarkDecorator has no such attribute, else None."""
    needs: str = ""
    """A text that the id of a collected item must hold for the place to be reached: `if "unit" in item.nodeid`."""


class Import(NamedTuple):
    """`import a.b` (names is empty) or `from ..a import b, c` (module "..a", names ("b", "c"), or ("*",))."""

    module: str
    names: tuple[str, ...]
    line: int
    column: int
    when: str
    caught: bool = False
    """Something around it may catch its failure."""


class Decorator(NamedTuple):
    """A decorator: `name` is dotted and resolved through imports ("functools.wraps", ".helpers.slow"; a name of this
    module begins with ":"), "" where it is no name; `call` is None where it is not called."""

    name: str
    call: Call | None
    line: int


class Fixture(NamedTuple):
    """How a fixture is declared. `name`, `scope`, `autouse`, `loop_scope` are None where files do not tell; `scope` is
    "function" and `loop_scope` "" by default."""

    declared_by: str
    """"pytest.fixture", "pytest.yield_fixture", "pytest_asyncio.fixture", or another dotted name ending in fixture."""
    name: str | None
    scope: str | None
    autouse: bool | None
    loop_scope: str | None
    params: bool
    call: Call | None


class Function(NamedTuple):
    """A function of the module or of a class (not of another function), in order of definition."""

    name: str
    classes: tuple[str, ...]
    """Names of the classes around it, from the outside in."""
    line: int
    """Of `def`."""
    column: int
    when: str
    """Whether it is defined: "import", "maybe" or "never"."""
    is_async: bool
    is_generator: bool
    arguments: tuple[str, ...]
    """Those without a default that can be given by name, and `self`; neither *args nor **kwargs."""
    defaulted: tuple[str, ...]
    decorators: tuple[Decorator, ...]
    marks: tuple[str, ...]
    """Names of the marks which its own decorators put on it, those kept under another name included."""
    opaque: bool
    """A decorator is not understood: it may add marks, replace the function, or run an async one."""
    fixture: Fixture | None
    by_position: tuple[str, ...] = ()
    """Those that can be given by position only, `self` apart, with a default or without: pytest gives them nothing."""

    @property
    def qualified(self) -> str:
        """Its dotted name within the module."""
        return ".".join((*self.classes, self.name))

    @property
    def requests(self) -> tuple[str, ...]:
        """The arguments that pytest takes for names of fixtures: of a method all but the instance, however called."""
        static = any(decorator.name == "builtins.staticmethod" for decorator in self.decorators)
        return self.arguments[1:] if self.classes and not static else self.arguments


class Class(NamedTuple):
    """A class of the module or of a class of it."""

    name: str
    classes: tuple[str, ...]
    line: int
    column: int
    when: str
    bases: tuple[str, ...]
    """Dotted and resolved through imports; a class of this module begins with ":"; "" is no name."""
    constructor: str
    """"__init__" or "__new__" where its own body (or a dataclass decorator) defines one, else ""."""
    test: bool | None
    """The value of its `__test__`, its own or that of a base in the module; None where files tell of none."""
    unittest: str
    """"yes", "no", or "unknown" (a base from elsewhere)."""
    decorators: tuple[Decorator, ...]
    marks: tuple[str, ...]
    """From its decorators and its own pytestmark; not those of bases."""
    opaque: bool
    """A decorator or its pytestmark is not understood."""


class Pytestmark(NamedTuple):
    """An assignment to `pytestmark` of the module (`owner` "") or of a class."""

    owner: str
    line: int
    column: int
    when: str
    kind: str
    """What is assigned: "mark", "list" (of marks), "tuple", "str", "none" (None), "marks" (`pytest.mark` itself),
    "other" (another wrong constant), "unknown"."""
    marks: tuple[str, ...]


class Hook(NamedTuple):
    """A function `pytest_NAME` at module level of a conftest or plugin, or one given another name by specname."""

    name: str
    line: int
    column: int
    when: str
    arguments: tuple[str, ...]
    """Those that pytest has to give it: by position, without a default; () below a decorator that is not understood."""
    optional: bool
    """hookimpl(optionalhook=True), or a decorator that is not understood."""
    imported: str
    """Where it comes from, when it is no function of this module: a dotted name, else ""."""


class Registration(NamedTuple):
    """A line given to addinivalue_line("markers", text). `certain`: it is reached whenever the hook runs."""

    text: str
    line: int
    column: int
    hook: str
    certain: bool


class Option(NamedTuple):
    """An option added in pytest_addoption: parser.addoption(*names, **keywords), also of a group.

    `keywords`: action, type, nargs, choices, dest, default ... as written.
    """

    names: tuple[str, ...]
    keywords: tuple[tuple[str, Argument], ...]
    line: int
    column: int
    certain: bool

    def keyword(self, name: str) -> Argument | None:
        """The argument given by this keyword; None where it is not given."""
        return Call((), self.keywords, True).keyword(name)

    @property
    def destination(self) -> str:
        """The attribute that holds its value: as `dest` says, else as argparse makes it of the names."""
        said = self.keyword("dest")
        if said is not None and isinstance(said.value, str):
            return said.value
        long = next((name for name in self.names if name.startswith("--")), "".join(self.names[:1]))
        return long.lstrip("-").replace("-", "_")


class IniKey(NamedTuple):
    """parser.addini(name, help, type, default): `type` None is not given, "unknown" is not told by files."""

    name: str
    type: str | None
    default: Argument | None
    line: int
    column: int
    certain: bool


class Setting(NamedTuple):
    """`config.option.NAME = value` in a hook, or os.environ["PYTEST_..."] = value (`hook` "" at module level)."""

    name: str
    value: Argument
    line: int
    column: int
    hook: str
    certain: bool


class PluginName(NamedTuple):
    """One name in `pytest_plugins`, at the place of its text."""

    name: str
    line: int
    column: int
    when: str


class Module(NamedTuple):
    """All facts of one file.

    A `..._open` is the reason for which a list may lack something, "" where it is complete:
    "conftest.py:12: markers are registered from a value that only running tells".
    """

    problem: tuple[int, int, str] | None = None
    """Line, column and message where no Python parses the file; nothing else is known then."""
    unknown: str = ""
    """Why the file could not be read though it may be sound: it needs a newer Python than ours, nests too deeply ...
    Nothing else is known then."""
    marks: tuple[MarkUse, ...] = ()
    marks_open: str = ""
    imports: tuple[Import, ...] = ()
    functions: tuple[Function, ...] = ()
    classes: tuple[Class, ...] = ()
    pytestmarks: tuple[Pytestmark, ...] = ()
    skipped_from: int = 0
    """The line where the module certainly skips itself, 0 where none does."""
    may_skip: bool = False
    """Importing the file may raise a skip, which then also skips the module that imports it."""
    plugins: tuple[PluginName, ...] | None = None
    """`pytest_plugins`; None where it is not assigned."""
    plugins_place: tuple[int, int] | None = None
    """Line and column of the assignment to `pytest_plugins`."""
    plugins_open: str = ""
    hooks: tuple[Hook, ...] = ()
    collect_ignore: tuple[str, ...] = ()
    collect_ignore_glob: tuple[str, ...] = ()
    collect_ignore_open: str = ""
    registers: tuple[Registration, ...] = ()
    registers_open: str = ""
    options: tuple[Option, ...] = ()
    options_open: str = ""
    ini_keys: tuple[IniKey, ...] = ()
    ini_keys_open: str = ""
    option_values: tuple[Setting, ...] = ()
    environment: tuple[Setting, ...] = ()
    asked: tuple[str, ...] = ()
    """Modules that `find` was asked for, as "module" or "..module"; empty: the facts are those of the bytes alone."""
