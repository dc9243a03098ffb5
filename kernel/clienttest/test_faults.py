"""What goes wrong outside: peers that lie, fall silent or vanish, processes that are killed, files that are gone.

After each fault the kernel serves its client as before, and nothing is left: no descriptor, no process.
"""

import contextlib
import json
import os
import re
import signal
import stat
import socket
import struct
import subprocess
import sys
import time

import psutil
import zmq

import raw

CHANNELS = ("shell", "iopub", "stdin", "control", "hb")
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(16) + b"\x00" + bytes(31)


def ready(kind):
    """The command by which a socket introduces itself."""
    body = b"\x05READY\x0bSocket-Type" + struct.pack(">I", len(kind)) + kind
    return b"\x04" + bytes([len(body)]) + body


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

    def goroutines(self):
        """Ends the kernel, and returns where each of its goroutines was: Go says so when it is told to quit."""
        self.logged()
        before = os.path.getsize(self.log.name)
        self.kernel.send_signal(signal.SIGQUIT)
        eventually(lambda: gone(self.pid))
        return re.findall(r"(?m)^goroutine \d+ [^\n]*\[.*\n(.*)\(", self.logged().encode()[before:].decode())

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
        # The same message again and again, also on the other channel, runs once. The reply to the first
        # comes before the next is sent: of two channels either may be read first.
        c.sockets["shell"].send_multipart(good)
        c.wait("shell", "execute_reply")
        for channel in ("shell", "control", "shell"):
            c.sockets[channel].send_multipart(good)
        self.assertEqual(self.printed("fmt.Print(n)"), "1")
        log = self.logged()
        for what in ("signature does not match", "not signed", "received before", "incomplete", "not valid JSON", "no msg_type", "not UTF-8"):
            self.assertIn(what, log)
        self.usable()

    def test_damaged_frames(self):
        """What is no ZeroMQ, is cut short, or is too much, costs its own connection, on every channel."""
        self.usable()
        before = self.descriptors()
        for channel in CHANNELS:
            hello = GREETING + ready({"iopub": b"SUB", "hb": b"REQ"}.get(channel, b"DEALER"))
            most = 64 << 10 if channel in ("iopub", "hb") else 256 << 20
            for data, says in (
                (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "turned a peer away"),
                (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20, "turned a peer away"),
                (bytes(200), "turned a peer away"),
                (GREETING[:20], None),
                (GREETING + b"\x04\x19\x05READY\x0bSocket-Type" + struct.pack(">I", 6), None),  # and no type
                (GREETING + ready(b"PUSH"), "PUSH"),
                (GREETING + b"\x06" + struct.pack(">Q", 1 << 62), "larger than 4096"),
                (GREETING + b"\x02" + struct.pack(">Q", 1 << 40), "larger than 4096"),
                (hello + b"\x00", None),
                (hello + b"\x00\x64" + b"x" * 50, None),
                (hello + b"\x01\x02id", None),
                (hello + b"\x02" + struct.pack(">Q", 1 << 20) + b"x" * 1000, None if most > 1 << 20 else f"larger than {most}"),
                (hello + b"\x02" + struct.pack(">Q", (1 << 63) + 5), f"larger than {most}"),
                (hello + b"\x02" + struct.pack(">Q", 1 << 33) + b"x" * 1000, f"larger than {most}"),
                (hello + b"\x02" + struct.pack(">Q", most) + b"x" * 1000, f"larger than {most}"),  # with its header
                (hello + b"\x01\x00" * 4097, "more than 4096 frames"),
                (hello + b"\xf0\x00", "reserved bits"),
                (hello + b"\x04\x01\x09", "cut short"),
            ):
                logged = len(self.logged())
                peer = self.dial(channel)
                with contextlib.suppress(ConnectionError):
                    peer.sendall(data)
                    peer.shutdown(socket.SHUT_WR)
                self.closed(peer)
                peer.close()
                said = self.logged()[logged:]
                if says:
                    self.assertRegex(said, f"(?m)^swingby kernel: {channel}: .*{says}", data[:200])
                else:
                    self.assertEqual(said, "", data[:200])
        self.usable()
        if sys.platform != "win32":
            eventually(lambda: self.kernel.num_fds() <= before)

    def test_silent_peers(self):
        """Those who connect and say nothing, or not all of their greeting, keep nobody out, and are let go."""
        silent = []
        for channel in CHANNELS:
            for i in range(60):
                silent.append(self.dial(channel))
                silent[-1].sendall((b"", GREETING[:5], GREETING[:40], GREETING, GREETING + b"\x04")[i % 5])
        other = self.connect()
        self.assertEqual(other.ask("control", "kernel_info_request").content["status"], "ok")
        self.usable()
        for peer in silent:
            self.closed(peer)

    def test_eavesdropper(self):
        """Somebody who reads along on iopub has the identity of a client, and messages that the kernel has signed: neither is of use."""
        _, out = self.ok(
            'import "swingby/kernel/comm"\nn := 0\npage, _ := comm.Open("page", nil)\npage.OnMessage(func(comm.Message) { n++ })\n'
            'page.Send(map[string]any{"method": "custom"})'
        )
        published = [m for m in out if m.kind.startswith("comm_")]
        self.assertEqual([m.kind for m in published], ["comm_open", "comm_msg"])
        context = zmq.Context()
        self.addCleanup(context.term)
        spies = []
        for channel in ("shell", "control"):
            spy = context.socket(zmq.DEALER)
            self.addCleanup(spy.close, 0)
            spy.identity = published[0].parent["session"].encode()
            spy.connect(f"tcp://{self.info['ip']}:{self.info[channel + '_port']}")
            spies.append(spy)
            # A request is answered to whoever has sent it: so this spy is connected, and hears nothing else afterwards.
            _, frames = self.client.frames("kernel_info_request", {})
            spy.send_multipart(frames)
            self.assertTrue(spy.poll(raw.TIMEOUT * 1000))
            spy.recv_multipart()
            for m in published:
                spy.send_multipart([raw.DELIMITER, m.signature, *m.parts])
        history = {"hist_access_type": "tail", "n": 9, "output": False, "raw": True}
        for channel in ("shell", "control"):
            for _ in range(3):
                self.assertTrue(self.client.ask(channel, "history_request", history).content["history"])
        # The second time each is a replay besides.
        for what in ("one of this kernel's own", "received before"):
            eventually(lambda: self.logged().count(what) == 2)
        self.assertEqual(self.printed("fmt.Print(n)"), "0")
        for spy in spies:
            self.assertFalse(spy.poll(200), "it is told what another has asked for")

    def lazy(self, kind):
        """A socket whose own system holds as little as can be of what it does not read."""
        context = zmq.Context()
        self.addCleanup(context.term)
        stuck = context.socket(kind)
        self.addCleanup(stuck.close, 0)
        stuck.rcvhwm, stuck.rcvbuf = 1, 4096
        return stuck

    def test_client_that_stops_reading(self):
        """The kernel does not keep the replies for it either."""
        for i in range(20):
            self.ok(f"// {i} " + "x" * 100_000)
        stuck = self.lazy(zmq.DEALER)
        stuck.connect(f"tcp://{self.info['ip']}:{self.info['shell_port']}")
        before = self.kernel.memory_info().rss
        content = {"hist_access_type": "tail", "n": 20, "output": False, "raw": True}
        requests = []
        for _ in range(300):
            msg_id, frames = self.client.frames("history_request", content)
            stuck.send_multipart(frames)
            requests.append(msg_id)
        most = 0
        for msg_id in requests:
            self.client.outputs(msg_id)
            most = max(most, self.kernel.memory_info().rss)
        self.assertRegex(self.logged(), r"shell: dropped a peer that left \d{8} bytes unread")
        self.assertLess(most - before, 400 << 20)  # of the 600 that were to be read, 64 wait
        self.usable()

    def test_subscriber_that_stops_reading(self):
        """It holds up nobody else, and the kernel does not keep for it what it does not read."""
        stuck = self.lazy(zmq.SUB)
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
        """A thousand clients, of all five channels, leave no descriptor, no goroutine and no thread behind, and hardly any memory."""
        def visit(polite):
            context = zmq.Context()
            sockets, asked = [], []
            try:
                for channel in CHANNELS:
                    s = context.socket({"iopub": zmq.SUB, "hb": zmq.REQ}.get(channel, zmq.DEALER))
                    sockets.append(s)
                    if channel == "iopub":
                        s.subscribe(b"")
                    s.connect(f"tcp://{self.info['ip']}:{self.info[channel + '_port']}")
                    if channel == "hb":
                        s.send(b"ping")
                        asked.append(s)
                    elif channel in ("shell", "control"):
                        _, frames = self.client.frames("kernel_info_request", {})
                        s.send_multipart(frames)
                        asked.append(s)
                if polite:
                    for s in asked:
                        self.assertTrue(s.poll(raw.TIMEOUT * 1000))
            finally:
                for s in sockets:
                    s.close(0)
                context.term()

        if sys.platform != "win32":
            self.usable()
            self.descriptors()  # settle
            alone = self.goroutines()
            self.assertGreater(len(alone), 20)
            self.client.close()
            self.launch()
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
        if sys.platform != "win32":
            left = self.goroutines()
            self.assertLessEqual(len(left), len(alone) + 2, f"{sorted(left)}, and before {sorted(alone)}")  # some come with time: timers, collectors


