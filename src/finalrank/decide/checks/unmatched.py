"""What the user's own file or command line names and nothing has: told, so that a slip is seen.

Defaults and presets are for files that may be there, and are not told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from finalrank.config.load import Layer
from finalrank.config.settings import Settings
from finalrank.decide.checks.members import never_formed
from finalrank.decide.checks.unmatched_factors import WatchedFactors
from finalrank.model.artifact import Artifact, Problem, Unseen
from finalrank.model.survey import Survey
from finalrank.registry.lookup import find
from finalrank.text.escape import visible
from finalrank.text.suggest import did_you_mean

# From the source of an artifact, and a file of factors beside it (empty: the artifact itself), to
# the names that a metric or a factor could be looked up by.
NamesIn = Callable[[str, str], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Glob:
    """A glob that the user wrote, and what it is compared with."""

    origin: str  # a path, or an option
    place: str
    pattern: str
    of_path: bool  # else it is of the name of a file

    def matches(self, entry: Artifact | Unseen) -> bool:
        """Return whether it is one of the artifact's, or of all that a folder may have."""
        if not self.of_path:
            return isinstance(entry, Artifact) and fnmatchcase(entry.file_name, self.pattern)
        source = entry.source if isinstance(entry, Artifact) else f"{entry.source}/"
        # A glob may leave out the name of one of several roots.
        paths = source, source[entry.root :]
        return any(fnmatchcase(path, self.pattern) for path in paths)


class Watch:
    """Sees the artifacts go by, and knows what the user's own settings still wait for."""

    def __init__(
        self,
        layers: Sequence[Layer],
        settings: Settings,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
    ) -> None:
        """Take the own ones of the layers that make the settings, and a command line's globs."""
        self._own = [layer for layer in layers if layer.is_own]
        origins = [layer.origin for layer in self._own if "metrics" in layer.table]
        self._metrics = {m.key: origins[-1] for m in settings.metrics} if origins else {}
        self._globs = list(_globs(self._own, include, exclude))
        self._factors = WatchedFactors(self._own, settings)
        self._file_names: set[str] = set()
        self._example: str | None = None  # the source of an artifact that was read

    def over(self, entries: Iterable[Artifact | Problem]) -> Iterable[Artifact | Problem]:
        """Pass the entries of the scan on in turn; as they are, where there is nothing to see."""
        seen = self._metrics or self._globs or self._factors
        return self._seeing(entries) if seen else entries

    def _seeing(self, entries: Iterable[Artifact | Problem]) -> Iterator[Artifact | Problem]:
        for entry in entries:
            if self._factors:
                self._factors.saw(entry)
            if isinstance(entry, Artifact):
                if entry.readable:
                    self._example = self._example or entry.path
                if self._metrics:
                    self._look_for_metrics(entry)
                if self._globs:
                    self._file_names.add(entry.file_name)
            if self._globs and isinstance(entry, Artifact | Unseen):
                self._globs = [glob for glob in self._globs if not glob.matches(entry)]
            yield entry

    def _look_for_metrics(self, artifact: Artifact) -> None:
        if not artifact.readable:
            return
        nan = artifact.remarks.nan if artifact.remarks else {}
        # What is there and no value is told as a problem.
        told = {problem.place for problem in artifact.problems}
        for key in [*self._metrics]:
            if artifact.metrics[key] is not None or key in nan or key in told:
                del self._metrics[key]

    def lines(self, survey: Survey, settings: Settings, names_in: NamesIn) -> list[str]:
        """Return a line for each own setting that matches nothing, with the nearest name.

        Where there is no artifact at all, that is what must be told.
        """
        if not survey.valid and not survey.left_out:
            return []
        return [
            *self._metric_lines(settings, names_in),
            *(
                _line(glob.origin, glob.place, glob.pattern, self._file_names)
                for glob in self._globs
            ),
            *_note_lines(self._own, survey),
            *_rule_lines(self._own, survey, settings),
            *self._factor_lines(names_in),
            *never_formed(self._own, survey, settings),
        ]

    def _factor_lines(self, names_in: NamesIn) -> list[str]:
        example = self._example
        return self._factors.lines(lambda file: names_in(example, file)) if example else []

    def _metric_lines(self, settings: Settings, names_in: NamesIn) -> Iterator[str]:
        if self._example is None:  # nothing was read, which is told elsewhere
            return
        names = list(names_in(self._example, "")) if self._metrics else []
        for metric in settings.metrics:
            if metric.key in self._metrics:
                # A key that is there has null, or a text that means so: it is no slip.
                if not {*metric.sources}.isdisjoint(names):
                    continue
                # The names have no quotes, which only an expression needs.
                plain = [key.replace('"', "") for key in metric.sources]
                hints = (did_you_mean(key, names) or _same_metric(key, names) for key in plain)
                hint = next(filter(None, hints), "; see what there is by `finalrank inspect`")
                origin = visible(self._metrics[metric.key])
                yield f'{origin}: metrics: "{visible(metric.key)}" has no value in any file{hint}'


