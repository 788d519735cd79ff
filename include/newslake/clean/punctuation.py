"""Repair: fullwidth punctuation between Chinese words."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from newslake.clean.characters import HAN

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


def widen_punctuation(text: str) -> tuple[str, int]:
    """Writes `, ; : ? !` and brackets fullwidth where their neighbours are Chinese.

    Not touched: numbers (1,200), times (02:03:38), web addresses, code, Latin sentences, brackets
    whose content holds no Han character, brackets without a partner. Source: GB/T 15834-2011,
    which asks for fullwidth marks in Chinese text.

    >>> widen_punctuation("2月19日,会议召开(记者 吴芳):增长5%,达1,200家。")
    ('2月19日，会议召开（记者 吴芳）：增长5%，达1,200家。', 5)
    >>> widen_punctuation("时间02:03:38 见 http://a.cn/?x=1,2 和 校准(Calibration)")
    ('时间02:03:38 见 http://a.cn/?x=1,2 和 校准(Calibration)', 0)
    """
    if "(" in text:
        text, brackets = _BRACKETS.subn(r"（\1）", text)
    else:
        brackets = 0
    pieces = _MARK.split(text)
    pieces[1::2] = map(_widened, pieces[1::2])
    return "".join(pieces), 2 * brackets + len(pieces) // 2
