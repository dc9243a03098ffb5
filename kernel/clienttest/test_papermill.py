"""papermill sets the same parameters as swingby exec, and gets the same outputs."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import nbformat
import papermill

KERNEL = os.environ.get("SWINGBY_KERNEL", "swingby")
SWINGBY = os.environ["SWINGBY"]


def notebook(*sources):
    nb = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": KERNEL, "display_name": "Go", "language": "go"}})
    for source in sources:
        nb.cells.append(nbformat.v4.new_code_cell(source))
    nb.cells[0].metadata["tags"] = ["parameters"]
    return nb


def joined(outputs):
    """Text that follows text is one, however many messages it came in, which depends on the time between."""
    whole = []
    for output in outputs:
        if output.output_type == "stream" and whole and whole[-1].get("name") == output.name:
            whole[-1].text += output.text
        else:
            whole.append(output)
    return whole


class Papermill(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_agrees(self):
        source, theirs, ours = (str(self.folder / n) for n in ("in.ipynb", "papermill.ipynb", "exec.ipynb"))
        nbformat.write(notebook(
            'mu := []float64{1, 1.5} // signals\nvar steps int = 10\nsigma, name := 0.05, "a"\nlog := false\n'
            'grid := [][]int{{1}}\nweights := map[string]float64{}',
            'fmt.Println(mu, steps, sigma, name, log, grid, weights)',
            'task, err := sim.NewTask(sim.Axes{Mu: mu, Sigma: []float64{sigma, sigma, sigma}, D: 3})\nfmt.Println(err)\ntask.Centroids()',
            'w0, err := torch.UUT(2333, 3, 5)\nrun, err := theory.Symmetric{Task: task, W0: w0, Eta: 0.01, Steps: steps, Rate: theory.RateA2}.Run(ctx)\nrun.TestLoss().Y',
        ), source)
        papermill.execute_notebook(source, theirs, parameters={
            "mu": [1, 2.5], "steps": 20, "sigma": 0.1, "name": 'b "c" µ', "log": True, "grid": [[1, 2], []], "weights": {"a": 1.5},
        }, progress_bar=False)
        settings = {"mu": "1,2.5", "steps": "20", "sigma": "0.1", "name": 'b "c" µ', "log": "true", "grid": "[1,2],[]", "weights": "{a: 1.5}"}
        command = [SWINGBY, "exec", "-o", ours]
        for name, value in settings.items():
            command += ["-p", f"{name}={value}"]
        run = subprocess.run([*command, source], capture_output=True, text=True, timeout=120)
        self.assertEqual(run.returncode, 0, run.stderr)

        a, b = nbformat.read(theirs, 4), nbformat.read(ours, 4)
        self.assertEqual([c.metadata.get("tags", []) for c in a.cells], [c.metadata.get("tags", []) for c in b.cells])
        for x, y in zip(a.cells, b.cells):
            if "injected-parameters" not in x.metadata.get("tags", []):
                self.assertEqual(x.source, y.source)
            if x.cell_type == "code":
                self.assertEqual(joined(x.outputs), joined(y.outputs))
        self.assertEqual(a.cells[2].outputs[0].text, '[1 2.5] 20 0.1 b "c" µ true [[1 2] []] map[a:1.5]\n')
        self.assertEqual(a.metadata.papermill.parameters["steps"], 20)
        self.assertEqual(b.metadata.swingby.run.parameters["mu"], "[]float64{1, 2.5}")

        # What papermill has made, swingby exec makes again with other values, and the other way round.
        run = subprocess.run([SWINGBY, "exec", "-p", "steps=5", theirs], capture_output=True, text=True, timeout=120)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(len(nbformat.read(theirs, 4).cells), 5)

    def test_template(self):
        """The notebook that analyses start from gives both the same numbers and pictures for other parameters."""
        source = pathlib.Path(__file__).parents[2] / "notebooks" / "17-template.ipynb"
        theirs, ours = (str(self.folder / n) for n in ("papermill.ipynb", "exec.ipynb"))
        papermill.execute_notebook(
            str(source), theirs, parameters={"mu": [1, 1.5], "samples": 200, "seed": 7}, cwd=str(source.parent), progress_bar=False,
        )
        command = [SWINGBY, "exec", "-o", ours, "-p", "mu=1,1.5", "-p", "samples=200", "-p", "seed=7", str(source)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120)
        self.assertEqual(run.returncode, 0, run.stderr)

        def outputs(path):
            for cell in nbformat.read(path, 4).cells:
                for output in joined(cell.get("outputs", [])):
                    yield output.text if output.output_type == "stream" else output.data
        self.assertEqual(list(outputs(theirs)), list(outputs(ours)))
        self.assertNotEqual(list(outputs(ours)), list(outputs(str(source))))

    def test_inspect(self):
        source = str(self.folder / "in.ipynb")
        nbformat.write(notebook('mu := []float64{1, 1.5} // signals\nvar steps int = 10\na, b := 1, 2'), source)
        found = papermill.inspect_notebook(source)
        self.assertEqual(found["mu"]["help"], "signals")
        self.assertEqual(list(found), ["mu", "steps", "a", "b"])
        self.assertEqual((found["steps"]["inferred_type_name"], found["steps"]["default"]), ("int", "10"))

    def test_does_not_fit(self):
        source, out = str(self.folder / "in.ipynb"), str(self.folder / "out.ipynb")
        nbformat.write(notebook("n := 1", "n"), source)
        with self.assertRaises(papermill.PapermillExecutionError) as caught:
            papermill.execute_notebook(source, out, parameters={"n": 1.5}, progress_bar=False)
        self.assertIn("cannot use 1.5", str(caught.exception))
        run = subprocess.run([SWINGBY, "exec", "-p", "n=1.5", source], capture_output=True, text=True, timeout=120)
        self.assertEqual(run.returncode, 2)
        self.assertIn('parameter n (int): "1.5" is no int', run.stderr)


if __name__ == "__main__":
    unittest.main()