def _same_metric(key: str, names: Iterable[str]) -> str:
    """Return a hint at the names of the same metric in another spelling: HD95 for hausdorff95."""
    metric = find(key.split(".")).metric
    same = [name for name in names if metric and find(name.split(".")).metric == metric][:3]
    offers = " or ".join(f'"{visible(name)}"' for name in same)
    return f"; did you mean {offers}?" if same else ""


def _globs(own: Sequence[Layer], include: Sequence[str], exclude: Sequence[str]) -> Iterator[Glob]:
    """Yield the globs that the user wrote, over paths and over names of files."""
    for layer in own:
        scan, select = _table(layer, "scan"), _table(layer, "select")
        for place, table, of_path in (
            ("scan.patterns", scan, False),
            ("scan.include", {} if include else scan, True),
            ("scan.exclude", scan, True),
            ("select.fallback", select, False),
        ):
            for pattern in table.get(place.partition(".")[2], ()):
                yield Glob(layer.origin, place, pattern, of_path)
    for option, patterns in (("--include", include), ("--exclude", exclude)):
        yield from (Glob(option, "", pattern, True) for pattern in patterns)


def _note_lines(own: Sequence[Layer], survey: Survey) -> Iterator[str]:
    """Yield a line for each note on a run that there is not."""
    runs = {*survey.valid, *(row.artifact.run for row in survey.left_out)}
    runs |= {group.name for group in survey.groups}
    for layer in own:
        for name in _table(layer, "runs"):
            if name not in runs and not any(fnmatchcase(run, name) for run in runs):
                yield _line(layer.origin, "runs", name, runs)


def _rule_lines(own: Sequence[Layer], survey: Survey, settings: Settings) -> Iterator[str]:
    """Yield a line for each rule that leaves nothing out, but those that are switched off."""
    reasons = {row.verdict.reason for row in survey.left_out}
    for layer in own:
        for name in _table(_as_layer(layer, "filter"), "rules"):
            rule = settings.filter.rules.get(name)
            tokens = rule.tokens if rule else ()
            if rule and (tokens or rule.when) and name not in reasons:
                words = _words(survey)
                hint = next(filter(None, (did_you_mean(token, words) for token in tokens)), "")
                place = f"filter.rules.{visible(name)}"
                yield f"{visible(layer.origin)}: {place}: leaves nothing out{hint}"


def _words(survey: Survey) -> set[str]:
    """Return the words in the sources of the artifacts that a rule is asked of."""
    sources = [*survey.kept, *(row.artifact for row in survey.left_out)]
    return {
        word.lower() for artifact in sources for word in re.findall("[A-Za-z0-9]+", artifact.source)
    }


def _line(origin: str, place: str, name: str, known: Iterable[str]) -> str:
    where = f"{place}: " if place else ""
    return f'{visible(origin)}: {where}"{visible(name)}" matches nothing{did_you_mean(name, known)}'


def _table(layer: Layer, name: str) -> dict[str, Any]:
    """Return a table of a layer, empty where it has none."""
    table = layer.table.get(name)
    return table if isinstance(table, dict) else {}


def _as_layer(layer: Layer, name: str) -> Layer:
    """Return a table of a layer as a layer."""
    return Layer(layer.origin, _table(layer, name))
