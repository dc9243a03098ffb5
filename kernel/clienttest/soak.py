"""Load that a kernel must bear, and the figures of it: docs/reliability.md is written by this program.

    soak.py --write FILE    everything, some minutes
    soak.py --short         a hundredth of it, to see that it can be borne

SWINGBY_CLOCKS names a program whose wall clock jumps, if there is one; see install/scripts/soak.sh.
Whatever is not as it should be ends the program with an error, and no file is written.
"""

import argparse
import datetime
import json
import os
import platform
import random
import statistics
import time

import psutil
import zmq

from soak_kernel import Client, Kernel, PATIENCE, require, watched

MIB = 1 << 20


def ms(seconds):
    return f"{seconds * 1e3:.2f} ms" if seconds < 0.0995 else f"{seconds * 1e3:.0f} ms"


def mib(n):
    return f"{n / MIB:.0f} MiB"


def quantiles(times):
    """p50, p95, p99 and the longest."""
    q = statistics.quantiles(times, n=100, method="inclusive")
    return [ms(t) for t in (q[49], q[94], q[98], max(times))]


def beats(times):
    return "; ".join(f"{name} p99 {quantiles(t)[2]}, longest {quantiles(t)[3]}" for name, t in times.items())


class Report:
    def __init__(self):
        self.text = []

    def section(self, title, about):
        print(f"== {title}", flush=True)
        self.text += ["", f"## {title}", "", about, ""]

    def table(self, *rows):
        for i, row in enumerate(rows):
            row = "| " + " | ".join(str(cell) for cell in row) + " |"
            print(row, flush=True)
            self.text.append(row)
            if i == 0:
                self.text.append("|" + " --- |" * row.count(" | ") + " --- |")


