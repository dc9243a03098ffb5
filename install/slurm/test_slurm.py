"""swingby sweep on a real Slurm cluster of two nodes: the same table as on this machine, whatever dies meanwhile.

SWINGBY names the program; without it, bin/swingby.
"""

import collections
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from cluster import Cluster

PROGRAM = os.environ.get("SWINGBY", str(pathlib.Path(__file__).parents[2] / "bin" / "swingby"))


def notebook(*cells):
    """A notebook of (tag, source)."""
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [
        {"cell_type": "code", "execution_count": None, "metadata": {"tags": [tag]} if tag else {}, "outputs": [], "source": source} for tag, source in cells]})


# Each run leaves a line in a file, so that they can be counted.
COUNTING = notebook(
    ("parameters", "mu := 1.0\nseed := 0"),
    ("", 'f, err := os.OpenFile("runs.txt", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)\nif err != nil {\n\tpanic(err)\n}\nfmt.Fprintln(f, mu, seed)\nf.Close()'),
    ("", "rng := rand.New(rand.NewPCG(uint64(seed), 1))\nx := mu\nfor range 1000 {\n\tx += rng.NormFloat64() / mu\n}"),
    ("results", 'loss := math.Exp(-x * x / 1000)\nabove := x > mu\nlabel := fmt.Sprint("s", seed)'),
)

# Slow enough that something can die meanwhile.
MODEL = """package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"
)

func note(i int) {
	f, err := os.OpenFile("runs.txt", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(f, i)
	f.Close()
}

func Slow(i int, mu float64) float64 {
	note(i)
	time.Sleep(100 * time.Millisecond)
	return mu / float64(i+1)
}

// Deadly kills its task: at 3 the first time, at 7 always.
func Deadly(i int) int {
	note(i)
	_, err := os.Stat("died")
	if i == 7 || i == 3 && err != nil {
		if i == 3 {
			os.WriteFile("died", nil, 0o666)
		}
		exec.Command("kill", "-9", strconv.Itoa(os.Getppid())).Run()
		time.Sleep(time.Minute)
	}
	return i * i
}
"""


