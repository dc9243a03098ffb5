"""swingby sweep as a shell meets it: exit statuses, and what an interrupt, a kill and a full disk leave behind. Slurm is in install/slurm."""

import collections
import csv
import os
import pathlib
import resource
import signal
import subprocess
import tempfile
import time
import unittest

import nbformat

SWINGBY = os.environ["SWINGBY"]

MODEL = """package main

import (
	"errors"
	"fmt"
	"os"
	"time"
)

func Slow(i int, mu float64) (y float64, err error) {
	f, err := os.OpenFile("runs.txt", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return 0, err
	}
	fmt.Fprintln(f, i)
	f.Close()
	time.Sleep(50 * time.Millisecond)
	return mu / float64(i+1), nil
}

func Bad(i int) (int, error) {
	if i == 2 {
		return 0, errors.New("no luck")
	}
	return i, nil
}
"""


class Sweep(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "model.go").write_text(MODEL)

    def start(self, *arguments, **more):
        return subprocess.Popen([SWINGBY, "sweep", *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)

    def sweep(self, *arguments, status=0, **more):
        return self.end(self.start(*arguments, **more), status)

    def end(self, process, status):
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, status, out + err)
        return out + err

    def runs(self):
        return collections.Counter((self.folder / "runs.txt").read_text().split())

    def rows(self, folder="s"):
        with open(self.folder / folder / "table.csv", newline="") as f:
            return list(csv.reader(f))

    def until(self, n):
        """Waits until so many points have begun."""
        end = time.monotonic() + 60
        while not (self.folder / "runs.txt").exists() or sum(self.runs().values()) < n:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)

    def test_interrupted_and_resumed(self):
        for sig, status in [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)]:
            with self.subTest(sig):
                (self.folder / "runs.txt").unlink(missing_ok=True)
                folder = sig.name
                arguments = ["model.go:Slow", "-p", "i=0..39", "-p", "mu=1.5", "-o", folder, "-cores", "2"]
                p = self.start(*arguments)
                self.until(10)
                if sig == signal.SIGKILL:
                    said = self.sweep(*arguments, status=1)
                    self.assertIn(f"process {p.pid} ", said)
                p.send_signal(sig)
                said = self.end(p, status)
                if sig != signal.SIGKILL:
                    self.assertIn(f"go on with: swingby sweep -resume {folder}", said)
                partial = self.sweep("-status", folder, "-table", "-").splitlines()
                self.assertGreaterEqual(len(partial), 8)
                finished = {row.split(",")[0] for row in partial[1:]}
                before = self.runs()
                said = self.sweep("-resume", folder)
                self.assertIn("40 of 40 points", said)
                after = self.runs()
                for i in finished:
                    self.assertEqual(after[i], before[i], f"point {i} was finished and ran again")
                self.assertEqual(self.rows(folder), [["i", "mu", "y"]] + [[str(i), "1.5", repr(1.5 / (i + 1)).removesuffix(".0")] for i in range(40)])
                # And again: nothing is left to do.
                self.sweep(*arguments)
                self.assertEqual(self.runs(), after)

    def test_full_disk(self):
        """A limit on the size of files stands for a disk that is full: what fits is kept, the rest is done when there is room."""
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))
        said = self.sweep("model.go:Slow", "-p", "i=0..59", "-p", "mu=1", "-o", "s", "-cores", "8", status=1, preexec_fn=limit)
        self.assertIn("file too large", said)
        self.assertIn("swingby sweep -resume s", said)
        kept = len(self.sweep("-status", "s", "-table", "-").splitlines()) - 1
        self.assertGreater(kept, 20)
        said = self.sweep("-resume", "s", "-cores", "8")
        self.assertIn(f"{kept} of 60 points are in s", said)
        self.assertEqual(len(self.rows()), 61)

    def test_failed_points(self):
        said = self.sweep("model.go:Bad", "-p", "i=0..3", "-o", "s", status=3)
        self.assertIn("1 of 4 points failed; the first is i=2: no luck", said)
        self.assertEqual(self.rows(), [["i", "result", "error"], ["0", "0", ""], ["1", "1", ""], ["2", "", "no luck"], ["3", "3", ""]])
        (self.folder / "model.go").write_text(MODEL.replace("i == 2", "i == 9"))
        said = self.sweep("-resume", "s", status=1)
        self.assertIn("the code of model.go:Bad has changed", said)

    def test_tables(self):
        """Parquet holds what the CSV does; a notebook sweeps by its tags."""
        nb = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "swingby", "display_name": "Go", "language": "go"}})
        nb.cells = [
            nbformat.v4.new_code_cell("mu := 1.0\nname := \"\"", metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell("loss := math.Exp(mu)\nlong := len(name) > 1", metadata={"tags": ["results"]}),
        ]
        nbformat.write(nb, self.folder / "n.ipynb")
        said = self.sweep("n.ipynb", "-p", "mu=0.1,0.2", "-p", "name=a,bc", "-table", "t.parquet")
        self.assertIn("the table is n.sweep", said)
        rows = self.rows("n.sweep")
        self.assertEqual(rows[0], ["mu", "name", "loss", "long"])
        self.assertEqual(float(rows[1][2]), 1.1051709180756477)
        self.assertEqual([r[3] for r in rows[1:]], ["false", "true"] * 2)
        self.assertEqual((self.folder / "t.parquet").read_bytes()[:4], b"PAR1")
        said = self.sweep("n.ipynb", "-p", "mu=0.1,0.3", "-p", "name=a,bc", status=1)
        self.assertIn("its parameter mu is 0.1,0.2, not 0.1,0.3", said)


if __name__ == "__main__":
    unittest.main()
