"""The system calls that only look at paths: what is there, and where it really is."""

from __future__ import annotations

import errno
import os


def leads_to_folder(link: os.DirEntry[str]) -> bool:
    """Return whether a link leads to a folder; raises OSError where that cannot be looked at."""
    try:
        return link.is_dir()
    except OSError as error:
        if error.errno == errno.ELOOP:  # it leads to itself
            return False
        raise


def check_listable(path: str) -> None:
    """Raise OSError, or ValueError for what is no path, unless a folder there can be listed."""
    os.scandir(path).close()


def is_folder(path: str) -> bool:
    """Return whether the path is a folder or leads to one.

    Raises OSError where there is nothing, and ValueError for what is no path.
    """
    os.lstat(path)
    return os.path.isdir(path)


def real_path(path: str, *, strict: bool = False) -> str:
    """Return the absolute path with no link in it; raises OSError as `absolute_path` does.

    `strict`: raises it, too, where there is nothing, or what is there cannot be told.
    """
    return os.path.realpath(path, strict=strict)


def absolute_path(path: str) -> str:
    """Return the absolute path; raises OSError where the working folder is gone."""
    return os.path.abspath(path)
