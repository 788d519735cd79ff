"""Notices of templates, which are no copies of each other. All names are invented."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

SURNAMES = "沈顾陆温程邵季莫庄柯焦裴"
GIVEN = "怀远岚予川启宁知澜舟亦衡昭朗庭素"
PLACES = tuple(f"{a}{b}" for a in "临松澜栖望鹭青云石柏" for b in "江川溪岭浦桥坪湾")
WORKS = ("防汛备汛", "招商引资", "安全生产", "森林防火", "项目建设", "乡村振兴", "生态环保", "教育整顿", "信访维稳", "秋粮收购",
         "城市管理", "减税降费", "稳岗就业", "校园安全", "医保征缴", "电商发展")  # fmt: skip
BUREAUS = (
    "财政局",
    "教育局",
    "水利局",
    "商务局",
    "审计局",
    "统计局",
    "林业局",
    "民政局",
    "司法局",
    "交通运输局",
    "应急管理局",
)
POSTS = (
    "会计",
    "出纳",
    "行政文员",
    "电工",
    "护士",
    "质检员",
    "仓库管理员",
    "网格员",
    "讲解员",
    "司机",
    "客服",
    "造价员",
    "焊工",
    "药剂师",
)
FIRMS = ("恒澜", "瑞泊", "盛桥", "鼎浦", "汇川", "远栖", "嘉岭", "博湾", "信柏", "达坪", "启鹭", "宏望")
ROADS = (
    "滨江路",
    "迎宾路",
    "建设路",
    "望江路",
    "学府路",
    "环湖路",
    "长桥街",
    "北门街",
    "松岭大道",
    "港城大道",
    "文昌路",
    "铁西路",
)


STREETS = ("Larch Street", "Quay Road", "Station Lane", "Mill Hill", "Canal Walk", "Orchard Avenue", "Priory Road",
           "Market Street", "Ferry Lane", "Abbey Close", "Harbour Way", "Pound Lane")  # fmt: skip
TOWNS = ("Aldermere", "Thornwick", "Pellham", "Wendbury", "Marrowby", "Quayside", "Larkford", "Osterleigh", "Brackwell",
         "Hollinford")  # fmt: skip
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "September", "October", "November")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
FORENAMES = ("Ada", "Miles", "Una", "Oscar", "Petra", "Rufus", "Selma", "Tobias", "Nora", "Ivor")
FAMILIES = ("Penrose", "Calder", "Wexcombe", "Harlan", "Ottaway", "Brindle", "Marsh", "Tolliver", "Quill", "Dunmore")


def person(random: Random) -> str:
    return random.choice(SURNAMES) + "".join(random.choices(GIVEN, k=random.randint(1, 2)))


def weather(random: Random) -> str:
    number, pick = random.randint, random.choice
    month, day = number(1, 12), number(1, 27)
    return (
        f"{pick(PLACES)}区气象台{month}月{day}日{number(6, 18)}时发布天气预报：受{pick(('冷空气', '暖湿气流', '副热带高压', '高空槽'))}影响，"
        f"预计今天夜间到明天白天{pick(('多云', '阴', '小雨', '阵雨', '晴'))}转{pick(('多云', '阴', '小雨', '中雨', '晴'))}，"
        f"{pick('东南西北')}风{number(1, 4)}级，气温{number(1, 15)}到{number(16, 36)}摄氏度，相对湿度{number(40, 99)}%。\n"
        f"后天{pick(('多云', '阴', '小雨', '阵雨', '晴'))}，气温{number(1, 15)}到{number(16, 36)}摄氏度，能见度{number(2, 30)}公里。\n"
        "气象部门提醒，近期早晚温差较大，请广大市民注意适时增减衣物，外出注意交通安全，农户要抓住有利天气做好田间管理，并留意最新预报。"
    )


def traffic(random: Random) -> str:
    number, pick = random.randint, random.choice
    road, other = random.sample(ROADS, 2)
    month, day = number(1, 12), number(1, 27)
    return (
        f"因{road}{pick(('雨污管网改造', '路面维修', '电缆入地', '桥梁检测', '燃气管道施工'))}需要，为确保施工期间道路交通安全畅通，"
        f"{pick(PLACES)}区交警大队决定自{month}月{day}日{number(0, 9)}时起至{month}月{day + number(1, 3)}日{number(17, 23)}时止，"
        f"对{road}（{pick(ROADS)}至{pick(ROADS)}段）实行临时交通管制。\n"
        f"管制期间，禁止机动车通行，过往车辆请绕行{other}，{number(100, 199)}路、{number(200, 299)}路公交车临时改道。\n"
        f"请广大交通参与者提前规划出行线路，自觉服从现场交警指挥，按照交通标志标线通行。不便之处，敬请谅解。咨询电话：72{number(100000, 999999)}。"
    )


def recruitment(random: Random) -> str:
    number, pick = random.randint, random.choice
    firm, place = pick(FIRMS), pick(PLACES)
    return (
        f"根据工作需要，{place}{firm}{pick(('物业服务', '文旅发展', '水务', '城投', '公交'))}有限公司现面向社会公开招聘工作人员，有关事项公告如下。\n"
        f"一、招聘岗位：{pick(POSTS)}{number(1, 9)}名，{pick(POSTS)}{number(1, 9)}名，月薪{number(30, 90)}00元。\n"
        f"二、报名条件：具有中华人民共和国国籍，遵守宪法和法律，品行端正，身体健康，年龄在{number(28, 45)}周岁以下，{pick(('大专', '本科', '高中'))}及以上学历，"
        "具备岗位所需的专业知识和工作能力，能吃苦耐劳，服从安排。\n"
        f"三、报名时间：{number(1, 12)}月{number(1, 14)}日至{number(15, 28)}日（工作日）。应聘人员携带身份证、毕业证、学位证原件及复印件到公司综合部报名。\n"
        f"四、录用人员签订劳动合同，试用期{number(1, 3)}个月，依法缴纳社会保险。联系人：{person(random)}，电话：{number(13000000000, 18999999999)}。"
    )


def meeting(random: Random) -> str:
    number, pick = random.randint, random.choice
    place, work = pick(PLACES), pick(WORKS)
    return (
        f"{number(1, 12)}月{number(1, 28)}日，{place}区召开{work}工作会议，传达学习上级有关会议精神，安排部署下一阶段工作。区委书记{person(random)}出席会议并讲话，"
        f"区委副书记、区长{person(random)}主持会议，副区长{person(random)}作工作报告。\n"
        f"会议指出，今年以来全区{work}工作取得明显成效，完成投资{number(2, 90)}.{number(1, 9)}亿元，同比增长{number(2, 19)}.{number(1, 9)}%，但与先进地区相比仍有差距，必须清醒认识存在的问题和不足。\n"
        "会议强调，要提高政治站位，切实增强责任感和紧迫感；要突出工作重点，确保各项任务落到实处；要加强组织领导，严格督查考核，形成齐抓共管的工作合力。\n"
        f"区级有关部门主要负责人，各街道党工委书记，{pick(PLACES)}镇、{pick(PLACES)}镇负责人参加会议。"
    )


def outage(random: Random) -> str:
    """Only the day, the hours and one place differ."""
    return (
        f"因供水主管网改造施工需要，为保障管网安全运行，经研究，定于{random.randint(1, 12)}月{random.randint(1, 28)}日{random.randint(6, 11)}时至"
        f"{random.randint(12, 22)}时对{random.choice(PLACES)}镇部分片区实施计划停水。\n"
        "停水期间，请受影响区域的居民和单位提前做好储水准备，关闭家中用水阀门，以免恢复供水时发生跑水。施工结束后，管网末端和高层用户恢复供水的时间可能稍有延迟，"
        "恢复初期水质可能出现短时浑浊，打开水龙头放水片刻即可正常使用。由此给您带来的不便，敬请谅解。如有疑问，请拨打供水服务热线咨询。"
    )


def appointment(random: Random) -> str:
    """Only names and posts differ."""
    return (
        f"{random.choice(PLACES)}区人民政府任免通知：经区人民政府研究决定，任命{person(random)}为区{random.choice(BUREAUS)}局长，"
        f"{person(random)}为区{random.choice(BUREAUS)}副局长；免去{person(random)}的区{random.choice(BUREAUS)}副局长职务。\n"
        "以上同志的任职试用期按照有关规定执行，试用期满经考核合格的，按规定办理正式任职手续。请有关单位做好工作交接，确保各项工作平稳有序推进，"
        "严格遵守组织人事纪律，自觉接受群众监督。本通知自印发之日起施行。"
    )


def roadworks(random: Random) -> str:
    number, pick = random.randint, random.choice
    return (
        f"{pick(STREETS)} will be closed to traffic between {pick(STREETS)} and {pick(STREETS)} from {number(1, 28)} {pick(MONTHS)} "
        f"to {number(1, 28)} {pick(MONTHS)} while {pick(('a water main is replaced', 'the carriageway is resurfaced', 'gas pipes are laid'))}, "
        f"{pick(TOWNS)} Borough Council has said.\n"
        f"Buses on route {number(2, 98)} will be diverted along {pick(STREETS)}. Access for residents will be kept at all times, "
        "and emergency vehicles will be let through. Businesses stay open as usual. Drivers are asked to allow more time for their "
        "journeys and to follow the signed diversion.\n"
        f"Anyone with questions can call the highways team on 01{number(100, 999)} {number(100000, 999999)} during office hours."
    )


def council_meeting(random: Random) -> str:
    number, pick = random.randint, random.choice
    return (
        f"A meeting of {pick(TOWNS)} Parish Council will be held on {pick(WEEKDAYS)} {number(1, 28)} {pick(MONTHS)} at {number(1, 8)}.{pick((15, 30, 45))}pm "
        f"in {pick(TOWNS)} {pick(('Village Hall', 'Memorial Hall', 'Community Centre'))}.\n"
        "Members of the public and press are welcome to attend. The agenda includes apologies for absence, declarations of "
        f"interest, minutes of the last meeting, planning application {number(10, 24)}/{number(1000, 9999)}, payments of {number(200, 9000)} pounds and "
        "correspondence received by the clerk. Questions from residents are taken at the start and are limited to three minutes "
        f"each.\nPapers can be had from the clerk, {pick(FORENAMES)} {pick(FAMILIES)}, a week before the meeting."
    )


def bin_days(day: date) -> str:
    """Only the day differs."""
    return (
        f"Household waste will be collected in the northern wards on {day:%A} {day.day} {day:%B}. Please leave bins at the edge of "
        "your property by six in the morning, with the lid closed and the handle facing the road. Bags beside the bin are not "
        "taken. Garden waste goes into the brown bin, glass and tins into the blue one.\n"
        "Crews cannot empty bins that are too heavy or hold the wrong things. If your bin was missed, tell us within two working "
        "days and we will come back. The recycling centre is open every day of the week."
    )


def water_quality(day: date) -> str:
    """Only the day differs, and sometimes a figure."""
    return (
        f"根据供水水质公示制度要求，现将{day.year}年{day.month}月{day.day}日城区出厂水水质检测结果公布如下：浑浊度0.{day.day % 3 + 2}NTU，余氯0.45毫克/升，"
        "pH值7.6，色度小于5度，臭和味无，肉眼可见物无，菌落总数未检出，总大肠菌群未检出，高锰酸盐指数1.2毫克/升。\n"
        "以上检测结果均符合国家生活饮用水卫生标准，水质合格率为100%。市民如对水质有疑问，可拨打24小时供水服务热线72880066咨询，或到供水营业厅现场了解。"
        "供水公司将继续加强水源保护和水厂运行管理，确保居民用水安全。"
    )


def planned_outage(day: date) -> str:
    """Only the day differs."""
    return (
        f"因线路检修需要，定于{day.month}月{day.day}日8时至18时对滨江路、迎宾路沿线用户实施计划停电，涉及北门社区、松岭社区、港城花园小区约1200户。\n"
        "停电期间请用户提前做好准备，切勿擅自在停电线路上作业，恢复供电时间可能提前或者推迟，届时不再另行通知。遇恶劣天气，检修工作可能取消或改期。"
        "由此给您带来的不便，敬请谅解。供电服务热线95598，二十四小时为您服务。"
    )


TEMPLATES: dict[str, Callable[[Random], str]] = {
    "weather": weather,
    "traffic": traffic,
    "recruitment": recruitment,
    "meeting": meeting,
    "outage": outage,
    "appointment": appointment,
    "roadworks": roadworks,
    "council": council_meeting,
}
RECURRING: dict[str, Callable[[date], str]] = {
    "waste": bin_days,
    "water": water_quality,
    "power": planned_outage,
}


def notice(seed: int, kind: str) -> str:
    """A notice of a template; of those that recur, one of another day for each of 10,000 seeds."""
    if kind in RECURRING:
        return RECURRING[kind](date(2000, 1, 1) + timedelta(seed % 10_000))
    return TEMPLATES[kind](Random(f"{kind}/{seed}"))
