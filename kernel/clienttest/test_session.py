"""A real session with the installed kernel, through the client that notebooks use.

SWINGBY_KERNEL names its kernelspec; it is "swingby" when not set.
"""

import os
import queue
import sys
import tempfile
import time
import unittest

import zmq
from jupyter_client.manager import KernelManager

KERNEL = os.environ.get("SWINGBY_KERNEL", "swingby")
TIMEOUT = 60


class Cell:
    """What a cell has come to: its reply and its outputs by kind."""

    def __init__(self, reply, messages):
        self.reply = reply["content"]
        self.metadata = reply["metadata"]
        self.messages = messages
        self.status = self.reply["status"]

    def stream(self, name):
        return "".join(
            m["content"]["text"] for m in self.messages
            if m["msg_type"] == "stream" and m["content"]["name"] == name
        )

    @property
    def stdout(self):
        return self.stream("stdout")

    @property
    def stderr(self):
        return self.stream("stderr")

    @property
    def results(self):
        return [m["content"]["data"].get("text/plain") for m in self.messages if m["msg_type"] == "execute_result"]

    @property
    def errors(self):
        return [m["content"] for m in self.messages if m["msg_type"] == "error"]

    @property
    def traceback(self):
        return "\n".join(line for e in self.errors for line in e["traceback"])


class Session(unittest.TestCase):
    """Each test has a kernel of its own, so one that it ruins troubles no other."""

    transport = "tcp"

    def setUp(self):
        folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.history_file = os.path.join(self.folder, "history")
        self.manager = KernelManager(kernel_name=KERNEL, transport=self.transport)
        self.manager.start_kernel(env={**os.environ, "SWINGBY_HISTORY": self.history_file})
        self.addCleanup(self.manager.shutdown_kernel, now=True)
        self.client = self.manager.client()
        self.client.start_channels()
        self.addCleanup(self.client.stop_channels)
        self.client.wait_for_ready(timeout=TIMEOUT)

    def reply(self, msg_id, channel="shell"):
        return self.client._recv_reply(msg_id, timeout=TIMEOUT, channel=channel)

    def outputs(self, msg_id):
        """What a request publishes between busy and idle."""
        messages = []
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            if message["msg_type"] == "status":
                if message["content"]["execution_state"] == "idle":
                    return messages
                continue
            messages.append(message)

    def finish(self, msg_id):
        return Cell(self.reply(msg_id), self.outputs(msg_id))

    def run_cell(self, code, **options):
        return self.finish(self.client.execute(code, **options))

    def ok(self, code, **options):
        cell = self.run_cell(code, **options)
        self.assertEqual(cell.status, "ok", f"{code}: {cell.reply}")
        return cell

    def start(self, code):
        """Starts a cell that says it has begun, and waits until it has."""
        msg_id = self.client.execute(f'fmt.Println("begun")\n{code}')
        self.wait_for(msg_id, lambda m: m["msg_type"] == "stream" and "begun" in m["content"]["text"])
        return msg_id

    def wait_for(self, msg_id, accept):
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") == msg_id and accept(message):
                return message

    def interrupt(self):
        """Interrupts, and waits until the kernel has. KernelManager.interrupt_kernel does not wait, and could hit the next cell."""
        message = self.client.session.msg("interrupt_request", {})
        self.client.control_channel.send(message)
        reply = self.reply(message["header"]["msg_id"], channel="control")
        self.assertEqual(reply["msg_type"], "interrupt_reply")

    def usable(self, result="3"):
        cell = self.ok("1 + 2")
        self.assertEqual(cell.results, [result])


