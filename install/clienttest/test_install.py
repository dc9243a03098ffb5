"""The installed program as Jupyter sees it: `jupyter kernelspec` is the judge.

SWINGBY names the program. Every test has its own data folder, so the user's
Jupyter is neither seen nor touched.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SWINGBY = os.environ["SWINGBY"]


class Install(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = pathlib.Path(folder.name).resolve()
        self.data = self.top / "data"
        self.env = {
            key: value for key, value in os.environ.items()
            if not key.startswith("JUPYTER") and key not in ("VIRTUAL_ENV", "CONDA_PREFIX")
        }
        self.env["JUPYTER_DATA_DIR"] = str(self.data)
        self.env["JUPYTER_PREFER_ENV_PATH"] = "0"
        # The jupyter of this environment comes first.
        self.env["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]

    def swingby(self, *arguments, code=0):
        run = subprocess.run(
            [SWINGBY, *arguments], env=self.env, cwd=self.top, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60,
        )
        self.assertEqual(run.returncode, code, f"{arguments}: {run.stdout}{run.stderr}")
        if code != 0:
            self.assertRegex(run.stderr, r"\A[^\n]+\n\Z", "an error is one line")
        return run.stdout + run.stderr

    def kernels(self):
        out = subprocess.run(
            [sys.executable, "-m", "jupyter", "kernelspec", "list", "--json"],
            env=self.env, check=True, capture_output=True, text=True,
        ).stdout
        return json.loads(out)["kernelspecs"]

    def test_user(self):
        said = self.swingby("install", "--user", "--name", "swingby-test", "--display-name", "Go (a test)")
        folder = self.data / "kernels" / "swingby-test"
        self.assertIn(str(folder), said)
        found = self.kernels()["swingby-test"]
        self.assertEqual(pathlib.Path(found["resource_dir"]).resolve(), folder)
        spec = found["spec"]
        self.assertEqual(spec["display_name"], "Go (a test)")
        self.assertEqual(spec["language"], "go")
        self.assertEqual(spec["interrupt_mode"], "message")
        self.assertTrue(os.path.samefile(spec["argv"][0], SWINGBY))
        for logo in ("logo-32x32.png", "logo-64x64.png", "logo-svg.svg"):
            self.assertGreater((folder / logo).stat().st_size, 100)

        self.swingby("uninstall", "--user", "--name", "swingby-test")
        self.assertNotIn("swingby-test", self.kernels())
        self.assertEqual(list((self.data / "kernels").iterdir()), [])

    def test_user_is_the_default(self):
        self.swingby("install")
        self.assertTrue((self.data / "kernels" / "swingby" / "kernel.json").is_file())
        self.swingby("install")  # again is no error
        self.swingby("uninstall")

    def test_prefix(self):
        prefix = self.top / "usr local"
        self.swingby("install", "--prefix", str(prefix))
        self.env["JUPYTER_PATH"] = str(prefix / "share" / "jupyter")
        self.assertEqual(
            pathlib.Path(self.kernels()["swingby"]["resource_dir"]).resolve(),
            prefix / "share" / "jupyter" / "kernels" / "swingby",
        )

    def test_sys_prefix(self):
        # The environment may be active, or just first on PATH.
        prefix = self.top / "environment"
        self.env["VIRTUAL_ENV"] = str(prefix)
        said = self.swingby("install", "--sys-prefix", "--name", "swingby-test")
        self.assertIn(str(prefix), said)
        del self.env["VIRTUAL_ENV"]
        said = self.swingby("install", "--sys-prefix", "--name", "swingby-sys-prefix")
        self.addCleanup(self.swingby, "uninstall", "--sys-prefix", "--name", "swingby-sys-prefix")
        self.assertIn(sys.prefix, said)
        self.assertIn("swingby-sys-prefix", self.kernels())

    def test_refused(self):
        self.swingby("install", "--name", "a/b", code=1)
        self.swingby("install", "--user", "--sys-prefix", code=2)
        self.swingby("uninstall", code=1)
        self.assertFalse(self.data.exists(), "nothing is left behind")

    def test_moved_program(self):
        """A copy that moves away is found by doctor, which names the cure."""
        copy = self.top / ("moved" + pathlib.Path(SWINGBY).suffix)
        shutil.copy2(SWINGBY, copy)
        subprocess.run([copy, "install"], env=self.env, check=True, capture_output=True)
        said = self.swingby("doctor")
        self.assertRegex(said, r"(?m)^ok +kernelspec: .*moved")
        self.assertRegex(said, r"(?m)^ok +kernel: starts and answers")
        self.assertRegex(said, r"(?m)^ok +cell: a notebook of one cell runs")
        self.assertRegex(said, r"(?m)^ok +jupyter: .*jupyterlab 4")
        copy.unlink()
        run = subprocess.run([SWINGBY, "doctor"], env=self.env, capture_output=True, text=True, timeout=60)
        self.assertEqual(run.returncode, 1)
        self.assertRegex(run.stdout, r"(?m)^FIX +kernelspec: .*is not there.*swingby install")


if __name__ == "__main__":
    unittest.main()
