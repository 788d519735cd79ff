"""An archive's bytes → its records, each checked: nothing that was cut off or damaged passes for whole.

fastwarc and warcio read past most truncations without a word. So a record counts only if its header says how
long it is, so many bytes came, the marks that close it follow, and its compressed member came to its end.
Behind what does not fit, reading goes on at the next header.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from heapq import merge
from typing import NamedTuple

from newslake.acquire import streams
from newslake.acquire.heads import ARC, HEAD_BYTES, WARC, Format, Head
from newslake.acquire.members import RECORD_START, Segment

LOOKAHEAD = 12
"""Bytes of the closing marks and of the next header's beginning."""
LOOKAHEAD_ARC = 300
_SEEN_BYTES = 16 * 2**20
_HEADS = (b"WARC/1.0\r\nWARC-Type: ", b"WARC/1.1\r\nWARC-Type: ")
_KIND_AT = len(_HEADS[0])
_KINDS = {
    kind[:5].encode(): f"{kind} records"
    for kind in ("response", "request", "metadata", "warcinfo", "revisit", "resource", "conversion")
}
_RESPONSE = "response records"
_MOST_DIGITS = 18
_CONTENT_LENGTH = b"\r\nContent-Length: "
_CLOSING = b"\r\n\r\nWARC/"


class Record(NamedTuple):
    """A response, or what is wrong with a stretch of the archive.

    Attributes:
        place: offset of the record, or of its member, in the file; `+N` with N bytes into the decompressed member.
        resume: offset where reading may begin again, to have this record first; None inside a member.
        head: its header as it stands there; empty where there is none.
        block: the bytes behind the header; with a fault all that came.
        fault: `reason: detail`, None for a whole record.
    """

    place: str
    resume: int | None
    head: bytes
    block: bytes | memoryview
    fault: str | None = None


def _kind(head: Head) -> str:
    return _KINDS.get(head.kind[:5], "records of another kind")


class _Tape:
    """What was read and not used yet; `at` is where it begins in `data`."""

    def __init__(self, segments: Iterator[Segment]) -> None:
        self._segments = segments
        self._marks: list[tuple[int, Segment]] = []
        self.data = b""
        self.at = 0
        self.fault: str | None = None
        self.is_at_end = False

    @property
    def left(self) -> int:
        return len(self.data) - self.at

    def wait_for(self, size: int) -> bool:
        """Whether so many bytes lie behind `at`, after reading on if need be.

        It goes no further than the end, a gap, or a member that begins with a header. What lies before `at` is
        forgotten where anything is added.
        """
        have = len(self.data) - self.at
        if have >= size:
            return True
        rest = self.data[self.at :] if self.at else self.data
        pieces = [rest] if rest else []
        self._marks = [(index - self.at, known) for index, known in self._marks] if rest else []
        gone = sum(index <= 0 for index, _ in self._marks) - 1
        self._marks = self._marks[max(gone, 0) :]
        while have < size and self.fault is None:
            segment = next(self._segments, None)
            if segment is None:
                self.is_at_end = True
                break
            if segment.content or segment.fault:
                self._marks.append((have, segment._replace(content=b"")))
            pieces.append(segment.content)
            is_record = have > 0 and segment.inside == 0 and RECORD_START.match(segment.content)
            have += len(segment.content)
            self.fault = segment.fault
            if is_record:
                break
        self.data, self.at = pieces[0] if len(pieces) == 1 else b"".join(pieces), 0
        return have >= size

    def where(self, place: int | None = None) -> tuple[int, int]:
        """(offset in the file, bytes into the decompressed member) of a place in `data`, or of `at`."""
        place = self.at if place is None else place
        for index, segment in reversed(self._marks):
            if index <= place:
                return segment.offset, segment.inside + place - index
        return 0, 0

    def take_fault(self, size: int) -> str | None:
        """The fault of the member that holds all `size` bytes at hand and ends with them, if it has one."""
        if self.fault is None or self.left != size:
            return None
        index, segment = self._marks[-1]
        if index == len(self.data) and segment.inside == 0:
            return None  # Nothing came of the faulty member: it is another than theirs.
        fault, self.fault = self.fault, None
        return fault

    def member_starts(self) -> list[int]:
        """Where in `data` members begin."""
        return [index for index, segment in self._marks if segment.inside == 0 and index >= self.at]


