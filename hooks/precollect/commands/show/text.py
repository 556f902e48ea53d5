"""The view for people: sections of aligned columns that fit 80 cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from posixpath import dirname

from precollect.commands.show.view import Evidence, Marker, Other, Plugin, View, as_line
from precollect.findings import Place
from precollect.reporting.table import Row, section
from precollect.reporting.terminal import Look, Style

MOST_FOLDERS = 15
FEWEST_FOLDERS = 4  # to which many may be taken together
MOST_PLACES = 2
STATES: dict[str, Style] = {
    "wins": "green",
    "loaded": "green",
    "hidden": "yellow",
    "broken": "red",
    "disabled": "yellow",
    "partly": "yellow",
    "maybe": "cyan",
    "unknown": "cyan",
    "nobody": "red",
}


def text(view: View, look: Look) -> str:
    """The whole view; ends in a newline."""
    parts = [
        _section("pytest", _pytest(view), look),
        _section("configuration", _configuration(view), look),
        _section("addopts", _addopts(view), look),
        _section("plugins", map(_plugin, view.plugins), look)
        or _note("plugins", "none is known to be installed", look),
        _section("loaded from this repository at start", ((path,) for path in view.local_plugins), look),
        _markers(view, look),
        _section("async tests", _asynchronous(view), look),
        _section(*_test_modules(view), look) or _note("test modules", "none: pytest collects nothing here", look),
        _section("judged as well", map(_other, view.other_starts), look),
        _section("what files cannot tell", ((reason,) for reason in view.unknown), look),
    ]
    return "\n".join(part for part in parts if part)


def brief(place: Place | None) -> str:
    """A place without its column; "" for none."""
    return f"{place.path}:{place.line}" if place else ""


def _pytest(view: View) -> Iterator[Row]:
    versions = view.pytest.versions
    open_choice = f"{versions[0]} to {versions[-1]} may be installed" if len(versions) > 1 else ""
    yield "version", "; ".join(filter(None, (view.pytest.version, open_choice, _why(view.pytest.evidence))))
    yield "started in", view.start
    yield "rootdir", view.rootdir
    yield "testpaths", f"{' '.join(view.testpaths)} ({brief(view.testpaths_place)})" if view.testpaths else "not set"
    yield "collected", " ".join(view.collected)
    strict = [
        f"{what} ({brief(switch.place)})" if switch.place else what
        for what, switch in (("markers", view.strict_markers), ("configuration", view.strict_config))
        if switch.on
    ]
    yield "strict", ", ".join(strict) or "no"


def _configuration(view: View) -> Iterator[Row]:
    if not view.configuration:
        yield ("none: pytest takes its defaults",)
    for file in view.configuration:
        section = f"[{file.section}]" if file.section else ""
        yield file.path, file.verdict, ": ".join(filter(None, (section, file.why)))


def _addopts(view: View) -> Iterator[Row]:
    if view.addopts_trouble:
        yield (f"cannot be cut into words: {view.addopts_trouble}",)
    for argument in view.addopts:
        yield (
            as_line(argument.tokens),
            argument.defined_by,
            "; ".join(filter(None, (brief(argument.place), argument.trouble))),
        )


def _plugin(plugin: Plugin) -> Row:
    own = plugin.distribution == "pytest"
    name = f"{plugin.entry_points[0]} of pytest" if own else f"{plugin.distribution} {plugin.version}".strip()
    return name, plugin.state, "; ".join(filter(None, (plugin.why, _why(plugin.evidence))))


def _why(evidence: Sequence[Evidence]) -> str:
    """Where it comes from: the places that say so, otherwise the reasons in words."""
    places = list(dict.fromkeys(brief(found.place) for found in evidence if found.place))
    if places:
        if len(places) > MOST_PLACES:
            return f"{places[0]} and {len(places) - 1} more"
        return ", ".join(places)
    return ", ".join(dict.fromkeys(found.text for found in evidence[:1]))


def _markers(view: View, look: Look) -> str:
    """The project's own markers and those in use by name; the rest in one paragraph."""
    used = [marker for marker in view.markers if marker.uses or marker.registered_by == "project"]
    rest = [marker.name for marker in view.markers if marker not in used]
    rows = [_marker(marker) for marker in used] + [("not used", "", ", ".join(rest))] * bool(rest)
    return _section("markers, and how often each is used", rows, look)


def _marker(marker: Marker) -> Row:
    by = ", ".join(brief(place) for place in marker.places) or marker.registered_by
    return marker.name, f"{marker.uses:>5}", f"{by}: {marker.why}" if marker.why else by


def _asynchronous(view: View) -> Iterator[Row]:
    found = view.asynchronous
    if found.tests or found.mode:
        yield "tests", str(found.tests)
    if found.mode:
        yield "mode", found.mode, brief(found.place) or "the default"
    for runner in found.runners:
        yield runner.name, "runs", runner.runs
    if found.not_run:
        yield "run by nobody", str(len(found.not_run)), f"the first is {brief(found.not_run[0])}"


def _test_modules(view: View) -> tuple[str, list[Row]]:
    """Title and rows; many folders are taken together with those above them."""
    total = sum(folder.modules for folder in view.test_modules)
    counts = {folder.path: (folder.modules, folder.uncertain) for folder in view.test_modules}
    while len(counts) > MOST_FOLDERS and len(merged := _merged(counts)) >= FEWEST_FOLDERS:
        counts = merged
    most = sorted(counts, key=lambda path: counts[path], reverse=True)[:MOST_FOLDERS]
    others = [counts.pop(path)[0] for path in list(counts) if path not in most]
    rows: list[Row] = [
        (f"{modules:>5}", f"{path} (a conftest may leave out {uncertain})" if uncertain else path)
        for path, (modules, uncertain) in sorted(counts.items())
    ]
    rows += [(f"{sum(others):>5}", f"in {len(others)} other folders")] * bool(others)
    return f"test modules: {total}", rows


def _merged(counts: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """The counts of the deepest folders added to those of the folders that hold them."""
    depth = max(path.count("/") for path in counts)
    merged: dict[str, tuple[int, int]] = {}
    for path, (modules, uncertain) in counts.items():
        above = dirname(path) if path.count("/") == depth else path
        before = merged.get(above, (0, 0))
        merged[above] = (before[0] + modules, before[1] + uncertain)
    return merged


def _other(other: Other) -> Row:
    return other.folder, f"{other.what} at {brief(other.place)}" if other.place else other.what


def _note(title: str, said: str, look: Look) -> str:
    return _section(title, [(said,)], look)


def _section(title: str, rows: Iterable[Row], look: Look) -> str:
    return section(title, rows, look, STATES)
