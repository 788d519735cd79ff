"""How plausible a reading of bytes is as text of some language: the scale on which charsets are compared.

A character costs as much as it is surprising: the natural logarithm of its share in a language's
text, by coarse classes (the most common characters, the rest of a charset's first level, of its
second, and what should not occur). Readings of the same bytes can be compared by the sum over all
characters, since each of them has to account for every byte. What the classes are follows from
the codecs themselves: GB 2312, Big5 and JIS X 0208 put their common characters first. Only the few
hundred most common characters are listed here, by frequency in running text.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple
from unicodedata import ucd_3_2_0 as unicode_data  # The same in every version of Python.

import numpy as np
import opencc
from numpy.typing import NDArray

Costs = NDArray[np.float32]

COMMON_CHINESE: Final = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实"
    "日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员"
    "解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象"
    "完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运"
    "企投州县省镇村街办委组织研究项施推落单位服络技农贫环境境景游客车站铁港桥龙镇专线精神改革宣议讲调召讨论责任务负参群众党书记副局厅委员供需求昨午晚报讯者编辑摄影图片源本网络六七八九百千亿元率增速长首批准近周季季星早"
)
COMMON_JAPANESE: Final = (
    "日一人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米力学問高代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性"
    "的要用制治度務強気小七成期公野協取都和統以機平総加山思家話世受区領多県続進正安設保改数記院女初北午指権心界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文反元重近千考判認画海参売利組知案道信"
    "策集在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島直両朝革価式確村提運終挙果西勢減台広容必応演電歳住争談能無再位置企真流格有疑口過局少放税検藤町常校料沢裁状工建語球営空職証土与急止"
    "送援供可役構木割聞身費付施切由説転食比難防補車優夫研収断井何南石足違消境神番規術護展態導鮮備宅害配副算視条幹独警宮究育席輸訪楽起万着乗店述残想線率病農州武声質念待試族象銀域助労例衛然早張映限親額監環験追審商葉"
    "昼冬夏春秋雨雪駅館図橋港祭会員屋客旅鉄道門"
)
COMMON_KOREAN: Final = (
    "이다는의에을가하고은지기를로한도사어자인대서스시나리해아일그라정부수장보구국제전상주들여만원과공으게비조있성관동유안관적연무면했선경실계치오신용방중거교까당모문행산세회내마우소화반생미진학체결입발분개오요트르"
    "습니합없음건강업설물재법직통명참월년금위야던같것때더많말별든래려력련례록론료루류률른름못받점접않았었였겠된될됐됨했할함항향현형호혼확환활황획후히역열영예온올완외왔운움워월웠위육율융은응의임잇있잘저절정족종"
    "줄증직질집찰창책처천철청초최추축출충취친침큰터토투특파판편평포표품프필버베브북불블바밖백번변병복본볼노농높누눈느능늘다단달담답데독돌두드등디따떤또레러렇크키타태테각간감갑강값개객격견결경곳과광국군권귀규균"
    "그극근글급긴길김께끼날남넘네년노녀모목몇매맞먼메며민밀박버살색석섬센소속손송술숙순승식심십싸쓰씨약양억언얼없엇업찾채차착참카코콘"
)
_COMMON_KANA: Final = "のにはをたがでてとしれさあいうるかもならっりまこすそんきくよけだせつどえやおげじみめちわ"
_COMMON_MARKS: Final = "，。、：；！？（）“”‘’《》「」『』【】〈〉—…·・　"
_LATIN_MARKS: Final = "«»¿¡°§£€–—‘’‚“”„…•·©®™ºª\xa0\xad"
_LATIN_COMMON: Final = "éèêàçùôâîïëüöäßñóíáúûãõœæåøìòÉÀ"

LEAST_MEAN: Final = -9.6
"""Mean cost, nats a character beyond ASCII, below which a reading is not believed.

