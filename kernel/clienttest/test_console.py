"""jupyter console, typed into by a program: cells, errors, input, interrupt, and history across restarts."""

import os
import re
import sys
import tempfile
import time
import unittest

KERNEL = os.environ.get("SWINGBY_KERNEL", "swingby")
TIMEOUT = 60

if sys.platform != "win32":  # where there are no pseudo-terminals
    import pexpect

    UP, ENTER, CONTROL_C, CONTROL_D = "\x1b[A", "\r", "\x03", "\x04"

    ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])")

    class Terminal:
        """A console and what it has written, without colours and movements."""

        def __init__(self, env):
            self.child = pexpect.spawn(
                sys.executable, ["-m", "jupyter_console", "--kernel", KERNEL],
                env=env, encoding="utf-8", timeout=TIMEOUT, dimensions=(50, 200),
            )
            self.raw = ""
            self.at = 0  # what lies before it has been expected

        def expect(self, pattern, timeout=TIMEOUT):
            deadline = time.monotonic() + timeout
            while True:
                text = ESCAPES.sub("", self.raw)
                found = re.search(pattern, text[self.at :])
                if found:
                    self.at += found.end()
                    return
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"no {pattern!r} in {text[self.at:]!r}")
                try:
                    self.raw += self.child.read_nonblocking(4096, timeout=left)
                except pexpect.TIMEOUT:
                    pass

        def prompt(self, n, **options):
            self.expect(rf"In \[{n}\]: ", **options)

        def result(self, n, text):
            self.expect(rf"Out\[{n}\]: *{re.escape(text)}\r")

        def enter(self, line):
            self.child.send(line + ENTER)

        def quit(self):
            self.child.send(CONTROL_D)
            self.expect("want to exit")
            self.enter("y")
            self.child.expect(pexpect.EOF)

    class Console(unittest.TestCase):
        def setUp(self):
            folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
            self.addCleanup(folder.cleanup)
            self.env = {
                **os.environ,
                "SWINGBY_HISTORY": os.path.join(folder.name, "history"),
                "TERM": "xterm",
                "PROMPT_TOOLKIT_NO_CPR": "1",  # nobody here answers where the cursor is
            }

        def start(self):
            console = Terminal(self.env)
            self.addCleanup(console.child.close, force=True)
            console.prompt(1)
            return console

        def test_session(self):
            console = self.start()
            console.enter("x := 40")
            console.prompt(2)
            console.enter("x + 2")
            console.result(2, "42")
            console.prompt(3)
            console.enter("x + nowhere")
            console.expect("undefined: nowhere")
            console.prompt(4)
            console.enter("for {}; x = 1")
            with self.assertRaises(TimeoutError):
                console.prompt(5, timeout=1)
            console.child.send(CONTROL_C)
            console.expect("interrupted")
            console.prompt(5)
            console.enter('name, err := display.Prompt("who? "); fmt.Println("hello", name)')
            console.expect(r"\nwho\? ")  # the question, and not the echo of its text
            console.enter("Gauss")
            console.expect("hello Gauss")
            console.prompt(6)
            console.enter("x")
            console.result(6, "40")
            console.prompt(7)
            console.quit()

        def test_up_arrow(self):
            """The up-arrow brings what was typed in a console that has ended."""
            console = self.start()
            console.enter("100 + 11")
            console.result(1, "111")
            console.prompt(2)
            console.enter("200 + 22")
            console.result(2, "222")
            console.prompt(3)
            console.quit()
            console = self.start()
            console.child.send(UP)
            console.expect(re.escape("200 + 22"))
            console.child.send(UP)
            console.expect("1")  # only what differs is written anew
            console.enter("")
            console.result(1, "111")
            console.prompt(2)
            console.quit()


if __name__ == "__main__":
    unittest.main()
