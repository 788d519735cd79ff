"""Repair: fullwidth punctuation between Chinese words."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from newslake.clean.characters import HAN
from newslake.clean.edits import Repaired, changed_characters

_CHINESE: Final = HAN + "，。、；：？！“”‘’《》〈〉「」『』（）【】…—·％"
_WIDE: Final = str.maketrans(",;:?!()", "，；：？！（）")
_SPACES: Final = " \t\u00a0\u2000-\u200a\u3000"
# Each alternative begins with the mark and looks back over it: the engine then tries few places.
_MARK: Final = re.compile(
    "([,;:?!](?:"
    # Chinese before it: the mark closes Chinese words, unless another kind of mark follows (emoticons, code).
    f"(?<=[{_CHINESE}].)(?:(?<=[?!])[?!]*)?(?=[{_CHINESE}A-Za-z0-9(]|[{_SPACES}]+[{_CHINESE}]|[{_SPACES}]*$)"
    # Chinese after it: a number, a word or a percentage stands before the mark.
    f"|(?<=[A-Za-z0-9%)][,;:])(?=[{_CHINESE}])))",
    re.MULTILINE,
)
_BRACKETS: Final = re.compile(
    rf"\((?:(?<=[{_CHINESE}{_SPACES}\dA-Z%,;:?!)].)|(?<=^.))(?=[^()\n]*[{HAN}])([^()\n]*)\)(?=[{_CHINESE}{_SPACES}\d,;:?!(]|$)",
    re.MULTILINE,
)


@lru_cache(maxsize=64)
def _widened(mark: str) -> str:
    return mark.translate(_WIDE)


def widen_punctuation(text: str) -> Repaired:
    """Writes `, ; : ? !` and brackets fullwidth where their neighbours are Chinese.

    Not touched: numbers (1,200), times (02:03:38), web addresses, code, Latin sentences, brackets
    whose content holds no Han character, brackets without a partner. Source: GB/T 15834-2011,
    which asks for fullwidth marks in Chinese text.

    >>> widen_punctuation("2月19日,会议召开(记者 吴芳):增长5%,达1,200家。").text
    '2月19日，会议召开（记者 吴芳）：增长5%，达1,200家。'
    >>> widen_punctuation("时间02:03:38 见 http://a.cn/?x=1,2 和 校准(Calibration)").text
    '时间02:03:38 见 http://a.cn/?x=1,2 和 校准(Calibration)'
    """
    widened, is_nested = text, "(" in text
    while is_nested:  # The innermost brackets first; outer ones can be seen when these are done.
        widened, count = _BRACKETS.subn(r"（\1）", widened)
        is_nested = count > 0 and "(" in widened
    pieces = _MARK.split(widened)
    pieces[1::2] = map(_widened, pieces[1::2])
    widened = "".join(pieces)
    return Repaired(widened, changed_characters(text, widened))
