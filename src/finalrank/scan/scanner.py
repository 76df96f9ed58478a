"""The scan: walk the runs folders once, and read every candidate once. Nothing else does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

from finalrank.config.settings import Settings
from finalrank.model.artifact import Artifact, Problem, Values
from finalrank.scan.figures.conditions import condition_finder
from finalrank.scan.folders.links import Walker
from finalrank.scan.folders.local import read, read_folder
from finalrank.scan.folders.roots import Root
from finalrank.scan.folders.walk import Candidate
from finalrank.scan.parse import Parse, metrics_parser
from finalrank.scan.readers.auto import READER as AUTO
from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.readers.json import READER as JSON
from finalrank.scan.readers.registry import READERS
from finalrank.scan.results.paths import RunOf, run_rule
from finalrank.scan.rows.documents import document_reader
from finalrank.text.escape import visible


@dataclass(frozen=True, slots=True)
class ScanRules:
    """What is needed to find and to read candidates: the settings, compiled once for all."""

    walker: Walker
    is_candidate: Callable[[str], object]  # by the name of a file
    run_of: RunOf
    by_folder: bool  # whether a file in a folder is of the run of that name: no call is needed then
    # Why a source is left out unread, None where it is not; no function where nothing is left out.
    choice: Callable[[str, int], tuple[str, str] | None] | None
    read_bytes: Callable[[str, str, bool, int], bytes]  # see `read`
    max_bytes: int
    parse: Parse
    # The filter rules that are true of an artifact, by its bytes and name; None where none looks.
    conditions: Callable[[bytes, str], tuple[str, ...]] | None
    no_values: Values  # of an artifact that is not read: every metric is missing


def scan(roots: Sequence[Root], settings: Settings) -> Iterator[Artifact | Problem]:
    """Yield every candidate below `roots` as it was read, in the order of the walk.

    A Problem is one of a folder that cannot be listed, or of an entry that cannot be looked at.
    """
    rules = scan_rules(roots, settings)
    for root in roots:
        for entry in rules.walker.entries(root):
            yield entry if isinstance(entry, Problem) else read_candidate(entry, root, rules)


def scan_rules(roots: Sequence[Root], settings: Settings) -> ScanRules:
    """Compile what the settings say on the scan of these runs folders."""
    rules, metrics = settings.scan, settings.metrics
    reader = READERS[rules.reader]
    # Of JSON without rows to choose, a quick look finds what the whole document would give.
    is_quick = rules.reader in (AUTO.name, JSON.name) and not rules.table.rows
    matches = re.compile("|".join(translate(pattern) for pattern in rules.patterns)).match
    # The names of files recur from folder to folder.
    is_candidate = lru_cache(maxsize=4096)(matches)
    return ScanRules(
        walker=Walker(roots, rules, is_candidate),
        is_candidate=is_candidate,
        run_of=run_rule(rules.run),
        by_folder=rules.run == "parent",
        choice=rules.choice if rules.include or rules.exclude else None,
        read_bytes=read_folder if reader.artifact == "folder" else read,
        max_bytes=rules.max_bytes,
        parse=metrics_parser(
            metrics, document_reader(settings), rules.missing, settings.test_set, quick=is_quick
        ),
        conditions=_conditions(settings),
        no_values=dict.fromkeys(metric.key for metric in metrics),
    )


def read_candidate(candidate: Candidate, root: Root, rules: ScanRules) -> Artifact:
    """Read a candidate below `root`; what is wrong with it is told in the artifact's problems."""
    folder, name, is_file, _ = candidate
    path, skip = folder + name, len(root.prefix)
    source = root.prefix + path
    in_folder = folder and rules.by_folder
    run = root.prefix + (folder[:-1] if in_folder else rules.run_of(folder, name))
    if rules.choice and rules.choice(source, skip):
        return Artifact(source, run, name, rules.no_values, root=skip)
    try:
        data = rules.read_bytes(root.top, path, is_file, rules.max_bytes)
        values, problems, used, counts, remarks = rules.parse(data, source)
        conditions = rules.conditions(data, source) if rules.conditions else ()
    except Unreadable as refusal:
        problem = Problem(source, refusal.place, refusal.reason)
        refused = Artifact(source, run, name, rules.no_values, (problem,), False, None, skip)
        return refused._replace(is_link=not is_file)
    if not is_file and (other := linked_candidate(root.top + path, run, rules)):
        reason = f"is a link to {visible(other)}, which is an artifact too"
        problem = Problem(source, None, f"{reason}: they are one file, keep one")
        problems = (problem, *problems)
    found = Artifact(source, run, name, values, problems, True, used, skip, counts, None, remarks)
    if conditions:
        found = found._replace(conditions=conditions)
    return found if is_file else found._replace(is_link=True)


def _conditions(settings: Settings) -> Callable[[bytes, str], tuple[str, ...]] | None:
    holding, document = condition_finder(settings.conditions), document_reader(settings)
    # It decodes a file once more, which is cheaper than to spare all others their quick parser.
    return holding and (lambda data, source: holding(document(data, source)))


def linked_candidate(link: str, own_run: str, rules: ScanRules) -> str | None:
    """Return the source of the candidate that a link leads to, where that is of another run.

    None where it leads to its own run, or to what is no candidate, and where that cannot be told.
    """
    place = rules.walker.place_of(link)
    if place is None:
        return None
    root, path = place
    folder, slash, name = path.rpartition("/")
    if not rules.is_candidate(name):
        return None
    run = root.prefix + rules.run_of(folder + slash, name)
    return root.prefix + path if run != own_run else None