def requests(report, scale):
    n = 10000 // scale
    report.section(f"{n:,} requests in a row", "One client, one cell after another, `x + 1`; the next is sent when the reply "
                   "and the idle status of the last have come. Then as many again, all sent before the first reply is read.")
    kernel = Kernel()
    client = kernel.client
    client.ok("x := 1")
    for _ in range(100 // scale + 10):
        client.ok("x + 1")
    before, fds = kernel.memory(), kernel.descriptors()
    times = []
    begun = time.perf_counter()
    for _ in range(n):
        start = time.perf_counter()
        client.execute("x + 1")
        times.append(time.perf_counter() - start)
    took = time.perf_counter() - begun
    middle = kernel.memory()
    begun = time.perf_counter()
    ids = {client.send("shell", "execute_request", {"code": "x + 1"}) for _ in range(n)}
    idle, replied = set(), set()
    while len(idle) < n or len(replied) < n:
        channel, kind, parent, content = client.next()
        require(parent in ids, "an answer to nothing")
        if channel == "shell":
            require(content["status"] == "ok" and parent not in replied, f"a reply is {content}")
            replied.add(parent)
        elif kind == "execute_result":
            require(content["data"]["text/plain"] == "2", "x + 1 is not 2")
        elif kind == "status" and content["execution_state"] == "idle":
            idle.add(parent)
    at_once = time.perf_counter() - begun
    after = kernel.memory()
    require(kernel.descriptors() == fds, f"descriptors of kernel and worker: {fds} have become {kernel.descriptors()}")
    report.table(
        ("", "rate", "p50", "p95", "p99", "longest"),
        ("one after another", f"{n / took:,.0f}/s", *quantiles(times)),
        ("all at once", f"{n / at_once:,.0f}/s", "", "", "", ""),
    )
    report.text.append("")
    report.table(
        ("resident memory", "before", "after the first", "after the second"),
        ("kernel", mib(before[0]), mib(middle[0]), mib(after[0])),
        ("worker", mib(before[1]), mib(middle[1]), mib(after[1])),
    )
    report.text += ["", "The kernel keeps its history, 16 MiB at most, and signatures against replays, 65,536 at most. The worker keeps the text of each cell; "
                    "of one that declares something, or leaves a function or a goroutine, it keeps that too, and the positions of its lines."]
    kernel.close()


def lines(report, scale):
    n = 1000000 // scale
    report.section(f"{n:,} lines", "Printed one by one with `fmt.Println` in one cell. Every line arrives, in order; meanwhile another process "
                   "asks for heartbeats and for `kernel_info` on control.")
    kernel = Kernel()
    got = {"messages": 0, "tail": "", "next": 0}

    def each(kind, content):
        if kind != "stream":
            return
        got["messages"] += 1
        text = got["tail"] + content["text"]
        head, _, got["tail"] = text.rpartition("\n")
        if head:
            numbers = [int(line) for line in head.split("\n")]
            require(numbers == list(range(got["next"], got["next"] + len(numbers))), "lines are not in order")
            got["next"] += len(numbers)

    def run():
        reply = kernel.client.execute(f"for i := range {n} {{ fmt.Println(i) }}", each)
        require(reply["status"] == "ok", str(reply))

    before = kernel.memory()
    took, times, most = watched(kernel, run)
    require(got["next"] == n, f"{got['next']} lines have come")
    report.table(
        ("lines", "time", "rate", "messages", "most memory: kernel", "worker", "beside it"),
        (f"{n:,}", f"{took:.2f} s", f"{n / took:,.0f}/s", f"{got['messages']:,}", f"{mib(most[0])} (from {mib(before[0])})", f"{mib(most[1])} (from {mib(before[1])})", beats(times)),
    )
    kernel.close()


def display(report, scale):
    n = 100_000_000 // scale
    report.section(f"One display of {n // 1_000_000 or 1} MB", "A single `display.HTML`, in one message; it arrives byte for byte. "
                   "The copies it needs on its way (the text, its JSON in worker and kernel, the frames) are given back.")
    kernel = Kernel()
    kernel.client.ok('display.Show(display.HTML("a small one comes before"))')
    before = kernel.memory()
    got = []

    def run():
        reply = kernel.client.execute(
            f'display.Show(display.HTML(strings.Repeat("<", {n})))',
            lambda kind, content: got.append(content["data"]["text/html"]) if kind == "display_data" else None,
        )
        require(reply["status"] == "ok", str(reply))

    took, times, most = watched(kernel, run)
    require(got == ["<" * n], "the display is not what was shown")
    kernel.client.ok("debug.FreeOSMemory()")
    end = time.monotonic() + 10
    while kernel.memory()[0] > 2 * before[0] and time.monotonic() < end:
        time.sleep(0.1)
    after = kernel.memory()
    report.table(
        ("time", "memory of the kernel: before", "most", "after", "of the worker: before", "most", "after", "beside it"),
        (f"{took:.2f} s", *map(mib, (before[0], most[0], after[0], before[1], most[1], after[1])), beats(times)),
    )
    kernel.close()


def crowd(report, scale):
    clients, each = 50 // (5 if scale > 1 else 1), 40 // (10 if scale > 1 else 1)
    report.section(f"{clients} clients at once", f"Each runs {each} cells, the next when the reply to the last has come, and all of them subscribe to everything: "
                   "every output goes out as many times as there are clients. Each keeps a variable of its own.")
    kernel = Kernel()
    fds = kernel.descriptors()
    before = kernel.memory()
    peers = [Client(kernel.info) for _ in range(clients)]
    poller = zmq.Poller()
    owner = {}
    for peer in peers:
        peer.left, peer.seen, peer.name, peer.times = each, 0, f"v{len(owner)}", []
        for channel in ("shell", "iopub"):
            poller.register(peer.sockets[channel], zmq.POLLIN)
            owner[peer.sockets[channel]] = peer, channel

    def step(peer):
        peer.begun = time.perf_counter()
        i = each - peer.left
        peer.send("shell", "execute_request", {"code": f"{peer.name} := {i}" if i == 0 else f"{peer.name}++\nfmt.Println({peer.name})"})

    begun = time.perf_counter()
    for peer in peers:
        step(peer)
    idle, messages = clients * each * clients, 0
    while idle > 0 or any(peer.left for peer in peers):
        ready = poller.poll(PATIENCE * 1000)
        require(ready, f"nothing comes any more; {idle} statuses are missing")
        for socket, _ in ready:
            peer, channel = owner[socket]
            frames = socket.recv_multipart()
            if channel == "iopub":
                messages += 1
                idle -= b'"execution_state":"idle"' in frames[-1]
                continue
            reply = json.loads(frames[-1])
            require(reply["status"] == "ok", str(reply))
            peer.times.append(time.perf_counter() - peer.begun)
            peer.left -= 1
            if peer.left:
                step(peer)
    took = time.perf_counter() - begun
    most = kernel.memory()
    for i, peer in enumerate(peers):
        require(kernel.client.ok(peer.name) == str(each - 1), f"{peer.name} is not what its client has made of it")
        peer.close()
    kernel.settle(fds[0])
    require(kernel.descriptors() == fds, f"descriptors of kernel and worker: {fds} have become {kernel.descriptors()}")
    report.table(
        ("cells", "time", "rate", "messages on iopub", "p50", "p95", "p99", "longest", "memory of the kernel", "worker"),
        (f"{clients * each:,}", f"{took:.2f} s", f"{clients * each / took:,.0f}/s", f"{messages:,}, {messages / took:,.0f}/s",
         *quantiles([t for peer in peers for t in peer.times]), f"{mib(most[0])} (from {mib(before[0])})", f"{mib(most[1])} (from {mib(before[1])})"),
    )
    report.text.append("")
    report.text.append("A cell waits for those of the other clients before it, so these times are mostly waiting.")
    kernel.close()


# What people do in notebooks, by name; {i} is the number of the cell, {k} a small one.
MIXED = {
    "a value": "{i} * 2",
    "printing": 'for k := range 20 {{ fmt.Println("line", k, {i}) }}',
    "a variable anew": "x{k} := []float64{{1, 2, {i}}}\nfloats.Sum(x{k})",
    "a function anew": "func f(n int) int {{ return n + {i} }}\nf(1)",
    "a type and its method anew": "type T struct{{ A, B int }}\nfunc (t T) Sum() int {{ return t.A + t.B + {i} }}\nT{{1, 2}}.Sum()",
    "a matrix": "mat.NewDense(3, 3, []float64{{1, 2, 3, 4, 5, 6, 7, 8, {i}}})",
    "a table": "display.Table(map[string][]float64{{\"a\": {{1, {i}}}, \"b\": {{2, 3}}}})",
    "a plot": 'p := plot.New()\np.Title.Text = "{i}"\nline, _ := plotter.NewLine(plotter.XYs{{{{0, 0}}, {{1, {i}}}}})\np.Add(line)\np',
    "a display updated": 'h := display.Show(display.HTML("{i}"))\nfor k := range 5 {{ h.Update(display.HTML(fmt.Sprint(k))) }}',
    "a loop": "s := 0\nfor k := range 20000 {{ s += k % 7 }}\ns",
    "goroutines": "var wg sync.WaitGroup\nout := make(chan int, 8)\nfor k := range 8 {{ wg.Go(func() {{ out <- k }}) }}\nwg.Wait()\nlen(out)",
    "a compile error": "undefined{i} + 1",
    "a panic": "var list []int\nlist[{i}] = 1",
    "a magic": "%who",
}
FAILS = {"a compile error": "compile error", "a panic": "runtime error"}
BETWEEN = 6  # of so many cells one is an interrupt, a completion, an inspection, a slider


def day(report, scale):
    n = 9600 // scale
    report.section("Eight hours of cells", f"{n:,} cells, as many as somebody runs who runs one every three seconds for eight hours" + (" (shortened)" if scale > 1 else "") +
                   ": values, printing, plots, tables, functions and types declared anew, goroutines, errors, panics; between them completions, inspections, "
                   "movements of a slider whose function computes, and loops that are interrupted.")
    kernel = Kernel()
    client = kernel.client
    opened = []
    client.execute(
        "slider := widget.NewFloatSlider(0, 1, 0)\nmoved := 0\nslider.OnChange(func(x float64) { moved++ })\nslider",
        lambda kind, content: opened.append(content["comm_id"]) if kind == "comm_open" and content["data"]["state"]["_model_name"] == "FloatSliderModel" else None,
    )
    require(len(opened) == 1, "no slider")
    names = list(MIXED)
    chosen = random.Random(1)
    first, last, moved, counts = {}, {}, 0, {}
    rows = []

    def cell(i, times):
        name = names[i % len(names)]
        begun = time.perf_counter()
        reply = client.execute(MIXED[name].format(i=i, k=i % 50))
        times.setdefault(name, []).append(time.perf_counter() - begun)
        require(reply["status"] == ("error" if name in FAILS else "ok") and reply.get("ename") == FAILS.get(name), f"{name}: {reply}")
        counts[name] = counts.get(name, 0) + 1

    def between(i, times):
        nonlocal moved
        kind = ("completion", "inspection", "slider", "interrupt")[chosen.randrange(4)]
        begun = time.perf_counter()
        if kind == "completion":
            require("Println" in client.ask("shell", "complete_request", {"code": "fmt.Print", "cursor_pos": 9})["matches"], "no completion")
        elif kind == "inspection":
            require(client.ask("shell", "inspect_request", {"code": "strings.Repeat", "cursor_pos": 10})["found"], "no inspection")
        elif kind == "slider":
            msg_id = client.send("shell", "comm_msg", {"comm_id": opened[0], "data": {"method": "update", "state": {"value": (i % 97 + 1) / 100}, "buffer_paths": []}})
            while True:
                _, typ, parent, content = client.next()
                if parent == msg_id and typ == "status" and content["execution_state"] == "idle":
                    break
            moved += 1
        else:
            msg_id = client.send("shell", "execute_request", {"code": 'fmt.Println("begun")\nfor {}'})
            while client.next()[1] != "stream":
                pass
            begun = time.perf_counter()
            client.send("control", "interrupt_request", {})
            idle = reply = None
            while not idle or not reply:
                channel, typ, parent, content = client.next()
                if parent == msg_id and channel == "shell":
                    reply = content
                idle = idle or parent == msg_id and typ == "status" and content["execution_state"] == "idle"
            require(reply["ename"] == "interrupted", f"an interrupt: {reply}")
        times.setdefault(kind, []).append(time.perf_counter() - begun)
        counts[kind] = counts.get(kind, 0) + 1

    tenth = n // 10
    fds = None
    begun = time.perf_counter()
    for i in range(n):
        times = first if i < tenth else last if i >= n - tenth else {}
        if i % BETWEEN == BETWEEN - 1:
            between(i, times)
        else:
            cell(i, times)
        if i == tenth - 1:
            fds = kernel.descriptors()
        if i + 1 in {tenth, n // 2, n}:
            client.ok("runtime.GC()")
            rows.append((f"{i + 1:,} cells", *map(mib, kernel.memory()), *kernel.descriptors(), client.ok("runtime.NumGoroutine()"), kernel.process.num_threads()))
    took = time.perf_counter() - begun
    require(client.ok("moved") == str(moved), "the slider has not been heard")
    require(kernel.descriptors() == fds, f"descriptors of kernel and worker: {fds} have become {kernel.descriptors()}")
    report.table(("after", "memory of the kernel", "of the worker", "descriptors of the kernel", "of the worker", "goroutines of the worker", "threads of the kernel"), *rows)
    report.text.append("")
    report.table(
        ("times", "how many", f"p50 of the first tenth", "p50 of the last tenth", "p95 of the last tenth", "longest of the last tenth"),
        *((name, f"{counts[name]:,}", quantiles(first[name])[0], *(quantiles(last[name])[i] for i in (0, 1, 3)))
          for name in sorted(last) if len(first.get(name, [])) > 1 and len(last[name]) > 1),
    )
    report.text += ["", f"In all {took:.0f} s. At the end the kernel has {kernel.goroutines()} goroutines, a kernel that has run one cell has {alone()}."]
    print(report.text[-1])
    kernel.client.close()
    kernel.folder.cleanup()


def alone():
    kernel = Kernel()
    n = kernel.goroutines()
    kernel.client.close()
    return n


def clocks(report, scale, program):
    n = 1000 // scale
    report.section("Clocks that jump", "The same program, built with a wall clock that five times a second jumps to the next of these errors: none, an hour ahead, an hour back, "
                   "ten years ahead, ten years back, a minute ahead, a day back, a second ahead. Only the standard library's `time.Now` is another. Cells print, sleep, fail "
                   "and are interrupted; requests are queued behind those that fail; a heartbeat runs beside it.")
    kernel = Kernel(program)
    client = kernel.client
    jumps = json.loads(client.ok(
        "seen := map[int]bool{}\nfor range 200 { seen[time.Now().Year()] = true; time.Sleep(10 * time.Millisecond) }\nlen(seen)"))
    require(jumps >= 3, "this clock does not jump")
    worker = kernel.worker.pid

    def run():
        for i in range(n):
            text, errors = [], []

            def each(kind, content):
                if kind == "stream":
                    text.append(content["text"])
                elif kind == "error":
                    errors.append(content["ename"])

            kind = i % 5
            if kind == 0:
                client.execute('for i := range 5 { fmt.Println(i); time.Sleep(5 * time.Millisecond) }', each)
                require("".join(text) == "0\n1\n2\n3\n4\n", f"a cell printed {text}")
            elif kind == 1:
                require(client.ok("time.Sleep(2 * time.Millisecond)\n1 + 1") == "2", "1 + 1 is not 2")
            elif kind == 2:
                client.execute('panic("no")', each)
                require(errors == ["panic"], f"a panic is {errors}")
            elif kind == 3:
                go = os.path.join(kernel.folder.name, f"go{i}")  # the first fails when the others have been sent
                fails = f"for {{ if _, err := os.Stat({json.dumps(go)}); err == nil {{ break }}; time.Sleep(time.Millisecond) }}\npanic(\"no\")"
                ids = [client.send("shell", "execute_request", {"code": code}) for code in (fails, "1", "2")]
                time.sleep(0.1)  # on a busy machine they may still be on their way
                open(go, "w").close()
                replies = {}
                while len(replies) < 3:
                    channel, _, parent, content = client.next()
                    if channel == "shell":
                        replies[parent] = content["status"]
                require([replies[i] for i in ids] == ["error", "aborted", "aborted"], f"after a failure: {replies}")
            else:
                msg_id = client.send("shell", "execute_request", {"code": 'fmt.Println("begun")\nfor {}'})
                while client.next()[1] != "stream":
                    pass
                client.send("control", "interrupt_request", {})
                require(client.finish(msg_id)["ename"] == "interrupted", "an interrupt does not stop a loop")

    took, times, _ = watched(kernel, run)
    require(kernel.worker.pid == worker and client.ok("len(seen)") == str(jumps), "the worker has been replaced")
    report.table(("cells", "time", "jumps", "beside it"), (f"{n:,}", f"{took:.0f} s", f"{int(took * 5):,}", beats(times)))
    report.text += ["", "Every deadline of the kernel (handshakes, coalescing, interrupts, queues) is measured by the monotonic clock. Which requests were made before a cell failed, and so are aborted with it, "
                    "is told by the dates that their client has given them, compared with each other. Only an interrupt is compared with the clock of the kernel, in its first second: one that was made before the kernel began was meant for the kernel before."]
    kernel.close()


def machine():
    """What the figures were measured on."""
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as f:
            model = next(line.split(":", 1)[1].strip() for line in f if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    load = os.getloadavg()[0]
    return (f"{os.cpu_count()} cores ({model}), {psutil.virtual_memory().total / (1 << 30):.0f} GiB, {platform.system()} {platform.release()}, "
            f"Python {platform.python_version()}, libzmq {zmq.zmq_version()}; load when it began: {load:.1f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--write")
    parser.add_argument("--only")
    args = parser.parse_args()
    scale = 100 if args.short else 1
    report = Report()
    report.text = [
        "# Reliability", "",
        "Written by `make soak`, which puts the load below on the built program through ZeroMQ's own library, checks every answer, and measures. "
        "What goes wrong on purpose (forged messages, full disks, processes killed) is tried by `make test`, in `kernel/clienttest/test_faults.py`.", "",
        f"{datetime.date.today():%-d %B %Y}; {machine()}. The client runs on the same cores, so times are upper bounds.",
    ]
    program = os.environ.get("SWINGBY_CLOCKS")
    parts = {"requests": requests, "lines": lines, "display": display, "crowd": crowd, "day": day}
    if program:
        parts["clocks"] = lambda report, scale: clocks(report, scale, program)
    for name, part in parts.items():
        if args.only in (None, name):
            part(report, scale)
    if args.write and not args.only and not args.short:
        with open(args.write, "w") as f:
            f.write("\n".join(report.text) + "\n")
        print(f"== {args.write} is written")


if __name__ == "__main__":
    main()