def records(segments: Iterator[Segment], is_compressed: bool, counts: Counter[str]) -> Iterator[Record]:
    """Responses and faults, in the order of the archive.

    Args:
        segments: the archive from its beginning, or from a record's `resume`.
        is_compressed: whether the segments are members.
        counts: gets the number of records by kind, in words; those that are damaged as `damaged`.
    """
    yield from _Reader(_Tape(segments), is_compressed, counts)


class _Reader:
    """Goes from record to record."""

    def __init__(self, tape: _Tape, is_compressed: bool, counts: Counter[str]) -> None:
        self._tape = tape
        self._is_compressed = is_compressed
        self._counts = counts
        self._format: Format = WARC

    def __iter__(self) -> Iterator[Record]:
        tape = self._tape
        # Once glibc has seen such a block freed, it keeps smaller ones for the next use instead of handing each back
        # to the system: without, a third of the time goes into page faults.
        bytes(_SEEN_BYTES)
        tape.wait_for(LOOKAHEAD_ARC)
        if not WARC.begins.match(tape.data) and (ARC.begins.match(tape.data) or ARC.start.search(tape.data)):
            self._format = ARC
        while True:
            yield from self._ordinary()
            if tape.left:
                record = self._next()
            elif tape.fault:
                record = self._nothing(tape.fault)
            elif tape.is_at_end:
                return
            else:
                tape.wait_for(1)
                continue
            if record is not None:
                yield record

    def _ordinary(self) -> Iterator[Record]:
        """Records as nearly all are, up to the first that needs a closer look: the same checks in a tenth of the time."""
        tape, counts = self._tape, self._counts
        while self._format is WARC and tape.fault is None:
            data, start = tape.data, tape.at
            end = data.find(b"\r\n\r\n", start, start + HEAD_BYTES) + 4
            place = data.find(_CONTENT_LENGTH, start, end) + len(_CONTENT_LENGTH)
            length = data[place : data.find(b"\r", place, end)]
            kind = _KINDS.get(data[start + _KIND_AT : start + _KIND_AT + 5]) if data.startswith(_HEADS, start) else None
            if kind is None or not length.isdigit() or len(length) > _MOST_DIGITS or place < start + _KIND_AT:
                return
            stop = end + int(length)
            closing = data[stop : stop + len(_CLOSING)]
            if closing != _CLOSING and not (self._is_compressed and closing == b"\r\n\r\n"):
                return
            tape.at = stop + 4
            counts[kind] += 1
            if kind == _RESPONSE:
                offset, inside = tape.where(start)
                yield Record(*self._place(offset, inside), data[start:end], memoryview(data)[end:stop])
            if tape.at == len(tape.data):
                tape.wait_for(1)

    def _next(self) -> Record | None:
        """The record at hand, None where it is of no interest."""
        tape = self._tape
        head = self._head()
        if isinstance(head, str):
            return self._damaged(head, 1)
        if head.length > streams.DOCUMENT_BYTES:
            return self._oversized(head)
        size = head.size + head.length
        if not tape.wait_for(size):
            return self._damaged(f"{tape.left - head.size} of {head.length} bytes of the record came", head.size)
        closing = self._closing(size)
        if closing is None:
            return self._damaged(f"a record of {head.length} bytes does not end where it should", head.size)
        return self._whole(head, size, closing)

    def _whole(self, head: Head, size: int, closing: int) -> Record | None:
        tape = self._tape
        fault = tape.take_fault(size + closing)
        self._counts["damaged" if fault else _kind(head)] += 1
        if fault is None and head.kind != b"response":
            tape.at += size + closing
            return None
        offset, inside = tape.where()
        start = tape.at
        tape.at += size + closing
        block = tape.data[start + head.size : start + size]
        return Record(*self._place(offset, inside), tape.data[start : start + head.size], block, fault)

    def _place(self, offset: int, inside: int) -> tuple[str, int | None]:
        if not self._is_compressed:
            return str(offset + inside), offset + inside
        return (f"{offset}+{inside}", None) if inside else (str(offset), offset)

    def _head(self) -> Head | str:
        """The header at hand, or what is wrong with it."""
        tape, form = self._tape, self._format
        if not form.begins.match(tape.data, tape.at):
            tape.wait_for(HEAD_BYTES if form is ARC else LOOKAHEAD)
            if not form.begins.match(tape.data, tape.at):
                return "no record begins here"
        while not (end := form.ends.search(tape.data, tape.at, tape.at + HEAD_BYTES)):
            if tape.left >= HEAD_BYTES or not tape.wait_for(tape.left + 1):
                return "the header has no end"
        return form.read(tape.data, tape.at, end.end()) or "the header lacks its type or its length"

    def _closing(self, size: int) -> int | None:
        """How long the marks behind a record are; None where they are missing."""
        tape = self._tape
        found = self._format.between.match(tape.data, tape.at + size)
        # In an archive that is not compressed, a part may end within the marks or right behind them.
        if found is None or (not self._is_compressed and found.end() == len(tape.data)):
            tape.wait_for(size + (LOOKAHEAD if self._format is WARC else LOOKAHEAD_ARC))
            found = self._format.between.match(tape.data, tape.at + size)
        return found.end() - found.start() if found else None

    def _oversized(self, head: Head) -> Record | None:
        """A record too large to be held: it is passed over, and must end where its header says."""
        tape = self._tape
        tape.wait_for(head.size + HEAD_BYTES)
        offset, inside = tape.where()
        kept, passed = self._pass_over(head.size)
        surplus = passed - head.size - head.length
        header, block = kept[: head.size], kept[head.size :]
        if not 0 < surplus <= len(b"\r\n\r\n") or (tape.fault and not tape.left):
            detail = f"Content-Length is {head.length}, {passed - head.size} bytes came"
            return self._fault_record(offset, inside, header, block, detail)
        self._counts[_kind(head)] += 1
        if head.kind != b"response":
            return None
        place, resume = self._place(offset, inside)
        fault = f"too_large: a record of {head.length} bytes"
        return Record(place, resume, header, block[: streams.PART_BYTES], fault)

    def _damaged(self, detail: str, after: int) -> Record:
        """All up to the next header, as a fault."""
        offset, inside = self._tape.where()
        kept, _ = self._pass_over(after)
        return self._fault_record(offset, inside, b"", kept, detail)

    def _fault_record(self, offset: int, inside: int, head: bytes, block: bytes, detail: str) -> Record:
        tape = self._tape
        place, resume = self._place(offset, inside)
        if member_fault := tape.take_fault(0):
            fault = f"{member_fault} ({detail})"
        else:
            reason = "truncated" if tape.is_at_end and not tape.left else "corrupt"
            fault = f"{reason}_{self._format.name}: at offset {place}: {detail}"
        self._counts["damaged"] += 1
        return Record(place, resume, head, block, fault)

    def _nothing(self, fault: str) -> Record:
        """A member of which nothing came."""
        self._tape.fault = None
        self._counts["damaged"] += 1
        return Record(*self._place(*self._tape.where()), b"", b"", fault)

    def _pass_over(self, after: int) -> tuple[bytes, int]:
        """Goes to the next header that can be believed, or to the end or gap before it.

        Args:
            after: so many bytes are passed over in any case.

        Returns:
            What lies before it, no more than a document may have; and how much that was in all.
        """
        tape = self._tape
        kept, passed = bytearray(), 0
        while True:
            found = self._find_head(after)
            step = found if found is not None else max(0, tape.left - HEAD_BYTES)
            is_over = found is not None
            have = tape.left
            # Twice as much where there is little, since all of it is looked at again.
            wanted = max(have + 1, min(2 * have, 2 * HEAD_BYTES))
            if not is_over and not tape.wait_for(wanted) and tape.left == have:
                step, is_over = have, True
            elif not is_over:
                step = min(step, tape.left)
            kept += tape.data[tape.at : tape.at + min(step, streams.DOCUMENT_BYTES - len(kept))]
            passed += step
            tape.at += step
            after = max(0, after - step)
            if is_over:
                return bytes(kept), passed

    def _find_head(self, after: int) -> int | None:
        """How far behind `at` the next whole header begins."""
        tape, form = self._tape, self._format
        first = tape.at + after
        members = [index for index in tape.member_starts() if index >= first and self._is_compressed]
        lines = (found.start() + 1 for found in form.start.finditer(tape.data, max(0, first - 1)))
        for place in merge(members, lines):
            # In this order: a hostile archive has a member for each byte.
            if not form.begins.match(tape.data, place):
                continue
            end = form.ends.search(tape.data, place, place + HEAD_BYTES)
            if end and form.read(tape.data, place, end.end()):
                return place - tape.at
        return None
