"""Every system call of a process that changes files below a folder, seen before it is made.

Linux hands such calls to another process (seccomp's user notification): it lets one pass, answers it with an error, or
kills the caller before anything of the call is done. So it makes no difference whether Python, Rust or C++ calls, nor
from which thread, and nothing is called in another way than without it.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import re
import select
import signal
import socket
import struct
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, NoReturn

BY_DESCRIPTOR = {
    "write": 1,
    "pwrite64": 18,
    "writev": 20,
    "sendfile": 40,
    "fsync": 74,
    "fdatasync": 75,
    "ftruncate": 77,
    "fchmod": 91,
    "sync_file_range": 277,
    "fallocate": 285,
    "pwritev": 296,
    "pwritev2": 328,
}
BY_PATH = {
    "truncate": 76,
    "rename": 82,
    "mkdir": 83,
    "rmdir": 84,
    "creat": 85,
    "link": 86,
    "unlink": 87,
    "symlink": 88,
    "chmod": 90,
    "mknod": 133,
    "utime": 132,
    "utimes": 235,
}
BY_FOLDER_AND_PATH = {
    "openat": 257,
    "mkdirat": 258,
    "mknodat": 259,
    "futimesat": 261,
    "unlinkat": 263,
    "renameat": 264,
    "linkat": 265,
    "symlinkat": 266,
    "fchmodat": 268,
    "utimensat": 280,
    "renameat2": 316,
}
"""Where the path stands in the arguments; numbers are those of x86-64."""
OTHERS = {"open": 2, "mmap": 9, "copy_file_range": 326, "io_uring_setup": 425, "openat2": 437}
NUMBERS = {**BY_DESCRIPTOR, **BY_PATH, **BY_FOLDER_AND_PATH, **OTHERS}
NAMES = {number: name for name, number in NUMBERS.items()}
SECOND_PATHS = {"rename": (None, 1), "link": (None, 1), "renameat": (2, 3), "renameat2": (2, 3), "linkat": (2, 3)}
"""Folder and path of the new name."""
TARGET_FIRST = {"symlink": (None, 1), "symlinkat": (1, 2)}
UNSEEN = ("mmap", "io_uring_setup")
"""Ways to write that would not be seen: nobody may take them."""

TAKES_ROOM = {"write", "pwrite64", "writev", "pwritev", "pwritev2", "sendfile", "copy_file_range", "fallocate"}
TAKES_ROOM |= {"open", "openat", "openat2", "creat", "mkdir", "mkdirat", "link", "linkat", "symlink", "symlinkat"}
"""What fails on a full disk; what removes and renames does not."""
SYNCS = {"fsync", "fdatasync", "sync_file_range"}
"""What does not fail on a disk that has become read-only."""
LASTING = (errno.ENOSPC, errno.EROFS)

O_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
NO_NEW_PRIVILEGES, SECCOMP, SET_FILTER, NEW_LISTENER = 38, 317, 1, 8
ALLOW, NOTIFY = 0x7FFF0000, 0x7FC00000
RECEIVE, SEND, IS_VALID = 0xC0502100, 0xC0182101, 0x40082102
CONTINUE = 1
PATH_BYTES = 4096
BUG = 70
"""Exit code of what no program should end with: an error that is not told in words."""
VARYING = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"\d{8}T\d{6}(\.\d+)?Z?"), "TIME"),
    (re.compile(r"[0-9a-f]{32,}"), "HASH"),
    (re.compile(r"(?<=-)[0-9a-f]{8}(?=[-.])"), "HASH"),
    (re.compile(r"(?<=-)\d{12,}"), "THREAD"),
)
"""Parts of names that are others in each run."""


def missing() -> str | None:
    """Why calls cannot be watched on this machine; None where they can."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return (
            f"the numbers of system calls are those of Linux on x86-64, this is {sys.platform} on {platform.machine()}"
        )
    actions = Path("/proc/sys/kernel/seccomp/actions_avail")
    if not actions.exists() or "user_notif" not in actions.read_text(encoding="ascii"):
        return "the kernel does not hand system calls to another process (seccomp user_notif)"
    return None


