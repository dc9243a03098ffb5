"""The commands without Jupyter as a shell meets them: exit statuses, what verify catches, and what a run that goes wrong leaves behind."""

import os
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import xml.etree.ElementTree

import nbformat

SWINGBY = os.environ["SWINGBY"]
NOTEBOOK = pathlib.Path(__file__).resolve().parents[2] / "notebooks" / "01-swing-by.ipynb"


def write(path, *sources):
    nb = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "swingby", "display_name": "Go", "language": "go"}})
    nb.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nb, path)
    return pathlib.Path(path)


class Commands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_swingby(self, *arguments, **more):
        return subprocess.run([SWINGBY, *map(str, arguments)], capture_output=True, text=True, timeout=120, **more)

    def files(self):
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*"))

    def test_many_to_a_folder(self):
        a, b = write(self.folder / "a.ipynb", "1 + 1"), write(self.folder / "b.ipynb", "panic(1)")
        before = a.read_bytes()
        run = self.run_swingby("exec", "--output-dir", self.folder / "out", "--keep-going", b, a)
        self.assertEqual(run.returncode, 3, run.stderr)
        self.assertEqual(self.files(), ["a.ipynb", "b.ipynb", "out", "out/a.ipynb", "out/b.ipynb"])
        self.assertEqual(a.read_bytes(), before)
        self.assertEqual(nbformat.read(self.folder / "out/a.ipynb", 4).cells[0].outputs[0].data["text/plain"], "2")

        # The same run writes the same bytes.
        first = (self.folder / "out/a.ipynb").read_bytes()
        self.assertEqual(self.run_swingby("exec", "-q", "-o", self.folder / "out", a).returncode, 0)
        self.assertEqual((self.folder / "out/a.ipynb").read_bytes(), first)

    def test_time_runs_out(self):
        path = write(self.folder / "n.ipynb", "for {\n}")
        before = path.read_bytes()
        self.assertEqual(self.run_swingby("exec", "-cell-timeout", "1s", path).returncode, 4)
        self.assertEqual(self.run_swingby("exec", "-timeout", "1s", path).returncode, 4)
        self.assertEqual(path.read_bytes(), before)

    def test_interrupted(self):
        path = write(self.folder / "n.ipynb", "1", "os.WriteFile(\"begun\", nil, 0o666)\nfor {\n}")
        before = path.read_bytes()
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            (self.folder / "begun").unlink(missing_ok=True)
            p = subprocess.Popen([SWINGBY, "exec", str(path)], stderr=subprocess.PIPE, text=True)
            end = time.monotonic() + 60
            while not (self.folder / "begun").exists() and time.monotonic() < end:
                time.sleep(0.02)
            p.send_signal(number)
            _, err = p.communicate(timeout=60)
            self.assertEqual(p.returncode, status, err)
            self.assertIn("stopped, nothing was written", err)
            self.assertEqual(path.read_bytes(), before)
        self.assertEqual(self.files(), ["begun", "n.ipynb"])

    def test_full_disk(self):
        # A limit on the size of files stands for a disk that is full: writing fails in the middle.
        path = write(self.folder / "n.ipynb", 'strings.Repeat("0123456789", 2000)')
        self.assertEqual(self.run_swingby("exec", path).returncode, 0)
        write(path, 'fmt.Println(strings.Repeat("abcdefghij", 2000))')
        before = path.read_bytes()
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
        for arguments in (["exec"], ["exec", "-o", self.folder / "o.ipynb"], ["exec", "-html", self.folder / "o.html"]):
            run = self.run_swingby(*arguments, path, preexec_fn=limit)
            self.assertEqual(run.returncode, 1, run.stderr)
            self.assertIn("file too large", run.stderr)
            self.assertEqual(path.read_bytes(), before)
            self.assertEqual(self.files(), ["n.ipynb"])
        run = self.run_swingby("exec", "-o", "/dev/full", path)
        self.assertEqual(run.returncode, 1)
        self.assertIn("not a regular file", run.stderr)

    def test_verify(self):
        path = self.folder / NOTEBOOK.name
        shutil.copy(NOTEBOOK, path)
        run = self.run_swingby("exec", "-q", path)
        self.assertEqual(run.returncode, 0, run.stderr)
        report = self.folder / "report.xml"
        for cores in "1", "4":
            run = self.run_swingby("verify", "-junit", report, path, env={**os.environ, "GOMAXPROCS": cores})
            self.assertEqual(run.returncode, 0, run.stdout)
        suites = xml.etree.ElementTree.parse(report).getroot()
        self.assertEqual(suites.get("failures"), "0")
        self.assertGreater(int(suites.get("tests")), 10)

        text = path.read_text()
        # The last one is in an output; the source has it, too.
        at = text.rindex("minimum 0.18096 at step 254 maximum")
        path.write_text(text[:at] + text[at:].replace("0.18096", "0.18097", 1))
        run = self.run_swingby("verify", "-rtol", "1e-6", "-junit", report, path)
        self.assertEqual(run.returncode, 5, run.stdout)
        self.assertIn("0.18097, now 0.18096", run.stdout)
        self.assertEqual(xml.etree.ElementTree.parse(report).getroot().get("failures"), "1")
        self.assertEqual(self.run_swingby("verify", "-q", "-rtol", "1e-3", path).returncode, 0)

    def test_export_and_doctor(self):
        path = write(self.folder / "n.ipynb", "x := 6 * 7\nx", "display.Show(image.NewGray(image.Rect(0, 0, 2, 2)))")
        self.assertEqual(self.run_swingby("doctor", path).returncode, 1)
        self.assertEqual(self.run_swingby("exec", path).returncode, 0)
        run = self.run_swingby("doctor", path)
        self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)
        self.assertIn("program and machine are the same", run.stdout)
        for arguments in (["-to", "markdown"], ["-to", "html"], ["-to", "go"]):
            run = self.run_swingby("export", *arguments, path)
            self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.files(), ["n.go", "n.html", "n.ipynb", "n.md", "n_files", "n_files/n_1_0.png"])
        self.assertIn("![", (self.folder / "n.md").read_text())

    def test_run(self):
        script = self.folder / "s.go"
        script.write_text('#!/usr/bin/env -S swingby run\nfmt.Println(os.Args[1:])\nfmt.Fprintln(os.Stderr, "note")\nos.Exit(7)\n')
        run = self.run_swingby("run", script, "-x", "a b")
        self.assertEqual((run.returncode, run.stdout, run.stderr), (7, "[-x a b]\n", "note\n"))
        path = write(self.folder / "n.ipynb", "len(os.Args)", "panic(\"no\")")
        run = self.run_swingby("run", path, "one")
        self.assertEqual((run.returncode, run.stdout), (2, "2\n"))
        self.assertIn("panic: no", run.stderr)


if __name__ == "__main__":
    unittest.main()
