"""How well bytes are decoded: articles of ours in seven charsets, with right, wrong and missing declarations.

    PYTHONPATH=include python tests/quality/decoding.py

prints the scores of all combinations; the test takes every fourth.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

import opencc

from newslake.clean.decode import decode
from newslake.errors import ArticleRejected

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "bench"))

import generate  # noqa: E402  (bench is no package)

ARTICLES = 1_000
SHORT = 80
SEED = 11

CHARSETS = {
    "utf-8": ("utf-8", "zh"),
    "gbk": ("gbk", "zh"),
    "gb18030": ("gb18030", "zh"),
    "big5": ("big5", "hant"),
    "shift_jis": ("cp932", "ja"),
    "euc-kr": ("euc_kr", "ko"),
    "windows-1252": ("cp1252", "latin"),
}
"""Label that pages declare → codec, and the texts that are written in it."""

DECLARATIONS = ("right http", "right meta", "wrong http", "wrong meta", "wrong http, right meta", "missing")
SHAPES = ("text long", "text short", "html long", "html short")

JAPANESE = (
    "市は昨日の午後、来年度の予算案を市議会に提出した。",
    "新しい図書館は駅から歩いて五分の場所に建てられ、四月に開館する予定だ。",
    "漁業組合によると、今年のサンマの水揚げは去年の半分にも届かなかった。",
    "「雨が続いて野菜の値段が上がった」と青果店の店主は話している。",
    "県内の小学校では、子どもたちが地元の米作りについて学んでいる。",
    "警察は事故の原因を調べるとともに、付近の道路を一時通行止めにした。",
    "この橋は六十年前に造られ、老朽化が進んでいるため架け替えが決まった。",
    "祭りには二日間で三万人が訪れ、商店街は夜遅くまでにぎわった。",
    "工場の跡地には公園とスポーツセンターを整備する計画である。",
    "バスの運転手が足りず、来月から三つの路線で便数が減ることになった。",
    "研究グループは海水の温度が上がった影響を詳しく調べている。",
    "町長は記者会見で、避難所の設備を見直す考えを示した。",
)
KOREAN = (
    "시는 어제 오후 내년도 예산안을 시의회에 제출했다.",
    "새 도서관은 역에서 걸어서 오 분 거리에 지어지며 사월에 문을 연다.",
    "수협은 올해 오징어 어획량이 지난해의 절반에도 미치지 못했다고 밝혔다.",
    "주민들은 비가 계속 내려 채소값이 많이 올랐다고 말했다.",
    "경찰은 사고 원인을 조사하는 한편 주변 도로의 통행을 잠시 막았다.",
    "이 다리는 육십 년 전에 놓였는데 낡아서 새로 짓기로 했다.",
    "축제에는 이틀 동안 삼만 명이 찾아와 시장 골목이 밤늦게까지 붐볐다.",
    "공장이 있던 자리에는 공원과 체육관을 만들 계획이다.",
    "버스 기사가 부족해 다음 달부터 세 개 노선의 운행 횟수가 줄어든다.",
    "연구진은 바닷물 온도가 높아진 영향을 자세히 살펴보고 있다.",
    "군수는 기자회견에서 대피소 시설을 다시 점검하겠다고 말했다.",
    "초등학생들이 마을 논에서 벼를 심으며 농사를 배우고 있다.",
)
LATIN = (
    (
        "Le conseil municipal a adopté hier le budget de l'année prochaine.",
        "La nouvelle bibliothèque ouvrira ses portes en avril, à cinq minutes de la gare.",
        "Les pêcheurs déclarent que la récolte a été deux fois moins élevée qu'à l'été dernier.",
        "« La pluie a fait monter le prix des légumes », explique un marchand.",
        "La police a fermé la route où l'accident s'était produit.",
        "Le maire espère que le pont sera réparé avant Noël, grâce à l'aide de l'État.",
        "Trente mille visiteurs sont venus à la fête, malgré le froid et la neige.",
        "Des élèves de l'école ont planté des chênes près de la rivière gelée.",
    ),
    (
        "Der Gemeinderat hat gestern den Haushalt für das nächste Jahr beschlossen.",
        "Die neue Bücherei öffnet im April und liegt fünf Minuten vom Bahnhof.",
        "Die Fischer führen die schwächeren Fänge auf das wärmere Wasser zurück.",
        "„Der Regen hat das Gemüse teurer gemacht“, sagt eine Händlerin.",
        "Die Polizei sperrte die Straße, auf der das Unglück geschehen war.",
        "Der Bürgermeister möchte die Brücke vor Weihnachten öffnen können.",
        "Dreißigtausend Gäste kamen trotz der Kälte zum großen Fest.",
        "Schüler pflanzten am Fluss Bäume und hörten dem Förster zu.",
    ),
    (
        "El ayuntamiento aprobó ayer el presupuesto del año próximo.",
        "La nueva biblioteca abrirá en abril, a cinco minutos de la estación.",
        "Los pescadores dicen que este año la captura fue también más pequeña.",
        "«La lluvia encareció las verduras», explicó una señora del mercado.",
        "La policía cerró la carretera donde ocurrió el accidente según los vecinos.",
        "¿Cuándo se reparará el puente? El alcalde respondió que será después del otoño.",
        "Treinta mil personas acudieron a la fiesta a pesar del frío.",
        "Los niños de la escuela plantaron árboles junto al río.",
    ),
)


class Case(NamedTuple):
    """One article as it was served. `group` is charset, declaration and shape."""

    text: str
    data: bytes
    http: str | None
    group: tuple[str, str, str]


class Score(NamedTuple):
    """How many came out exactly, how many were refused, and how many are wrong."""

    exact: int
    refused: int
    wrong: int

    def exact_share(self) -> float:
        return self.exact / (self.exact + self.refused + self.wrong)

    def refused_share(self) -> float:
        """Of those that did not come out exactly; 1 where all did."""
        return self.refused / max(1, self.refused + self.wrong) if self.refused + self.wrong else 1.0


@cache
def _sample_texts() -> tuple[str, ...]:
    found = []
    for path in sorted((PROJECT / "seeds" / "articles").rglob("*.txt")):
        with contextlib.suppress(UnicodeDecodeError):
            found.append(path.read_text(encoding="utf-8").strip())
    return tuple(text for text in found if len(text) > SHORT)


@cache
def _to_traditional() -> opencc.OpenCC:
    return opencc.OpenCC("s2twp")


def article(number: int, language: str) -> str:
    """An article of ours in a language: the samples first, then what the generator writes."""
    generator = Random(f"{SEED}/{number}/{language}")
    if language in ("zh", "hant"):
        samples = _sample_texts()
        story = generate.story_of(number, SEED)
        lines = generate.page_lines(story, "澜川日报", generator)
        text = samples[number // 7] if number // 7 < len(samples) else "\n".join(lines)
        return text if language == "zh" else _to_traditional().convert(text)
    sentences = {"ja": JAPANESE, "ko": KOREAN}.get(language) or generator.choice(LATIN)
    gap = "" if language == "ja" else " "
    count = generator.randint(4, 9)
    return "\n".join(gap.join(generator.sample(sentences, generator.randint(2, 6))) for _ in range(count))


def cases(articles: int = ARTICLES, every: int = 1) -> Iterator[Case]:
    """Articles by turns in every charset, each with every declaration and in every shape, or every n-th of those."""
    taken = 0
    for number in range(articles):
        label = list(CHARSETS)[number % len(CHARSETS)]
        codec, language = CHARSETS[label]
        text = article(number, language).encode(codec, "ignore").decode(codec)
        generator = Random(f"{SEED}/case/{number}")
        for declaration in DECLARATIONS:
            other = generator.choice([wrong for wrong in CHARSETS if CHARSETS[wrong][0] != codec])
            for shape in SHAPES:
                taken += 1
                if taken % every == 0 and not ("meta" in declaration and shape.startswith("text")):
                    yield _case(text, label, other, declaration, shape)


def damaged_cases(articles: int) -> Iterator[Case]:
    """Chinese articles with a byte too many, a byte too few or damage all over: exact but for it, or refused.

    `text` is the article as its charset reads it with the damage; what is refused is as good.
    """
    for number in range(articles):
        label = ("gbk", "big5")[number % 2]
        codec, language = CHARSETS[label]
        random = Random(f"{SEED}/damaged/{number}")
        text = article(number, language).encode(codec, "ignore").decode(codec)
        text = text[: random.choice((60, 120, 500, len(text)))]
        if 2 * sum(map(str.isascii, text)) > len(text):
            continue
        data = bytearray(text.encode(codec))
        share = random.choice((0.0, 0.001, 0.003, 0.01, 0.03))
        for place in random.sample(range(len(data)), max(1, int(share * len(data)))):
            data[place] = random.choice((0xFF, 0x80, random.randrange(0x80, 0x100)))
        wide = {"gbk": "gb18030", "big5": "big5hkscs"}[label]
        yield Case(
            bytes(data).decode(wide, "replace"), bytes(data), random.choice((label, None)), (label, "damaged", "text")
        )


def _case(text: str, label: str, other: str, declaration: str, shape: str) -> Case:
    codec = CHARSETS[label][0]
    if shape.endswith("short"):
        start = text.find("\n") + 1 if len(text) > 3 * SHORT else 0
        text = text[start : start + SHORT].strip()
    declared = dict(reversed(one.split(" ")) for one in declaration.split(", ")) if " " in declaration else {}
    labels = {place: label if kind == "right" else other for place, kind in declared.items()}
    if shape.startswith("html"):
        meta = f'<meta charset="{labels["meta"]}">' if "meta" in labels else ""
        body = "".join(f"<p>{line}</p>\n" for line in text.split("\n"))
        text = f'<!DOCTYPE html>\n<html><head>{meta}<title>{text[:20]}</title></head><body class="article">\n{body}</body></html>'
    return Case(text, text.encode(codec), labels.get("http"), (label, declaration, shape))


def measure(found: Iterator[Case]) -> tuple[Score, list[tuple[Case, str]]]:
    """The score, and the cases that did not come out exactly with what became of them."""
    counts: Counter[str] = Counter()
    failures: list[tuple[Case, str]] = []
    for case in found:
        try:
            text = decode(case.data, case.http).text
        except ArticleRejected as rejection:
            counts["refused"] += 1
            failures.append((case, f"refused: {rejection.detail}"))
            continue
        counts["exact" if text == case.text else "wrong"] += 1
        if text != case.text:
            failures.append((case, text))
    return Score(counts["exact"], counts["refused"], counts["wrong"]), failures


if __name__ == "__main__":
    total, failed = measure(cases())
    groups = Counter((case.group, outcome.startswith("refused: ")) for case, outcome in failed)
    report = {
        "cases": sum(total),
        "exact": total.exact_share(),
        "refused_of_rest": total.refused_share(),
        "failures": {
            " / ".join(group) + (" refused" if refused else " wrong"): n for (group, refused), n in groups.items()
        },
    }
    print(json.dumps(report, ensure_ascii=False, indent=1))
    if "--show" in sys.argv:
        for case, outcome in failed[:40]:
            print(case.group, case.http, case.text[:60].replace("\n", "|"), "→", outcome[:90].replace("\n", "|"))
