"""Swingby beside ipykernel, in one run, started and asked by jupyter_client.

One line for each figure:

    name  ours  peer  ratio  goal  ok|short

The ratio is larger the better Swingby does: peer/ours. Machines differ, the
ratio of two kernels measured in turn on the same one much less.
"""

import argparse
import json
import os
import statistics
import sys
import time

import zmq
from jupyter_client import BlockingKernelClient, KernelManager

# What the two kernels are told to do.
CODE = {
    "go": {
        "lines": "for i := range %d { fmt.Println(i) }",
        "loop": 'fmt.Println("begun")\nfor {}',
        "complete": "math.Sq",
        "names": "\n".join(f"name{i}OfMany := {i}" for i in range(2000)),
        "wrong": "nmae7OfMany + 1",
        "slider": "s := widget.NewIntSlider(0, 1000000, 0)\ns.OnChange(func(n int) { fmt.Println(n) })\ns",
    },
    "python": {
        "lines": "for i in range(%d): print(i)",
        "loop": 'print("begun")\nwhile True: pass',
        "complete": "math.sq",
        "names": "import math\n" + "\n".join(f"name{i}OfMany = {i}" for i in range(2000)),
        "wrong": "nmae7OfMany + 1",
        "slider": (
            "import ipywidgets\nfrom IPython.display import display\n"
            "s = ipywidgets.IntSlider(0, 0, 1000000)\ns.observe(lambda c: print(c['new']), 'value')\ndisplay(s)"
        ),
    },
}