class Slurm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()

    def setUp(self):
        began = time.monotonic()
        self.addCleanup(lambda: print(f"{time.monotonic() - began:.1f} s ... ", end="", file=sys.stderr))
        self.dir = self.cluster.dir / self.id().rsplit(".", 1)[1]
        self.dir.mkdir()
        (self.dir / "count.ipynb").write_text(COUNTING)
        (self.dir / "model.go").write_text(MODEL)

    def start(self, *args):
        return subprocess.Popen([PROGRAM, "sweep", *args], env=self.cluster.env, cwd=self.dir, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def end(self, process, status=0, timeout=120):
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            self.fail(f"{process.args} does not end:\n{out}{err}\n{self.cluster.logs()}")
        self.assertEqual(process.returncode, status, f"{process.args}:\n{out}{err}\n{self.task_logs()}")
        return out + err

    def sweep(self, *args, status=0):
        return self.end(self.start(*args), status)

    def task_logs(self):
        return "\n".join(f"--- {p}\n{p.read_text()}" for p in self.dir.glob("*/slurm/*/*.log"))

    def runs(self):
        path = self.dir / "runs.txt"
        return collections.Counter(path.read_text().splitlines()) if path.exists() else collections.Counter()

    def finished(self, folder):
        """The points that have results, as the command tells it."""
        text = self.sweep("-status", folder)
        return int(text.split(": ")[1].split(" of ")[0])

    def until(self, folder, n, process):
        end = time.monotonic() + 60
        while not (self.dir / folder / "sweep.json").exists() or self.finished(folder) < n:
            self.assertIsNone(process.poll(), "the sweep has ended before anything could die")
            self.assertLess(time.monotonic(), end, f"there are not {n} results after a minute\n{self.task_logs()}\n{self.cluster.logs()}")
            time.sleep(0.1)

    def table(self, folder):
        return (self.dir / folder / "table.csv").read_bytes()

    def test_same_as_here_while_daemons_restart(self):
        """200 points of a notebook: a slurmd is killed, the controller restarts; every point runs once, and the table is the local one."""
        parameters = ["-p", "mu=linspace(1,3,10)", "-p", "seed=0..19"]
        self.sweep("count.ipynb", *parameters, "-o", "here")
        self.assertEqual(len(self.runs()), 200)
        (self.dir / "runs.txt").unlink()

        p = self.start("count.ipynb", *parameters, "-o", "there", "-on", "slurm", "-partition", "main", "-time", "5", "-chunk", "10")
        self.until("there", 20, p)
        self.cluster.kill("slurmd-n1")
        time.sleep(1)  # less than SlurmdTimeout, after which Slurm would give the tasks to the other node
        self.cluster.start_node("n1")
        self.until("there", 60, p)
        self.cluster.end("slurmctld")
        self.cluster.start_controller()
        said = self.end(p)
        self.assertIn("200 of 200 points", said)
        self.assertEqual(self.table("there"), self.table("here"), "the tables differ")
        self.assertEqual(self.table("there").count(b"\n"), 201)
        self.assertEqual(set(self.runs().values()), {1}, f"points ran more than once: {[r for r, n in self.runs().items() if n > 1]}")
        self.assertEqual(len(self.runs()), 200)
        self.cluster.wait(self.cluster.idle, "the nodes do not become idle")

    def test_all_daemons_die(self):
        """kill -9 of the controller, which forgets its last seconds, and of both slurmds. Tasks go on, or are started again
        by a controller that believes they never ran: nothing finished is lost or runs again."""
        self.sweep("model.go:Slow", "-p", "i=0..99", "-p", "mu=1,2.5", "-o", "here", "-cores", "8")
        (self.dir / "runs.txt").unlink()
        p = self.start("model.go:Slow", "-p", "i=0..99", "-p", "mu=1,2.5", "-o", "there", "-on", "slurm", "-chunk", "10")
        self.until("there", 50, p)
        for name in ["slurmctld", "slurmd-n1", "slurmd-n2"]:
            self.cluster.kill(name)
        time.sleep(1)
        self.cluster.start_controller()
        self.cluster.start_node("n1")
        self.cluster.start_node("n2")
        said = self.end(p)
        self.assertIn("200 of 200 points", said)
        self.assertEqual(self.table("there"), self.table("here"), "the tables differ")
        again = sum(n - 2 for n in self.runs().values())  # each i stands for two points
        self.assertLessEqual(again, 4, f"{again} points ran twice; at most the four that were being done may have")
        # Slurm may have closed a node that it found to run a job already; one that it has not cannot be opened.
        self.cluster.command("scontrol", "update", "nodename=n1,n2", "state=resume")
        self.cluster.wait(self.cluster.idle, "the nodes do not become idle")

    def test_node_dies(self):
        """A node dies with the tasks on it: the other one takes them over; nothing that was finished runs again. So does nothing after the follower has been killed."""
        parameters = ["-p", "i=0..99", "-p", "mu=1,2.5"]
        self.sweep("model.go:Slow", *parameters, "-o", "here", "-cores", "8")
        (self.dir / "runs.txt").unlink()
        p = self.start("model.go:Slow", *parameters, "-o", "there", "-on", "slurm", "-chunk", "20")
        self.until("there", 20, p)
        p.kill()  # nothing can be said any more; the jobs go on
        p.communicate()
        self.cluster.kill_node("n2")
        before, finished = self.runs(), self.finished("there")
        self.assertLess(finished, 150)
        try:
            p = self.start("-follow", "there")
            said = self.end(p)
        finally:
            self.cluster.start_node("n2")
        self.assertIn("200 of 200 points", said)
        self.assertEqual(self.table("there"), self.table("here"), "the tables differ")
        runs = self.runs()
        again = sum(n - 2 for n in runs.values())  # each i stands for two points
        self.assertLessEqual(again, 4, f"{again} points ran twice; at most the four that were being done may have")
        self.assertGreaterEqual(sum(before.values()), finished)
        self.cluster.wait(self.cluster.idle, "the node does not come back")

    def test_interrupted_followed_cancelled(self):
        """What a person does: interrupts, looks at partial results, follows again, cancels, resumes."""
        p = self.start("model.go:Slow", "-p", "i=0..99", "-p", "mu=1", "-o", "s", "-on", "slurm", "-chunk", "10", "-max-tasks", "2")
        self.until("s", 5, p)
        p.send_signal(signal.SIGINT)
        said = self.end(p, 130)
        for part in ["goes on", "swingby sweep -follow s", "swingby sweep -cancel s"]:
            self.assertIn(part, said)
        said = self.sweep("-resume", "s", status=1)
        self.assertIn("are in the queue of Slurm", said)
        rows = self.sweep("-status", "s", "-table", "-").splitlines()
        self.assertEqual(rows[0], "i,mu,result")
        self.assertGreaterEqual(len(rows), 6)
        p = self.start("-follow", "s")
        self.until("s", 30, p)
        said = self.sweep("-cancel", "s")
        self.assertIn("cancelled job", said)
        said = self.end(p, 1)
        self.assertIn("was cancelled", said)
        self.assertIn("no job of this sweep", self.sweep("-cancel", "s"))
        finished = self.finished("s")
        self.assertIn(f"{finished} of 100 points are in s", self.sweep("-resume", "s", "-cores", "8"))
        self.assertEqual(self.table("s").count(b"\n"), 101)
        runs = self.runs()
        self.assertLessEqual(sum(runs.values()) - 100, 4, "points that were finished ran again")

    def test_dead_tasks(self):
        """A task that dies is tried again; a point whose tasks always die fails, and costs the others nothing."""
        said = self.sweep("model.go:Deadly", "-p", "i=0..11", "-o", "s", "-on", "slurm", "-chunk", "6", "-retries", "1", status=3)
        self.assertIn("1 of 12 points failed; the first is i=7: its tasks died, 2 times", said)
        rows = self.table("s").decode().splitlines()
        self.assertEqual(rows[0], "i,result,error")
        for i in range(12):
            if i == 7:
                self.assertTrue(rows[8].startswith('7,,"its tasks died, 2 times; the last was '), rows[8])
            else:
                self.assertEqual(rows[1 + i], f"{i},{i * i},")
        self.assertEqual(self.runs(), {str(i): 2 if i in (3, 7) else 1 for i in range(12)})

    def test_refused(self):
        """What Slurm refuses is told in its own words, and leaves nothing in the way."""
        said = self.sweep("model.go:Slow", "-p", "i=0..3", "-p", "mu=1", "-o", "s", "-on", "slurm", "-partition", "nosuch", status=1)
        self.assertIn("Invalid partition name", said)
        said = self.sweep("model.go:Slow", "-p", "i=0..2999", "-p", "mu=1", "-o", "big", "-on", "slurm", "-chunk", "1", status=1)
        self.assertIn("-chunk 3 fits", said)
        said = self.sweep("model.go:Slow", "-p", "i=0..3", "-p", "mu=1", "-o", "s", "-on", "slurm", "-detach", "-partition", "other")
        self.assertIn("follow it with: swingby sweep -follow s", said)
        self.assertIn("4 of 4 points", self.sweep("-follow", "s"))

    def test_controller_away(self):
        """A job is submitted although the controller does not answer yet."""
        self.cluster.end("slurmctld")
        p = self.start("model.go:Slow", "-p", "i=0..3", "-p", "mu=1", "-o", "s", "-on", "slurm")
        time.sleep(1)
        self.cluster.start_controller()
        self.assertIn("4 of 4 points", self.end(p))
        self.assertEqual(set(self.runs().values()), {1})
        self.cluster.wait(self.cluster.idle, "the nodes do not become idle")


if __name__ == "__main__":
    if not shutil.which(PROGRAM):
        raise SystemExit(f"slurm: there is no program {PROGRAM}; make build")
    unittest.main(verbosity=2)
