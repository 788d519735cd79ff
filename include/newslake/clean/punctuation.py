"""Repair: fullwidth punctuation between Chinese words."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from newslake.clean.characters import HAN
from newslake.clean.edits import Repaired, changed_characters
from newslake.clean.unreadable import LOST

_CHINESE: Final = HAN + "，。、；：？！“”‘’《》〈〉「」『』（）【】…—·％"
_WIDE: Final = str.maketrans(",;:?!()", "，；：？！（）")
_SPACES: Final = " \t\u00a0\u2000-\u200a\u3000"
# Each alternative begins with the mark and looks back over it: the engine then tries few places.
_MARK: Final = re.compile(
    "([,;:?!](?:"
    # Chinese before it: the mark closes Chinese words, unless another kind of mark follows (emoticons, code).
    f"(?<=[{_CHINESE}].)(?:(?<=[?!])[?!]*)?(?=[{_CHINESE}A-Za-z0-9(\"']|[{_SPACES}]+[{_CHINESE}]|[{_SPACES}]*$)"
    # Chinese after it: a number, a word or a percentage stands before the mark.
    f"|(?<=[A-Za-z0-9%)][,;:])(?=[{_CHINESE}])"
    # A space or two between Chinese and the mark, and Chinese again.
    f"|(?<=[{_SPACES}].)(?:(?<=[{_CHINESE}].{{2}})|(?<=[{_CHINESE}][{_SPACES}].{{2}}))(?=[{_SPACES}]*[{_CHINESE}])))",
    re.MULTILINE,
)
_BRACKETS: Final = re.compile(
    rf"\((?:(?<=[{_CHINESE}{_SPACES}\dA-Z%,;:?!)].)|(?<=^.))(?=[^()\n]*[{HAN}])([^()\n]*)\)(?=[{_CHINESE}{_SPACES}\d,;:?!(]|$)",
    re.MULTILINE,
)


_ADDRESS: Final = re.compile(r"""(?:https?://|www\.)(?:[^\s()<>"，。；！？、（）《》“”「」『』【】…]|\([^\s()]*\))+""")
_ENTITY: Final = re.compile("&#?[A-Za-z0-9]{2,10};")
_CALL: Final = re.compile(r"""\((?<=[A-Za-z0-9_]\()["'][^()\n]*\);?""")
_STATEMENT: Final = re.compile(r"\((?<=[A-Za-z0-9_]\()[ -'*-~]*\);")
_EQUATION: Final = re.compile(r"""=(?:"[^"\n]*"|'[^'\n]*')""")
_KEPT: Final = {
    "://": _ADDRESS,
    "www.": _ADDRESS,
    "&": _ENTITY,
    '("': _CALL,
    "('": _CALL,
    ");": _STATEMENT,
    '="': _EQUATION,
    "='": _EQUATION,
    "??": LOST,
}
"""Places that are no Chinese text, by what stands in all of them."""


@lru_cache(maxsize=64)
def _widened(mark: str) -> str:
    return mark.translate(_WIDE)


def widen_punctuation(text: str) -> Repaired:
    """Writes `, ; : ? !` and brackets fullwidth where their neighbours are Chinese.

    Not touched: numbers (1,200), times (02:03:38), web addresses, code, Latin sentences, question
    marks that stand for lost characters, brackets whose content holds no Han character, brackets without a partner. Source: GB/T 15834-2011,
    which asks for fullwidth marks in Chinese text.

    >>> widen_punctuation('见https://a.cn/树?页=首页:一,二 ,他说:"好"').text
    '见https://a.cn/树?页=首页:一,二 ，他说："好"'
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
    if widened != text:
        for pattern in {pattern for sign, pattern in _KEPT.items() if sign in text}:
            widened = _with_kept(pattern, text, widened)
    return Repaired(widened, changed_characters(text, widened))


def _with_kept(kept: re.Pattern[str], text: str, widened: str) -> str:
    """The widened text, as long as the other, with the places of the other that are to be kept."""
    pieces: list[str] = []
    behind = 0
    for match in kept.finditer(text):
        pieces += widened[behind : match.start()], match[0]
        behind = match.end()
    return "".join([*pieces, widened[behind:]])