class Call(NamedTuple):
    """A call that changes files, the same in each run: the number-th of its kind at its place.

    Attributes:
        name: of the system call.
        place: path or paths, relative to the folder; what differs between runs is replaced.
        number: from 1.
    """

    name: str
    place: str
    number: int

    def __str__(self) -> str:
        return f"{self.name} {self.place} #{self.number}"


class Fault(NamedTuple):
    """What happens instead of a call: an error, or death where there is no error number."""

    call: Call
    error: int | None = None


@dataclass
class Outcome:
    """How a watched process ended, and which calls it made or tried."""

    status: int = 0
    calls: list[Call] = field(default_factory=list)
    failed: list[Call] = field(default_factory=list)


def watch(folder: Path, run: Callable[[], object], fault: Fault | None = None) -> Outcome:
    """Runs a function in a forked process, to its end or to the fault.

    A full disk (ENOSPC) stays full: whatever takes room from that call on fails too. A disk that has become read-only
    (EROFS), as the system makes one that is broken, takes nothing any more. Other errors come once.
    """
    ours, theirs = socket.socketpair()
    process_id = os.fork()
    if process_id == 0:
        _run_watched(theirs, run)
    theirs.close()
    with ours:
        (listener,) = socket.recv_fds(ours, 1, 1)[1]
    try:
        return _Watcher(listener, process_id, str(folder), fault).follow()
    finally:
        os.close(listener)


def _run_watched(theirs: socket.socket, run: Callable[[], object]) -> NoReturn:
    def run_heard() -> None:
        socket.send_fds(theirs, [b"1"], [_listen()])
        run()

    end_with(run_heard)


def end_with(run: Callable[[], object]) -> NoReturn:
    """Runs a function and ends this process, a fork, with the exit code that a program would have."""
    status = BUG
    try:
        run()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        if sys.exc_info()[0]:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _listen() -> int:
    """Hands this process's calls to whoever reads the descriptor that is returned."""
    library = ctypes.CDLL(None, use_errno=True)
    instructions = _filter()
    code = b"".join(struct.pack("HBBI", *one) for one in instructions)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxQ", len(instructions), ctypes.addressof(buffer))
    library.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    listener: int = library.syscall(SECCOMP, SET_FILTER, NEW_LISTENER, program)
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return listener


def _filter() -> list[tuple[int, int, int, int]]:
    """A program for the kernel's packet filter: which calls may change files, by number and flags."""
    load, equal, any_bit, give = 0x20, 0x15, 0x45, 0x06
    plain = [number for name, number in NUMBERS.items() if name not in ("open", "openat", "mmap")]
    flags = [
        # Number, offset of the flags, and bits of which one must be set.
        (NUMBERS["open"], 24, O_WRITES),
        (NUMBERS["openat"], 32, O_WRITES),
    ]
    program: list[tuple[int, int, int, int]] = [(load, 0, 0, 0)]
    for number, offset, bits in flags:
        program += [
            (equal, 0, 4, number),
            (load, 0, 0, offset),
            (any_bit, 0, 1, bits),
            (give, 0, 0, NOTIFY),
            (give, 0, 0, ALLOW),
        ]
    # mmap: writable, and shared with the file.
    program += [(equal, 0, 6, NUMBERS["mmap"]), (load, 0, 0, 32), (any_bit, 0, 3, 2), (load, 0, 0, 40)]
    program += [(any_bit, 0, 1, 1), (give, 0, 0, NOTIFY), (give, 0, 0, ALLOW)]
    for number in plain:
        program += [(equal, 0, 1, number), (give, 0, 0, NOTIFY)]
    return [*program, (give, 0, 0, ALLOW)]


