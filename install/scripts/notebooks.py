"""Runs notebooks as their readers do and compares what comes out with what is stored.

    notebooks.py SWINGBY NOTEBOOK...

Each is run twice: by nbclient through the installed kernelspec, and by
`SWINGBY exec`, which needs no Jupyter. The notebooks themselves stay as they are.
"""

import base64
import difflib
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

import nbformat
from nbclient import NotebookClient


def text(value):
    return "".join(value) if isinstance(value, list) else value


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


def main():
    program, *paths = sys.argv[1:]
    failed = 0
    for path in map(pathlib.Path, paths):
        before = path.read_bytes()
        stored = nbformat.read(path, as_version=4)
        nbformat.validate(stored)
        for way, run in (("nbclient", by_nbclient), ("swingby exec", lambda p: by_exec(program, p))):
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
