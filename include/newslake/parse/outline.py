"""The lines of a page and what is known of them so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from newslake.parse import wording
from newslake.parse.header import Header, read_header_line

# How sure a kind is, by what decided it; ordinal, not calibrated.
BY_MARKUP = 0.95
BY_WORDING = 0.9
BY_SHAPE = 0.8
BY_POSITION = 0.6
BY_DEFAULT = 0.4


@dataclass(slots=True)
class Outline:
    """The lines of a page and what is known of them so far.

    Attributes:
        lines: repaired lines.
        hints: what markup says of each.
        zone: IANA zone for printed times.
        kinds: the kind of each line, None where still unknown; a value of `tables.blocks.KINDS`.
        confidences: how sure each kind is, 0 to 1.
        widths: length of each line in Han characters.
        is_prose: whether each line is running text.
        header: what header and tail lines say.
    """

    lines: list[str]
    hints: list[str | None]
    zone: str
    kinds: list[str | None] = field(init=False)
    confidences: list[float] = field(init=False)
    widths: list[float] = field(init=False)
    is_prose: list[bool] = field(init=False)
    header: Header = field(default_factory=Header)
    _reads: dict[int, Header] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.kinds = [None] * len(self.lines)
        self.confidences = [0.0] * len(self.lines)
        self.widths = wording.measure_widths(self.lines)
        self.is_prose = [
            width > wording.PROSE_WIDTH or wording.is_prose(line, width)
            for line, width in zip(self.lines, self.widths, strict=True)
        ]
        for line_no, width in enumerate(self.widths):
            # "责任编辑:" and "6:30 p.m." end in a mark, and are no sentences.
            if width > wording.PROSE_WIDTH or not self.is_prose[line_no]:
                continue
            line = self.lines[line_no]
            if self.read_header(line_no).is_header or (line[-1] in ":：" and wording.opens_related(line)):
                self.is_prose[line_no] = False

    def read_header(self, line_no: int) -> Header:
        """What a line says when read as a header line; brackets around the whole line are left out."""
        if line_no not in self._reads:
            self._reads[line_no] = read_header_line(self.lines[line_no].strip("（）()【】[] "), self.zone)
        return self._reads[line_no]

    def mark(self, line_no: int, kind: str, confidence: float) -> None:
        """Gives a line its kind, if it has none yet."""
        if self.kinds[line_no] is None:
            self.kinds[line_no] = kind
            self.confidences[line_no] = confidence

    def open_lines(self, start: int, end: int) -> list[int]:
        """Numbers of the lines whose kind is not known yet."""
        return [line_no for line_no in range(start, end) if self.kinds[line_no] is None]


def mark_header(
    outline: Outline, line_no: int, confidence: float, *, must_read: bool = True, kind: str = "header"
) -> bool:
    """Marks a line as header (or, at the tail, footer) and keeps what it says."""
    read = outline.read_header(line_no)
    if must_read and not read.is_header:
        return False
    outline.header.add(read, is_footer=kind == "footer")
    outline.mark(line_no, kind, confidence)
    return True
