"""What goes wrong outside: peers that lie, fall silent or vanish, processes that are killed, files that are gone.

After each fault the kernel serves its client as before, and nothing is left: no descriptor, no process.
"""

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time

import psutil
import zmq

import raw

CHANNELS = ("shell", "iopub", "stdin", "control", "hb")


def eventually(what, within=raw.TIMEOUT):
    """Waits until what() is true."""
    deadline = time.monotonic() + within
    while not what():
        if time.monotonic() > deadline:
            raise TimeoutError("it does not come about")
        time.sleep(0.02)


def gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


class Fault(raw.Case):
    @property
    def kernel(self):
        return psutil.Process(self.pid)

    def worker(self):
        """The worker, once there is one."""
        eventually(lambda: self.kernel.children())
        return self.kernel.children()[0]

    def dial(self, channel):
        peer = socket.create_connection((self.info["ip"], self.info[channel + "_port"]), timeout=raw.TIMEOUT)
        self.addCleanup(peer.close)
        return peer

    def descriptors(self):
        """How many descriptors the kernel has once its clients, which connect in the background, have done so."""
        if sys.platform == "win32":
            return 0
        counts = []
        eventually(lambda: counts.append(self.kernel.num_fds()) or len(counts) >= 20 and len(set(counts[-20:])) == 1)
        return counts[-1]

    def closed(self, peer):
        """Reads until the kernel closes the connection."""
        with contextlib.suppress(ConnectionError):
            while peer.recv(65536):
                pass


