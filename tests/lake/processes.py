"""Processes that see the environment as it is now: a forkserver's children have the one in which it began."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Mapping
from functools import cache
from multiprocessing.process import BaseProcess

# A fork of a process that has imported everything costs milliseconds; importing costs seconds.
FORKSERVER = multiprocessing.get_context("forkserver")
FORKSERVER.set_forkserver_preload(
    ["newslake.pipeline", "newslake.refine", "newslake.lake.publish", "great_expectations"]
)
SETTINGS = ("NEWSLAKE_", "AWS_")


def start(target: Callable[..., None], *arguments: object) -> BaseProcess:
    """Starts a function in another process, with this one's settings."""
    _import_everything()
    settings = {name: value for name, value in os.environ.items() if name.startswith(SETTINGS)}
    process = FORKSERVER.Process(target=_with_settings, args=(settings, target, arguments))
    process.start()
    return process


def finish(process: BaseProcess) -> float:
    """Waits until a process has ended well; gives the seconds."""
    begin = time.monotonic()
    process.join()
    assert process.exitcode == 0
    return time.monotonic() - begin


@cache
def _import_everything() -> None:
    """Else the first process would wait for it, and what is killed after some time would not have begun."""
    process = FORKSERVER.Process(target=int)
    process.start()
    process.join()


def _with_settings(settings: Mapping[str, str], target: Callable[..., None], arguments: tuple[object, ...]) -> None:
    for name in list(os.environ):
        if name.startswith(SETTINGS):
            del os.environ[name]
    os.environ.update(settings)
    target(*arguments)
