"""Whether Traditional text was converted from mainland text by a machine, or written in Taiwan or Hong Kong.

Decided by points. Words and names of institutions speak for either side, each kind once; quotation marks
(“” in the mainland, 「」 elsewhere) and what converters do to a text for two. Of 73
Traditional pages of 2012 whose side is known from their site, 61 get theirs and none the wrong one.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import numpy as np

from newslake.clean.characters import HAN, traditional_only

LEAST_POINTS: Final = 2
"""By as many points one side must be ahead."""

LEAST_MARKS: Final = 3
"""ASCII commas between ideographs from which they are a habit and no slip."""

LEAST_GLOSSES: Final = 10
"""Glosses from which they speak for a mirror, if nine in ten stand on Traditional-only characters."""

_GLUED: Final = re.compile(
    r"(?:\d|[^\s|｜:：]{2})(?:來源[:：][^\s|｜]{0,30}|)責?任?編輯[:：]|\d{2}:\d{2}(?::\d{2})?(?:來源|作者|編輯)[:：]"
)
_GLOSSED: Final = re.compile(f"[(（](?<=([{HAN}]).)[a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{{1,6}}[)）]")
_ASCII_COMMA: Final = re.compile(f",(?<=[{HAN}],)(?=[{HAN}])")
_HALF: Final = (
    "關于 對于 由于 屬于 位于 至于 于是 處于 干部 骨干 干燥 制造 研制 制品 旅游 游客 游子 并將 并對 并且 這里 里面 采訪 采購 開采 標准 准備 業余 象征 征收 沖突 范圍 范疇 示范 "
    "云計算 面粉 復雜 怎么 什么 爲了 爲主 作爲 認爲 成爲"
)
"""Traditional words of which a converter left one character as it was, because it has several forms, or chose its own."""
_MAINLAND: Final = (
    "區委 縣委 市委 省委 鎮委 鄉委 黨委 黨組 書記 融媒體 責任編輯 打造 視頻 信息 質量 互聯網 軟件 網絡 網友 黨建 人大 政協 發改委 發展改革 區政府 縣政府 省政府 振興 網訊 通訊員 "
    "貫徹 落實 派出所 民警 公安 新華社 新華網 中新社 中新網 中國之聲 人民日報 央視 農民工 村民 春運 基層 推進 小伙 短信 鼠標 屏幕 國務院 我省 我市 全省 全市"
)
_ELSEWHERE: Final = (
    "立法院 行政院 監察院 司法院 立委 民進黨 民眾 總統 新北 臺北 台北 臺中 台中 臺南 台南 臺東 台東 高雄 桃園 新竹 屏東 花蓮 宜蘭 彰化 雲林 嘉義 縣議員 市議員 里長 資訊 網路 軟體 硬體 品質 "
    "影片 計程車 捷運 機車 專案 訊號 數位 公車 部落格 簡訊 滑鼠 列印 報導 中央社 聯合報 自由時報 國小 健保 移工 公投 民國 地檢 檢方 幼兒園 疾管 衛生署 衛福部 執行長 業者 縣市 農曆 警消 員警 鄉親 "
    "歐巴馬 吸菸 菸害 澈底 週末 特首 立法會 港鐵 港元 巴士 的士 屋邨 警務處 運輸署 本港 港人 區議會 保安局 食環署 新界 九龍 旺角 紅磡 警員 戶主"
)


def is_converted(text: str) -> bool | None:
    """Whether Traditional Chinese text is mainland text that a machine converted; None if it cannot be told.

    >>> is_converted("關于召開會議的通知,區委書記強調,要落實責任,提高質量。")
    True
    >>> is_converted("台北市政府昨天表示，民眾可透過網路查詢捷運資訊，「品質不會變」。")
    False
    >>> is_converted("今天下雨。") is None
    True
    """
    points = _points(text) + 5 * _has_machine_glosses(text)
    return None if abs(points) < LEAST_POINTS else points > 0


def _points(text: str) -> int:
    words = _words_in(text)
    corners, curls = text.count("「"), text.count("“")
    points = 2 * (curls > corners) - 2 * (corners > curls) + 2 * min(2, words[0])
    points += 2 * has_ascii_commas(text) + 3 * (_GLUED.search(text) is not None)
    return points + words[1] - words[2]


@cache
def _beginnings() -> tuple[np.ndarray, dict[str, list[tuple[str, int]]]]:
    """Which hashes of two characters begin a word, and for two characters the words and the lists they are of."""
    is_beginning = np.zeros(0x10000, bool)
    words: dict[str, list[tuple[str, int]]] = {}
    for number, line in enumerate((_HALF, _MAINLAND, _ELSEWHERE)):
        for word in line.split():
            words.setdefault(word[:2], []).append((word, number))
            is_beginning[(ord(word[0]) * 31 + ord(word[1])) & 0xFFFF] = True
    return is_beginning, words


def _words_in(text: str) -> list[int]:
    """How many different words of each list stand in a text; a twentieth of the time that a pattern takes."""
    is_beginning, words = _beginnings()
    codes = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    places = np.flatnonzero(is_beginning[codes[:-1] * np.uint16(31) + codes[1:]])
    pairs = {chr(a) + chr(b) for a, b in zip(codes[places].tolist(), codes[places + 1].tolist(), strict=True)}
    found = [0, 0, 0]
    for pair in pairs & words.keys():
        for word, number in words[pair]:
            found[number] += len(word) == 2 or word in text
    return found


def _has_machine_glosses(text: str) -> bool:
    characters = _GLOSSED.findall(text) if "(" in text or "（" in text else []
    return len(characters) >= LEAST_GLOSSES and (
        sum(character in traditional_only() for character in characters) >= 0.9 * len(characters)
    )


def has_ascii_commas(text: str) -> bool:
    """Whether the text divides its clauses by ASCII commas, as mirrors leave them.

    >>> has_ascii_commas("他說,要辦好,要快,要省。"), has_ascii_commas("他說，1,200家。")
    (True, False)
    """
    return "，" not in text and len(_ASCII_COMMA.findall(text)) >= LEAST_MARKS


def is_mirror(text: str) -> bool:
    """Whether Traditional text shows, besides glosses, that it stands on a mirror site.

    >>> is_mirror("02:03:38來源:某區融媒體中心編輯:張三責任編輯:"), is_mirror("記者張三報導")
    (True, False)
    """
    return _GLUED.search(text) is not None or _points(text) >= LEAST_POINTS