class Kernel:
    """A kernel started as Jupyter starts it, with a client connected."""

    def __init__(self, name, eager=True):
        start = time.perf_counter()
        self.manager = KernelManager(kernel_name=name)
        # ZeroMQ waits 100 ms before it tries a refused connection again, as it
        # is when the client is ready before the kernel. An eager client does
        # not wait. And nothing a kernel sends may be lost.
        context = zmq.Context()
        if eager:
            context.setsockopt(zmq.RECONNECT_IVL, 1)
        context.setsockopt(zmq.RCVHWM, 0)
        self.context = context
        self.manager.start_kernel(stderr=open(os.devnull, "wb"))
        self.client = BlockingKernelClient(context=context)
        self.client.load_connection_info(self.manager.get_connection_info())
        self.client.start_channels(hb=False)
        self.client.kernel_info()
        reply = self.client.get_shell_msg(timeout=60)
        assert reply["msg_type"] == "kernel_info_reply", reply
        self.start = time.perf_counter() - start
        self.language = reply["content"]["language_info"]["name"]
        self.pid = self.manager.provisioner.process.pid

    def interrupt(self):
        """Interrupts an endless loop as Jupyter does; returns seconds until its cell has ended."""
        request = self.client.execute(CODE[self.language]["loop"])
        while True:
            header, parent, content = receive(self.client.iopub_channel.socket)
            if header["msg_type"] == "stream" and parent.get("msg_id") == request:
                break
        time.sleep(0.02)  # until it is in its loop
        start = time.perf_counter()
        self.manager.interrupt_kernel()
        while True:
            header, parent, content = receive(self.client.shell_channel.socket)
            if parent.get("msg_id") == request:
                assert content["status"] == "error", content
                return time.perf_counter() - start

    def complete(self):
        """Completes a member of a package; returns seconds until the reply."""
        code = CODE[self.language]["complete"]
        start = time.perf_counter()
        request = self.client.complete(code, len(code))
        while True:
            header, parent, content = receive(self.client.shell_channel.socket)
            if parent.get("msg_id") == request:
                assert any(m.lower().endswith("sqrt") for m in content["matches"]), content
                return time.perf_counter() - start

    def wrong(self):
        """Runs a cell with a name that is not declared; returns seconds until the reply."""
        start = time.perf_counter()
        request = self.client.execute(CODE[self.language]["wrong"])
        while True:
            header, parent, content = receive(self.client.shell_channel.socket)
            if parent.get("msg_id") == request:
                assert content["status"] == "error", content
                return time.perf_counter() - start

    def run(self, code, timeout=600):
        """Runs a cell until its reply and idle are both there; returns seconds and what it printed."""
        printed, replied, idle = [], False, False
        shell, iopub = self.client.shell_channel.socket, self.client.iopub_channel.socket
        poller = zmq.Poller()
        poller.register(shell, zmq.POLLIN)
        poller.register(iopub, zmq.POLLIN)
        start = time.perf_counter()
        request = self.client.execute(code)
        while not (replied and idle):
            ready = dict(poller.poll(timeout * 1000))
            if not ready:
                raise SystemExit(f"bench: {code!r} gives no answer within {timeout} s")
            for socket in ready:
                header, parent, content = receive(socket)
                if parent.get("msg_id") != request:
                    continue
                kind = header["msg_type"]
                if kind == "stream":
                    printed.append(content["text"])
                elif kind == "error":
                    raise SystemExit(f"bench: {code!r} fails: {content['ename']}: {content['evalue']}")
                elif kind == "execute_reply":
                    replied = True
                elif kind == "status" and content["execution_state"] == "idle":
                    idle = True
        return time.perf_counter() - start, printed

    def slider(self):
        """Makes a slider whose function prints its value; returns the identity of its model."""
        request = self.client.execute(CODE[self.language]["slider"])
        found, idle = None, False
        while not idle:
            header, parent, content = receive(self.client.iopub_channel.socket)
            if parent.get("msg_id") != request:
                continue
            if header["msg_type"] == "comm_open" and content["data"]["state"].get("_model_name") == "IntSliderModel":
                found = content["comm_id"]
            elif header["msg_type"] == "error":
                raise SystemExit(f"bench: {content['ename']}: {content['evalue']}")
            idle = header["msg_type"] == "status" and content["execution_state"] == "idle"
        self.client.get_shell_msg(timeout=60)
        return found

    def move(self, slider, value):
        """Moves a slider as a page does, until its function has run; returns seconds."""
        session, iopub = self.client.session, self.client.iopub_channel.socket
        data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        message = session.msg("comm_msg", {"comm_id": slider, "data": data})
        start = time.perf_counter()
        self.client.shell_channel.send(message)
        printed = False
        while True:
            header, parent, content = receive(iopub)
            if header["msg_type"] == "stream":
                printed = printed or content["text"].strip() == str(value)
            elif header["msg_type"] == "status" and parent.get("msg_id") == message["header"]["msg_id"]:
                if content["execution_state"] == "idle":
                    if not printed:
                        raise SystemExit(f"bench: a slider moved to {value} has not called its function")
                    return time.perf_counter() - start

    def memory(self):
        """PSS and RSS in MiB of the kernel's process and all below it.

        PSS shares out a page among those that map it, so that the two
        processes of one program do not count its code twice; it favours
        ipykernel, which shares Python's libraries with this very program. RSS
        counts it for each. Both have the goal.
        """
        pss = rss = 0
        for pid in tree(self.pid):
            with open(f"/proc/{pid}/smaps_rollup") as file:
                for line in file:
                    key, *rest = line.split()
                    if key == "Pss:":
                        pss += int(rest[0])
                    elif key == "Rss:":
                        rss += int(rest[0])
        return pss / 1024, rss / 1024

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()
        self.context.destroy(linger=0)


def receive(socket):
    """The header, parent header and content of the next message.

    jupyter_client's own reading takes about as long as a kernel takes for 1+1,
    and what is measured here is the kernel.
    """
    frames = socket.recv_multipart()
    header, parent, _, content = map(json.loads, frames[frames.index(b"<IDS|MSG>") + 2 :][:4])
    return header, parent, content


def tree(top):
    """The ids of a process and its descendants."""
    children = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(name))
    found, todo = [], [top]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo += children.get(pid, [])
    return found


results = []


def report(name, ours, peer, goal=None, note=""):
    ratio = peer / ours
    verdict = "-" if goal is None else "ok" if ratio >= goal and not note else "short"
    results.append({"name": name, "ours": ours, "peer": peer, "ratio": ratio, "goal": goal, "verdict": verdict})
    print(f"{name:<22}{ours:>10.2f}{peer:>10.2f}{ratio:>8.2f}{goal if goal is not None else '-':>6} {verdict}{note}", flush=True)


