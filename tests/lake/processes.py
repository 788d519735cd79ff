"""Processes that see the environment as it is now: a forkserver's children have the one in which it began."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from multiprocessing.process import BaseProcess

from .test_faults import start


def start_here(target: Callable[..., None], *arguments: object) -> BaseProcess:
    """Starts a function in another process, with this one's settings."""
    settings = {name: value for name, value in os.environ.items() if name.startswith(("NEWSLAKE_", "AWS_"))}
    return start(_with_settings, settings, target, arguments)


def _with_settings(settings: Mapping[str, str], target: Callable[..., None], arguments: tuple[object, ...]) -> None:
    for name in list(os.environ):
        if name.startswith(("NEWSLAKE_", "AWS_")):
            del os.environ[name]
    os.environ.update(settings)
    target(*arguments)