class Peers(Fault):
    def test_forgeries(self):
        """Bad signatures, replays and damaged messages are dropped on every channel, each with a line in the log."""
        c = self.client
        self.ok("n := 0")
        _, good = c.frames("execute_request", {"code": "n++"})
        _, shutdown = c.frames("shutdown_request", {"restart": False})
        for channel in ("shell", "control", "stdin"):
            for frames in (
                [good[0], b"0" * 64, *good[2:]],
                [good[0], good[1][:-1] + b"x", *good[2:]],
                [good[0], b"", *good[2:]],
                [good[0], good[1].upper()[:32], *good[2:]],
                [shutdown[0], good[1], *shutdown[2:]],
                good[1:], good[:-1], good[:2], [good[0]], [b""], [b"x" * 100000],
                [b"id"] * 100,
            ):
                c.sockets[channel].send_multipart(frames)
            # Signed, and yet no message.
            for parts in (
                [b"", b"{}", b"{}", b"{}"], [b"[]", b"{}", b"{}", b"{}"], [b"{", b"{}", b"{}", b"{}"], [b"null"] * 4,
                [b'{"msg_type": 5}', b"{}", b"{}", b"{}"], [b'{"msg_id": "1"}', b"{}", b"{}", b"{}"],
                [good[2], b"{}", b"{}", b'{"code": "n++"'], [good[2], b"{}", b"{}", b"\xff\xfe"], [good[2], b"{}", b"{}", b"[" * 100000],
                [good[2], b"{}", b"{}", b'{"code":' + b"[" * 200000 + b"]" * 200000 + b"}"],
            ):
                c.sockets[channel].send_multipart([raw.DELIMITER, c.sign(parts), *parts])
        # The same message again and again, also on the other channel, runs once.
        for channel in ("shell", "shell", "control", "shell"):
            c.sockets[channel].send_multipart(good)
        c.wait("shell", "execute_reply")
        self.assertEqual(self.printed("fmt.Print(n)"), "1")
        log = self.logged()
        for what in ("signature does not match", "not signed", "received before", "incomplete", "not valid JSON", "no msg_type", "not UTF-8"):
            self.assertIn(what, log)
        self.usable()

    def test_damaged_frames(self):
        """What is no ZeroMQ, or too much of it, costs its own connection."""
        greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(16) + b"\x00" + bytes(31)
        ready = b"\x04\x19\x05READY\x0bSocket-Type" + struct.pack(">I", 6)  # and no type
        dealer = b"\x04\x1c\x05READY\x0bSocket-Type" + struct.pack(">I", 6) + b"DEALER"
        dealer = b"\x04" + bytes([len(dealer) - 2]) + dealer[2:]
        self.usable()
        before = self.descriptors()
        for channel in CHANNELS:
            for data in (
                b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20, bytes(200),
                greeting[:20], greeting + ready, greeting + b"\x06" + struct.pack(">Q", 1 << 62), greeting + b"\x02" + struct.pack(">Q", 1 << 40),
                greeting + dealer + b"\x02" + struct.pack(">Q", (1 << 63) + 5), greeting + dealer + b"\x02" + struct.pack(">Q", 1 << 33) + b"x" * 1000,
            ):
                peer = self.dial(channel)
                with contextlib.suppress(ConnectionError):
                    peer.sendall(data)
                    peer.shutdown(socket.SHUT_WR)
                self.closed(peer)
                peer.close()
        self.usable()
        if sys.platform != "win32":
            eventually(lambda: self.kernel.num_fds() <= before)

    def test_silent_peers(self):
        """Those who connect and say nothing keep nobody out, and are let go."""
        silent = [self.dial(channel) for channel in CHANNELS for _ in range(60)]
        other = self.connect()
        self.assertEqual(other.ask("control", "kernel_info_request").content["status"], "ok")
        self.usable()
        for peer in silent:
            self.closed(peer)

    def test_subscriber_that_stops_reading(self):
        """It holds up nobody else, and the kernel does not keep for it what it does not read."""
        context = zmq.Context()
        self.addCleanup(context.term)
        stuck = context.socket(zmq.SUB)
        self.addCleanup(stuck.close, 0)
        stuck.rcvhwm, stuck.rcvbuf = 1, 4096
        stuck.subscribe(b"")
        stuck.connect(f"tcp://{self.info['ip']}:{self.info['iopub_port']}")
        self.assertTrue(stuck.poll(raw.TIMEOUT * 1000))  # and never reads
        self.usable()
        before = self.kernel.memory_info().rss
        msg_id = self.client.execute('line := strings.Repeat("x", 9999) + "\\n"\nfor range 50000 { os.Stdout.WriteString(line) }')
        received, most = 0, 0
        while True:
            m = self.client.wait("iopub", parent=msg_id)
            self.client.seen.clear()
            if m.kind == "stream":
                received += len(m.content["text"])
            most = max(most, self.kernel.memory_info().rss)
            if m.content.get("execution_state") == "idle":
                break
        self.assertEqual(received, 500_000_000)
        self.assertLess(most - before, 400 << 20)  # of which 64 wait for the one that is stuck
        self.client.reply(msg_id)
        self.usable()
        # When it reads again it connects again, and is told what it has missed.
        text = ""
        while "has missed" not in text:
            self.assertTrue(stuck.poll(raw.TIMEOUT * 1000), "it is not told")
            m = raw.Message("iopub", stuck.recv_multipart())
            text = m.content["text"] if m.kind == "stream" and m.content["name"] == "stderr" else ""
        self.assertEqual(m.parent["msg_id"], msg_id)

    def test_clients_come_and_go(self):
        """A thousand clients leave no descriptor and no thread behind, and hardly any memory."""
        def visit(polite):
            context = zmq.Context()
            dealer, sub = context.socket(zmq.DEALER), context.socket(zmq.SUB)
            try:
                sub.subscribe(b"")
                sub.connect(f"tcp://{self.info['ip']}:{self.info['iopub_port']}")
                dealer.connect(f"tcp://{self.info['ip']}:{self.info['shell_port']}")
                _, frames = self.client.frames("kernel_info_request", {})
                dealer.send_multipart(frames)
                if polite:
                    self.assertTrue(dealer.poll(raw.TIMEOUT * 1000))
            finally:
                dealer.close(0)
                sub.close(0)
                context.term()

        for i in range(50):
            visit(i % 2)
        self.usable()
        process = self.kernel
        eventually(lambda: len(process.net_connections()) <= 5 + 5 + 4)  # listening, own, manager
        fds, memory = self.descriptors(), process.memory_info().rss
        for i in range(1000):
            visit(i % 2)
        self.usable()
        if sys.platform != "win32":
            eventually(lambda: process.num_fds() <= fds)
        self.assertLess(process.num_threads(), 64)
        self.assertLess(process.memory_info().rss - memory, 100 << 20)


