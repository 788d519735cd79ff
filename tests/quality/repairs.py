"""Documents to measure the repairs on: clean articles with machine glosses, and documents with genuine ones."""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import opencc
from pypinyin import Style, pinyin

from newslake.clean.characters import traditional_only
from newslake.clean.glosses import strip_glosses

ROOT = Path(__file__).resolve().parents[2]
TO_TRADITIONAL = opencc.OpenCC("s2t")


@cache
def clean_articles(count: int) -> list[str]:
    """Clean Simplified articles of ours: the text samples, then generated ones until there are enough."""
    sys.path.insert(0, str(ROOT / "bench"))
    try:
        from generate import page_lines, story_of
    finally:
        sys.path.pop(0)
    samples = [
        path
        for path in sorted((ROOT / "seeds/articles").glob("*/*.txt"))
        if path.parent.name not in ("mirror", "faulty")
    ]
    texts = [path.read_text(encoding="utf-8") for path in samples if is_utf8(path)]
    texts = [text for text in texts if "�" not in text and len(text) > 100]
    number = 0
    while len(texts) < count:
        texts.append("\n".join(page_lines(story_of(number, 1), "江澜日报", Random(number))))
        number += 1
    return texts[:count]


def is_utf8(path: Path) -> bool:
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False
    return True


def to_traditional(text: str) -> str:
    """As a mirror converts it."""
    return str(TO_TRADITIONAL.convert(text))


@cache
def reading(character: str) -> str:
    """The first reading that pypinyin gives, with its tone."""
    return str(pinyin(character, style=Style.TONE, heteronym=True)[0][0])


def glossed(text: str, share: float, random: Random, *, by_character: bool = False) -> tuple[str, int]:
    """Glosses a share of the Traditional-only characters; returns the number of glosses too.

    Args:
        text: Traditional text.
        share: of the characters that a mirror would gloss.
        random: says which.
        by_character: the share is of the different characters, each glossed wherever it occurs.
    """
    chosen = {character for character in sorted(set(text)) if random.random() < share} if by_character else None
    pieces, count = [], 0
    for character in text:
        pieces.append(character)
        if character not in traditional_only():
            continue
        if character in chosen if chosen is not None else random.random() < share:
            pieces.append(f"({reading(character)})")
            count += 1
    return "".join(pieces), count


@dataclass
class Score:
    """Glosses put in, glosses taken out, and other characters changed, over many documents."""

    glosses: int = 0
    removed: int = 0
    wrong: int = 0

    @property
    def precision(self) -> float:
        """Share of what was taken out that had been put in."""
        return self.removed / max(1, self.removed + self.wrong)

    @property
    def recall(self) -> float:
        """Share of what was put in that was taken out."""
        return self.removed / max(1, self.glosses)


def _number(syllable: str) -> str:
    """The tone as a figure behind the syllable."""
    tones = [tone for tone in unicodedata.normalize("NFD", syllable) if tone in TONES]
    return _toneless(syllable) + (str(TONES.index(tones[0]) + 1) if tones else "")


TONES = "\u0304\u0301\u030c\u0300"
VARIANTS = {
    "fullwidth": lambda _, syllable: f"（{syllable}）",
    "square": lambda _, syllable: f"[{syllable}]",
    "lenticular": lambda _, syllable: f"【{syllable}】",
    "nested": lambda _, syllable: f"（({syllable})）",
    "mixed": lambda random, syllable: random.choice(("({})", "（{}）", "[{}]", "(（{}）)")).format(syllable),
    "capitals": lambda _, syllable: f"({syllable.capitalize()})",
    "toneless": lambda _, syllable: f"({_toneless(syllable)})",
    "numbers": lambda _, syllable: f"({_number(syllable)})",
    "v": lambda _, syllable: f"({_toneless(syllable).replace('ü', 'v')})",
    "space before": lambda _, syllable: f" ({syllable})",
    "spaces inside": lambda _, syllable: f"( {syllable} )",
}
"""Other ways in which mirrors could write their glosses."""


def score_variant(name: str, count: int, share: float) -> float:
    """Share of articles that come out whole, glossed in another way and with the reading that the word asks for."""
    whole = 0
    for number, article in enumerate(clean_articles(count)):
        plain, random, pieces = to_traditional(article), Random(f"{name}/{number}"), []
        for line in plain.split("\n"):
            # Each character of a line with its reading in context: a polyphone is not always read alike.
            readings = pinyin(line, style=Style.TONE, errors=list)
            for character, (syllable, *_) in zip(line, readings, strict=True):
                pieces.append(character)
                if character in traditional_only() and random.random() < share:
                    pieces.append(VARIANTS[name](random, syllable))
            pieces.append("\n")
        whole += strip_glosses("".join(pieces[:-1])).text == plain
    return whole / count