class _Watcher:
    """Reads the calls of one process, and answers them."""

    def __init__(self, listener: int, process_id: int, folder: str, fault: Fault | None) -> None:
        self.listener = listener
        self.process_id = process_id
        self.folder = folder
        self.fault = fault
        self.counts: Counter[tuple[str, str]] = Counter()
        self.outcome = Outcome()
        self.is_lasting = False

    def follow(self) -> Outcome:
        """Until the process has ended."""
        poll = select.poll()
        poll.register(self.listener, select.POLLIN)
        while True:
            ready = poll.poll()
            if ready and ready[0][1] & select.POLLIN:
                self._answer_one()
            elif ready:
                break
        self.outcome.status = os.waitstatus_to_exitcode(os.waitpid(self.process_id, 0)[1])
        return self.outcome

    def _answer_one(self) -> None:
        request = bytearray(80)
        try:
            fcntl.ioctl(self.listener, RECEIVE, request)
        except FileNotFoundError:
            return
        identity, thread, _, number = struct.unpack_from("QIIi", request)
        arguments = struct.unpack_from("6Q", request, 32)
        error = 0
        try:
            place = self._place(NAMES[number], thread, arguments)
        except (FileNotFoundError, ProcessLookupError):
            return
        if place is not None:
            name = NAMES[number]
            assert name not in UNSEEN, f"{name} of {place}: would write without being seen"
            self.counts[name, place] += 1
            call = Call(name, place, self.counts[name, place])
            self.outcome.calls.append(call)
            if self.fault and call == self.fault.call and self.fault.error is None:
                os.kill(self.process_id, signal.SIGKILL)
                return
            error = self._error(call)
            if error:
                self.outcome.failed.append(call)
        answer = struct.pack("QqiI", identity, 0, -error, 0 if error else CONTINUE)
        try:
            fcntl.ioctl(self.listener, SEND, answer)
        except FileNotFoundError:
            return

    def _error(self, call: Call) -> int:
        if not self.fault or self.fault.error is None:
            return 0
        if call == self.fault.call:
            self.is_lasting = self.fault.error in LASTING
            return self.fault.error
        is_failing = call.name in TAKES_ROOM if self.fault.error == errno.ENOSPC else call.name not in SYNCS
        return self.fault.error if self.is_lasting and is_failing else 0

    def _place(self, name: str, thread: int, arguments: tuple[int, ...]) -> str | None:
        """The path that a call changes, relative to the folder; None where it lies elsewhere."""
        paths = []
        if name in UNSEEN:
            return self._inside(self._of_descriptor(thread, arguments[4])) if name == "mmap" else name
        if name in BY_DESCRIPTOR:
            paths.append(self._of_descriptor(thread, arguments[0]))
        elif name == "copy_file_range":
            paths.append(self._of_descriptor(thread, arguments[2]))
        elif name in TARGET_FIRST:
            paths.append(self._named(thread, arguments, *TARGET_FIRST[name]))
        elif name in BY_PATH or name == "open":
            paths.append(self._named(thread, arguments, None, 0))
        else:
            paths.append(self._named(thread, arguments, 0, 1))
        if name in SECOND_PATHS:
            paths.append(self._named(thread, arguments, *SECOND_PATHS[name]))
        inside = [self._inside(path) for path in paths]
        if not any(inside):
            return None
        return " -> ".join(one or "elsewhere" for one in inside)

    def _inside(self, path: str) -> str | None:
        if path != self.folder and not path.startswith(self.folder + "/"):
            return None
        path = re.sub(rf"(?<=[.-]){self.process_id}(?!\d)", "PID", path[len(self.folder) :].lstrip("/"))
        for pattern, word in VARYING:
            path = pattern.sub(word, path)
        return path.removesuffix(" (deleted)") or "."

    def _named(self, thread: int, arguments: tuple[int, ...], folder: int | None, path: int) -> str:
        name = self._text(thread, arguments[path])
        if name.startswith("/"):
            return os.path.normpath(name)
        descriptor = ctypes.c_int(arguments[folder]).value if folder is not None else -100
        within = (
            str(Path(f"/proc/{thread}/cwd").readlink())
            if descriptor == -100
            else self._of_descriptor(thread, descriptor)
        )
        return os.path.normpath(f"{within}/{name}")

    @staticmethod
    def _of_descriptor(thread: int, descriptor: int) -> str:
        try:
            return str(Path(f"/proc/{thread}/fd/{ctypes.c_int(descriptor).value}").readlink())
        except FileNotFoundError:
            return "none"

    @staticmethod
    def _text(thread: int, address: int) -> str:
        sizes = (PATH_BYTES - address % PATH_BYTES, PATH_BYTES)
        with Path(f"/proc/{thread}/mem").open("rb", buffering=0) as memory:
            for size in sizes:
                memory.seek(address)
                content = memory.read(size)
                if b"\0" in content:
                    break
        return os.fsdecode(content.split(b"\0")[0])
