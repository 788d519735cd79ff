"""All documents of a snapshot: what stands beside its data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from newslake.contract import croissant, datapackage, odcs
from newslake.contract.terms import Terms
from newslake.tables import PUBLISHED


def of(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Path below the snapshot's folder → text.

    Args:
        manifest: the snapshot's; one of before there were contracts has no terms, and gets no documents.
    """
    if "terms" not in manifest:
        return {}
    terms = Terms.from_json(manifest["terms"])
    tables = [table for table in PUBLISHED if table.name in manifest["tables"]]
    files = {
        table.name: [f"{table.name}/{file['path']}" for file in manifest["tables"][table.name]["files"]]
        or [f"{table.name}/empty.parquet"]
        for table in tables
    }
    snapshot, created = manifest["snapshot"], manifest["created_at"]
    package = datapackage.document(tables, files, terms, snapshot, created)
    return {
        **{f"contract/{table.name}.odcs.yaml": odcs.write(table, terms) for table in tables},
        "datapackage.json": _json(package),
        "croissant.json": _json(croissant.document(tables, files, terms, snapshot, created)),
    }


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
