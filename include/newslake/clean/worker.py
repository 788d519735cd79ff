"""The process in which the careful extractor runs: it may hang or take all memory, and is then killed.

It reads pages from its standard input and writes their lines to its standard output, each as a
length of four bytes and so many bytes. It ends with its input.
"""

from __future__ import annotations

import json
import resource
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

PROCESSOR_SECONDS: Final = 4.0
"""Processor time for one page. The slowest real page measured took .6 s; hostile ones have to end within 5 s."""

MEMORY: Final = 300_000_000
"""Bytes that a page may take beyond what the loaded extractor has; real pages take up to 60 million."""

LENGTH: Final = struct.Struct(">I")
NO_MEMORY: Final = b"memory"


def read_message(stream: IO[bytes]) -> bytes | None:
    """One message; None where the stream ends."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    body = stream.read(length)
    return body if len(body) == length else None


def write_message(stream: IO[bytes], body: bytes) -> None:
    """Writes one message."""
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()


def serve(extract: Callable[[str], str], seconds: float = PROCESSOR_SECONDS, memory: int = MEMORY) -> None:
    """Answers pages until the input ends.

    A page that takes more processor time ends the process by SIGPROF, also in the middle of a
    library written in C; one that takes more memory is answered by `NO_MEMORY`, and ends it.

    Args:
        extract: page → text, one paragraph a line.
        seconds: processor time for one page.
        memory: bytes that the process may take beyond what it has now.
    """
    taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + memory, taken + memory))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the input's end follows.
    pages, answers = sys.stdin.buffer, sys.stdout.buffer
    while (page := read_message(pages)) is not None:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            lines = extract(page.decode("utf-8", "replace")).split("\n")
        except MemoryError:
            write_message(answers, NO_MEMORY)
            return
        signal.setitimer(signal.ITIMER_PROF, 0)
        write_message(answers, json.dumps(lines).encode("ascii"))


def main() -> None:
    """Serves trafilatura."""
    import logging

    import trafilatura

    # It logs a traceback for each page that it cannot read; here that is an answer like any other.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

    def extract(html: str) -> str:
        return trafilatura.extract(html, fast=True, include_comments=False) or ""

    extract("<html><body><article><p>Loads what is loaded late.</p></article></body></html>")
    serve(extract)


if __name__ == "__main__":
    main()
