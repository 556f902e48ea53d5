"""Comments that allow a finding, and say why.

    # precollect: allow RULE -- REASON
    # precollect: allow RULE, RULE -- REASON

On a line of its own such a comment speaks of the next line that is neither blank nor a comment; at
the end of a line it speaks of that line. It allows the findings of these rules that are reported
at that line, so the line to put it at is the one that the report names. A finding about a file as a
whole is reported at its first line, so there the comment may be that line.

    INI      [pytest]
             addopts =
                 # precollect: allow disabled-plugin-mark -- the sandbox has no sockets
                 -p no:rerunfailures

    TOML     addopts = [
                 "-p", "no:rerunfailures",  # precollect: allow disabled-plugin-mark -- no sockets here
             ]

    Python   @pytest.mark.flaky(reruns=9)  # precollect: allow too-many-reruns -- issue 12

INI files have comments on lines of their own and behind a section's header only: behind a value,
pytest takes "#" for a part of it. Other files are read like INI files.

A reason must be given: without one the comment is reported and allows nothing. So is one that names
a rule that does not exist. A comment that no longer allows anything is reported too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from precollect.findings import Finding, Place, Rule
from precollect.reading.comments import Comment, comments_with
from precollect.reading.tree import Tree
from precollect.similar import did_you_mean, nearest

UNUSED = Rule("unused-suppression", "config-file", "policy", "a comment allows a finding that does not exist")
UNKNOWN = Rule(
    "unknown-suppression", "config-file", "policy", "a comment allows findings of a rule that does not exist"
)
WITHOUT_REASON = Rule(
    "suppression-without-reason", "config-file", "policy", "a comment allows findings without a reason"
)
RULES = (UNUSED, UNKNOWN, WITHOUT_REASON)

MARK = "precollect:"
SPELLING = "# precollect: allow RULE -- REASON"
OTHER_VERBS = ("allows", "disable", "ignore", "noqa", "off", "skip", "suppress")


class Suppression(NamedTuple):
    """A rule that a comment allows at a line, and where its name stands."""

    rule: str
    line: int
    place: Place


def apply(
    findings: Iterable[Finding],
    tree: Tree,
    *,
    rules: Mapping[str, Rule],
    judged: Collection[str],
    files: Iterable[str],
) -> list[Finding]:
    """The findings that no comment allows, and those about the comments themselves.

    `rules` are all rules by name. `judged` names those that this run asks: a comment that allows any
    other is not unused. Comments are looked for in `files`, the configuration files and modules
    that were read, and in those that findings point to.

    To be called before settings or house rules silence any finding, since a comment that allows it
    would seem unused; what is said about comments (RULES) is not for house rules to silence.
    """
    found = list(findings)
    kept: list[Finding] = []
    by_path: dict[str, list[Finding]] = {path: [] for path in files}
    for finding in found:
        by_path.setdefault(finding.place.path, []).append(finding)
    for path, here in by_path.items():
        kept += _applied(here, comments_with(MARK, path, tree.read_or_nothing(path)), rules, judged)
    return kept


def _applied(
    findings: list[Finding], comments: list[Comment], rules: Mapping[str, Rule], judged: Collection[str]
) -> list[Finding]:
    """The findings in one file after its comments have been heard."""
    if not comments:
        return findings
    concerns = {rules[name].concern for name in judged if name in rules}
    suppressions = []
    about: list[Finding] = []
    for comment in comments:
        understood, problems = _read(comment, rules)
        suppressions += understood
        about += problems
    allowed = {(line, each.rule) for each in suppressions for line in (each.line, each.place.line)}
    reported = {(finding.place.line, finding.rule) for finding in findings}
    kept = [finding for finding in findings if (finding.place.line, finding.rule) not in allowed]
    about += [
        _at(UNUSED, place, f"no {rule!r} is found here, the comment allows nothing; remove it", rules[rule])
        for rule, line, place in suppressions
        if rule in judged and reported.isdisjoint({(line, rule), (place.line, rule)})
    ]
    # Comments about another hook's rules are for that hook to judge; those about no rule at all, for everyone.
    return kept + [finding for finding in about if finding.concern in concerns or finding.concern == UNKNOWN.concern]


def _read(comment: Comment, rules: Mapping[str, Rule]) -> tuple[list[Suppression], list[Finding]]:
    """What a comment allows, and what is wrong with it. Prose that only begins with our name is neither."""
    import re

    match = re.search(rf"(?:^|\s)[#;]+\s*{MARK}\s*(?P<verb>[\w-]*)(?P<names>.*?)(?:--(?P<reason>.*))?$", comment.text)
    if match is None:
        return [], []
    verb = match["verb"]
    if verb != "allow":
        if verb.lower() not in OTHER_VERBS and not nearest(verb, ["allow"]):
            return [], []
        return [], [UNKNOWN.at(comment.place, f"{verb!r} is not understood; write {SPELLING!r}")]
    names = [
        (name[0], comment.place._replace(column=comment.place.column + match.start("names") + name.start()))
        for name in re.finditer(r"[\w-]+", match["names"])
    ]
    if not names:
        return [], [UNKNOWN.at(comment.place, f"no rule is named; write {SPELLING!r}")]
    if not (match["reason"] or "").strip():
        first = names[0][0]
        message = f"no reason is given, so nothing is allowed; write '# precollect: allow {first} -- REASON'"
        return [], [_at(WITHOUT_REASON, comment.place, message, rules.get(first))]
    understood = [Suppression(name, comment.subject, place) for name, place in names if name in rules]
    return understood, [_unknown(name, place, rules) for name, place in names if name not in rules]


def _unknown(name: str, place: Place, rules: Mapping[str, Rule]) -> Finding:
    near = nearest(name, rules)
    hint = f"; {did_you_mean(near)}" if near else ""
    return _at(UNKNOWN, place, f"{name!r} is no rule, it allows nothing{hint}", rules[near[0]] if near else None)


def _at(rule: Rule, place: Place, message: str, about: Rule | None) -> Finding:
    """A finding about a comment, of the concern of the rule that the comment is about."""
    return rule._replace(concern=about.concern if about else rule.concern).at(place, message)
