"""Everything newslake raises on purpose.

    NewslakeError                 shown to the user as one message, without a traceback
    ├── UsageError                the call is at fault (exit code 2)
    │   └── ConfigError           a setting or `sources.yaml` is at fault
    └── DataError                 the data is at fault (exit code 1)
        ├── SourceError           a whole source cannot be read; the other sources go on
        ├── ArticleRejected       one document goes to quarantine; the batch goes on
        ├── BatchStopped          a table check failed; nothing of the batch is published
        └── LakeError             the lake on disk is not what its manifest says

Anything else that is raised is a bug, and crashes loudly.
"""

from __future__ import annotations


class NewslakeError(Exception):
    """Base of all errors whose message is meant for the user: what, where, what to do."""

    exit_code = 1


class UsageError(NewslakeError):
    """The command was called in a way that cannot work."""

    exit_code = 2


class ConfigError(UsageError):
    """A setting in the environment or in `sources.yaml` is wrong."""


class DataError(NewslakeError):
    """The data is at fault."""


class SourceError(DataError):
    """A source as a whole cannot be read."""


class ArticleRejected(DataError):
    """One document that cannot become an article.

    Args:
        reason: stable snake_case name, counted and queried (`quarantine.reason`).
        detail: one sentence for a person: what was seen, where.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class BatchStopped(DataError):
    """A table check failed, or too much is refused: the lake is left as it was.

    Attributes:
        sources: those of which too much is refused.
    """

    sources: tuple[str, ...] = ()


class LakeError(DataError):
    """A file of the lake is missing, changed or contradicts its manifest."""
