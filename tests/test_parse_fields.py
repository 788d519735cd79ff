"""Header lines, datelines, dates and titles."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newslake.parse.dateline import read_closing_byline, read_dateline
from newslake.parse.dates import find_printed_time
from newslake.parse.event_date import find_event_date
from newslake.parse.header import read_header_line
from newslake.parse.names import read_english_byline, split_names
from newslake.parse.title import strip_site_suffix

SHANGHAI = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("printed", "zone", "expected"),
    [
        ("2024-02-20 02:03:38", SHANGHAI, "2024-02-19T18:03:38+00:00"),
        ("2024年2月20日 18:03", SHANGHAI, "2024-02-20T10:03:00+00:00"),
        ("2024年02月20日18时03分", SHANGHAI, "2024-02-20T10:03:00+00:00"),
        ("2024年2月20日 星期二 下午6:03", SHANGHAI, "2024-02-20T10:03:00+00:00"),
        ("２０２４年２月２０日 １８：０３", SHANGHAI, "2024-02-20T10:03:00+00:00"),
        ("2024/2/20 8:05", SHANGHAI, "2024-02-20T00:05:00+00:00"),
        ("2024.02.20 08:05", "UTC", "2024-02-20T08:05:00+00:00"),
        ("2024-02-2008:05", "UTC", "2024-02-20T08:05:00+00:00"),
        ("Feb. 20, 2024, 6:30 p.m.", "UTC", "2024-02-20T18:30:00+00:00"),
        ("February 20, 2024 at 6:30 PM EST", "UTC", "2024-02-20T23:30:00+00:00"),
        ("20 Feb 2024 12:00 am", "UTC", "2024-02-20T00:00:00+00:00"),
        ("2024-02-20T02:03:38Z", SHANGHAI, "2024-02-20T02:03:38+00:00"),
        ("2024-02-20T02:03:38.123+08:00", "UTC", "2024-02-19T18:03:38+00:00"),
        ("2024-02-20T02:03:38+0530", "UTC", "2024-02-19T20:33:38+00:00"),
        ("Tue, 20 Feb 2024 02:03:38 +0800", "UTC", "2024-02-19T18:03:38+00:00"),
        ("Tue, 20 Feb 2024 02:03:38 GMT", SHANGHAI, "2024-02-20T02:03:38+00:00"),
    ],
)
def test_printed_times(printed: str, zone: str, expected: str) -> None:
    found = find_printed_time(printed, zone)
    assert found is not None
    assert found.at is not None
    assert found.at.isoformat() == expected
    assert found.day == date(2024, 2, 20)


@pytest.mark.parametrize(
    "printed",
    [
        "2024年2月20日",
        "2024/2/20",
        "2024.02.20",
        "February 20, 2024",
        "20 Feb 2024",
        "20th February 2024",
        "2024-02-20 25:00",
    ],
)
def test_a_date_alone_is_a_date(printed: str) -> None:
    found = find_printed_time(printed, SHANGHAI)
    assert found is not None
    assert (found.at, found.day, found.zone) == (None, date(2024, 2, 20), SHANGHAI)


@pytest.mark.parametrize(
    "printed", ["2024-13-45", "2023-02-29", "", "2月20日", "第2024号", "1.2024.3", "12024-02-20", "May 2024"]
)
def test_no_date(printed: str) -> None:
    assert find_printed_time(printed, SHANGHAI) is None


@pytest.mark.parametrize(
    ("printed", "zone"),
    [
        ("2024-02-20T02:03+08:00", SHANGHAI),
        ("2024-02-20T02:03-05:00", "Etc/GMT+5"),
        ("2024-02-20T02:03Z", "UTC"),
        ("2024-02-20T02:03+05:30", "Asia/Kolkata"),
    ],
)
def test_printed_zone_wins(printed: str, zone: str) -> None:
    found = find_printed_time(printed, SHANGHAI)
    assert found is not None
    assert found.zone == zone


@pytest.mark.parametrize(
    ("paragraph", "published", "expected"),
    [
        ("2月19日，全县春灌会议召开。", date(2024, 2, 20), date(2024, 2, 19)),
        ("2月20日，全县春灌会议召开。", date(2024, 2, 20), date(2024, 2, 20)),
        ("12月30日，全县春灌会议召开。", date(2024, 1, 2), date(2023, 12, 30)),
        ("2月29日，全县春灌会议召开。", date(2023, 3, 1), None),
        ("2019年5月3日，水库建成。", date(2024, 2, 20), None),
        ("2024年2月3日，水库建成。", date(2024, 2, 20), date(2024, 2, 3)),
        ("5月20日是世界计量日。", date(2024, 3, 10), None),
        ("5月18日起，图书馆夜间开放。", date(2024, 5, 20), date(2024, 5, 18)),
        ("2024年5月1日起，新规施行。", date(2024, 3, 10), None),
        ("李明生于3月5日。", date(2024, 4, 2), None),
        ("今年3月7日以前提出申请。", date(2024, 3, 10), None),
        ("3月8日前交稿。", date(2024, 3, 10), None),
        ("3月8日前往渠首。", date(2024, 3, 10), date(2024, 3, 8)),
        ("“3月8日妇女节”前夕，全县召开座谈会。", date(2024, 3, 10), None),
        ("2019年5月3日，水库建成。", None, date(2019, 5, 3)),
        ("去年2月25日，水库建成。", date(2024, 2, 20), date(2023, 2, 25)),
        ("On Feb. 19, the council met.", date(2024, 2, 20), date(2024, 2, 19)),
        ("2月19日，水库建成。", None, None),
        ("98年1月11日，水库建成。", date(2012, 1, 20), None),
        ("2月31日，水库建成。", date(2024, 2, 20), None),
        ("昨日，水库建成。", date(2024, 2, 20), None),
        ("19日，水库建成。", date(2024, 2, 20), None),
        ("截至2月19日，水库蓄水过半。", date(2024, 2, 20), None),
        ("水库将于3月1日放水。", date(2024, 2, 20), None),
        ("县里的水库" + "经过多年建设" * 8 + "，2月19日建成。", date(2024, 2, 20), None),
    ],
)
def test_event_dates(paragraph: str, published: date | None, expected: date | None) -> None:
    assert find_event_date(paragraph, published) == expected


def test_bare_day_counts_behind_a_dateline() -> None:
    assert find_event_date("县水利局5日宣布，水库放水。", date(2024, 1, 6), 1) == date(2024, 1, 5)
    assert find_event_date("县水利局31日宣布，水库放水。", date(2024, 2, 1), 1) == date(2024, 1, 31)


@pytest.mark.parametrize(
    ("line", "source", "editor", "responsible", "reporters"),
    [
        ("2024-02-20 02:03:38来源：某县融媒体中心编辑：李明责任编辑：", "某县融媒体中心", "李明", None, ()),
        ("2024-02-20 02:03:38 来源:某县融媒体中心 编辑:李明 责任编辑:赵强", "某县融媒体中心", "李明", "赵强", ()),
        ("稿源：某县日报 | 作者：李明 赵强 | 责编：钱小兰", "某县日报", None, "钱小兰", ("李明", "赵强")),
        ("信息来源: 某县水利局　发布时间: 2024-02-20　点击次数: 12", "某县水利局", None, None, ()),
        ("来 源：某县日报 编　辑：李明", "某县日报", "李明", None, ()),
        ("记者：李明 通讯员：赵强 钱小兰", None, None, None, ("李明",)),
        ("来源： 编辑： 责任编辑：", None, None, None, ()),
        ("2024年02月20日18:03 某县晚报 我要评论", "某县晚报", None, None, ()),
        ("本报记者 李明 赵强", None, None, None, ("李明", "赵强")),
        ("By Jane Doe and John Q. Smith", None, None, None, ("Jane Doe", "John Q. Smith")),
        ("By Jane Doe | Example Courier | March 5, 2024", "Example Courier", None, None, ("Jane Doe",)),
        ("By Jane Doe and Ann Lee, March 5, 2024", None, None, None, ("Jane Doe", "Ann Lee")),
        ("By Jane Doe Updated March 5, 2024, 6:30 p.m.", None, None, None, ("Jane Doe",)),
        ("Source: Example Courier | Editor: Ann Lee", "Example Courier", "Ann Lee", None, ()),
        ("责任编辑：【李明】", None, None, "李明", ()),
        ("2024-02-20 10:11:12 来源：某县日报(西部) 有0人参与 手机看新闻", "某县日报(西部)", None, None, ()),
        ("责任编辑：X075（本文来源：某县日报）", "某县日报", None, "X075", ()),
        ("记者李明／台北报导", None, None, None, ("李明",)),
        ("记者蒋 凌", None, None, None, ("蒋凌",)),
        ('作者：size="20" 来源：size="20"', None, None, None, ()),
    ],
)
def test_header_lines(
    line: str, source: str | None, editor: str | None, responsible: str | None, reporters: tuple[str, ...]
) -> None:
    header = read_header_line(line, SHANGHAI)
    assert header.is_header
    assert (header.source_name, header.editor, header.responsible_editor, header.reporters) == (
        source,
        editor,
        responsible,
        reporters,
    )


@pytest.mark.parametrize(
    "line",
    ["春灌工作全面展开", "2024年2月20日新闻发布会实录", "记者：今年的水够用吗？", "记者节快乐", "记者从县水利局获悉", "By the river at dawn", "来源于山间的水", "县长：把水送到田头", "他说来源：水从山上来，一路流过七个乡镇。渠道很长。",
     "Sources say the harbour will reopen",
     "By Jane Doe | why the old harbour was closed | March 5, 2024"],
)  # fmt: skip
def test_no_header_lines(line: str) -> None:
    assert not read_header_line(line, SHANGHAI).is_header


def test_time_of_publication_before_update() -> None:
    header = read_header_line("更新时间：2024-03-01 发布时间：2024-02-20", SHANGHAI)
    assert header.printed is not None
    assert header.printed.day == date(2024, 2, 20)


@pytest.mark.parametrize(
    ("paragraph", "reporters", "place", "month"),
    [
        ("本报讯（记者 李明 通讯员 赵强）县里开闸放水。", ("李明", "赵强"), None, None),
        ("新华社北京1月5日电（记者李明、赵强）水利部门宣布放水。", ("李明", "赵强"), "北京", 1),
        ("某县网讯(记者 吴一 程二 何三四)2月19日，县里开会。", ("吴一", "程二", "何三四"), None, None),
        ("（记者 李明 通讯员 赵强）县里开闸放水。", ("李明", "赵强"), None, None),
        ("本报记者 李明 报道：县里开闸放水。", ("李明",), None, None),
        ("本报讯 记者李明报道：县里开闸放水。", ("李明",), None, None),
        ("中新网上海3月2日电 (李明 赵强)港口开放。", (), "上海", 3),
        ("本报讯 县里开闸放水。", (), None, None),
        ("〔记者李明／台北报导〕水库放水。", ("李明",), "台北", None),
        ("记者从县水利局获悉，水库放水。", (), None, None),
        ("记者李明昨日走进渠首。", (), None, None),
        ("水利消息灵通的人说，水要来了。", (), None, None),
        ("BEIJING, Jan. 5 (Agency) — Water came.", (), "Beijing", 1),
        ("NEW YORK — Water came.", (), "New York", None),
        ("US officials said water came.", (), None, None),
    ],
)
def test_datelines(paragraph: str, reporters: tuple[str, ...], place: str | None, month: int | None) -> None:
    dateline = read_dateline(paragraph)
    assert (dateline.names.reporters + dateline.names.correspondents, dateline.place, dateline.month) == (
        reporters,
        place,
        month,
    )


def test_names() -> None:
    assert split_names("李 明、周和平 赵强和钱小兰") == ("李明", "周和平", "赵强", "钱小兰")
    assert split_names("阿不都·买买提 某县水利局办公室") == ("阿不都·买买提",)
    assert read_closing_byline("大桥通车。（记者 李明）").reporters == ("李明",)
    assert read_closing_byline("大桥通车（全长三公里）").reporters == ()
    assert read_english_byline("By Jane Doe, Staff Writer") == ("Jane Doe",)


@pytest.mark.parametrize(
    ("title", "is_given", "expected"),
    [
        ("春灌开始啦 - 某县网", False, "春灌开始啦"),
        ("春灌开始啦_要闻_新闻中心", False, "春灌开始啦"),
        ("春灌开始啦-农机下田", True, "春灌开始啦-农机下田"),
        ("特写｜渠首的春天", True, "特写｜渠首的春天"),
        ("Harbour plan approved | Site", True, "Harbour plan approved"),
        ("Harbour plan approved - The Example Courier", True, "Harbour plan approved"),
        ("Harbour re-opens at Times Square", True, "Harbour re-opens at Times Square"),
        ("春灌", True, "春灌"),
        ("", True, ""),
    ],
)
def test_site_suffixes(title: str, is_given: bool, expected: str) -> None:
    assert strip_site_suffix(title, is_given=is_given) == expected


@given(
    st.dates(date(1990, 1, 1), date(2099, 12, 31)),
    st.times(),
    st.sampled_from(
        ["{:%Y-%m-%d %H:%M:%S}", "{:%Y/%m/%d %H:%M:%S}", "{:%Y年%m月%d日 %H:%M:%S}", "{:%B %d, %Y, %I:%M:%S %p}"]
    ),
)
def test_any_time_is_read_back(day: date, time: object, style: str) -> None:
    from datetime import UTC, datetime

    moment = datetime.combine(day, time).replace(microsecond=0, tzinfo=UTC)  # type: ignore[arg-type]
    found = find_printed_time(style.format(moment), "UTC")
    assert found is not None
    assert found.at == moment


@given(st.text(alphabet="来源：:编辑 责任2024-02年月日时记者李明()（）ByJane.,|", max_size=60))
def test_fields_never_raise(line: str) -> None:
    read_header_line(line, SHANGHAI)
    read_dateline(line)
    find_event_date(line, date(2024, 2, 20), 2)
    strip_site_suffix(line, is_given=True)


@given(st.dates(date(1995, 1, 1), date(2030, 12, 31)), st.integers(1, 12), st.integers(1, 28))
def test_event_is_never_after_publication(published: date, month: int, day: int) -> None:
    found = find_event_date(f"{month}月{day}日，水库放水。", published)
    if found is None:
        last = date(published.year - ((month, day) > (published.month, published.day)), month, day)
        assert (published - last).days > 100
        return
    assert 0 <= (published - found).days <= 100
    assert (found.month, found.day) == (month, day)
