"""A client that sees the frames themselves, and holds every message against its schema."""

import datetime
import hashlib
import hmac
import json
import os
import tempfile
import time
import unittest
import uuid

import zmq
from jupyter_client.manager import KernelManager

import schemas

KERNEL = os.environ.get("SWINGBY_KERNEL", "swingby")
TIMEOUT = 60
DELIMITER = b"<IDS|MSG>"


class Message:
    def __init__(self, channel, frames):
        at = frames.index(DELIMITER)
        self.channel = channel
        self.identities = frames[:at]
        self.signature, *self.parts = frames[at + 1 : at + 6]
        self.buffers = frames[at + 6 :]
        self.header, self.parent, self.metadata, self.content = schemas.check(channel, *self.parts)
        self.kind = self.header["msg_type"]

    def __repr__(self):
        return f"{self.channel} {self.kind} {self.content}"


class Client:
    """One client. Messages are kept by channel as they come; each has passed its schema and its signature."""

    def __init__(self, info, channels=("shell", "control", "stdin", "iopub")):
        self.info = info
        self.key = info["key"]
        self.session = uuid.uuid4().hex
        self.context = zmq.Context()
        self.seen = []
        self.waiting = []
        self.sockets = {}
        self.poller = zmq.Poller()
        for channel in channels:
            self.open(channel)
        self.wait("iopub", "iopub_welcome")

    def open(self, channel):
        socket = self.context.socket(zmq.SUB if channel == "iopub" else zmq.DEALER)
        socket.linger = 0
        if channel == "iopub":
            socket.subscribe(b"")
        else:
            socket.identity = self.session.encode()
        socket.connect(f"tcp://{self.info['ip']}:{self.info[channel + '_port']}")
        self.sockets[channel] = socket
        self.poller.register(socket, zmq.POLLIN)

    def close(self):
        self.context.destroy(linger=0)

    def sign(self, parts):
        key = self.key if isinstance(self.key, bytes) else self.key.encode()
        return hmac.new(key, b"".join(parts), hashlib.sha256).hexdigest().encode()

    def frames(self, kind, content, *, buffers=(), **header):
        header = {
            "msg_id": uuid.uuid4().hex, "session": self.session, "username": "tester", "msg_type": kind,
            "version": "5.5", "date": datetime.datetime.now(datetime.timezone.utc).isoformat(), **header,
        }
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        parts = [json.dumps(header).encode(), b"{}", b"{}", content]
        return header["msg_id"], [DELIMITER, self.sign(parts), *parts, *buffers]

    def send(self, channel, kind, content=None, **header):
        msg_id, frames = self.frames(kind, {} if content is None else content, **header)
        self.sockets[channel].send_multipart(frames)
        return msg_id

    def wait(self, channel, kind=None, parent=None, accept=lambda m: True, timeout=TIMEOUT):
        """The next message on a channel that is of a kind and answers a request; others are kept for later."""
        deadline = time.monotonic() + timeout
        at = 0
        while True:
            while at < len(self.waiting):
                m = self.waiting[at]
                if m.channel == channel and kind in (None, m.kind) and parent in (None, m.parent.get("msg_id")) and accept(m):
                    return self.waiting.pop(at)
                at += 1
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no {kind or 'message'} on {channel}; there were {self.waiting[-5:]}")
            for socket, _ in self.poller.poll(left * 1000):
                name = next(n for n, s in self.sockets.items() if s is socket)
                m = Message(name, socket.recv_multipart())
                if m.signature != self.sign(m.parts):
                    raise AssertionError(f"{m} is not signed as it should be")
                self.seen.append(m)
                self.waiting.append(m)

    def reply(self, msg_id, channel="shell", **options):
        return self.wait(channel, parent=msg_id, **options)

    def outputs(self, msg_id, **options):
        """What a request publishes between busy and idle."""
        out = []
        self.wait("iopub", "status", msg_id, lambda m: m.content["execution_state"] == "busy", **options)
        while True:
            m = self.wait("iopub", parent=msg_id, **options)
            if m.kind == "status":
                if m.content["execution_state"] != "idle":
                    raise AssertionError(f"{m} between busy and idle")
                return out
            out.append(m)

    def ask(self, channel, kind, content=None, **header):
        """A request that prints nothing: its reply."""
        msg_id = self.send(channel, kind, content, **header)
        reply = self.reply(msg_id, channel)
        out = self.outputs(msg_id)
        if out:
            raise AssertionError(f"{kind} published {out}")
        return reply

    def execute(self, code, **options):
        header = {"subshell_id": options.pop("subshell_id")} if "subshell_id" in options else {}
        return self.send("shell", "execute_request", {"code": code, **options}, **header)

    def run(self, code, **options):
        """A cell: its reply, and what it published without its input."""
        msg_id = self.execute(code, **options)
        reply = self.reply(msg_id)
        out = self.outputs(msg_id)
        if not options.get("silent"):
            first = out.pop(0)
            if first.kind != "execute_input" or first.content["code"] != code:
                raise AssertionError(f"{first} comes first")
        return reply, out


class Case(unittest.TestCase):
    """Each test has a kernel of its own, with a history of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.history_file = os.path.join(self.folder, "history")
        self.log = open(os.path.join(self.folder, "log"), "w+")
        self.addCleanup(self.log.close)
        self.launch()

    def launch(self, before=(), stderr=None, **env):
        """Starts a kernel, by the command before if there is one, and connects a client. It logs to the file log, or stderr."""
        self.manager = KernelManager(kernel_name=KERNEL)
        self.manager.kernel_spec.argv[:0] = before
        self.manager.start_kernel(env={**os.environ, "SWINGBY_HISTORY": self.history_file, **env}, stderr=stderr or self.log)
        self.addCleanup(self.manager.shutdown_kernel, now=True)
        self.info = self.manager.get_connection_info()
        self.client = self.connect()

    def connect(self, *channels):
        try:
            client = Client(self.info, *channels)
        except TimeoutError as e:
            raise TimeoutError(f"{e}; the log ends with {self.logged()[-1000:]!r}") from e
        self.addCleanup(client.close)
        return client

    @property
    def pid(self):
        return self.manager.provisioner.process.pid

    def logged(self):
        self.log.flush()
        with open(self.log.name) as f:
            return f.read()

    def ok(self, code, **options):
        reply, out = self.client.run(code, **options)
        self.assertEqual(reply.content["status"], "ok", f"{code}: {reply}")
        return reply, out

    def printed(self, code, **options):
        return "".join(m.content["text"] for m in self.ok(code, **options)[1] if m.kind == "stream")

    def begin(self, code, client=None):
        """Starts a cell and waits until it runs."""
        client = client or self.client
        msg_id = client.execute(f'fmt.Println("begun")\n{code}')
        client.wait("iopub", "stream", msg_id)
        return msg_id

    def usable(self):
        reply, out = self.ok("1 + 2")
        self.assertEqual([m.content["data"]["text/plain"] for m in out], ["3"])
