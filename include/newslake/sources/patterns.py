r"""Regular expressions of sources: `re` may look for ever, so that each is tried beforehand, where it can be ended."""

from __future__ import annotations

import json
import re
import subprocess
import sys

from newslake.sources.kinds import Source

ADDRESS_CHARACTERS = 2_000
"""Longer addresses match nothing: time may grow with the cube of the length, and browsers have taken no longer ones."""
SECONDS = 5.0
"""For all probes of one expression. A good one takes less than a tenth."""
KEYS = ("match", "link", "follow")
_PROBED = ("a", "1", "a/", "/", "-1", ".", "%", "a=1&")
_TRIAL = "import json, re, sys\npattern, probes = json.load(sys.stdin)\nfor one in probes: re.search(pattern, one)"


def finds(pattern: re.Pattern[str], address: str) -> bool:
    """Whether an address, unless it is too long, holds what is looked for."""
    return len(address) <= ADDRESS_CHARACTERS and pattern.search(address) is not None


def endless(source: Source) -> list[str]:
    """Keys of a source whose regular expression takes too long for addresses that are long and do not fit."""
    patterns = {key: getattr(source, key, None) for key in KEYS}
    return [key for key, pattern in patterns.items() if pattern and not _ends(pattern)]


def _ends(pattern: str) -> bool:
    # In a process of its own: `re` can neither be stopped nor does it let other threads run.
    try:
        subprocess.run(
            [sys.executable, "-I", "-S", "-c", _TRIAL],
            input=json.dumps([pattern, probes(pattern)]).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return True


def probes(pattern: str) -> list[str]:
    """Addresses as long as they may be that repeat something, and end in what hardly anything fits.

    They begin as the pattern does where that can be told.
    """
    beginning = re.split(r"[(\[]", pattern, maxsplit=1)[0]
    beginning = re.sub(r".\?|\\(?=\W)|[\^$]", "", beginning)[:100]
    words = dict.fromkeys((*_PROBED, *re.findall(r"[A-Za-z0-9]{1,30}", pattern)[:8]))
    starts = dict.fromkeys(("https://news.example/", beginning))
    return [
        (start + word * (ADDRESS_CHARACTERS // len(word)))[: ADDRESS_CHARACTERS - 1] + "\x00"
        for start in starts
        for word in words
    ]
