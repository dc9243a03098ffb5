"""The client and the kernel of soak.py, and a heartbeat beside them."""

import datetime
import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid

import psutil
import zmq
from jupyter_client.manager import KernelManager

KERNEL = os.environ.get("SWINGBY_KERNEL", "swingby")
DELIMITER = b"<IDS|MSG>"
PATIENCE = 300  # seconds, after which nothing is to be expected any more


def require(condition, message):
    if not condition:
        sys.exit(f"soak: {message}")


class Client:
    """A client that does little more than libzmq does, so that times are the kernel's."""

    def __init__(self, info, channels=("shell", "control", "iopub")):
        self.key = info["key"] if isinstance(info["key"], bytes) else info["key"].encode()
        self.session = uuid.uuid4().hex
        self.context = zmq.Context.instance()
        self.sockets, self.poller = {}, zmq.Poller()
        for channel in channels:
            socket = self.context.socket(zmq.SUB if channel == "iopub" else zmq.DEALER)
            socket.linger, socket.rcvhwm = 0, 0
            if channel == "iopub":
                socket.subscribe(b"")
            socket.connect(f"tcp://{info['ip']}:{info[channel + '_port']}")
            self.sockets[channel] = socket
            self.poller.register(socket, zmq.POLLIN)
        if "iopub" in channels:
            require(self.next()[1] == "iopub_welcome", "a subscriber is not welcomed")

    def close(self):
        for socket in self.sockets.values():
            socket.close(0)

    def sign(self, parts):
        return hmac.new(self.key, b"".join(parts), hashlib.sha256).hexdigest().encode()

    def send(self, channel, kind, content):
        msg_id = uuid.uuid4().hex
        header = {
            "msg_id": msg_id, "session": self.session, "username": "soak", "msg_type": kind, "version": "5.5",
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        }
        parts = [json.dumps(header).encode(), b"{}", b"{}", json.dumps(content).encode()]
        self.sockets[channel].send_multipart([DELIMITER, self.sign(parts), *parts])
        return msg_id

    def next(self, patience=PATIENCE):
        """The next message on any channel: channel, kind, identity of the request, content."""
        ready = dict(self.poller.poll(patience * 1000))
        require(ready, f"nothing has come for {patience} s")
        for channel, socket in self.sockets.items():
            if socket in ready:
                frames = socket.recv_multipart()
                at = frames.index(DELIMITER)
                signature, *parts = frames[at + 1 : at + 6]
                require(signature == self.sign(parts), "a message is not signed")
                parent = json.loads(parts[1])
                return channel, json.loads(parts[0])["msg_type"], parent.get("msg_id"), json.loads(parts[3])

    def finish(self, msg_id, each=lambda kind, content: None):
        """Waits for the reply to a request and for its idle; each gets what it publishes. Returns the reply."""
        reply, idle, silent = None, False, time.monotonic() + PATIENCE
        while reply is None or not idle:
            channel, kind, parent, content = self.next()
            require(time.monotonic() < silent, "a request is not answered")
            if parent != msg_id:
                continue
            silent = time.monotonic() + PATIENCE
            if channel != "iopub":
                reply = content
            elif kind == "status":
                idle = content["execution_state"] == "idle"
            else:
                each(kind, content)
        return reply

    def ask(self, channel, kind, content):
        return self.finish(self.send(channel, kind, content))

    def execute(self, code, each=lambda kind, content: None):
        return self.finish(self.send("shell", "execute_request", {"code": code}), each)

    def ok(self, code):
        """Runs a cell that must succeed, and returns its result as text."""
        result = []
        reply = self.execute(code, lambda kind, content: result.append(content) if kind == "execute_result" else None)
        require(reply["status"] == "ok", f"{code}: {reply}")
        return result[0]["data"]["text/plain"] if result else None