Measured on our sentences: right readings lie between -4 and -8.5, wrong ones mostly below -10.
"""

CLEARLY: Final = -8.2
"""Mean from which a declared charset is believed without looking at other readings."""

PIECE: Final = 200_000
"""Characters that are scored at once: memory does not grow with the text."""

MOST_STRETCHES: Final = 250
"""Stretches of a text that are looked at one by one; of a longer text they are spread evenly."""

_ASCII: Final = -3.0
_FORBIDDEN: Final = -24.0
_STRANGE: Final = -14.0


class Reading(NamedTuple):
    """`total` nats for the whole text; `mean` of the characters beyond ASCII, whose number is `count`."""

    total: float
    mean: float
    characters: int


def score(text: str, families: tuple[str, ...]) -> Reading:
    """The plausibility of a text in the best of some families of languages.

    Args:
        text: any text; what lies beyond the Basic Multilingual Plane counts as strange.
        families: of hans, hant, ja, ko, latin, other.

    >>> score("市里召开会议", ("hans",)).mean > CLEARLY > LEAST_MEAN > score("甡桶梁荎", ("hans",)).mean
    True
    >>> score("plain", ("latin",))
    Reading(total=-15.0, mean=0.0, characters=0)
    """
    totals = np.zeros(len(families))
    characters = 0
    for start in range(0, len(text), PIECE):
        codes = np.frombuffer(text[start : start + PIECE].encode("utf-32-le", "surrogatepass"), np.uint32)
        places = np.flatnonzero(codes > 0x7F)
        characters += len(places)
        if len(places):
            totals += [_cost(codes, places, family) for family in families]
    best = float(totals.max())
    return Reading(_ASCII * (len(text) - characters) + best, best / max(1, characters), characters)


def _cost(codes: NDArray[np.uint32], places: NDArray[np.intp], family: str) -> float:
    high = np.minimum(codes[places], 0xFFFF)
    return float(costs(family)[high].sum(dtype=np.float64)) + _joints(codes, places, family)


def weakest(text: str, families: tuple[str, ...], width: int = 16) -> float:
    """The lowest mean of the stretches of a text, `width` characters each: a place where it turns to nonsense.

    >>> weakest("市里召开会议讨论明年工作甡桶梁荎甡桶梁荎甡桶梁荎甡桶梁荎", ("hans",)) < LEAST_MEAN
    True
    """
    starts = range(0, len(text), width)
    some = starts[:: 1 + len(starts) // MOST_STRETCHES]
    return min((score(text[start : start + width], families).mean for start in some), default=0.0)


def _joints(codes: NDArray[np.uint32], places: NDArray[np.intp], family: str) -> float:
    """What neighbours cost: accented letters side by side, capitals within words, Han within Latin words."""
    if family == "latin":
        letters = places[(codes[places] >= 0xC0) & (codes[places] < 0x250)]
        return -4.0 * int((np.diff(letters) == 1).sum())
    if family == "other":
        return -6.0 * (_inner_capitals(codes, places) + _mixed_words(codes, places))
    return -8.0 * _alone_in_words(codes, places)


def _inner_capitals(codes: NDArray[np.uint32], places: NDArray[np.intp]) -> int:
    kinds = _cases()[np.minimum(codes[places], 0xFFFF)]
    neighbours = np.diff(places) == 1
    return int((neighbours & (kinds[:-1] == 1) & (kinds[1:] == 2)).sum())


def _mixed_words(codes: NDArray[np.uint32], places: NDArray[np.intp]) -> int:
    """How often a letter of another alphabet than Latin touches a small ASCII letter."""
    letters = places[(codes[places] >= 0x250) & (_cases()[np.minimum(codes[places], 0xFFFF)] > 0)]
    padded = np.pad(codes, 1, constant_values=0x20)
    before, after = padded[letters], padded[letters + 2]
    return int(((before >= 0x61) & (before <= 0x7A)).sum() + ((after >= 0x61) & (after <= 0x7A)).sum())


def _alone_in_words(codes: NDArray[np.uint32], places: NDArray[np.intp]) -> int:
    """How many characters stand alone in ASCII and touch a small letter: "Ungl點k" was once "Unglück"."""
    places = places[codes[places] > 0x2FFF]  # Quotes and dashes stand alone by right.
    padded = np.pad(codes, 1, constant_values=0x20)
    before, after = padded[places], padded[places + 2]
    alone = (before <= 0x7F) & (after <= 0x7F)
    touching = ((before >= 0x61) & (before <= 0x7A)) | ((after >= 0x61) & (after <= 0x7A))
    return int((alone & touching).sum())


@cache
def costs(family: str) -> Costs:
    """The cost of each code point of the Basic Multilingual Plane in a family of languages."""
    table = _base().copy()
    if family == "latin":
        _set(table, _latin_letters(), -7.5)
        _set(table, "".join(map(chr, range(0xC0, 0x100))), -7.0)
        _set(table, _LATIN_COMMON, -4.5)
        _set(table, _LATIN_MARKS, -6.0)
    elif family == "other":
        table[_cases() > 0] = -4.8
        _set(table, "оеаинтсрвлкмдпуяОЕАИНТСВПМαοιετσνηυρ", -3.4)
        table[0x4E00:0xA000] = table[0xAC00:0xD7A4] = _STRANGE
    else:
        {"hans": _hans, "hant": _hant, "ja": _japanese, "ko": _korean}[family](table)
        _set(table, _COMMON_MARKS, -4.0)
    return table


def _hans(table: Costs) -> None:
    _set(table, _rows("gb2312", range(0xD8, 0xF8)), -12.2)
    _set(table, _rows("gb2312", range(0xB0, 0xD8)), -9.2)
    _set_ranked(table, COMMON_CHINESE, -4.4, -7.4)


def _hant(table: Costs) -> None:
    _set(table, _rows("big5", range(0xA4, 0xC7)), -9.6)
    common = opencc.OpenCC("s2t").convert("\n".join(COMMON_CHINESE)).replace("\n", "")
    _set(table, "裡着著臺台群床峰", -7.0)
    _set_ranked(table, common, -4.5, -7.5)


def _japanese(table: Costs) -> None:
    _set(table, "".join(map(chr, range(0x30A1, 0x30FB))) + "ー", -6.0)
    _set(table, "".join(map(chr, range(0x3041, 0x3094))), -6.5)
    _set(table, _COMMON_KANA, -4.0)
    _set(table, _rows("euc_jp", range(0xB0, 0xD0)), -9.4)
    _set_ranked(table, COMMON_JAPANESE, -6.2, -8.2)
    table[0xFF61:0xFFA0] = -11.0


def _korean(table: Costs) -> None:
    table[0xAC00:0xD7A4] = -13.5
    _set(table, _rows("euc_kr", range(0xB0, 0xC9)), -9.6)
    _set_ranked(table, COMMON_KOREAN, -4.2, -7.2)


@cache
def _base() -> Costs:
    """What holds in every family unless it says otherwise."""
    table = np.full(0x10000, _STRANGE, np.float32)
    for code in range(0x80, 0x10000):
        category = unicode_data.category(chr(code))
        if category in ("Cc", "Cn", "Co", "Cs"):
            table[code] = _FORBIDDEN
        elif category[0] in "PSZ":
            table[code] = -10.0 if category in ("Sm", "So", "Sk") else -8.5
    table[0x391:0x3CA] = table[0x410:0x450] = -9.5
    table[0x3040:0x3100] = -10.0
    table[0x3105:0x3130] = -13.0
    table[0x2500:0x2600] = -10.5
    table[0x4E00:0xA000] = -15.0
    table[0xAC00:0xD7A4] = -14.0
    table[0xFF01:0xFF5F] = -7.5
    table[0xFF61:0xFFA0] = -14.0
    table[0xFFFD] = -26.0
    table[0xFFFF] = _STRANGE
    table[[0x85, 0xFEFF, 0x200B, 0x2028]] = -9.0
    table[:0x80] = _ASCII
    return table


@cache
def _cases() -> NDArray[np.uint8]:
    """Per code point: 1 a small letter or one without case, 2 a capital, 0 none of them."""
    kinds = {"Ll": 1, "Lo": 1, "Mn": 1, "Lu": 2}
    found = [kinds.get(unicode_data.category(chr(code)), 0) for code in range(0x10000)]
    return np.array(found, np.uint8)


def _latin_letters() -> str:
    return "".join(map(chr, [*range(0x100, 0x180), *range(0x1EA0, 0x1EFA)]))


def _rows(charset: str, leads: range) -> str:
    """The characters of a charset whose first byte is one of some."""
    seconds = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    return "".join(bytes((lead, second)).decode(charset, "ignore") for lead in leads for second in seconds)


def _set(table: Costs, characters: str, cost: float) -> None:
    table[[ord(character) for character in characters]] = cost


def _set_ranked(table: Costs, characters: str, first: float, last: float) -> None:
    """Costs growing by rank, as frequencies fall; a character listed twice keeps its better rank."""
    ranked = list(dict.fromkeys(characters))
    for rank, character in enumerate(ranked):
        table[ord(character)] = first + (last - first) * (rank / len(ranked)) ** 0.5
