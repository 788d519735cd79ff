"""Numbers as articles write them: in digits, full-width digits and Chinese signs, with powers of ten."""

from __future__ import annotations

from functools import lru_cache

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
_ZEROS = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}
# 三四天 is three or four days: as with other ranges the upper end counts.
_ABOUT = frozenset(["一二", "一两", "两三", "二三", "三四", "三五", "四五", "五六", "六七", "七八", "八九"])
CHINESE_SIGNS = "".join([*_DIGITS, *_POWERS, *_LARGE])


@lru_cache(maxsize=4096)
def number(written: str) -> float | None:
    """The value of a written number; None where it is none.

    >>> [number(written) for written in ("612.7亿", "1,200", "１２", "三百二十", "两万五千", "十二", "1.5万亿", "三四", "万")]
    [61270000000.0, 1200.0, 12.0, 320.0, 25000.0, 12.0, 1500000000000.0, 4.0, None]
    """
    plain = written.replace(",", "").replace("，", "").replace(" ", "").replace("．", ".")
    if not plain:
        return None
    if plain[0].isdecimal():
        return _with_powers(plain)
    return _in_signs(plain)


def _with_powers(plain: str) -> float | None:
    end = next((place for place, sign in enumerate(plain) if not sign.isdecimal() and sign != "."), len(plain))
    if plain.count(".", 0, end) > 1:
        return None
    zeros = 0
    for sign in plain[end:]:
        if sign not in _ZEROS:
            return None
        zeros += _ZEROS[sign]
    # One reading of the whole: 612.7 times 10^8 would be 61270000000.00001.
    return float(f"{plain[:end]}e{zeros}")


def _in_signs(plain: str) -> float | None:
    """Chinese signs: 三百二十, 二〇二四, 两万五 is 20005 only by rule, so it is 25000 as people say it."""
    if not any(sign in _DIGITS or sign == "十" for sign in plain) or any(sign not in CHINESE_SIGNS for sign in plain):
        return None
    if len(plain) == 2 and plain in _ABOUT:
        return float(_DIGITS[plain[1]])
    if len(plain) > 1 and all(sign in _DIGITS for sign in plain):
        return float("".join(str(_DIGITS[sign]) for sign in plain))
    total = section = digit = 0
    last_power = 1
    for sign in plain:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
            last_power = 1 if sign in "零〇" else last_power
        elif sign in _POWERS:
            section += (digit or 1) * _POWERS[sign]
            digit, last_power = 0, _POWERS[sign]
        else:
            total = (total + section + digit) * _LARGE[sign]
            section, digit, last_power = 0, 0, _LARGE[sign]
    return float(total + section + digit * (last_power // 10 or 1))
