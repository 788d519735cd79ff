"""What all commands are made of: examples in their help, texts that can be looked for, an end when nobody reads on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from newslake.lake.snapshots import Snapshot


class Command(click.Command):
    """A command whose help ends with its examples, as they are written in its docstring."""

    def format_epilog(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Keeps the lines of the examples."""
        if self.epilog:
            with formatter.section("Examples"):
                for line in self.epilog.strip().splitlines():
                    formatter.write(f"  {line.strip()}\n")


class Text(click.ParamType[str]):
    """A text that can be looked for; a shell hands on any bytes."""

    name = "text"

    def convert(self, value: str, parameter: click.Parameter | None, context: click.Context | None) -> str:
        """Refuses bytes that are not UTF-8, which Python would hand on as halves of characters."""
        try:
            value.encode()
        except UnicodeEncodeError:
            self.fail("not a text in UTF-8", parameter, context)
        return value


class Size(click.ParamType[int]):
    """A number of bytes, such as 500MB."""

    name = "size"

    def convert(self, value: str | int, parameter: click.Parameter | None, context: click.Context | None) -> int:
        """Refuses what is no size, or one that is of no use."""
        from newslake.query_limits import size

        try:
            return value if isinstance(value, int) else size(value)
        except ValueError as error:
            self.fail(str(error), parameter, context)


class ReaderGone(Exception):
    """Nobody reads standard output any more; click would make exit code 1, a fault of the data, of it."""


class Group(click.Group):
    """A group of such commands."""

    command_class = Command

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """Here help and version are printed."""
        try:
            return super().make_context(*arguments, **options)
        except BrokenPipeError:
            raise ReaderGone from None

    def invoke(self, context: click.Context) -> Any:
        """Here everything else is."""
        try:
            answer = super().invoke(context)
            if sys.stdout:
                sys.stdout.flush()
            return answer
        except BrokenPipeError:
            raise ReaderGone from None


Group.group_class = Group


def current() -> Snapshot:
    """The snapshot that commands read, the store's newest where the lake is in one.

    Raises:
        LakeError: nothing has been published yet.
    """
    from newslake import config
    from newslake.lake import remote, snapshots

    remote.refresh(config.home())
    return snapshots.current(config.home())
