"""Gives each candidate its verdict: the first rule that applies drops it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache

from finalrank.config.sections import Rule
from finalrank.config.settings import Settings
from finalrank.config.tables.scan import Scan
from finalrank.decide.testsets import describe_test_set, differs
from finalrank.model.artifact import Artifact, CaseCounts, LeftOut, Problem, Unseen, Verdict
from finalrank.model.reasons import (
    LOW_PRIMARY,
    MISSING_PRIMARY,
    STATUS,
    TEST_SET,
    UNREADABLE,
    ZERO_PRIMARY,
)
from finalrank.text.escape import visible
from finalrank.text.filenames import stem

# How the detail of a name rule ends, behind the word that it found.
IN_FILE_NAME, IN_RUN_NAME = " in the file name", " in the run name"


def apply_rules(
    artifacts: Iterable[Artifact | Problem], settings: Settings
) -> Iterator[Artifact | LeftOut | Problem]:
    """Pass the artifacts on in turn: as they are where valid, with a verdict where not.

    A problem of a folder, which the scan yields among them, is passed on, but for one that
    `scan.exclude` leaves out with all that is in it.
    """
    by_choice = _choice(settings.scan)
    by_rule = _in_order(settings.filter.rules)
    by_status = _status_rule(settings.filter.status)
    by_content = content_rules(settings)
    for artifact in artifacts:
        if isinstance(artifact, Problem):
            if not _is_excluded(artifact, settings.scan):
                yield artifact
        elif verdict := (
            (by_choice and by_choice(artifact))
            or by_rule(artifact)
            or (by_status and by_status(artifact))
        ):
            # The problems of a file that its name drops are not reported: nobody need mend it.
            quiet = artifact._replace(problems=()) if artifact.problems else artifact
            yield LeftOut(quiet, verdict)
        elif verdict := by_content(artifact):
            yield LeftOut(artifact, verdict)
        else:
            yield artifact


def exclude_other_test_sets(
    candidates: Iterable[Artifact | LeftOut | Problem], reference: CaseCounts | None
) -> Iterator[Artifact | LeftOut | Problem]:
    """Pass the judged artifacts on in turn, with a verdict for those of another test set."""
    for candidate in candidates:
        if isinstance(candidate, Artifact) and differs(candidate.test_set, reference):
            own, common = map(describe_test_set, (candidate.test_set, reference))
            yield LeftOut(candidate, Verdict(TEST_SET, f"tested on {own}, not {common}"))
        else:
            yield candidate


def _is_excluded(problem: Problem, scan: Scan) -> bool:
    """Return whether all that is in a folder that nobody sees would be left out."""
    return isinstance(problem, Unseen) and bool(scan.excluding(f"{problem.source}/", problem.root))


def _choice(scan: Scan) -> Callable[[Artifact], Verdict | None] | None:
    """Return the rule of scan.include and scan.exclude; None where neither is set."""
    if not scan.include and not scan.exclude:
        return None
    return lambda artifact: (
        Verdict(*choice) if (choice := scan.choice(artifact.source, artifact.root)) else None
    )


def _in_order(rules: dict[str, Rule]) -> Callable[[Artifact], Verdict | None]:
    """Return all filter rules: of those that apply, the first gives the verdict."""
    by_name, by_path = _name_rules(rules), _path_rules(rules)
    by_content = _conditions(rules)
    if not by_path and not by_content:
        return by_name
    places = {reason: place for place, reason in enumerate(rules)}
    kinds = [rule for rule in (by_name, by_path, by_content) if rule]

    def verdict(artifact: Artifact) -> Verdict | None:
        verdicts = filter(None, (rule(artifact) for rule in kinds))
        return min(verdicts, key=lambda verdict: places[verdict.reason], default=None)

    return verdict


def _conditions(rules: dict[str, Rule]) -> Callable[[Artifact], Verdict | None] | None:
    """Return the filter rules that look inside; None where no rule does."""
    if not any(rule.when for rule in rules.values()):
        return None

    def by_content(artifact: Artifact) -> Verdict | None:
        for reason in artifact.conditions:
            rule = rules[reason]
            return Verdict(reason, rule.because or f"{rule.when} (filter.rules.{reason}.when)")
        return None

    return by_content


def _name_rules(rules: dict[str, Rule]) -> Callable[[Artifact], Verdict | None]:
    """Return the filter rules over the tokens of run and file stem: the first that applies."""
    # Tokens that no rule has decide nothing.
    relevant = frozenset(token for rule in rules.values() for token in rule.tokens)

    def tokens(name: str) -> frozenset[str]:
        """Return the words of a name, in lower case, that any rule has."""
        return relevant.intersection(map(str.lower, re.findall("[A-Za-z0-9]+", name)))

    # A run's files come one after the other, and file names recur from run to run.
    of_run = lru_cache(maxsize=4096)(tokens)
    of_stem = lru_cache(maxsize=4096)(lambda file_name: tokens(stem(file_name)))

    @lru_cache(maxsize=4096)
    def verdict(file: frozenset[str], run: frozenset[str]) -> Verdict | None:
        for reason, rule in rules.items():
            if words := file.intersection(rule.tokens):
                return Verdict(reason, f'"{min(words)}"{IN_FILE_NAME}')
            if rule.where == "path" and (words := run.intersection(rule.tokens)):
                return Verdict(reason, f'"{min(words)}"{IN_RUN_NAME}')
        return None

    def by_name(artifact: Artifact) -> Verdict | None:
        if artifact.judged is not None:
            in_run, in_file = map(tokens, artifact.judged)
        else:
            run = artifact.own_run if artifact.root else artifact.run
            in_file, in_run = of_stem(artifact.file_name), of_run(run)
        # Most names hold no such token, and need no rule asked.
        return verdict(in_file, in_run) if in_file or in_run else None

    return by_name


def _path_rules(rules: dict[str, Rule]) -> Callable[[Artifact], Verdict | None] | None:
    """Return the filter rules over whole paths; None where no rule has any."""
    globs = [(glob, reason, rule) for reason, rule in rules.items() for glob in rule.paths]
    if not globs:
        return None

    def by_path(artifact: Artifact) -> Verdict | None:
        paths = {artifact.path, artifact.path[artifact.root :]}
        for glob, reason, rule in globs:
            if any(fnmatchcase(path, glob) for path in paths):
                return Verdict(reason, rule.because or f'its path matches "{glob}"')
        return None

    return by_path


def _status_rule(counts: Sequence[str]) -> Callable[[Artifact], Verdict | None] | None:
    """Return the rule over what became of a run; None where all counts. An unknown status does."""
    if not counts:
        return None
    valid = frozenset(map(str.lower, counts))

    def by_status(artifact: Artifact) -> Verdict | None:
        status = artifact.factors.status if artifact.factors else None
        if status is None or status.lower() in valid:
            return None
        return Verdict(STATUS, f"its status is {visible(status)} (filter.status)")

    return by_status


def content_rules(settings: Settings) -> Callable[[Artifact], Verdict | None]:
    """Return the rule over what a file says: it can be read, and has what is required."""
    primary = settings.primary
    lowest = settings.lowest
    reason_of_low = LOW_PRIMARY if settings.leaves_out_more_than_zeros else ZERO_PRIMARY
    any_counts = settings.filter.require == "any"
    ranked = [metric.key for metric in settings.ranked]

    def verdict(artifact: Artifact) -> Verdict | None:
        if not artifact.readable:
            return Verdict(UNREADABLE, artifact.problems[0].reason)
        value = artifact.metrics[primary.key]
        if value is not None:
            if lowest is not None and value <= lowest:
                return Verdict(reason_of_low, f"{primary.key} is at most {lowest:g} (filter.zero)")
            return None
        if not any_counts:
            reason = artifact.remarks and artifact.remarks.because.get(primary.key)
            why = f": it is NaN, as {reason}" if reason else ""
            return Verdict(MISSING_PRIMARY, f"no usable {primary.key}{why}")
        if all(artifact.metrics[key] is None for key in ranked):
            return Verdict(MISSING_PRIMARY, "no usable ranked metric (filter.require)")
        return None

    return verdict
