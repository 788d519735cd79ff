"""Reading sources: one file a kind. Bytes are kept as they came.

A kind takes (source, unreadable) and yields tables of RAW_DOCUMENTS. Adding one: a file beside this one, and a
name in `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from newslake.acquire import files
from newslake.config import Source

__all__ = ["KINDS"]

KINDS: dict[str, Callable[[Source, list[str]], Iterator[pa.Table]]] = {"files": files.read}
