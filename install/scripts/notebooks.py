"""Runs notebooks by Jupyter's own clients, through the installed kernelspec.

    notebooks.py FOLDER NOTEBOOK...

papermill, which runs them by nbclient, sets their parameters to what they are. What comes out goes to FOLDER, for
`go run ./install/notebooks -ran FOLDER` to compare with what is stored; the notebooks themselves stay as they are.
"""

import json
import pathlib
import re
import sys
import time

import nbformat
import papermill

# Go's uint64(7) and []float64{1, 2} are JSON's 7 and [1, 2].
CONVERSION = re.compile(r"^u?(?:int|float)\d*\((.*)\)$")
LIST = re.compile(r"^\[\]\w+\{(.*)\}$")


def run(path, folder):
    """Runs a notebook into a folder, without the cell that papermill puts into it."""
    parameters = {}
    for name, found in papermill.inspect_notebook(str(path)).items():
        value = CONVERSION.sub(r"\1", found["default"])
        if value:  # of several variables on a line papermill tells the names only
            parameters[name] = json.loads(LIST.sub(r"[\1]", value))
    result = folder / path.name
    papermill.execute_notebook(
        str(path), str(result), parameters=parameters, cwd=str(path.parent),
        progress_bar=False, log_output=False, start_timeout=60, execution_timeout=300,
    )
    notebook = nbformat.read(result, as_version=4)
    injected = [cell for cell in notebook.cells if "injected-parameters" in cell.metadata.get("tags", [])]
    ran = [cell.execution_count is not None for cell in injected]
    assert ran == [True] * bool(parameters), f"parameters {parameters} in {len(ran)} cells"
    notebook.cells = [cell for cell in notebook.cells if cell not in injected]
    nbformat.write(notebook, result)
    return parameters


def main():
    folder, *paths = map(pathlib.Path, sys.argv[1:])
    if not paths:
        sys.exit("notebooks.py: no notebook named")
    failed = 0
    for path in paths:
        before = path.read_bytes()
        start = time.monotonic()
        parameters, wrong = {}, ""
        try:
            nbformat.validate(nbformat.read(path, as_version=4))
            parameters = run(path, folder)
        except Exception as e:  # a kernel that dies or hangs is a failure of this notebook only
            wrong = f": {type(e).__name__}: {e}"
        if path.read_bytes() != before:
            wrong += ": it was changed by being run"
        failed += bool(wrong)
        given = f", with {', '.join(parameters)}" if parameters else ""
        print(f"{'FAILED' if wrong else 'ran':<7}{path.name} ({time.monotonic() - start:.1f} s{given}){wrong}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
