"""docs/lake.ipynb: runs its cells, and gives what they show. `python -m tests.notebook` writes the answers anew."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbclient
import nbformat
from traitlets.config import Config

from newslake.cli import newslake

NOTEBOOK = Path(__file__).resolve().parents[1] / "docs" / "lake.ipynb"


def performed(folder: Path) -> nbformat.NotebookNode:
    """The notebook as it is after each cell ran in `folder/docs`, beside the lake in `folder/data`.

    Raises:
        CellExecutionError: a cell fails.
    """
    (folder / "docs").mkdir(exist_ok=True)
    names = ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR")
    os.environ.update({name: str(folder / "jupyter") for name in names})
    os.environ.pop("NEWSLAKE_HOME", None)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    settings = Config({"KernelManager": {"transport": "ipc", "ip": str(folder / "jupyter" / "kernel")}})
    place = {"metadata": {"path": str(folder / "docs")}}
    nbclient.NotebookClient(notebook, config=settings, timeout=120, record_timing=False, resources=place).execute()
    notebook.metadata.pop("language_info", None)
    for output in outputs(notebook):
        if "text/html" in output.get("data", {}):
            output.data.pop("text/plain")  # Of a table with colours it is an address in memory.
    return notebook


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """What the cells show, one below the other."""
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def main() -> None:
    """Runs the samples, then the notebook, and keeps what it shows."""
    with TemporaryDirectory() as folder:
        os.environ["NEWSLAKE_HOME"] = f"{folder}/data"
        newslake(["run"], standalone_mode=False)
        nbformat.write(performed(Path(folder)), NOTEBOOK)


if __name__ == "__main__":
    sys.exit(main())
