"""Words in CoNLL-U (https://universaldependencies.org/format.html): ten columns, of which lemma, features and syntax are `_`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

UPOS: Final = {
    "PROPN": ("nr", "nrfg", "nrt", "ns", "nt", "nz"),
    "NOUN": ("n", "ng", "vn", "an", "j", "q", "mq", "t", "tg", "s"),
    "VERB": ("v", "vg", "vi", "vq"),
    "ADJ": ("a", "ag", "b", "z"),
    "ADV": ("ad", "d", "dg", "df", "vd"),
    "NUM": ("m", "mg"),
    "PRON": ("r", "rg", "rr", "rz"),
    "ADP": ("f", "p"),
    "CCONJ": ("c",),
    "AUX": ("ug", "ul", "uz"),
    "PART": ("h", "k", "u", "ud", "uj", "uv", "y"),
    "INTJ": ("e",),
    "PUNCT": ("w",),
}
"""Universal part of speech → our tags (those of jieba) as UD_Chinese-GSD uses them: measure words, times and localizers
are nouns or adpositions there, 了 and 着 auxiliaries. Tags of several classes (i, l, zg, eng, x) are X."""
_UPOS_OF: Final = {tag: upos for upos, tags in UPOS.items() for tag in tags}
_SPACES: Final = str.maketrans({" ": "\\s", "\t": "\\t", "\n": "\\n", "\r": "\\r", "|": "\\p", "\\": "\\\\"})
"""Escapes of white space in MISC, as UDPipe writes it."""


def universal(tag: str | None) -> str:
    """The universal part of speech; X where it is not known.

    >>> universal("ns"), universal("vn"), universal("eng"), universal(None)
    ('PROPN', 'NOUN', 'X', 'X')
    """
    return _UPOS_OF.get(tag or "", "X")


def document(article: Mapping[str, Any], sentences: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """An article's sentences, one text each.

    Args:
        article: with article_id, url, language, text.
        sentences: its rows of `sentences`, in order.
    """
    text = article["text"]
    block_no = None
    for number, sentence in enumerate(sentences):
        head = [
            f"# newdoc id = {article['article_id']}" if number == 0 else "",
            f"# url = {_line(article['url'])}" if number == 0 else "",
            f"# newpar id = {article['article_id']}-b{sentence['block_no']}"
            if sentence["block_no"] != block_no
            else "",
            f"# sent_id = {article['article_id']}-{sentence['sentence_no']}",
            f"# text = {_line(sentence['text'])}",
            f"# lang = {article['language']}" if article["language"] else "",
        ]
        block_no = sentence["block_no"]
        following = sentences[number + 1]["start"] if number + 1 < len(sentences) else len(text)
        words = _words(text, sentence["tokens"], following)
        yield "\n".join([*filter(None, head), *words, "", ""])


def _words(text: str, tokens: Sequence[Mapping[str, Any]], following: int) -> Iterator[str]:
    ends = [token["start"] for token in tokens[1:]] + [following]
    for number, (token, after) in enumerate(zip(tokens, ends, strict=True), start=1):
        space = _space(text[token["end"] : after])
        misc = "|".join([*space, f"start={token['start']}", f"end={token['end']}"])
        tag = token["pos"]
        yield "\t".join([str(number), _line(token["text"]), "_", universal(tag), tag or "_", *"____", misc])


def _space(between: str) -> list[str]:
    r"""What stands between two words: a single space is what CoNLL-U takes for granted.

    >>> _space(" "), _space(""), _space("\n\u3000")
    ([], ['SpaceAfter=No'], ['SpacesAfter=\\n\u3000'])
    """
    if between == " ":
        return []
    return [f"SpacesAfter={between.translate(_SPACES)}"] if between else ["SpaceAfter=No"]


def _line(text: str) -> str:
    """A text that cannot end its line or column."""
    return text.translate(_BREAKS)


_BREAKS: Final = dict.fromkeys(map(ord, "\t\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), " ")
