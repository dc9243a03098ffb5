"""Makes the golden files of this folder with the real nbformat and nbclient.

    python3 -m venv v && v/bin/pip install nbformat==5.11.1 nbclient==0.11.0
    v/bin/python make.py
"""
import json
import pathlib

import nbformat
from nbclient import NotebookClient
from nbformat import v4

here = pathlib.Path(__file__).parent

PNG = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def outputs():
    return [
        v4.new_output("stream", name="stdout", text="one\ntwo\r\nthree\rfour\x0cfive\u2028six\x85seven\x1ceight\n\nlast"),
        v4.new_output("stream", name="stderr", text="log: \x1b[31mred\x1b[0m\n"),
        v4.new_output("display_data", {
            "text/plain": "a\nb",
            "text/html": "<b>\n</b>",
            "image/svg+xml": "<svg>\n</svg>\n",
            "image/png": PNG + "\n",
            "application/javascript": "let a;\nlet b;",
            "application/json": {"z": [1, 2.5, 1e-07, 1e16, 1e15, 1e300, -0.0, 0.1, 12345678901234567890], "a": None, "e": {}, "l": [], "t": True},
            "application/vnd.vegalite.v5+json": {"lines": ["kept\n", "a list"]},
            "text/latex": "$x$",
        }, metadata={"image/png": {"width": 640, "height": 480.5}}),
        v4.new_output("execute_result", {"text/plain": ""}, execution_count=3),
        v4.new_output("error", ename="panic", evalue="é ü 日本 😀 </script> & \" \\ / \x00 \x1f \x7f",
                      traceback=["\x1b[0;31m---\x1b[0m", "two\nlines", ""]),
    ]


def full(minor):
    nb = v4.new_notebook()
    nb.nbformat_minor = minor
    nb.metadata = nbformat.from_dict({
        "kernelspec": {"display_name": "Go (Swingby)", "language": "go", "name": "swingby"},
        "language_info": {"name": "go", "version": "1.26", "codemirror_mode": {"name": "go", "version": 3}},
        "zeta": {"b": 1, "a": [{"y": 1, "x": [[]]}]}, "Äther": "ö", "authors": [{"name": "N. N."}],
    })
    cells = [
        v4.new_markdown_cell("# Title\n\n![a](attachment:a.png)\n", attachments={"a.png": {"image/png": PNG}, "t": {"text/plain": "x\ny"}}),
        v4.new_code_cell("x := 1\nx", execution_count=3, outputs=outputs(), metadata={"tags": ["b", "a"], "collapsed": True,
                         "jupyter": {"source_hidden": True}, "execution": {"iopub.execute_input": "2024-01-01T00:00:00.000000Z"}}),
        v4.new_code_cell(""),
        v4.new_raw_cell("raw\r\ntext", metadata={"raw_mimetype": "text/html"}),
        v4.new_markdown_cell(""),
    ]
    for i, c in enumerate(cells):
        if minor < 5:
            del c["id"]
        else:
            c["id"] = f"cell-{i}"
    nb.cells = cells
    return nb


def messages():
    """What cells do, and what nbclient stores of it."""
    def stream(name, text):
        return ("stream", {"name": name, "text": text})

    def show(text, id=None, kind="display_data"):
        c = {"data": {"text/plain": text}, "metadata": {"m": text}}
        if id:
            c["transient"] = {"display_id": id}
        return (kind, c)

    def clear(wait):
        return ("clear_output", {"wait": wait})

    cells = [
        [stream("stdout", "a\n"), stream("stdout", "b\n"), stream("stderr", "c\n"), show("d"), stream("stdout", "e\n")],
        [show("first", "x"), show("other", "y"), show("again", "x"), show("plain")],
        [show("updated", "x", "update_display_data"), show("nobody", "z", "update_display_data"), stream("stdout", "after\n")],
        [stream("stdout", "gone\n"), show("gone", "x"), clear(False), show("kept")],
        [show("updated twice", "x", "update_display_data"), show("new", "y")],
        [stream("stdout", "gone\n"), clear(True), stream("stderr", "new\n")],
        [stream("stdout", "stays\n"), clear(True)],
        [show("p", "p"), clear(True), show("q", "p"), show("r", "p", "update_display_data")],
        [stream("stdout", ""), show("s"),
         ("error", {"ename": "panic", "evalue": "no", "traceback": ["panic: no", "\tin cell 9"]})],
        [("execute_result", {"data": {"text/plain": "t\nu", "image/png": PNG}, "metadata": {}, "execution_count": 10})],
    ]
    nb = v4.new_notebook(cells=[v4.new_code_cell("x") for _ in cells])
    client = NotebookClient(nb)
    client.reset_execution_trackers()
    for i, cell in enumerate(nb.cells):
        cell.outputs = []
        client.clear_before_next_output = False
        for kind, content in cells[i]:
            content = json.loads(json.dumps(content))
            msg = {"msg_type": kind, "header": {"msg_type": kind}, "parent_header": {"msg_id": "m"}, "content": content}
            client.process_message(msg, cell, i)
    return {"cells": cells, "outputs": [c.outputs for c in nb.cells]}


def main():
    for sub in ("nbformat", "foreign"):
        (here / sub).mkdir(exist_ok=True)
    for minor in range(6):
        nbformat.write(full(minor), here / "nbformat" / f"v4.{minor}.ipynb")
    nbformat.write(v4.new_notebook(), here / "nbformat" / "empty.ipynb")

    nb = json.loads(v4.writes_json(full(5)))
    nb["metadata"]["signature"] = "sha256:0"
    nb["metadata"]["orig_nbformat"] = 4
    nb["cells"][0]["metadata"]["trusted"] = True
    nb["cells"][1]["source"] = "x := 1\nx"
    nb["cells"][1]["outputs"][0]["text"] = "one\ntwo\n"
    nb["cells"][1]["outputs"][2]["data"]["image/png"] = [PNG[:10], PNG[10:]]
    text = json.dumps(nb, indent=2, ensure_ascii=True).replace("1e-07", "0.0000001").replace("2.5", "25e-1")
    (here / "foreign" / "mixed.ipynb").write_text(text)
    nbformat.write(nbformat.reads(text, nbformat.NO_CONVERT), here / "foreign" / "mixed.want")

    (here / "outputs.json").write_text(json.dumps(messages(), indent=1, ensure_ascii=False) + "\n")


main()