class Processes(Fault):
    def check_death(self, kill, reason):
        self.ok("kept := 7")
        worker = self.worker()
        msg_id = self.begin('for i := 0; ; i++ { fmt.Println("line", i) }')
        time.sleep(0.2)
        kill(worker)
        reply = self.client.reply(msg_id)
        self.assertEqual(reply.content["status"], "error")
        self.assertRegex(f"{reply.content['ename']}: {reply.content['evalue']}", reason)
        self.assertIn("In[1]", reply.content["traceback"][-1])
        outputs = self.client.outputs(msg_id)
        self.assertEqual(outputs[-1].kind, "error", "the reason comes after what was printed")
        text = "".join(m.content["text"] for m in outputs if m.kind == "stream" and m.content["name"] == "stdout")
        lines = text.splitlines()[:-1]
        first = int(lines[1].split()[1]) if lines[0] == "begun" else int(lines[0].split()[1])
        numbered = [line for line in lines if line.startswith("line ")]
        self.assertEqual(numbered, [f"line {i}" for i in range(first, first + len(numbered))], "what was printed before is there, in order")
        eventually(lambda: gone(worker.pid))
        self.usable()

    if sys.platform != "win32":  # where there are no signals

        def test_worker_killed_by_signals(self):
            for number, reason in ((signal.SIGKILL, "killed"), (signal.SIGTERM, "terminated"), (signal.SIGSEGV, "segmentation|SIGSEGV|signal")):
                with self.subTest(signal=number):
                    self.launch()
                    self.check_death(lambda worker: worker.send_signal(number), reason)

    def test_worker_stopped(self):
        """A worker that does not react is replaced at the second interrupt."""
        self.ok("kept := 7")
        worker = self.worker()
        msg_id = self.begin("for {}")
        worker.suspend()
        for _ in range(2):
            self.client.ask("control", "interrupt_request")
            time.sleep(0.6)
        self.assertEqual(self.client.reply(msg_id).content["status"], "error")
        eventually(lambda: gone(worker.pid))
        self.usable()

    def test_connection_file_removed(self):
        """The file is read once; a kernel needs it no more than its clients do."""
        os.remove(self.manager.connection_file)
        self.usable()
        other = self.connect()
        self.assertEqual(other.ask("shell", "kernel_info_request").content["status"], "ok")
        worker = self.worker()
        worker.kill()
        # A cell that comes before the kernel has noticed is answered with the death.
        eventually(lambda: all(child.pid != worker.pid for child in self.kernel.children()))
        time.sleep(0.2)
        self.usable()

    def test_kernel_killed(self):
        """A kernel that is killed takes its worker with it, and what the worker has started, whatever its cell does."""
        self.begin('go exec.Command("sleep", "1000").Run()\nfor {}')
        worker = self.worker()
        eventually(lambda: sys.platform == "win32" or worker.children())
        below = [p.pid for p in self.kernel.children(recursive=True)]
        self.kernel.kill()
        eventually(lambda: gone(worker.pid))
        for pid in below:
            if pid != worker.pid:
                with contextlib.suppress(psutil.NoSuchProcess):
                    psutil.Process(pid).kill()  # a command is its cell's, and may outlive it

    def test_parent_gone(self):
        """When the program that started it is killed, a kernel ends, and so does its worker, also while a cell runs."""
        code = (
            "import sys, time\n"
            "from jupyter_client.manager import KernelManager\n"
            f"m = KernelManager(kernel_name={raw.KERNEL!r})\n"
            "m.start_kernel()\n"
            "print(m.connection_file, m.provisioner.process.pid, flush=True)\n"
            "time.sleep(600)\n"
        )
        parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        self.addCleanup(parent.stdout.close)
        self.addCleanup(parent.wait)
        self.addCleanup(parent.kill)
        path, pid = parent.stdout.readline().split()
        with open(path) as f:
            info = json.load(f)
        client = raw.Client(info)
        self.addCleanup(client.close)
        self.begin("for {}", client)
        kernel = psutil.Process(int(pid))
        family = [kernel.pid, *(p.pid for p in kernel.children(recursive=True))]
        self.assertGreater(len(family), 1)
        parent.kill()
        parent.wait()
        for pid in family:
            eventually(lambda: gone(pid))
        os.remove(path)

    def test_restarts(self):
        """Twenty restarts, polite and not, in the middle of a cell or not: each kernel works, and no process is left."""
        for i in range(20):
            if i % 2:
                self.begin("for {}")
            family = [self.pid, *(p.pid for p in self.kernel.children(recursive=True))]
            self.client.close()
            self.manager.restart_kernel(now=i % 3 == 0)
            self.client = self.connect()
            reply, _ = self.ok("1;")
            self.assertEqual(reply.content["execution_count"], 1)
            for pid in family:
                eventually(lambda: gone(pid))
        history = self.client.ask("shell", "history_request", {"hist_access_type": "tail", "n": 1, "output": False, "raw": True})
        self.assertEqual(history.content["history"], [[21, 1, "1;"]])


if __name__ == "__main__":
    raw.unittest.main()
