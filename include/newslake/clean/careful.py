"""The careful extractor, asked where the fast one is unsure; it runs in a process that is killed when it takes too much."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
from typing import IO, Final, cast

from newslake.clean import worker
from newslake.clean.lines import split_lines
from newslake.clean.worker import NO_MEMORY, read_message, write_message
from newslake.errors import ArticleRejected

LONGEST_PAGE: Final = 2_000_000
"""Code points; on longer pages the fast extract is taken as it is."""

PATIENCE: Final = 60.0
"""Seconds after which a worker is killed that uses no processor time; a busy one ends itself much sooner."""

# Run as a file, by `-P` without its folder on the path: the package around it would take longer to load than the extractor.
COMMAND: Final = (sys.executable, "-P", worker.__file__)


class Worker:
    """One process that extracts; started with its first page, and again after a page that ended it.

    Args:
        command: what to run, see `newslake.clean.worker`.
    """

    def __init__(self, command: tuple[str, ...] = COMMAND) -> None:
        self.command = command
        self.process: subprocess.Popen[bytes] | None = None

    def extract(self, html: str) -> list[str]:
        """The lines of the article; empty where nothing reads like one.

        Raises:
            ArticleRejected: `too_slow`, `too_large` or `unparsable_html`: the page ended the worker.
        """
        if self.process is not None and self.process.poll() is not None:
            self.close()  # It ended between two pages: this one is not to blame.
        process = self.process or self._start()
        pages, answers = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        try:
            write_message(pages, html.encode("utf-8", "replace"))
        except BrokenPipeError:
            self._refuse()
        ready, _, _ = select.select([answers], [], [], PATIENCE)
        answer = read_message(answers) if ready else None
        if answer is None or answer == NO_MEMORY:
            self._refuse(answer)
        return split_lines("\n".join(json.loads(cast("bytes", answer))))

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, bufsize=-1
        )
        return self.process

    def _refuse(self, answer: bytes | None = None) -> None:
        code = self.close()
        if answer == NO_MEMORY:
            raise ArticleRejected("too_large", "the careful extractor ran out of memory")
        if code in (-signal.SIGPROF, -signal.SIGKILL):
            raise ArticleRejected("too_slow", "the careful extractor ran out of time")
        raise ArticleRejected("unparsable_html", f"the page ended the careful extractor with code {code}")

    def close(self) -> int | None:
        """Ends the process, and waits for it.

        Returns:
            Its exit code; None if there is no process.
        """
        process, self.process = self.process, None
        if process is None:
            return None
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                _close(stream)
        try:
            return process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except BrokenPipeError:
        return


_workers: dict[int, Worker] = {}


def extract_carefully(html: str) -> list[str]:
    """The lines of the article as trafilatura finds them.

    The worker is kept for further pages. Each process has its own: a forked one starts anew.

    Raises:
        ArticleRejected: `too_slow`, `too_large` or `unparsable_html`.
    """
    number = os.getpid()
    if number not in _workers:
        _workers.clear()
        _workers[number] = Worker()
        atexit.register(close_worker)
    return _workers[number].extract(html)


def close_worker() -> None:
    """Ends this process' worker, as its exit does; the next page starts one."""
    if os.getpid() in _workers:
        _workers[os.getpid()].close()