def score_glosses(count: int, share: float, *, by_character: bool = False) -> Score:
    """Corrupts clean articles and repairs them."""
    score = Score()
    for number, article in enumerate(clean_articles(count)):
        plain = to_traditional(article)
        text, glosses = glossed(plain, share, Random(number), by_character=by_character)
        repaired, edits = strip_glosses(text)
        score.glosses += glosses
        if repaired == plain:
            score.removed += glosses
            continue
        left = glosses - len(edits)
        reglossed = Counter(text) - Counter(repaired)
        expected = Counter(text) - Counter(plain)
        score.removed += glosses - left
        score.wrong += sum((reglossed - expected).values())
    return score


def score_sprinkled(count: int, emoji: float, *, is_traditional: bool = True) -> float:
    """Share of articles that come out whole, glossed every few characters, four in five glosses without tone."""
    whole = 0
    for number, article in enumerate(clean_articles(count)):
        plain, random = to_traditional(article) if is_traditional else article, Random(number)
        pieces, left = [], 0
        for character in plain:
            pieces.append(character)
            if _is_han(character):
                left -= 1
                if left <= 0:
                    syllable = reading(character)
                    pieces.append(f"({_toneless(syllable) if random.random() < 0.8 else syllable})")
                    left = random.randint(3, 12)
                elif random.random() < emoji:
                    pieces.append(random.choice("😀🌟🔥👍🎉"))
        whole += strip_glosses("".join(pieces)).text == plain
    return whole / count


def _toneless(syllable: str) -> str:
    decomposed = unicodedata.normalize("NFD", syllable)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in "\u0304\u0301\u030c\u0300"))


WORDS = [
    "學習",
    "漢語",
    "經濟",
    "老師",
    "朋友",
    "喜歡",
    "圖書館",
    "電腦",
    "飛機",
    "火車",
    "早上",
    "晚上",
    "蘋果",
    "天氣",
    "身體",
    "醫院",
    "銀行",
    "音樂",
    "快樂",
    "認識",
    "謝謝",
    "學校",
    "國家",
    "歷史",
    "環境",
    "開始",
    "長大",
    "重要",
    "調整",
    "還錢",
    "會計",
]
SENTENCES = (
    "我們今天早上在學校學習漢語，老師說發音很重要。",
    "他喜歡聽音樂，也喜歡到圖書館看書。",
    "明天天氣很好，我想和朋友坐火車去北京。",
    "醫院就在銀行的旁邊，走路五分鐘就到了。",
    "爸爸買了一臺新電腦，弟弟高興得跳起來。",
    "這個國家的歷史很長，環境也很美麗。",
    "小貓在樹下睡覺，小狗在門口等主人回來。",
    "請你把窗戶打開，房間裡有一點兒熱。",
)
RARE = "龜鬱竈鑿鐵鹽鄺龔鄧贛黌鸛鱉鯉籲釁齟齬饕餮鬢黷讖癲纛囅"
NAMES = [
    "龔琳娜(gōng)",
    "區先生(ōu)",
    "單雄信(shàn)",
    "仇女士(qiú)",
    "查先生(zhā)",
    "葉公(shè)",
    "尉遲恭(yù)",
    "冼星海(xiǎn)",
    "缪女士(miào)",
    "蓋先生(gě)",
]
ENGLISH = [
    "國內生產總值(GDP)",
    "世界衛生組織(WHO)",
    "人工智慧(AI)",
    "應用程式(app)",
    "執行長(CEO)",
    "校準(calibration)",
    "電動車(ev)",
    "聯合國(UN)",
    "車(car)",
    "網(web)",
]


def genuine_documents(count: int) -> Iterator[str]:
    """Documents whose glosses their authors wrote: ten kinds in turn, Traditional and Simplified."""
    to_simplified = opencc.OpenCC("t2s")
    kinds = (
        *(_textbook, _new_words, _word_pinyin, _glossary, _rare_characters, _names, _abbreviations, _first_time),
        *(_toneless_textbook, _capital_names),
    )
    for number in range(count):
        random = Random(number)
        document = kinds[number % len(kinds)](random)
        yield to_simplified.convert(document) if number // len(kinds) % 4 == 3 else document


