"""`newslake run --reprocess --since DATE`."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Call


def test_what_is_stored_is_refined_again(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jsonl").write_text('{"text": "临江区召开调度会。"}\n', encoding="utf-8")
    assert call("run", "--input", str(folder), home=tmp_path / "home")[0] == 0
    code, out, _ = call("run", "--reprocess", "--since", "2001-01-01", home=tmp_path / "home")
    assert (code, "published snapshot 000002" in out) == (0, True)
    code, out, _ = call("run", "--reprocess", "--since", "2101-01-01", home=tmp_path / "home")
    assert (code, "published nothing new: snapshot 000002" in out) == (0, True)


@pytest.mark.parametrize(
    "arguments",
    [("--reprocess",), ("--since", "2024-01-01"), ("--reprocess", "--since", "2024-01-01", "--source", "a")],
)
def test_what_does_not_go_together_is_said(call: Call, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, _, error = call("run", *arguments, home=tmp_path / "home")
    assert code == 2
    assert "--reprocess needs --since DATE" in error
