"""The labels of header and tail lines, and the field that each of them names."""

from __future__ import annotations

import re

# label → field; "" for labels that only end the value before them.
LABELS = {
    "来源": "source_name", "稿源": "source_name", "信息来源": "source_name", "稿件来源": "source_name",
    "文章来源": "source_name", "本文来源": "source_name", "新闻来源": "source_name", "消息来源": "source_name", "来源于": "source_name",
    "出处": "source_name", "来自": "source_name", "转自": "source_name", "转载自": "source_name", "发布机构": "source_name",
    "发布单位": "source_name", "发文机关": "source_name", "发文机构": "source_name", "供稿单位": "source_name", "信息来源单位": "source_name",
    "图片来源": "", "数据来源": "", "视频来源": "", "资料来源": "",
    "編輯": "editor", "编辑": "editor", "本文编辑": "editor", "网络编辑": "editor", "编辑人": "editor",
    "实习编辑": "editor", "执行编辑": "editor", "新媒体编辑": "editor", "本期编辑": "editor", "核稿编辑": "reviewer", "编发": "editor",
    "责任编辑": "responsible_editor", "责编": "responsible_editor", "值班编辑": "editor",
    "作者": "reporters", "记者": "reporters", "本报记者": "reporters", "撰稿": "reporters", "撰文": "reporters", "采写": "reporters",
    "见习记者": "reporters", "实习记者": "reporters", "特约记者": "reporters", "全媒体记者": "reporters", "采访记者": "reporters",
    "文/记者": "reporters", "本网记者": "reporters", "文": "text", "文/图": "both", "图/文": "both", "文图": "both", "图文": "both",
    "执笔": "reporters", "执笔人": "reporters", "撰稿人": "reporters", "采写人": "reporters", "文字": "reporters", "文案": "reporters",
    "文字记者": "reporters", "实习生": "reporters", "采访": "reporters",
    "通讯员": "correspondents", "特约通讯员": "correspondents", "供稿人": "",
    "摄影": "photographers", "摄影记者": "photographers", "摄像": "photographers", "图片": "photographers", "拍摄": "photographers",
    "供图": "photographers", "图": "photographers", "摄": "photographers",
    "发布时间": "published", "发表时间": "published", "发布日期": "published", "时间": "published", "日期": "published",
    "公开日期": "published", "公开时间": "published", "发布日": "published", "上传时间": "published", "录入时间": "published",
    "成文日期": "written", "发文日期": "written", "成文时间": "written", "生成日期": "written", "印发日期": "written", "制发日期": "written",
    "生效日期": "written", "施行日期": "written", "废止日期": "written", "截止日期": "written", "失效日期": "written",
    "索引号": "", "主题分类": "", "信息分类": "", "公文种类": "", "体裁分类": "", "发文字号": "", "文号": "", "标题": "", "有效性": "",
    "主题词": "", "公开方式": "", "公开形式": "", "公开范围": "", "公开主体": "", "服务对象": "", "信息索引": "", "内容分类": "", "组配分类": "",
    "发布人": "", "发布者": "", "录入": "", "录入人": "", "上传": "", "文字大小": "", "出品": "", "剪辑": "", "海报": "", "排版": "",
    "总策划": "", "配音": "", "播音": "", "翻译": "", "编译": "", "整理": "", "总编辑": "", "总编": "", "点击率": "", "访问统计": "",
    "发稿时间": "published", "发表日期": "published", "发布于": "published", "发布": "published",
    "更新时间": "updated", "更新日期": "updated", "修改时间": "updated", "最后更新": "updated",
    "审核": "reviewer", "审核人": "reviewer", "终审": "reviewer", "三审": "reviewer", "审签": "reviewer", "签发": "reviewer",
    "监制": "reviewer", "总监制": "reviewer", "复审": "reviewer", "二审": "reviewer", "初审": "reviewer", "一审": "reviewer",
    "编审": "reviewer", "校审": "reviewer", "核稿": "reviewer", "初核": "reviewer", "复核": "reviewer", "终核": "reviewer", "签审": "reviewer",
    "审稿": "reviewer", "审定": "reviewer", "审阅": "reviewer",
    "点击次数": "", "点击数": "", "点击量": "", "点击": "", "浏览次数": "", "浏览量": "", "浏览": "", "阅读次数": "",
    "阅读量": "", "阅读数": "", "阅读": "", "访问量": "", "访问次数": "", "人气": "", "评论": "", "评论数": "", "字号": "",
    "字体": "", "字体大小": "", "分享到": "", "分享": "", "打印": "", "关键词": "", "关键字": "", "标签": "", "栏目": "",
    "分类": "", "审校": "", "校对": "", "主编": "", "制作": "", "视频": "", "美编": "", "统筹": "", "策划": "",
    "值班编委": "", "值班主任": "", "版次": "", "版面": "", "我要评论": "", "供稿": "", "原标题": "",
}  # fmt: skip
ENGLISH_LABELS = {
    "source": "source_name", "editor": "editor", "edited by": "editor", "editing by": "editor", "published": "published",
    "posted": "published", "date": "published", "updated": "updated", "last updated": "updated", "modified": "updated",
    "author": "reporters", "authors": "reporters", "reporter": "reporters", "by": "reporters", "views": "", "tags": "",
    "photo": "photographers", "photos": "photographers", "photographer": "photographers", "photo by": "photographers",
    "published on": "published", "posted on": "published", "updated on": "updated", "reporting by": "reporters",
    "reviewed by": "reviewer", "reviewer": "reviewer",
}  # fmt: skip
# Of several reviewers the last to see an article is named; this is their order, the last one first.
REVIEWERS = (
    "终审",
    "终核",
    "三审",
    "审签",
    "签审",
    "签发",
    "审定",
    "审核",
    "审核人",
    "审阅",
    "审稿",
    "核稿",
    "核稿编辑",
    "编审",
    "校审",
    "总监制",
    "监制",
    "复审",
    "复核",
    "二审",
    "初审",
    "初核",
    "一审",
)


