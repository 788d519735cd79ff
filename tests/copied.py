"""Articles and copies of them, for tests of fingerprints and of clusters: prose at random, notices of a template."""

from __future__ import annotations

import datetime as dt
import random

import pyarrow as pa

DAY = dt.date(2024, 3, 1)
HAN = [chr(code) for code in range(0x4E00, 0x5200)]


def articles(
    texts: dict[str, str],
    dates: dict[str, dt.date | None] | None = None,
    converted: frozenset[str] = frozenset(),
    titles: dict[str, str] | None = None,
) -> pa.Table:
    """Articles whose source has their name."""
    dates, titles = dates or {}, titles or {}
    return pa.table(
        {
            "article_id": pa.array(texts, pa.string()),
            "source": pa.array(texts, pa.string()),
            "is_converted": pa.array([True if name in converted else None for name in texts], pa.bool_()),
            "title": pa.array([titles.get(name) for name in texts], pa.string()),
            "deck": pa.nulls(len(texts), pa.string()),
            "text": pa.array(texts.values(), pa.string()),
            "published_date": pa.array([dates.get(name, DAY) for name in texts], pa.date32()),
            "published_at": pa.array([None] * len(texts), pa.timestamp("us", "UTC")),
        }
    )


def prose(seed: int, paragraphs: int = 6, sentences: int = 5) -> str:
    """Random characters, with a figure in each sentence."""
    made = random.Random(seed)
    return "\n".join(
        "".join(
            "".join(made.choices(HAN, k=made.randint(15, 40))) + f"{made.randint(100, 999)}人。"
            for _ in range(sentences)
        )
        for _ in range(paragraphs)
    )


def edited(text: str, seed: int) -> str:
    """A copy: other first line, one paragraph dropped, a word changed in a third of the sentences."""
    made = random.Random(seed)
    lines = text.split("\n")
    del lines[made.randrange(1, len(lines))]
    sentences = "\n".join(lines).split("。")
    changed = [s[:5] + "".join(made.choices(HAN, k=3)) + s[8:] if made.random() < 0.34 else s for s in sentences]
    return f"本网转发{made.randint(10, 99)}号消息\n" + "。".join(changed)


def weather(seed: int) -> str:
    made = random.Random(seed)
    number = made.randint
    return (
        f"{number(1, 12)}月{number(1, 28)}日，记者从县气象局了解到，受较强冷空气影响，预计{number(1, 28)}日夜间到"
        f"{number(1, 28)}日白天，全县以{made.choice(['多云', '阴天', '小雨', '阵雨'])}为主，气温{number(2, 15)}到"
        f"{number(16, 35)}摄氏度，风力{number(1, 3)}到{number(4, 6)}级。\n"
        f"值班预报员{made.choice('赵钱孙李周吴')}{''.join(made.choices('明华伟芳', k=2))}说，{number(1, 28)}日最低气温将降到"
        f"{number(1, 9)}摄氏度左右，相对湿度百分之{number(40, 99)}，能见度{number(1, 20)}公里。\n"
        "气象部门提醒，大家出门要注意添衣保暖，开车要减速慢行，农户要做好防寒准备，并留意最新的预报和预警。"
    )


def closure(seed: int) -> str:
    made = random.Random(seed)
    number = made.randint
    road, other = made.sample(["滨江路", "迎宾路", "建设路", "中山路", "望江路", "学府路"], 2)
    return (
        f"因{made.choice(['管道改造', '路面维修', '电缆检修', '桥梁检测'])}需要，县交警大队决定自2024年{number(1, 12)}月"
        f"{number(1, 28)}日{number(6, 9)}时起至{number(1, 12)}月{number(1, 28)}日{number(17, 22)}时止，对{road}实行临时交通管制。\n"
        f"管制期间，{road}全长{number(200, 900)}米路段禁止机动车通行，过往车辆请绕行{other}，{number(100, 130)}路公交车临时改道。\n"
        f"请过往车辆和行人服从现场民警指挥，按照交通标志通行。联系电话：72{number(100000, 999999)}。"
    )
