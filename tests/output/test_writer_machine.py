"""docs/contract.md, section 9: any writes with any fault, one after another."""

from __future__ import annotations

import os
import posixpath
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from disks import FULL, NOBODY, ROOT_USER, Disk, Pages, disk, fresh
from faults import FAULTS, Calls, Fault, assert_all_or_none, attempt
from finalrank.errors import OutputError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no links, mode bits or signals")


EXAMPLES = int(os.environ.get("FINALRANK_EXAMPLES", "150"))


# Any writes, one after another

FILES = ["a.md", "b.json", "sub/c.csv", "sub/d.md"]
LINKS = ["link", "sub/link"]
MODES = [0o644, 0o600, 0o640, 0o664, 0o444, 0o755, 0o2755, 0o4711]
OUTPUTS = st.lists(
    st.tuples(st.sampled_from([*FILES, *LINKS]), st.sampled_from([0, 1, 2000])),
    min_size=1,
    max_size=4,
)
IMPOSSIBLE = ["folder", "missing/x.md", *([FULL] if os.path.exists(FULL) else [])]


class Writer(RuleBasedStateMachine):
    """Files and links as they ought to be, beside those that are."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp()).resolve()
        for name in ("sub", "folder"):
            (self.folder / name).mkdir()
        self.disk: Disk = {}
        self.pages = 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @rule(name=st.sampled_from(FILES), mode=st.sampled_from(MODES))
    def another_puts_a_file(self, name: str, mode: int) -> None:
        if name in self.disk:
            (self.folder / name).chmod(0o600)
        (self.folder / name).write_bytes(b"another's")
        self.disk.setdefault(name, fresh(b"another's"))
        self.another_changes_the_mode(name, mode)

    @rule(name=st.sampled_from(FILES), mode=st.sampled_from(MODES))
    def another_changes_the_mode(self, name: str, mode: int) -> None:
        if name in self.disk:
            (self.folder / name).chmod(mode)
            self.disk[name] = disk(self.folder)[name]

    @precondition(lambda self: ROOT_USER)
    @rule(name=st.sampled_from(FILES), owner=st.tuples(*[st.sampled_from([0, NOBODY])] * 2))
    def another_changes_the_owner(self, name: str, owner: tuple[int, int]) -> None:
        if name in self.disk:
            os.chown(self.folder / name, *owner)
            self.disk[name] = disk(self.folder)[name]

    @rule(name=st.sampled_from([*FILES, *LINKS]))
    def another_deletes(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)
        self.disk.pop(name, None)

    @rule(link=st.sampled_from(LINKS), to=st.sampled_from([*FILES, LINKS[0]]))
    def another_links(self, link: str, to: str) -> None:
        if link != to:
            self.another_deletes(link)
            text = posixpath.relpath(to, posixpath.dirname(link) or ".")
            (self.folder / link).symlink_to(text)
            self.disk[link] = text

    @rule(outputs=OUTPUTS)
    def write(self, outputs: list[tuple[str, int]]) -> None:
        assert self.attempt(self.data(outputs), Calls()) is None

    @rule(outputs=OUTPUTS, bad=st.sampled_from(IMPOSSIBLE), place=st.integers(0, 4))
    def write_where_one_cannot_be(
        self, outputs: list[tuple[str, int]], bad: str, place: int
    ) -> None:
        pages = self.data(outputs)
        pages.insert(place, (bad, b"nowhere"))
        assert isinstance(self.attempt(pages, Calls()), OutputError)

    @rule(outputs=OUTPUTS, number=st.integers(1, 50), fault=st.sampled_from(FAULTS))
    def write_with_a_fault(self, outputs: list[tuple[str, int]], number: int, fault: Fault) -> None:
        self.attempt(self.data(outputs), Calls(number, fault))

    @invariant()
    def the_disk_is_as_it_ought_to_be(self) -> None:
        assert disk(self.folder) == self.disk

    def data(self, outputs: list[tuple[str, int]]) -> Pages:
        """Pages of that many lines, of which no two are equal."""
        pages = []
        for path, lines in outputs:
            self.pages += 1
            pages.append((path, b"page %d\n" % self.pages * lines))
        return pages

    def attempt(self, pages: Pages, calls: Calls) -> BaseException | None:
        error = attempt(self.folder, pages, calls)
        assert_all_or_none(self.folder, self.disk, pages, calls, error)
        self.disk = disk(self.folder)
        return error


def test_any_writes_with_any_fault() -> None:
    run_state_machine_as_test(
        Writer,
        settings=settings(
            deadline=None,
            max_examples=EXAMPLES,
            stateful_step_count=20,
            report_multiple_bugs=False,
        ),
    )
