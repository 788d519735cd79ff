"""The report's words in English and Chinese. Code and templates have the English ones; `labels.yaml` has both."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from markupsafe import Markup


@cache
def chinese() -> dict[str, str]:
    """English → Chinese, for everything that the report says."""
    words: dict[str, str] = yaml.safe_load(Path(__file__).with_name("labels.yaml").read_text(encoding="utf-8"))
    return words


def say(english: str) -> Markup:
    """Words in both languages, of which the page shows one.

    Raises:
        KeyError: `labels.yaml` does not have them.

    >>> say("Sources")
    Markup('<span class="en" lang="en">Sources</span><span class="zh" lang="zh-Hans">来源</span>')
    """
    if not english:
        return Markup("")
    return Markup('<span class="en" lang="en">{}</span><span class="zh" lang="zh-Hans">{}</span>').format(
        english, chinese()[english]
    )


def word(value: str) -> Markup:
    """A value that is one of a few words, in both languages; as it is where it is not one of them."""
    return say(value) if value in chinese() else Markup("{}").format(value)
