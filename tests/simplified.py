"""Writes `include/newslake/sql/characters.sql`, which has analysts ask in Traditional: python -m tests.simplified"""

from __future__ import annotations

from newslake.clean.characters import traditional_only
from newslake.clean.script import simplify
from newslake.lake.database import MARTS

FILE = MARTS / "characters.sql"
BEGIN = """\
-- Traditional characters that never stand in Simplified text, in Big5 with those of Hong Kong, as clean/script.py writes them.
-- Written by `python -m tests.simplified`.
CREATE MACRO simplified(asked) AS translate(asked,
"""
COMMENT = "What is asked, in Simplified characters: simplified(''區委書記'') is 区委书记. Characters that both scripts use stay."


def pairs() -> list[tuple[str, str]]:
    """Traditional and Simplified."""
    found = ((one, simplify(one).text) for one in sorted(traditional_only()) if is_common(one))
    return [(one, other) for one, other in found if one != other and len(other) == 1]


def is_common(character: str) -> bool:
    """Whether the character sets of Taiwan and Hong Kong have it."""
    try:
        character.encode("big5hkscs")
    except UnicodeEncodeError:
        return False
    return True


def statement() -> str:
    """The file's text."""
    traditional, simple = ("".join(side) for side in zip(*pairs(), strict=True))
    return f"{BEGIN}'{traditional}',\n'{simple}');\nCOMMENT ON MACRO simplified IS '{COMMENT}';\n"


if __name__ == "__main__":
    FILE.write_text(statement(), encoding="utf-8")