class Cells(Session):
    def test_state_across_cells(self):
        self.ok("x := 20\nfunc double(n int) int { return 2 * n }\ntype point struct{ X, Y int }")
        self.assertEqual(self.ok("double(x) + point{1, 2}.Y").results, ["42"])
        self.ok('x := "text now"')
        self.assertEqual(self.ok("x").results, ['"text now"'])

    def test_semicolon_silences(self):
        self.assertEqual(self.ok("1 + 1;").results, [])

    def test_compile_error_has_position(self):
        cell = self.run_cell("y := 1\n\ny + undefinedName")
        self.assertEqual(cell.status, "error")
        self.assertEqual(len(cell.errors), 1)
        self.assertRegex(cell.traceback, r"3:5")
        self.assertIn("undefined: undefinedName", cell.traceback)
        # Nothing of it has run.
        self.assertEqual(self.run_cell("y").status, "error")

    def test_panic_has_position(self):
        self.ok("kept := 7")
        cell = self.run_cell("var list []int\nfmt.Println(1)\nlist[3] = 1")
        self.assertEqual(cell.status, "error")
        self.assertEqual(cell.stdout, "1\n")
        self.assertIn("index out of range", cell.reply["evalue"])
        self.assertRegex(cell.traceback, r"In\[2\].*3")
        self.assertEqual(self.ok("kept").results, ["7"])

    def test_counts_and_silence(self):
        self.assertEqual(self.ok("1 + 1").reply["execution_count"], 1)
        silent = self.ok('fmt.Println("quiet")\n5', silent=True)
        self.assertEqual(silent.messages, [])
        self.assertEqual(self.ok("2 + 2").reply["execution_count"], 2)
        self.ok("3 + 3", store_history=False)
        self.assertEqual(self.ok("4 + 4").reply["execution_count"], 3)
        history = self.reply(self.client.history(hist_access_type="tail", n=10))["content"]["history"]
        self.assertEqual([h[2] for h in history], ["1 + 1", "2 + 2", "4 + 4"])

    def test_user_expressions(self):
        cell = self.ok("x := 5", user_expressions={"good": "x * 2", "bad": "nowhere"})
        expressions = cell.reply["user_expressions"]
        self.assertEqual(expressions["good"]["status"], "ok")
        self.assertEqual(expressions["good"]["data"]["text/plain"], "10")
        self.assertEqual(expressions["bad"]["status"], "error")
        self.assertIn("undefined: nowhere", expressions["bad"]["evalue"])

    def test_started(self):
        self.assertRegex(self.ok("1").metadata["started"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")

    def test_many_lines_complete_and_in_order(self):
        cell = self.ok("for i := range 10000 { fmt.Println(i) }")
        self.assertEqual(cell.stdout, "".join(f"{i}\n" for i in range(10000)))
        self.assertLess(len(cell.messages), 500, "lines come one by one")

    def test_streams_in_order(self):
        cell = self.ok('fmt.Println("a")\ndisplay.Show(display.HTML("<i>b</i>"))\nfmt.Println("c")\n"d"')
        kinds = [m["msg_type"] for m in cell.messages if m["msg_type"] != "execute_input"]
        self.assertEqual(kinds, ["stream", "display_data", "stream", "execute_result"])

    def test_stop_on_error_aborts(self):
        """A notebook that runs all its cells sends them all at once."""
        # The first takes its time, so that the others have been sent when it fails.
        fails = 'time.Sleep(time.Second)\npanic("no")'
        ids = [self.client.execute(code) for code in (fails, "first := 1", "second := 2")]
        replies = [self.reply(i)["content"]["status"] for i in ids]
        self.assertEqual(replies, ["error", "aborted", "aborted"])
        self.assertEqual(self.run_cell("first").status, "error")
        ids = [self.client.execute(code, stop_on_error=False) for code in (fails, "third := 3")]
        self.assertEqual([self.reply(i)["content"]["status"] for i in ids], ["error", "ok"])

    def test_input(self):
        msg_id = self.client.execute("var name string\nfmt.Scanln(&name)\nname", allow_stdin=True)
        request = self.client.get_stdin_msg(timeout=TIMEOUT)
        self.assertEqual(request["msg_type"], "input_request")
        self.client.input("Gauss")
        self.assertEqual(self.finish(msg_id).results, ['"Gauss"'])


    def test_flood(self):
        """A hundred megabytes arrive whole, and the kernel does not keep them."""
        msg_id = self.client.execute(
            'line := strings.Repeat("x", 9999) + "\\n"\nfor range 10000 { os.Stdout.WriteString(line) }'
        )
        received = 0
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["msg_type"] == "stream":
                received += len(message["content"]["text"])
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle" \
                    and message["parent_header"].get("msg_id") == msg_id:
                break
        self.assertEqual(received, 100_000_000)
        self.assertEqual(self.reply(msg_id)["content"]["status"], "ok")


class Interrupts(Session):
    def check_interrupt(self, code):
        self.ok("kept := 7")
        msg_id = self.start(code)
        self.interrupt()
        cell = self.finish(msg_id)  # of code that nothing else ends
        self.assertEqual(cell.status, "error")
        self.assertEqual(cell.reply["ename"], "interrupted")
        self.assertEqual(self.ok("kept").results, ["7"])

    def test_infinite_loop(self):
        self.check_interrupt("for {}")

    def test_channel(self):
        self.check_interrupt("<-make(chan int)")

    def test_kernel_answers_during_a_loop(self):
        msg_id = self.start("for {}")
        with zmq.Context() as context, context.socket(zmq.REQ) as heart:
            heart.linger = 0
            heart.connect(self.client._make_url("hb"))
            for n in range(5):
                heart.send(b"beat %d" % n)
                self.assertTrue(heart.poll(TIMEOUT * 1000), "the heart does not beat")
                self.assertEqual(heart.recv(), b"beat %d" % n)
        message = self.client.session.msg("kernel_info_request", {})
        self.client.control_channel.send(message)
        reply = self.reply(message["header"]["msg_id"], channel="control")
        self.assertEqual(reply["msg_type"], "kernel_info_reply")
        self.interrupt()
        self.assertEqual(self.finish(msg_id).status, "error")

    def test_flood(self):
        """Output that never ends does not keep the interrupt from getting through."""
        self.check_interrupt('for { fmt.Println("and on") }')

    def test_compiled_code(self):
        """Nothing stops a compiled call. At the second interrupt, if not at the first, the session goes on without it."""
        msg_id = self.start("sort.Slice(make([]int8, 1<<30), func(i, j int) bool { return i < j })")
        self.interrupt()
        time.sleep(0.6)
        self.interrupt()
        cell = self.finish(msg_id)
        self.assertEqual(cell.status, "error")
        self.usable()

    def test_interrupt_between_cells_is_harmless(self):
        self.ok("kept := 7")
        self.interrupt()
        self.assertEqual(self.ok("kept").results, ["7"])


class Deaths(Session):
    """What ends a Go process ends a worker, not the session."""

    def check_death(self, code, reason):
        self.ok("kept := 7")
        cell = self.run_cell(code)
        self.assertEqual(cell.status, "error")
        self.assertEqual(len(cell.errors), 1)
        self.assertRegex(cell.reply["ename"] + ": " + cell.reply["evalue"], reason)
        self.assertRegex(cell.traceback.splitlines()[-1], r"In\[1\]")
        self.usable()

    def test_stack_overflow(self):
        """A recursion without end is an error of its cell, and not even a death."""
        self.ok("kept := 7")
        cell = self.run_cell("func down(n int) int { return down(n+1) + 1 }\ndown(0)")
        self.assertEqual(cell.reply["ename"], "stack overflow")
        self.assertRegex(cell.traceback, r"In\[\d+\]:1:24 in down")
        self.assertEqual(self.ok("kept").results, ["7"])

    def test_fatal_error(self):
        self.check_death("var mu sync.Mutex\nmu.Unlock()", "unlock of unlocked mutex")

    def test_concurrent_map_writes(self):
        # Compiled code writes, because interpreted code is slow enough to miss itself for a while.
        self.check_death(
            "m := map[int]int{}\n"
            "for g := range 8 {\n"
            "\tgo func() {\n"
            "\t\tfor i := 0; ; i++ {\n"
            "\t\t\tm[i%10+g] = i\n"
            "\t\t}\n"
            "\t}()\n"
            "}\n"
            "select {}",
            "concurrent map",
        )

    def test_worker_killed(self):
        self.check_death(
            "p, _ := os.FindProcess(os.Getpid())\np.Kill()\nselect {}", "killed|exit status",
        )

    def test_goroutine_panic(self):
        """A panic in a goroutine shows, and the session goes on, whether or not the worker has survived it."""
        self.ok("kept := 7")
        cell = self.run_cell('go func() { panic("in a goroutine") }()\ntime.Sleep(500 * time.Millisecond)')
        shown = cell.stderr + cell.traceback
        self.assertIn("in a goroutine", shown)
        self.usable()


class Robustness(Session):
    def test_bad_signature(self):
        message = self.client.session.msg("execute_request", {"code": 'fmt.Println("stolen")'})
        signed = self.client.session.serialize(message)
        forged = [*signed[:1], b"0" * 64, *signed[2:]]
        for channel in (self.client.shell_channel, self.client.control_channel):
            channel.socket.send_multipart(forged)
            channel.socket.send_multipart([b"garbage"])
            channel.socket.send_multipart([b"<IDS|MSG>"])
        self.usable()
        with self.assertRaises(queue.Empty):
            self.client.get_shell_msg(timeout=0.3)

    def test_replay(self):
        message = self.client.session.msg("execute_request", {"code": "n := 1", "silent": False})
        signed = self.client.session.serialize(message)
        for _ in range(3):
            self.client.shell_channel.socket.send_multipart(signed)
        self.reply(message["header"]["msg_id"])
        self.assertEqual(self.ok("2").reply["execution_count"], 2)

    def test_wrong_types(self):
        message = self.client.session.msg("execute_request", {"code": 5})
        self.client.shell_channel.send(message)
        reply = self.reply(message["header"]["msg_id"])
        self.assertEqual(reply["content"]["status"], "error")
        self.assertIn("code", reply["content"]["evalue"])
        self.usable()

    def test_two_clients(self):
        other = self.manager.client()
        other.start_channels()
        self.addCleanup(other.stop_channels)
        other.wait_for_ready(timeout=TIMEOUT)
        self.ok("shared := 12")
        msg_id = other.execute("shared")
        reply = other._recv_reply(msg_id, timeout=TIMEOUT)
        self.assertEqual(reply["content"]["status"], "ok")
        # Each client sees what the other has run.
        self.wait_for(msg_id, lambda m: m["msg_type"] == "execute_result")

    def test_restart(self):
        self.ok("gone := 1")
        self.manager.restart_kernel(now=False)
        self.client.wait_for_ready(timeout=TIMEOUT)
        self.assertEqual(self.run_cell("gone").status, "error")
        self.usable()

    def test_unknown_comm_is_closed(self):
        message = self.client.session.msg("comm_open", {"comm_id": "c1", "target_name": "nothing", "data": {}})
        self.client.shell_channel.send(message)
        outputs = self.outputs(message["header"]["msg_id"])
        self.assertEqual([m["msg_type"] for m in outputs], ["comm_close"])
        self.assertEqual(outputs[0]["content"]["comm_id"], "c1")
        info = self.reply(self.client.comm_info())
        self.assertEqual(info["content"]["comms"], {})


if sys.platform != "win32":  # where libzmq has no ipc transport

    class OverIPC(Session):
        transport = "ipc"

        def test_session(self):
            self.ok("kept := 7")
            msg_id = self.start("for {}")
            self.interrupt()
            self.assertEqual(self.finish(msg_id).reply["ename"], "interrupted")
            self.assertEqual(self.ok("kept").results, ["7"])
            prefix = self.client.ip
            self.manager.shutdown_kernel()
            for port in range(1, 6):
                self.assertFalse(os.path.exists(f"{prefix}-{port}"), "a socket file is left behind")


if __name__ == "__main__":
    unittest.main()
