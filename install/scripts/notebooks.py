"""Runs notebooks as their readers do and compares what comes out with what is stored.

    notebooks.py SWINGBY NOTEBOOK...
    notebooks.py --update SWINGBY NOTEBOOK...

Each is run twice: by papermill, which sets its parameters to what they are and has nbclient run it through the
installed kernelspec, and by `SWINGBY exec`, which needs no Jupyter. The first is run by nbclient alone as well. The notebooks themselves stay as they are.
With --update they are run by `SWINGBY exec` and stored anew.

Text must be the same to the letter. Pictures must be the same but for a tenth of
a point in where lines go: the last bit of a sum may differ between processors.
Figures are stored as SVG alone, which is small and shows what changed.
"""

import base64
import difflib
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time

import nbformat
import papermill
from nbclient import NotebookClient


PNG, SVG, VIEW = "image/png", "image/svg+xml", "application/vnd.jupyter.widget-view+json"


def text(value):
    return "".join(value) if isinstance(value, list) else value


NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def same_picture(old, new, tolerance=0.1):
    """Whether two SVG documents draw the same, each number within the tolerance."""
    if NUMBER.sub("0", old) != NUMBER.sub("0", new):
        return False
    pairs = zip(NUMBER.findall(old), NUMBER.findall(new))
    return all(a == b or abs(float(a) - float(b)) <= tolerance for a, b in pairs)


def settle(old, new):
    """Makes the pictures of a new run those of the old one where they are the same, and drops what is not stored."""
    for before, after in zip(old.outputs, new.outputs):
        before, after = before.get("data", {}), after.get("data", {})
        if SVG not in before or SVG not in after:
            continue
        before.pop(PNG, None)
        after.pop(PNG, None)
        if same_picture(text(before[SVG]), text(after[SVG])):
            after[SVG] = before[SVG]


def slim(notebook):
    """Takes out of a notebook the PNG of every figure that has an SVG, and controls, which live as long as a session."""
    for cell in notebook.cells:
        if "outputs" in cell:
            cell.outputs = [output for output in cell.outputs if VIEW not in output.get("data", {})]
        for output in cell.get("outputs", []):
            if SVG in output.get("data", {}) and output.data.pop(PNG, None) is not None:
                output.metadata.pop(PNG, None)


def shape(mime, data):
    """What of an output must be the same every time.

    Text is compared as it is; of a raster image only the size, since its
    compression may change with the release of Go.
    """
    if mime == "image/png":
        raw = base64.b64decode(text(data))
        assert raw[:8] == b"\x89PNG\r\n\x1a\n", "image/png that is no PNG"
        return "%d×%d pixels" % struct.unpack(">II", raw[16:24])
    if isinstance(data, (str, list)):
        return text(data)
    return json.dumps(data, indent=1, sort_keys=True)


def lines(cell):
    """A code cell's outputs as lines of text, for comparison and for the eye."""
    found, streams = [], {}

    def flush():
        # How text is cut into messages, and how the two streams mix, is a matter of timing.
        for name in sorted(streams, reverse=True):
            found.extend([f"--- {name}", streams[name]])
        streams.clear()

    for output in cell.outputs:
        kind = output.output_type
        if kind == "stream":
            streams[output.name] = streams.get(output.name, "") + text(output.text)
            continue
        flush()
        if kind == "error":
            found.append(f"--- error {output.ename}: {output.evalue}")
            continue
        for mime in sorted(output.data):
            found += [f"--- {kind} {mime}", shape(mime, output.data[mime])]
    flush()
    return "\n".join(found).splitlines()


def compare(name, stored, fresh):
    """Prints how a run differs from the file; returns whether it is the same and without error."""
    good = True
    code = [cell for cell in stored.cells if cell.cell_type == "code"]
    again = [cell for cell in fresh.cells if cell.cell_type == "code"]
    if len(code) != len(again):
        print(f"{name}: {len(again)} code cells, stored are {len(code)}")
        return False
    if not any(cell.outputs for cell in code):
        print(f"{name}: stored without outputs; run it and save it")
        good = False
    for number, (old, new) in enumerate(zip(code, again), 1):
        for output in new.outputs:
            if output.output_type == "error" and "raises-exception" not in old.metadata.get("tags", []):
                print(f"{name}: code cell {number} fails: {output.ename}: {output.evalue}")
                good = False
        settle(old, new)
        if any(VIEW in output.get("data", {}) for output in new.outputs):
            continue  # a control in the page: stored is the picture that stands for it
        diff = list(difflib.unified_diff(lines(old), lines(new), "stored", "now", lineterm="", n=1))
        if diff:
            good = False
            print(f"{name}: code cell {number} gives something else than what is stored:")
            for line in diff[:20]:
                print("   ", line[:160])
    return good


def by_nbclient(path):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=300, startup_timeout=60, allow_errors=True,
        kernel_name=notebook.metadata.kernelspec.name,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    return notebook


def by_papermill(path):
    parameters = {}
    for name, found in papermill.inspect_notebook(str(path)).items():
        try:
            value = json.loads(found["default"])  # numbers, texts and truths are the same in JSON and Go
        except ValueError:
            continue
        if isinstance(value, (int, float, str)):
            parameters[name] = value
    with tempfile.TemporaryDirectory() as folder:
        result = pathlib.Path(folder) / path.name
        papermill.execute_notebook(
            str(path), str(result), parameters=parameters, cwd=str(path.parent),
            progress_bar=False, log_output=False, start_timeout=60, execution_timeout=300,
        )
        notebook = nbformat.read(result, as_version=4)
    injected = [cell for cell in notebook.cells if "injected-parameters" in cell.metadata.get("tags", [])]
    ran = [cell.execution_count is not None for cell in injected]
    assert ran == [True] * bool(parameters), f"parameters {parameters} in {len(ran)} cells"
    notebook.cells = [cell for cell in notebook.cells if cell not in injected]
    return notebook


def by_exec(program, path):
    with tempfile.TemporaryDirectory() as folder:
        result = pathlib.Path(folder) / path.name
        run = subprocess.run(
            [program, "exec", "-o", str(result), str(path)], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=600,
        )
        if run.returncode != 0:
            raise RuntimeError(f"swingby exec ends with {run.returncode}: {run.stderr.strip()}")
        return nbformat.read(result, as_version=4)


def update(program, path):
    notebook = by_exec(program, path)
    slim(notebook)
    nbformat.validate(notebook)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    print(f"stored {path}", flush=True)


def main():
    arguments = sys.argv[1:]
    again = arguments[:1] == ["--update"]
    program, *paths = arguments[again:]
    failed = 0
    if again:
        for path in map(pathlib.Path, paths):
            update(program, path)
        return
    for first, path in zip([True] + [False] * len(paths), map(pathlib.Path, paths)):
        before = path.read_bytes()
        stored = nbformat.read(path, as_version=4)
        nbformat.validate(stored)
        ways = [("papermill", by_papermill), ("swingby exec", lambda p: by_exec(program, p))]
        for way, run in [("nbclient", by_nbclient)] * first + ways:
            start = time.monotonic()
            name = f"{path.name} by {way}"
            try:
                good = compare(name, stored, run(path))
            except Exception as e:  # a kernel that dies or hangs is a failure of this notebook only
                print(f"{name}: {type(e).__name__}: {e}")
                good = False
            failed += not good
            print(f"{'ok' if good else 'FAILED':<7}{name} ({time.monotonic() - start:.1f} s)", flush=True)
        if path.read_bytes() != before:
            print(f"FAILED {path.name} was changed by being run")
            failed += 1
    if not paths:
        sys.exit("notebooks.py: no notebook named")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
