"""Patterns of the words that make a clause a task, from seeds/reference/directive_verbs.txt and the grammar around them."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from newslake.annotate.words.patterns import alternation, kinds_of_words, searchable

MODAL = re.compile(
    r"(?:(?<![需主重首必只想就不纲概摘提扼正快刚既索显紧险次机])(?:[还也都又更并]?要)(?![求素点道害闻闻件职塞领么知旨义饭钱命不是我说等像]|紧(?![扣盯抓密])|闻)"
    r"|还?(?:必须|务必|务求|应当)|(?<![必无])须(?!知)|(?<=[位门府局委级镇])应(?![对用急邀届付运该有])|不得不)"
)
PLAN = re.compile(
    r"(?:(?<![即必])将(?![近军来士领才会要帅其心是]|于[\u4e00-\u9fff])|计划(?![的书生单体列清]|经济|完成|用|总投资)|拟(?![定人议任合态音稿])|打算|准备(?=[\u4e00-\u9fff]{3}))"
)
OPENING = re.compile(
    r"[“\"‘（(　 ]*(?:(?:同时|此外|另外|而且|并且|下一步|接下来|下一阶段|今后|对此|为此|因此|所以|首先|其次|再次|最后|其中|特别是|尤其是|不仅|但|"
    r"第[一二三四五六七八九十][是，、]?|[一二三四五六七八九十][是](?=.)|[一二三四五六七八九十](?=要)|[（(]?[一二三四五六七八九十]{1,3}[）)、.]|"
    r"[（(]?\d{1,2}[）)、.．](?!\d)|[①-⑳]|再次|此次|并(?=[\u4e00-\u9fff])|主?汛期(?!前)|(?!“?十[一二三四五六七八九]五)[^，。“]{2,5}期间|(?:决定|明确)(?=由)|(?:会议|他|她)?(?:强调|指出|要求)(?=要|必须|务必)|(?:全|我)[区市县省](?![面域场上要将应须计委政人内外各]))[，,]?)*"
)
CALL = re.compile(
    r"(?:(?P<strong>要求|(?<=[会议府委部局厅办院央究致商])决定|部署|号召|强调|安排|下一步|接下来|下一阶段|如下要求)|(?<!突)提出|明确|规定|商定|^(?:根据|按照)[^，]{0,25}(?:方案|规划|意见|安排|计划|部署))$"
)
ORDER = re.compile(
    r"(?![^，；。]{0,20}(?:企业|电话|群众|居民|家长|村民|纷纷|对方|消费者|业主|乘客|网友|客户|法院|原告|被告|员工|学生|患者|不得|没有|是否|从不))[^，；。：“”]{0,25}?(?<![需按此规达格的符体合项示部各])(?:要求|责成|责令|(?<=[会议府委部局厅办院央究致商])决定(?![性了于是由]))(?=[^的和，：、])"
)
TRIGGER = re.compile(
    r"要(?<![需主重首必只想就不纲概摘提扼]要)(?![素点道闻件塞是])|必须|务必|务求|应(?<=[位门府局委级镇]应)(?![对用急邀届付运该有])|应当|须(?!知)"
    r"|将(?<![即必]将)(?![近军来士领是])|计划(?![的书生单体列清经完用，。、”》]|用)|拟(?![定人议任合态音稿])|打算|力争|争取"
    r"|强调(?=[，：:])|提出(?=[，：:])|明确(?=[，：:])|部署(?=[，：:])|号召(?=[，：:])|规定(?=[，：:])|商定(?=[，：:])|下一步|接下来|下一阶段|决定(?![性了于是的])|责[成令]"
    r"|之[前内](?<=[底月日年天周]之.)|前(?<=[底月日年天周]前)|内(?<=[底月日年天周]内)"
    r"|方案(?=，)|规划(?=，)|意见(?=，)|安排(?=，)|计划(?=，)|牵头(?=[，。；]|[\u4e00-\u9fff]{2})"
)
"""Every branch begins with a character, so that a search passes over other places at once."""
LEADING_ONLY = ("牵头", "负总责", "牵头负责", "牵头抓总")
WITH_MODAL = re.compile("要|必须|务必|须|应|将|计划|拟|打算")
PAST = re.compile(
    r"已|了(?=$|[，。；”“、])|过去|曾经|以来|目前|截至|现在|去年|上年|历经|荣获|没有|如果|据悉|所谓|需要|有望|可能|难以|预计"
)
JUST_THAT = re.compile(r"[^，]{0,20}?就是要?")
INTRODUCTION = re.compile(
    r"[^，]{0,12}(?:建成|投产|达产|完工|投用|投运|通车|改造)后|是否|为什么|为何|怎么|(?:如果|若|只要|一旦|为了?|由于|因为|随着|虽然|尽管|当)(?!做)"
)
OTHERS = re.compile(
    r"[^，；：“”《》（）]{0,18}?(?:各[^，要]{1,12}|(?:全[区市县省国镇乡州]|我[们区市县省]|大家|有关|相关|广大|干部|党员|部门|单位|企业|地区|区县|镇街|负责人|主体|[省市区县镇乡村路桥街道委局厅院校司团])[^，要]{0,6}?)"
    r"(?:会后|都|也|还|同时)?(?=(?<![需主重首必只想就不纲概摘提扼])要(?![求素点道])|必须|务必|须|应(?![对用急])|将|计划|拟|打算)"
)
_PUSHING = "推进|推动|促进|引领|带动|加快|形成|招引|开展|实施|建立|完成|新建|组织|设立|举办|召开|打造一批"
MANNER = re.compile(
    f"(?:(?:围绕|聚焦|依托|按照|根据|通过|紧扣|立足|针对|借助|以|从|与|在)[^，]{{2,40}}?(?P<verb>{_PUSHING})(?=..)"
    "|(?P<kept>把|将|对|为|给|向)(?=[^，]{4}))"
)
COMES_ABOUT = re.compile(
    r"不低于|不少于|不超过|达到|突破|超过|增长|控制在|保持在|稳定在|提高到|提升到|降至|降到|下降|建成|完成"
)
_DONE_AT_END = "开工|完工|竣工|封顶|合龙|投用|签约|通车|开园|开馆|开业|办结|销号|落地|到位|投产|达产|上线|进场|开放|完毕|交付|达标|开通|过半|接入|入驻|摘牌|移交|全覆盖|见效|清零|印发|印发实施|实施|报备|报送|试运行|点火试运行|见底"

CHARGED = re.compile(
    r"(?:[^，；。]{0,6}?)(?:牵头|负责|负总责|承担|主办|抓总|组织实施|实施|作为[^，；。]{2,6}单位)(?:管理|实施|落实|推进)?"
)
BESIDE = re.compile(r"(?:[^，；。]{0,4}?)(?:配合|参与|协助)")
ACTED_BY = re.compile(r"由[^，；。]{2,14}?(?:负责|牵头|承担|实施)")
CHARGE_WORD = re.compile("负责|牵头")
WILL = re.compile("(?<![即必])将(?![是会有再近超达突])")
NOT_YET = re.compile("才[能会算行]|再说$|一样$")


class DirectiveWords(NamedTuple):
    """Patterns that need the list.

    Attributes:
        head: words of manner and the verb at the beginning of a clause; the group `verb` is empty when manner alone
            carries the task.
        study: what follows a modal in calls to study or understand.
        only_done: a clause of nothing but a verb of completion.
        done: a verb by which something comes about, behind the thing.
    """

    head: re.Pattern[str]
    study: re.Pattern[str]
    only_done: re.Pattern[str]
    done: re.Pattern[str]


@cache
def directive_words() -> DirectiveWords:
    """The patterns, made once."""
    words = kinds_of_words("directive_verbs")
    degree, done = alternation(words["degree"]), alternation(words["done"])
    either = frozenset(words["either"])
    always = alternation(word for word in words["verb"] if word not in either)
    name = "(?!中心|平台|体系|机制|大厅|基地|公司|集团|银行|站|委|局|厅|业(?!务)|员|者|项目|工程|工作|方案|清单|规划|办法|条例|意见|行动|情况|成效|成果|水平|能力|进展|费|额|率|成的)"
    verb = f"(?:{always}|{alternation(either)}{name})"
    second = f"(?:[、和并及]{verb}(?=.{{2}})|(?:建设|发展|改造|开放|培育|实施|完善|推广|落实|运营|使用|整治|搬迁)(?=.{{2}}){name})?"
    return DirectiveWords(
        head=re.compile(f"(?P<degree>(?:{degree}[、，]?(?=.{{2}}))*)(?P<verb>(?:{verb}(?=.)(?!的|[后过]的){second})?)"),
        study=re.compile(
            f"(?:{degree}|深刻|准确|充分|清醒|正确|深|真正|清楚|地|从[^，]{{1,12}})*(?:{alternation(words['study'])})(?![住好])"
        ),
        only_done=re.compile(
            f"(?:全部|全面|正式|如期|基本|必须|顺利|依法依规|{degree})*(?:{done}|{_DONE_AT_END}|解决|{verb})(?:使用|运营|到位|完毕|[^，]{{0,3}}(?:政府|省委|市委|区委|县委))?$"
        ),
        done=re.compile(searchable((*words["done"], *_DONE_AT_END.split("|")))),
    )
