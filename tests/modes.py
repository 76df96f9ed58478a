"""The right to pass over the modes of files, which root has and a test may give up."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

# From linux/capability.h: the version, and CAP_DAC_OVERRIDE with CAP_DAC_READ_SEARCH.
_VERSION = 0x20080522
_PASS_OVER_MODES = (1, 2)
# From linux/prctl.h: what bounds the rights of all that this process will start.
_READ_BOUNDS, _DROP_FROM_BOUNDS = 23, 24


@contextmanager
def bound_by_modes() -> Iterator[None]:
    """Have the modes of files bind root, too, as they bind any other user.

    It stays the same user: another one may not be able to enter the folder that all of this is in.
    """
    if os.name == "nt":
        pytest.skip("no mode bits")
    if os.geteuid() != 0:
        yield
        return
    if sys.platform != "linux":
        pytest.skip("root reads all")
    held = _rights()
    without = type(held)(*held)
    without[0] &= ~sum(1 << right for right in _PASS_OVER_MODES)
    _set_rights(without)
    try:
        yield
    finally:
        _set_rights(held)


def bind_by_modes() -> None:
    """Have modes bind what this process starts: for a child that is about to start a program."""
    if os.geteuid() == 0 and sys.platform == "linux":
        for right in _PASS_OVER_MODES:
            if _libc().prctl(_READ_BOUNDS, right, 0, 0, 0) == 1:
                _done(_libc().prctl(_DROP_FROM_BOUNDS, right, 0, 0, 0))


# Effective, permitted and inheritable ones, and then of each the upper half.
_Rights = ctypes.c_uint32 * 6


def _rights() -> ctypes.Array[ctypes.c_uint32]:
    rights = _Rights()
    _call("capget", rights)
    return rights


def _set_rights(rights: ctypes.Array[ctypes.c_uint32]) -> None:
    _call("capset", rights)


def _call(name: str, rights: ctypes.Array[ctypes.c_uint32]) -> None:
    of_this_thread = (ctypes.c_uint32 * 2)(_VERSION, 0)
    _done(getattr(_libc(), name)(of_this_thread, rights))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _done(status: int) -> None:
    if status:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