def _sentences(random: Random, count: int) -> str:
    return "\n".join(random.choice(SENTENCES) for _ in range(count))


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def _textbook(random: Random) -> str:
    """Every character of a text carries its pinyin."""
    brackets = random.choice(("()", "（）", "[]"))
    return "".join(
        f"{c}{brackets[0]}{reading(c)}{brackets[1]}" if _is_han(c) else c
        for c in _sentences(random, random.randint(3, 12))
    )


def _toneless_textbook(random: Random) -> str:
    """Every character carries its pinyin without the tone, which the pupils are to put in."""
    text = _sentences(random, random.randint(3, 12))
    return "".join(f"{c}({_toneless(reading(c))})" if _is_han(c) else c for c in text)


def _capital_names(random: Random) -> str:
    """A report that writes names and places in letters behind them."""
    words = [
        "張偉(Zhang Wei)",
        "區(Ou)女士",
        "單(Shan)先生",
        "廈門(Xiamen)",
        "陝西(Shaanxi)",
        "呂(Lü)主任",
        "鄭(Zheng)教授",
    ]
    return "\n".join(
        f"記者見到{word}，{random.choice(SENTENCES)}" for word in random.sample(words, random.randint(2, 7))
    )


def _new_words(random: Random) -> str:
    """Some characters of a lesson carry their pinyin, common and simple ones alike."""
    share = random.choice((0.1, 0.3, 0.6))
    text = _sentences(random, random.randint(4, 20))
    return "".join(f"{c}({reading(c)})" if _is_han(c) and random.random() < share else c for c in text)


def _word_pinyin(random: Random) -> str:
    """Words carry the pinyin of the whole word."""
    text = _sentences(random, random.randint(4, 10))
    for word in WORDS:
        text = text.replace(word, f"{word}({''.join(map(reading, word))})" if random.random() < 0.7 else word)
    return text


def _glossary(random: Random) -> str:
    """A list of entries, each with its reading."""
    mark = random.choice("：，。 ")
    entries = random.sample(RARE + "區經現調質構網協農產業轉", 12)
    return "\n".join(f"{c}({reading(c)}){mark}見第{random.randint(1, 99)}頁。" for c in entries)


def _rare_characters(random: Random) -> str:
    """Running text that gives the readings of rare characters."""
    words = [
        f"{random.choice('古老大小新')}{c}({reading(c)}){random.choice('字形文義')}"
        for c in random.sample(RARE, random.randint(5, 12))
    ]
    return f"博物館本週介紹這些字：{'、'.join(words)}都在展品上出現。\n" + _sentences(random, 6)


def _names(random: Random) -> str:
    """A report that gives the readings of a few surnames."""
    people = random.sample(NAMES, random.randint(1, 5))
    return "\n".join(f"記者採訪了{person}，談了一個小時。{random.choice(SENTENCES)}" for person in people)


def _abbreviations(random: Random) -> str:
    """A report with English in brackets."""
    terms = random.sample(ENGLISH, random.randint(4, 10))
    return "\n".join(f"報告談到{term}的發展，{random.choice(SENTENCES)}" for term in terms)


def _first_time(random: Random) -> str:
    """A learner's text: each new character has its pinyin where it first occurs."""
    seen: set[str] = set()
    pieces = []
    for c in _sentences(random, random.randint(5, 20)):
        pieces.append(c)
        if _is_han(c) and c not in seen:
            seen.add(c)
            if random.random() < 0.5:
                pieces.append(f"({reading(c)})")
    return "".join(pieces)


TAIWANESE = (
    "臺北市政府昨天表示，民眾可以透過網路查詢捷運班次，「服務品質不會打折」。交通局局長說，系統下週上線。",
    "立法院今天三讀通過修正草案，在野黨立委批評行政院說明不足。民眾則希望里長能協助宣導。",
    "高雄一名計程車司機撿到皮包送交警方，失主是來台旅遊的觀光客。員警透過資訊系統找到人，業者也頒發獎金。",
    "健保署提醒民眾，農曆年假期間門診時間縮短，可先上網查詢；疾管署也呼籲接種流感疫苗。",
    "本港昨日錄得降雨，新界多處水浸，港鐵巴士一度受阻，警員到場疏導，一名戶主說「水浸到膝頭」。",
    "花蓮縣政府公布公車新路線，縣議員要求業者增加班次，記者陳小明／花蓮報導。",
    "新北市國小學童用數位平板上課，教育部補助軟體，家長質疑影片品質。",
    "特首在立法會答問時說，運輸署會檢討的士收費，區議會議員則促請保安局交代。",
)
"""Written by us as newsrooms in Taiwan and Hong Kong write."""
