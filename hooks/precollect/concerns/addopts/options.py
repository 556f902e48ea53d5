"""Options that nobody defines, and values that options refuse."""

from __future__ import annotations

from collections.abc import Iterator

from precollect.concerns.addopts.rules import BAD_VALUE, CONCERN, LATE_CONFTEST, UNKNOWN_OPTION
from precollect.concerns.wording import other_pytest
from precollect.findings import Finding, Place, Related
from precollect.model.project import Project
from precollect.model.refused import RefusedOption
from precollect.reading import collection
from precollect.reading.command_line import Fault
from precollect.reading.option_values import no_log_level
from precollect.similar import nearest

LEVELS = {"log_level": "log_level", "log_cli_level": "log_cli_level", "log_file_level": "log_file_level"}
EXAMPLES = {"-n": "-n auto", "--numprocesses": "--numprocesses=auto", "-p": "-p no:NAME"}
FEWEST_LETTERS = 4  # of an abbreviation, dashes included, that may stand for one option


def unknown_options(project: Project) -> Iterator[Finding]:
    """The findings about options that no plugin defines, nor pytest at the declared version."""
    for option in project.refused_options:
        if option.concern != CONCERN or option.standing.state == "blocked":
            continue
        late = late_conftest(project, option.name)
        if late is not None:
            yield _late(project, option, late)
        elif option.standing.state == "nobody":
            yield UNKNOWN_OPTION.at(
                option.word.place,
                f"option '{option.name}' is not known, pytest stops: {option.said}; {_advice(project, option)}",
            )


def _advice(project: Project, option: RefusedOption) -> str:
    elsewhere = other_pytest(project, "option", option.name)
    if elsewhere:
        return elsewhere
    names = [name for known in project.plugins.options for name in known.names if name.startswith("--")]
    names += [name for _, module in project.local_plugins for own in module.options for name in own.names]
    text = option.name if option.name.startswith("--") else f"-{option.word.text.partition('=')[0]}"
    meant = [name for name in names if name == text and name != option.name]
    if len(option.name) >= FEWEST_LETTERS:
        longer = sorted({name for name in names if name.startswith(option.name)})
        meant += longer if len(longer) <= 2 else []
    meant = list(dict.fromkeys([*meant, *nearest(text, names)]))[:2]
    if meant:
        return f"did you mean {' or '.join(repr(name) for name in meant)}?"
    return "no plugin that is known defines it, remove it or correct it"


# Conftest files that are loaded too late


def late_conftest(project: Project, name: str) -> Place | None:
    """Where a conftest that pytest does not load at start adds the option; None where none does."""
    initial = {path for path, _ in project.local_plugins}
    for path in project.tree:
        late = path.rpartition("/")[2] == "conftest.py" and path not in initial
        if (
            late
            and collection.is_below(path, project.confcutdir)
            and project.modules.mentions(path, name.encode("utf-8", "surrogatepass"))
        ):
            for option in project.modules.read(path).options:
                if name in option.names:
                    return Place(path, option.line, option.column)
    return None


def _late(project: Project, option: RefusedOption, late: Place) -> Finding:
    if any(given.name == "--noconftest" for given in project.early_line.given):
        return LATE_CONFTEST.at(
            option.word.place,
            f"option '{option.name}' is added by {late.path}, which --noconftest keeps out, "
            f"pytest stops: {option.said}; keep one of the two",
            (Related(late, "added here"),),
        )
    hiding = next((path for path in project.early_line.paths if not _exists(project, path.text)), None)
    testpaths = project.words_of("testpaths")
    if hiding is not None and testpaths:
        way_out = f"'{hiding.text}' counts as a path there and hides testpaths: write {option.name}={hiding.text}"
    else:
        way_out = "name its folder in testpaths, or move pytest_addoption to a conftest.py above the tests"
    return LATE_CONFTEST.at(
        option.word.place,
        f"option '{option.name}' is added by {late.path}, which is not loaded when pytest reads options, "
        f"pytest stops: {option.said}; {way_out}",
        (Related(late, "added here"),),
    )


def _exists(project: Project, path: str) -> bool:
    within = collection.within(project.start.folder, path.split("::")[0])
    return within is None or collection.exists(project.tree, within)


# Values


def bad_values(project: Project) -> Iterator[Finding]:
    """The findings about options whose value is missing, refused, or not taken at all."""
    for fault in project.line.faults:
        if fault.option is None or fault.option.owner == "rerunfailures" or not _certain(project, fault):
            continue
        yield BAD_VALUE.at(fault.word.place, f"pytest stops: {fault.message}{_hint(project, fault)}")
    yield from _levels(project)
    yield from _folders(project)


def _certain(project: Project, fault: Fault) -> bool:
    """Whether the option that refuses the value is certainly there: a conftest may add it below a condition."""
    option = fault.option
    if option is None or option.owner != "conftest":
        return True
    found = [own for _, module in project.local_plugins for own in module.options if own.names == option.names]
    return all(own.certain for own in found)


def _hint(project: Project, fault: Fault) -> str:
    option, text = fault.option, fault.word.text
    assert option is not None
    if fault.trouble == "unwanted-value":
        long = f"-{text.partition('=')[0]}"
        names = [name for known in project.plugins.options for name in known.names if name.startswith("--")]
        meant = [long] if long in names else nearest(long, names, most=1) if len(long) > FEWEST_LETTERS else []
        if not text.startswith("--") and meant:
            return f"; did you mean '{meant[0]}'?"
        return f"; it takes no value, write '{text.partition('=')[0]}'" if "=" in text else "; correct it"
    if fault.trouble == "missing-value":
        example = next((EXAMPLES[name] for name in option.names if name in EXAMPLES), "")
        return f"; write for example {example}" if example else "; give it one, or remove the option"
    if option.choices and fault.value is not None:
        meant = nearest(fault.value, option.choices, most=1)
        return f"; did you mean '{meant[0]}'?" if meant else "; write one of these"
    return {"int": "; write a whole number", "float": "; write a number"}.get(option.type or "", "; correct it")


def _levels(project: Project) -> Iterator[Finding]:
    if project.plugins.disabler_of("logging"):
        return
    for dest, setting in LEVELS.items():
        given = project.line.last(dest)
        if given is None or not given.value or not no_log_level(given.value):
            continue
        level = given.value.upper()
        if any(
            project.modules.mentions(path, level.encode("utf-8", "surrogatepass")) for path, _ in project.local_plugins
        ):
            continue  # a level of the project's own
        yield BAD_VALUE.at(
            given.words[-1].place,
            f"pytest stops: '{level}' is not recognized as a logging level name for '{setting}'; "
            f"write DEBUG, INFO, WARNING, ERROR or a number",
        )


def _folders(project: Project) -> Iterator[Finding]:
    """Values that have to be a folder, or must not be one."""
    for given in project.line.given:
        if given.option.type not in {"directory_arg", "filename_arg"} or not given.value:
            continue
        path = collection.within(project.start.folder, given.value)
        if path is None or given.value.startswith(("/", "~")):
            continue
        place = given.words[-1].place
        said = ""
        if given.option.type == "directory_arg" and not project.tree.has_folder(path):
            said = f"{given.name} must be a directory, given: {given.value}"
        elif given.option.type == "filename_arg" and project.tree.has_folder(path):
            said = f"{given.option.names[0]} must be a filename, given: {given.value}"
        if said:
            yield BAD_VALUE.at(place, f"pytest stops: {said}; correct it")
