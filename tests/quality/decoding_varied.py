"""Other texts to decode: very short ones, figures and Latin among ideographs, rare characters, seven Latin languages.

    PYTHONPATH=include python tests/quality/decoding_varied.py

prints the score of all of them; the test takes fewer. Declarations are any of `DECLARED`, right, wrong or missing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

sys.path.insert(0, str(Path(__file__).parent))

from decoding import Case, measure

JAPANESE = (
    "日経平均株価は前日比２３４円５６銭高の３万８，１２３円で取引を終えた。",
    "東京都は25日、新たに1,234人の感染を確認したと発表。",
    "気象庁によると、台風10号は九州に接近している。",
    "サッカーＪリーグは開幕戦を行い、浦和が２―１で勝利した。",
    "首相は国会で「責任を重く受け止める」と陳謝した。",
    "ｱﾒﾘｶのﾆｭｰﾖｰｸ市場で円安が進んだ。",
    "京都・祇園祭の山鉾巡行が17日、4年ぶりに行われた。",
    "㈱山田製作所は①新工場②研究所を建設する。",
    "髙橋さんと﨑山さんは表彰された。",
    "ソニー、AI搭載カメラを10月に発売",
    "自動車大手は新型車｢ﾌﾟﾘﾏﾍﾞｰﾗ｣を発表した。",
)
KOREAN = (
    "한국은행(韓國銀行)은 기준금리를 연 3.50%로 동결했다.",
    "北, 동해상으로 탄도미사일 발사… 합참 “분석 중”",
    "서울 아파트값 20주 연속 상승, 강남 3구 0.3% 올라",
    "與野, 예산안 처리 합의 불발",
    "뷁·쀍·햏 같은 글자는 옛 코드에 없다.",
    "기상청은 오늘 밤 수도권에 최대 80㎜의 비가 내리겠다고 예보했다.",
    "김 씨는 “정말 기쁘다”며 웃음을 지었다.",
    "시장(市長)은 29일 확대간부회의(擴大幹部會議)를 주재했다.",
    "반도체 2분기 영업이익 10조4천억 원… 전년比 1,452%↑",
)
FRENCH = (
    "L’économie française a crû de 0,3 % au deuxième trimestre, selon l’Insee.",
    "« C’est une première », s’est réjouie la maire, à l’issue du vote – très serré.",
    "Prix : 1 250 € par mois, soit 15 % de plus qu’en 2019…",
    "Le cœur du sujet reste la dette ; l’œuvre est inachevée.",
    "Noël approche : où fêter ça ?",
)
GERMAN = (
    "„Wir müssen jetzt handeln“, sagte die Ministerin am Montag – und kündigte 3,5 Mrd. € an.",
    "Die Züge fahren nach dem Unwetter wieder pünktlich.",
    "Größter Stau seit Jahren: A7 über Stunden gesperrt",
    "Der 43-Jährige überführte das Geld ins Ausland, hieß es.",
    "Öl wird teurer, Benzin auch.",
)
SPANISH = (
    "“No habrá más recortes”, aseguró el presidente en la rueda de prensa.",
    "El déficit bajó al 3,6 % y el paro, al 11,2 %, según el INE.",
    "¡España gana la final! Así fue el gol de Álvarez en el minuto 89.",
    "El año que viene subirán las pensiones un 2,8 %: ¿cuánto cobrarás?",
)
PORTUGUESE = (
    "O ministro afirmou que “não há razão para preocupação” com a inflação.",
    "São Paulo terá mais 200 ônibus elétricos até março – anúncio foi feito ontem.",
    "Eleições: apuração termina às 20h; é possível acompanhar pela televisão.",
    "A ação custou R$ 1,5 milhão e durou três horas, disse o capitão João.",
    "Câmara aprova redução de impostos",
)
ITALIAN = (
    "Il presidente è arrivato a Roma: «Perché no? Sarà un’occasione».",
    "La città è più pulita, però i costi sono saliti del 20 %.",
)
SWEDISH = (
    "Många människor åkte till fjällen över påsken – köerna var långa.",
    "Så här blir vädret på lördag.",
)
DANISH = (
    "Regeringen foreslår lavere moms på frugt og grønt fra næste år.",
    "Københavns Lufthavn får en ny bane i 2026.",
)
SIMPLIFIED = (
    "央行：2024年M2同比增长7.3%，社融增量35.59万亿元",
    "A股三大指数集体收涨 沪指涨1.2%报3,052.9点",
    "5G手机出货量2,145.6万部，同比增长26.4%——信通院",
    "“神舟十八号”航天员乘组出征仪式举行",
    "北京12月5日电（记者 王珏）国家统计局今日发布数据。",
    "地铁4号线（一期）PPP项目中标公示",
    "台风“杜苏芮”登陆福建晋江沿海，中心风力15级",
    "专家提醒：感冒了别乱吃药！",
    "为什么要“双减”？听听老师们怎么说……",
    "陶喆言、李赟、陈镕等三人出席活动。",
    "CBA：江澜112-105临江，外援砍下36分10篮板8助攻",
    "新款手机Pro 15系列售价5999元起，9月22日开售",
)
TRADITIONAL = (
    "恒指收市報17,201點，升0.8%，成交額987億元。",
    "啲市民話「嘅」字點解咁多人用，佢哋覺得好得意。",
    "港鐵東鐵綫今早信號故障，嚟往羅湖列車受阻。",
    "政府統計處公布，9月零售業總銷貨價值按年升13.9%。",
    "台積電ADR大漲4.2%，帶動費城半導體指數走高",
    "中職》味全龍5比3擊敗富邦悍將",
    "颱風小犬逼近，高雄、屏東停班停課",
    "粉嶺、深水埗、鰂魚涌有水浸報告。",
)

TEXTS: Final = (
    ("utf-8", "utf-8", SIMPLIFIED),
    ("utf-8", "utf-8", PORTUGUESE),
    ("gbk", "gbk", SIMPLIFIED),
    ("gb2312", "gbk", SIMPLIFIED),
    ("gb18030", "gb18030", SIMPLIFIED),
    ("big5", "big5", TRADITIONAL),
    ("big5-hkscs", "big5hkscs", TRADITIONAL),
    ("shift_jis", "cp932", JAPANESE),
    ("euc-kr", "euc_kr", KOREAN),
    ("euc-kr", "cp949", KOREAN),
    *(
        ("windows-1252", "cp1252", sentences)
        for sentences in (FRENCH, GERMAN, SPANISH, PORTUGUESE, ITALIAN, SWEDISH, DANISH)
    ),
)
"""Label that pages declare, codec, sentences."""

DECLARED: Final = (
    *("utf-8", "gbk", "gb2312", "gb18030", "big5", "shift_jis", "euc-kr", "windows-1252", "iso-8859-1", "iso-8859-2"),
    *("windows-1250", "windows-1251", "windows-1254", "koi8-r", "euc-jp", "iso-8859-15", "utf-16", "us-ascii", "none"),
)
PLACES: Final = ("right http", "right meta", "wrong http", "wrong meta", "missing", "wrong http, right meta")
SIZES: Final = (2, 3, 5, 8, 12)
"""Sentences of an article: two are a title and a sentence."""


def varied_cases(count: int, seed: int = 5) -> Iterator[Case]:
    """Articles by turns in every charset and language, with any declaration, as text or page."""
    for number in range(count):
        random = Random(f"{seed}/{number}")
        label, codec, sentences = TEXTS[number % len(TEXTS)]
        gap = "" if sentences in (SIMPLIFIED, TRADITIONAL, JAPANESE) else " "
        lines = [random.choice(sentences) for _ in range(random.choice(SIZES))]
        lines = [lines[0], *(gap.join(lines[start : start + 3]) for start in range(1, len(lines), 3))]
        place = random.choice(PLACES)
        wrong = random.choice([name for name in DECLARED if name != label])
        labels = {
            one.split(" ")[1]: label if one.startswith("right") else wrong for one in place.split(", ") if " " in one
        }
        text = "\n".join(lines)
        if "meta" in labels or random.random() < 0.5:
            meta = f'<meta charset="{labels["meta"]}">' if "meta" in labels else ""
            body = "".join(f"<p>{line}</p>\n" for line in lines)
            text = f"<html><head>{meta}<title>{lines[0]}</title></head><body>{body}</body></html>"
        text = text.encode(codec, "ignore").decode(codec)
        yield Case(text, text.encode(codec), labels.get("http"), (label, place, "varied"))


if __name__ == "__main__":
    score, failures = measure(varied_cases(8_000))
    print(score, score.exact_share(), score.refused_share())
    for case, outcome in failures:
        print(case.group, case.http, case.text[:60].replace("\n", "|"), "→", outcome[:90].replace("\n", "|"))
