"""Sentences from `grammar.toml`: slots filled at random, the same ones for the same random generator."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import TypeVar

SLOT = re.compile(r"\{(?:#(\.?)(\d+)-(\d+)|(\w+))\}")

Slots = dict[str, tuple[str, ...]]
Choice = TypeVar("Choice")
Part = str | tuple[str, int, int] | tuple[str]


@cache
def grammar() -> tuple[dict[str, Slots], dict[str, str]]:
    """Reads the grammar.

    Returns:
        The slots of every topic (its own and the common ones), and the publishers with their hosts.
    """
    found = tomllib.loads(Path(__file__).with_name("grammar.toml").read_text(encoding="utf-8"))
    common = {name: _alternatives(value) for name, value in found["slots"].items()}
    topics = {
        topic: common | {name: _alternatives(value) for name, value in slots.items()}
        for topic, slots in found["topics"].items()
    }
    return topics, found["publishers"]


def _alternatives(value: str | list[str]) -> tuple[str, ...]:
    return tuple(value.split() if isinstance(value, str) else value)


@cache
def _parts(pattern: str) -> tuple[Part, ...]:
    """Literal text, ("", low, high) and (".", low, high) for numbers, (name,) for slots."""
    parts: list[Part] = []
    end = 0
    for found in SLOT.finditer(pattern):
        if found.start() > end:
            parts.append(pattern[end : found.start()])
        decimal, low, high, name = found.groups()
        parts.append((name,) if name else (decimal, int(low), int(high)))
        end = found.end()
    if end < len(pattern):
        parts.append(pattern[end:])
    return tuple(parts)


def fill(pattern: str, slots: Slots, generator: Random) -> str:
    """Fills every slot of a pattern, and the slots within what fills it.

    Raises:
        KeyError: the pattern names a slot that does not exist.
    """
    written = []
    for part in _parts(pattern):
        if isinstance(part, str):
            written.append(part)
        elif len(part) == 1:
            written.append(fill(pick(slots[part[0]], generator), slots, generator))
        else:
            decimal, low, high = part
            number = low + (high - low) * generator.random()
            written.append(f"{number:.1f}" if decimal else str(round(number)))
    return "".join(written)


def pick(alternatives: Sequence[Choice], generator: Random) -> Choice:
    """One of them; half the price of `Random.choice`, which millions of slots notice."""
    return alternatives[int(generator.random() * len(alternatives))]