def p95(values):
    return statistics.quantiles(values, n=20)[-1]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--ours", default="swingby", help="kernel name")
    arguments.add_argument("--peer", default="python3", help="kernel name")
    arguments.add_argument("--starts", type=int, default=10)
    arguments.add_argument("--rounds", type=int, default=200)
    arguments.add_argument("--json", metavar="FILE", help="write the figures there too")
    options = arguments.parse_args()
    names = options.ours, options.peer

    print(f"{'name':<22}{'ours':>10}{'peer':>10}{'ratio':>8}{'goal':>6}")

    # In turn, so that what the machine does meanwhile meets both; the first of
    # each reads the program from disk and does not count.
    # Once with the client as it comes, and once with one that does not wait.
    for figure, eager in (("start_ms", False), ("start_eager_ms", True)):
        starts = {name: [] for name in names}
        for turn in range(options.starts + 1):
            for name in names:
                kernel = Kernel(name, eager)
                if turn > 0:
                    starts[name].append(kernel.start * 1e3)
                kernel.stop()
        report(figure, *(statistics.median(starts[n]) for n in names), goal=10)

    kernels = [Kernel(name) for name in names]
    try:
        for kernel in kernels:
            kernel.run("1+1")
        time.sleep(1.5)
        if os.path.exists("/proc/self/smaps_rollup"):
            (pss, rss), (peer_pss, peer_rss) = (kernel.memory() for kernel in kernels)
            report("idle_memory_pss_mib", pss, peer_pss, goal=1)
            report("idle_memory_rss_mib", rss, peer_rss, goal=1)
        else:
            print("idle_memory: measured on Linux only")

        rounds = [[], []]
        block = 20
        for turn in range(0, options.rounds + block, block):
            for kernel, seconds in zip(kernels, rounds):
                for _ in range(block):
                    took, _ = kernel.run("1+1")
                    if turn > 0:
                        seconds.append(took * 1e3)
        report("roundtrip_median_ms", *(statistics.median(r) for r in rounds), goal=4)
        report("roundtrip_p95_ms", *(p95(r) for r in rounds), goal=4)

        for kernel in kernels:
            kernel.run(CODE[kernel.language]["names"])
        for name, rounds, measure in (("interrupt", 20, Kernel.interrupt), ("completion", 50, Kernel.complete), ("wrong_name", 50, Kernel.wrong)):
            seconds = [[], []]
            for turn in range(rounds + 1):
                for kernel, list_ in zip(kernels, seconds):
                    took = measure(kernel)
                    if turn > 0:
                        list_.append(took * 1e3)
            report(name + "_median_ms", *(statistics.median(s) for s in seconds), goal=1)

        sliders = [kernel.slider() for kernel in kernels]
        moves = [[], []]
        for turn in range(0, options.rounds + block, block):
            for kernel, slider, seconds in zip(kernels, sliders, moves):
                for i in range(block):
                    took = kernel.move(slider, 1 + turn + i)
                    if turn > 0:
                        seconds.append(took * 1e3)
        report("slider_median_ms", *(statistics.median(m) for m in moves), goal=1)
        report("slider_p95_ms", *(p95(m) for m in moves), goal=1)

        for name, count, times, goal in (("lines_10k_s", 10_000, 5, None), ("lines_1m_s", 1_000_000, 1, 1)):
            seconds, lost = [[], []], []
            for _ in range(times):
                for i, kernel in enumerate(kernels):
                    took, printed = kernel.run(CODE[kernel.language]["lines"] % count)
                    seconds[i].append(took)
                    lines = sum(text.count("\n") for text in printed)
                    if lines != count:
                        lost.append(f" {names[i]} showed {lines} of {count} lines")
            report(name, *(statistics.median(s) for s in seconds), goal=goal, note=",".join(lost[:1]))
    finally:
        for kernel in kernels:
            kernel.stop()

    if options.json:
        with open(options.json, "w") as file:
            json.dump(results, file, indent=1)
    short = [r["name"] for r in results if r["verdict"] == "short"]
    print(f"short of the goal: {', '.join(short)}" if short else "every goal is met")


if __name__ == "__main__":
    sys.exit(main())