class Kernel:
    """A kernel with its client, a history of its own, and what the system says of its processes."""

    def __init__(self, program=None):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.log = open(os.path.join(self.folder.name, "log"), "w+")
        self.manager = KernelManager(kernel_name=KERNEL)
        if program:
            self.manager.kernel_spec.argv[0] = program
        env = {**os.environ, "SWINGBY_HISTORY": os.path.join(self.folder.name, "history")}
        self.manager.start_kernel(env=env, stderr=self.log)
        self.info = self.manager.get_connection_info()
        self.client = Client(self.info)
        self.process = psutil.Process(self.manager.provisioner.process.pid)
        require(self.client.ok("1 + 1") == "2", "1 + 1 is not 2")
        # A connection that has come too early is tried again only after 100 ms. Descriptors are counted when all are there,
        # that of the manager too.
        self.client.ask("control", "kernel_info_request", {})
        control = self.manager._control_socket
        self.manager.session.send(control, "kernel_info_request", {})
        require(control.poll(PATIENCE * 1000), "the manager is not answered")
        control.recv_multipart()

    def close(self):
        self.client.close()
        self.manager.shutdown_kernel()
        self.log.close()
        self.folder.cleanup()

    @property
    def worker(self):
        return self.process.children()[0]

    def memory(self):
        """Resident bytes of the kernel and of its worker."""
        return self.process.memory_info().rss, self.worker.memory_info().rss

    def descriptors(self):
        return self.process.num_fds(), self.worker.num_fds()

    def settle(self, least):
        """Waits until clients that have gone are gone for the kernel too, which learns of it in the background."""
        end = time.monotonic() + 10
        while self.process.num_fds() > least and time.monotonic() < end:
            time.sleep(0.02)

    def goroutines(self):
        """Ends the kernel; Go says where its goroutines were. How many there were."""
        self.process.send_signal(signal.SIGQUIT)
        self.manager.provisioner.process.wait()
        self.log.flush()
        with open(self.log.name) as f:
            return len(re.findall(r"(?m)^goroutine \d+ ", f.read()))


class Beat:
    """A process beside this one that asks for heartbeats and kernel_info on control, and keeps the times."""

    def __init__(self, info):
        self.process = subprocess.Popen(
            [sys.executable, __file__, json.dumps({**info, "key": info["key"].decode()})],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        require(self.process.stdout.readline() == "ready\n", "no heartbeat")

    def end(self):
        out, _ = self.process.communicate("\n")
        return json.loads(out)


def beat(info):
    """What the process of Beat does."""
    client = Client(info, ("control",))
    hb = zmq.Context.instance().socket(zmq.REQ)
    hb.linger = 0
    hb.connect(f"tcp://{info['ip']}:{info['hb_port']}")
    times = {"heartbeat": [], "control": []}
    end = zmq.Poller()
    end.register(sys.stdin.fileno(), zmq.POLLIN)
    print("ready", flush=True)
    while not end.poll(20):
        begun = time.perf_counter()
        hb.send(b"ping")
        require(hb.poll(PATIENCE * 1000), "the heart has stopped")
        hb.recv()
        times["heartbeat"].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        client.send("control", "kernel_info_request", {})
        require(client.next()[1] == "kernel_info_reply", "no kernel_info")
        times["control"].append(time.perf_counter() - begun)
    json.dump(times, sys.stdout)


def watched(kernel, f):
    """Calls f, and returns the seconds it took, the times of a beat beside it, and the most memory of kernel and worker."""
    other = Beat(kernel.info)
    most, over = list(kernel.memory()), threading.Event()

    def sample():
        while not over.wait(0.02):
            most[:] = map(max, most, kernel.memory())

    sampler = threading.Thread(target=sample)
    sampler.start()
    begun = time.perf_counter()
    try:
        f()
    finally:
        over.set()
        sampler.join()
    return time.perf_counter() - begun, other.end(), most


if __name__ == "__main__":
    beat(json.loads(sys.argv[1]))
