"""The conversation in a terminal, typed and read as by a person: swingby repl under tmux."""

import base64
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import time
import unittest

SWINGBY = os.environ["SWINGBY"]


class Terminal:
    """A terminal of 100 columns and 40 rows, with a server of its own."""

    def __init__(self, folder, *arguments):
        self.socket = str(pathlib.Path(folder) / "tmux")
        environment = {k: v for k, v in os.environ.items() if k not in ("TMUX", "TMUX_PANE")}
        environment |= {
            "SWINGBY_HISTORY": str(pathlib.Path(folder) / "history"), "LC_ALL": "C.UTF-8",
            "HOME": folder, "INPUTRC": "/dev/null",
        }
        self.environment = environment
        command = " ".join([SWINGBY, "repl", *arguments]) + "; echo ended with $?; sleep 60"
        self.tmux("new-session", "-d", "-x", "100", "-y", "40", "-s", "repl", command)

    def tmux(self, *arguments):
        run = subprocess.run(
            ["tmux", "-f", "/dev/null", "-S", self.socket, *arguments], capture_output=True, text=True,
            timeout=30, env=self.environment, stdin=subprocess.DEVNULL,
        )
        if run.returncode:
            raise RuntimeError(f"tmux {arguments[0]}: {run.stderr.strip()}")
        return run.stdout

    def type(self, text):
        self.tmux("send-keys", "-t", "repl", "-l", text)

    def press(self, *keys):
        self.tmux("send-keys", "-t", "repl", *keys)

    def screen(self):
        return self.tmux("capture-pane", "-p", "-t", "repl", "-S", "-200")

    def wait(self, what, seconds=60):
        """Waits until the screen shows a text."""
        end = time.monotonic() + seconds
        while what not in (screen := self.screen()):
            if time.monotonic() > end:
                raise AssertionError(f"the screen does not show {what!r} but\n{screen}")
            time.sleep(0.05)
        return screen

    def close(self):
        try:
            self.tmux("kill-server")
        except RuntimeError:
            pass  # ended already


class REPL(unittest.TestCase):
    def setUp(self):
        if not shutil.which("tmux"):
            self.fail("this test needs tmux; on Debian and Ubuntu: apt-get install tmux")
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def start(self, *arguments):
        terminal = Terminal(self.folder.name, *arguments)
        self.addCleanup(terminal.close)
        terminal.wait("In [1]:")
        return terminal

    def test_conversation(self):
        t = self.start()
        t.type("x := 6 * 7")
        t.press("Enter")
        t.wait("In [2]:")
        t.type("x")
        t.press("Enter")
        t.wait("Out[2]: 42")

        # A cell of several lines goes on until it is complete.
        t.wait("In [3]:")
        t.type("func twice(n int) int {")
        t.press("Enter")
        t.type("return 2 * n")
        t.wait("\n        return 2 * n")  # below the text of the first line
        t.press("Enter")
        t.type("}")
        t.press("Enter")
        t.wait("In [4]:")
        t.type("twice(x)")
        t.press("Enter")
        t.wait("Out[4]: 84")

        # Tab completes from types.
        t.wait("In [5]:")
        t.type("strings.ToUpp")
        t.press("Tab")
        t.wait("strings.ToUpper")
        t.type('("done")')
        t.press("Enter")
        t.wait('Out[5]: "DONE"')

        # The up key brings back an earlier cell.
        t.wait("In [6]:")
        t.press("Up")
        t.press("Up")
        t.wait("In [6]: twice(x)")
        t.press("Enter")
        t.wait("Out[6]: 84")

        # A mistake costs nothing.
        t.wait("In [7]:")
        t.type("y")
        t.press("Enter")
        t.wait("undefined: y")
        t.wait("In [8]:")

        # Ctrl-C stops a cell, the variables stay.
        t.type('fmt.Println("be" + "gun"); for { }')
        t.press("Enter")
        t.wait("begun")
        t.press("C-c")
        t.wait("In [9]:")
        t.type("x + 1")
        t.press("Enter")
        t.wait("Out[9]: 43")

        # Ctrl-C drops what is being written; Ctrl-D ends.
        t.wait("In [10]:")
        t.type("dropped")
        t.press("C-c")
        while not t.screen().rstrip().endswith("In [10]:"):
            time.sleep(0.05)
        t.press("C-d")
        t.wait("ended with 0")

    def test_history_is_kept(self):
        t = self.start()
        t.type("remembered := 1")
        t.press("Enter")
        t.wait("In [2]:")
        t.press("C-d")
        t.wait("ended with 0")
        t.close()
        t.socket += "2"  # the first server may not be gone
        t.tmux("new-session", "-d", "-x", "100", "-y", "40", "-s", "repl", f"{SWINGBY} repl; sleep 60")
        t.wait("In [1]:")
        t.press("Up")
        t.wait("In [1]: remembered := 1")

    def test_pictures(self):
        # What reaches the terminal, behind the back of tmux: kitty's protocol holds the PNG itself.
        log = pathlib.Path(self.folder.name) / "log"
        t = self.start("-pictures", "kitty")
        t.tmux("pipe-pane", "-t", "repl", f"cat > {log}")
        t.type("image.NewGray(image.Rect(0, 0, 2, 2))")
        t.press("Enter")
        t.wait("In [2]:")
        while b"In [2]:" not in (sent := log.read_bytes()):  # which comes by another way than the screen
            time.sleep(0.05)
        start = sent.index(b"\x1b_Gf=100,a=T,m=0;") + len(b"\x1b_Gf=100,a=T,m=0;")
        picture = base64.b64decode(sent[start:sent.index(b"\x1b\\", start)])
        self.assertEqual(picture[:8], b"\x89PNG\r\n\x1a\n")
        self.assertEqual(struct.unpack(">II", picture[16:24]), (2, 2))

    def test_input(self):
        t = self.start()
        t.type('var name string; fmt.Print("na", "me? "); _, _ = fmt.Scanln(&name)')
        t.press("Enter")
        t.wait("\nname?")
        t.type("Ada")
        t.press("Enter")
        t.wait("In [2]:")
        t.type("name + name")
        t.press("Enter")
        t.wait('Out[2]: "AdaAda"')


class Pipe(unittest.TestCase):
    def test_pipe(self):
        run = subprocess.run([SWINGBY, "repl"], input="x := 1\nx + 1\nfmt.Println(\"text\")\n", capture_output=True, text=True, timeout=60)
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "2\ntext\n", ""))
        run = subprocess.run([SWINGBY, "repl"], input="y\n1\n", capture_output=True, text=True, timeout=60)
        self.assertEqual((run.returncode, run.stdout), (3, ""))
        self.assertIn("undefined: y", run.stderr)


if __name__ == "__main__":
    unittest.main()