class Processes(Fault):
    def check_death(self, kill, reason):
        _, out = self.ok('import "swingby/kernel/comm"\nkept, _ := comm.Open("page", nil)')
        kept = next(m.content["comm_id"] for m in out if m.kind == "comm_open")
        worker = self.worker()
        msg_id = self.begin('for i := 0; ; i++ { fmt.Println("line", i) }')
        time.sleep(0.2)
        kill(worker)
        reply = self.client.reply(msg_id)
        self.assertEqual(reply.content["status"], "error")
        self.assertRegex(f"{reply.content['ename']}: {reply.content['evalue']}", reason)
        self.assertIn("In[1]", reply.content["traceback"][-1])
        outputs = self.client.outputs(msg_id)
        # The page learns that nobody is at the other end any more, when the kernel has: before or after the reply.
        closed = [m for m in outputs if m.kind == "comm_close"] or [self.client.wait("iopub", "comm_close")]
        self.assertEqual([m.content["comm_id"] for m in closed], [kept])
        self.assertEqual(self.client.ask("shell", "comm_info_request").content["comms"], {})
        outputs = [m for m in outputs if m.kind != "comm_close"]
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

    if sys.platform == "linux":  # where a process can be limited from outside

        def test_worker_out_of_memory(self):
            """A cell that wants more memory than there is ends in Go's own words, and the session goes on."""
            import resource

            self.ok("kept := 7")
            worker = self.worker()
            most = worker.memory_info().vms + (512 << 20)
            resource.prlimit(worker.pid, resource.RLIMIT_AS, (most, most))
            reply, out = self.client.run(
                "var all [][]byte\n"
                "for i := 0; ; i++ {\n"
                "\tb := make([]byte, 16<<20)\n"
                "\tfor j := 0; j < len(b); j += 4096 { b[j] = 1 }\n"
                "\tall = append(all, b)\n"
                '\tfmt.Println("block", i)\n'
                "}"
            )
            self.assertEqual(reply.content["status"], "error")
            self.assertRegex(f"{reply.content['ename']}: {reply.content['evalue']}", "fatal error: .*out of memory")
            self.assertIn("In[1]", reply.content["traceback"][-1])
            self.assertIn("block 5\n", "".join(m.content["text"] for m in out if m.kind == "stream"))
            eventually(lambda: gone(worker.pid))
            self.usable()

        def test_worker_killed_for_memory(self):
            """A worker that the system kills because memory has run out is said to have been killed for that, and is replaced."""
            self.ok("kept := 7")
            worker = self.worker()
            why = self.confine(worker.pid, 512 << 20)
            if why:
                print(f"\nno control group can be made, {why}: nobody runs out of memory here, the worker is killed by hand", file=sys.stderr)
                msg_id = self.begin("for {}")
                worker.kill()
                reason = "killed"
            else:
                msg_id = self.begin(
                    "var all [][]byte\nfor {\n\tb := make([]byte, 16<<20)\n\tfor j := 0; j < len(b); j += 4096 { b[j] = 1 }\n\tall = append(all, b)\n}")
                reason = "killed.*memory"
            reply = self.client.reply(msg_id)
            self.assertEqual(reply.content["status"], "error")
            self.assertRegex(f"{reply.content['ename']}: {reply.content['evalue']}", reason)
            self.assertIn("In[1]", reply.content["traceback"][-1])
            eventually(lambda: gone(worker.pid))
            self.usable()

        def confine(self, pid, limit):
            """Puts a process into a control group of its own with so many bytes of memory. Why that cannot be, or None."""
            with open("/proc/self/cgroup") as f:
                lines = [line.strip().split(":", 2) for line in f]
            v1 = next((path for _, controllers, path in lines if "memory" in controllers.split(",")), None)
            v2 = next((path for number, _, path in lines if number == "0"), "/")
            # In a container the group may be mounted as if it were the topmost one.
            tried = []
            for root, path, names in (
                ("/sys/fs/cgroup/memory", v1, ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")),
                ("/sys/fs/cgroup/memory", v1 and "/", ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")),
                ("/sys/fs/cgroup", v2, ("memory.max", "memory.swap.max")),
                ("/sys/fs/cgroup", "/", ("memory.max", "memory.swap.max")),
            ):
                if path is None or not os.path.isfile(os.path.join(root, path.lstrip("/"), "cgroup.procs")):
                    continue
                group = os.path.join(root, path.lstrip("/"), f"swingby-test-{pid}")
                try:
                    os.mkdir(group)
                except OSError as e:
                    tried.append(str(e))
                    continue
                self.addCleanup(lambda: eventually(lambda: self.removed(group)))
                try:
                    with open(os.path.join(group, names[0]), "w") as f:
                        f.write(str(limit))
                    with contextlib.suppress(OSError), open(os.path.join(group, names[1]), "w") as f:
                        f.write("0" if names[1] == "memory.swap.max" else str(limit))
                    with open(os.path.join(group, "cgroup.procs"), "w") as f:
                        f.write(str(pid))
                    return None
                except OSError as e:
                    tried.append(str(e))
            return "; ".join(tried) or "there is none"

        def removed(self, group):
            with contextlib.suppress(OSError):
                os.rmdir(group)
            return not os.path.exists(group)

        def check_history(self, fill, free, says, before=()):
            """When nothing can be written any more the kernel says so once, goes on, and writes again when it can."""
            def tail(n):
                content = {"hist_access_type": "tail", "n": n, "output": False, "raw": True}
                return [line[2] for line in self.client.ask("shell", "history_request", content).content["history"]]

            cells = [f"n := {i} // {'long ' * 100}" for i in range(20)]
            self.ok(cells[0])
            self.assertEqual(tail(1), cells[:1])
            fill()
            for code in cells[1:19]:
                self.ok(code)
            self.assertEqual(tail(100), cells[:19], "this kernel knows its cells even so")
            self.assertEqual(self.logged().count(f"cannot be used: {says}"), 1)
            free()
            self.ok(cells[19])
            self.assertEqual(tail(1), cells[19:])
            self.manager.shutdown_kernel()
            self.client.close()
            self.launch(before)
            self.assertEqual(tail(100), cells, "what could not be written at first is written later")

        def test_history_file_limit(self):
            import resource

            unlimited = resource.RLIM_INFINITY
            self.check_history(
                lambda: resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (2048, unlimited)),
                lambda: resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (unlimited, unlimited)),
                "file too large",
            )

        def test_history_disk_full(self):
            """A disk of a mebibyte, in a namespace of its own; where none can be made, the limit above once more."""
            disk = os.path.join(self.folder, "disk")
            os.mkdir(disk)
            holder = subprocess.Popen(
                ["unshare", "--map-root-user", "--mount", "sh", "-c", 'mount -t tmpfs -o size=1m tmpfs "$0" && echo made && exec sleep 3600', disk],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )
            self.addCleanup(holder.stdout.close)
            self.addCleanup(holder.wait)
            self.addCleanup(holder.kill)
            said = holder.stdout.readline().strip()
            if said != "made":
                print(f"\nno disk can be made, {said}: a file's length is limited instead", file=sys.stderr)
                return self.test_history_file_limit()
            inside = ["nsenter", "--target", str(holder.pid), "--user", "--mount", "--preserve-credentials"]
            self.manager.shutdown_kernel()
            self.client.close()
            self.history_file = os.path.join(disk, "history")
            self.launch(inside)
            ballast = os.path.join(disk, "ballast")
            self.check_history(
                lambda: subprocess.run([*inside, "sh", "-c", 'head -c 2M /dev/zero >"$0"', ballast], stderr=subprocess.DEVNULL),
                lambda: subprocess.run([*inside, "rm", ballast], check=True),
                "no space left on device", inside,
            )

        def test_file_limit(self):
            """A cell that writes a file past the limit gets an error, and not the end of its process."""
            import resource

            self.ok("kept := 7")
            resource.prlimit(self.worker().pid, resource.RLIMIT_FSIZE, (4096, 4096))
            path = json.dumps(os.path.join(self.folder, "large"))
            _, out = self.ok(f"os.WriteFile({path}, make([]byte, 1<<20), 0o600)")
            self.assertIn("file too large", out[-1].content["data"]["text/plain"])
            _, out = self.ok("kept")
            self.assertEqual(out[-1].content["data"]["text/plain"], "7")

        def test_what_listens(self):
            """Five ports of the connection file, at its address; nothing else, in no process of the kernel's."""
            self.usable()
            want = {(self.info["ip"], self.info[channel + "_port"]) for channel in CHANNELS}
            self.assertEqual(self.listening(), want)
            self.begin("for {}")
            self.assertEqual(self.listening(), want)

        def listening(self):
            """Where the kernel and its worker listen, from /proc/PID/net and /proc/PID/fd; for any kind of address."""
            found = set()
            for process in (self.kernel, self.worker()):
                for c in process.net_connections("inet"):
                    if c.type == socket.SOCK_DGRAM:
                        self.fail(f"{process} has the UDP socket {c}")
                    if c.status == psutil.CONN_LISTEN:
                        found.add((c.laddr.ip, c.laddr.port))
                for c in process.net_connections("unix"):
                    self.assertEqual(c.laddr, "", "a socket with a name")
            return found

    if sys.platform != "win32":

        def test_modes(self):
            """What the kernel writes is its user's alone, whatever the umask."""
            old = os.umask(0)
            self.addCleanup(os.umask, old)
            self.client.close()
            self.history_file = os.path.join(self.folder, "made", "history")
            self.launch()
            self.usable()
            self.manager.shutdown_kernel()
            made = [self.manager.connection_file] if os.path.exists(self.manager.connection_file) else []
            for folder, folders, files in os.walk(os.path.join(self.folder, "made")):
                made += [folder, *(os.path.join(folder, f) for f in files)]
            self.assertIn(self.history_file, made)
            for path in made:
                mode = stat.S_IMODE(os.stat(path).st_mode)
                self.assertEqual(mode, 0o700 if os.path.isdir(path) else 0o600, f"{path} has {mode:o}")

        def test_log_that_nobody_reads(self):
            """A kernel whose standard error is a pipe that is full, or has no reader any more, goes on."""
            for full in (True, False):
                with self.subTest(full=full):
                    self.manager.shutdown_kernel(now=True)
                    self.client.close()
                    read, write = os.pipe()
                    self.addCleanup(os.close, read) if full else os.close(read)
                    self.launch(stderr=write)
                    if full:
                        os.set_blocking(write, False)
                        with contextlib.suppress(BlockingIOError):
                            while True:
                                os.write(write, b"x")
                        os.set_blocking(write, True)  # the kernel shares it
                    os.close(write)
                    for channel in ("shell", "control", "stdin"):
                        for _ in range(3):
                            self.client.sockets[channel].send_multipart([b"nonsense"])
                    self.assertEqual(self.client.ask("control", "kernel_info_request").content["status"], "ok")
                    self.usable()
                    # Commands of cells end as ever when nobody reads them.
                    self.assertEqual(self.printed("%%bash\nyes | head -n 1\necho ${PIPESTATUS[0]}"), "y\n141\n")

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
        """A kernel that is killed takes its worker with it, whatever that does."""
        for code in (
            None, 'for { fmt.Println("line") }', "time.Sleep(time.Hour)", "select {}",
            'import "swingby/kernel/display"\nfor { display.Show(display.HTML(strings.Repeat("x", 1<<20))) }',
        ):
            with self.subTest(code):
                if code:
                    self.begin(code)
                worker = self.worker()
                self.kernel.kill()
                eventually(lambda: gone(worker.pid))
                self.client.close()
                self.launch()
        self.client.execute('display.Prompt("name? ")', allow_stdin=True)
        self.client.wait("stdin", "input_request")
        worker = self.worker()
        self.kernel.kill()
        eventually(lambda: gone(worker.pid))
        self.client.close()
        self.launch()
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
        """A hundred restarts, polite and not, in the middle of a cell or not: each kernel works, and no process is left."""
        for i in range(100):
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
        self.assertEqual(history.content["history"], [[101, 1, "1;"]])


if __name__ == "__main__":
    raw.unittest.main()