# Labels that are words of headlines, too: 春灌图片：水到田头.
WORDS = frozenset(
    [
        "图片",
        "文字",
        "视频",
        "采访",
        "整理",
        "翻译",
        "编译",
        "海报",
        "出品",
        "文案",
        "标题",
        "制作",
        "标签",
        "分类",
        "实习生",
        "来自",
        "出处",
        "上传",
        "录入",
        "剪辑",
        "排版",
    ]
)


def _spaced(label: str) -> str:
    """Labels of two or three characters are often set apart (来　源, 索 引 号); one character, or an everyday word, is none behind a word's other half."""
    if len(label) == 1 or label in WORDS:
        return rf"(?<![\u4e00-\u9fff]){label}"
    return r"\s{0,4}".join(label) if len(label) in (2, 3) and "/" not in label else re.escape(label)


# The first characters, looked for ahead of the labels, spare most places in a line the trial of each label.
_FIRST = "".join(sorted({label[0] for label in LABELS}))
LABEL = re.compile(
    f"(?P<han>(?=[{_FIRST}])(?:" + "|".join(map(_spaced, sorted(LABELS, key=len, reverse=True))) + r"))\s*[:：﹕]\s*"
    r"|(?:(?<=[\s|·•(\[;])|^)(?P<latin>(?i:"
    + "|".join(sorted(ENGLISH_LABELS, key=len, reverse=True))
    + r"))\s*[:：]\s*"
    r"|(?P<at>发[布表]于)\s*(?=(?:19|20)\d{2})"
)
# Cheaper than the pattern above: what every label ends in, and the character before it.
_LAST = "".join(sorted({label[-1] for label in LABELS}))
LABEL_MARK = re.compile(rf"[:：﹕](?<=[{_LAST}A-Za-z\s].)|于(?<=发[布表]于)")


def field_of(label: re.Match[str]) -> str:
    """The field of a match of `LABEL`; empty for a label that only ends the value before it."""
    if label["at"]:
        return "published"
    if label["latin"]:
        return ENGLISH_LABELS[label["latin"].lower()]
    return LABELS["".join(label["han"].split())]


def reviewer_rank(label: re.Match[str]) -> int:
    """How near to the last a reviewer saw an article; 0 is the last.

    >>> [reviewer_rank(label) for label in LABEL.finditer("一审:李明 终审:赵强")]
    [22, 0]
    """
    name = "".join((label["han"] or "").split())
    return REVIEWERS.index(name) if name in REVIEWERS else len(REVIEWERS)


def strip_label(value: str) -> str:
    """A value of metadata without the label that some sites print into it.

    >>> strip_label(" 责任编辑：李明"), strip_label("编辑部")
    ('李明', '编辑部')
    """
    value = value.strip()
    label = LABEL.match(value)
    return value[label.end() :] if label else value
