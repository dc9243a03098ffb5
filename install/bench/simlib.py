"""The simulation library beside PyTorch eager, on the same cores in one run.

    simlib.py SPEED [PATTERN]

SPEED is the program made from simlib/train/speed. One line for each figure, in
seconds, as bench.py has them:

    name  ours  peer  ratio  goal  ok|short

Both make the same run several times in turn, and the shortest counts. PyTorch
has one thread or as many as there are cores, whichever is faster. Without
PyTorch its column is empty and the line says so.

The last line is everything the paper's code computes for its linear and ReLU
networks: the 29 released commands, with the loss over the test samples at every
update, and the recurrences of the theory figures. PyTorch makes data and
initialisation of each command whole and one epoch of its 40, and the time of
that is scaled; the line says so.
"""

import json
import os
import re
import sys
import time

from peer import Ours, heading, report, timed, torch

if torch is not None:
    import numpy as np
    from torch import nn

TURNS = 3
EPOCHS, BATCH, SAMPLES = 40, 128, 15000

# layers, d, h, ReLU, goal
TRAININGS = {
    "sgd_d3": (3, 3, 3, False, 40),
    "sgd_d2": (4, 2, 4, False, 40),
    "sgd_d3_relu": (3, 3, 3, True, 40),
    "sgd_d64": (1, 64, 64, False, 4),
    "sgd_d64_deep": (4, 64, 64, False, 4),
    "sgd_d64_relu": (2, 64, 64, True, 4),
    "sgd_d64_relu4": (4, 64, 64, True, 4),
}


def training(name):
    """The published loop: batches in order, the probe before each epoch."""
    layers, d, h, relu, _ = TRAININGS[name]
    torch.manual_seed(2333)
    dims = [d] + [h] * (layers - 1) + [d]
    modules = []
    for i in range(layers):
        modules.append(nn.Linear(dims[i], dims[i + 1]))
        if relu and i + 1 < layers:
            modules.append(nn.ReLU())
    net = nn.Sequential(*modules)
    x = torch.zeros(SAMPLES, d)
    centre = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])[torch.randint(3, (SAMPLES,))]
    x[:, :2] = centre + 0.22 * torch.randn(SAMPLES, 2)
    probe = torch.zeros(1, d)
    probe[0, 0], probe[0, 1] = 1, 2
    batches = x.split(BATCH)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    loss = nn.MSELoss()

    def run(epochs=EPOCHS):
        outputs = []
        for _ in range(epochs):
            with torch.no_grad():
                outputs.append(net(probe))
            for batch in batches:
                optimizer.zero_grad()
                loss(net(batch), batch).backward()
                optimizer.step()

    return run


def recurrence(name):
    torch.manual_seed(233333)
    u = torch.rand(3, 3) / 10
    mu, sigma = torch.tensor([1, 1.7, 2.25]), torch.tensor([0.5, 0.25, 0.25])
    a = torch.diag((mu**2 / 3 + sigma**2) ** 2)

    def run(steps=10000):
        w, kept = u @ u.T, []
        with torch.no_grad():
            for _ in range(steps):
                w = w + 0.01 * (w @ a + a @ w - 0.5 * (a @ w @ w + w @ w @ a + 2 * w @ a @ w))
                kept.append(w)

    return run


THEORY = [  # x̂, σ, seed, divisor of U, steps, whether the rates are squared
    ([1, 1.5, 0], [0.05] * 3, 2333, 5, 2000, True),
    ([1, 1.5, 0], [0.05] * 3, 2333, 5, 2000, False),
    ([1, 1.7, 2.25], [0.5, 0.25, 0.25], 233333, 10, 10000, True),
    ([1, 1.5, 2.2], [0.05] * 3, 233333, 10, 10000, True),
    ([1, 1.5, 2.2, 2.7], [0.05] * 4, 233333, 10, 10000, True),
    ([0.7, 1.7, 3], [0.05] * 3, 233333, 10, 10000, True),
]


def theory():
    """The recurrences with losses and outputs at every step."""
    for target, sigma, seed, c, steps, squared in THEORY:
        torch.manual_seed(seed)
        d, x = len(target), torch.tensor(target)
        s = int((x > 0).sum())
        u = torch.rand(d, d) / c
        rates = x**2 / s + torch.tensor(sigma) ** 2
        moment = torch.diag(rates)
        a = torch.diag(rates**2) if squared else moment
        w, eye, points = u @ u.T, torch.eye(d), torch.diag(x)
        losses = []
        with torch.no_grad():
            for _ in range(steps):
                w = w + 0.01 * (w @ a + a @ w - 0.5 * (a @ w @ w + w @ w @ a + 2 * w @ a @ w))
                out, e = w @ x, w - eye
                losses.append((0.5 * ((out - x) ** 2).sum(), 0.5 * (e @ moment * e).sum(), out, w @ points))


def published(c, epochs):
    """A released command: the seconds for data and initialisation, and for so many epochs."""
    start = time.perf_counter()
    np.random.seed(c["seed"])
    torch.manual_seed(c["seed"])
    n, mu, d, s = c["samples"], c["mu"], c["d"], len(c["mu"])
    centres = [[m if q == p else 0 for q in range(s)] for p, m in enumerate(mu)]
    centres = ([[0] * s] if c["origin"] else []) + centres + [mu]
    cov = np.diag(np.float32(c["variance"]))
    clusters = [torch.tensor(np.random.multivariate_normal(m, cov, n), dtype=torch.float32) for m in centres]
    x, test = torch.cat(clusters[:-1]), clusters[-1]
    x, test = x[torch.randperm(len(x))], test[torch.randperm(n)]
    x, test = (torch.cat([t, torch.zeros(len(t), d - s)], 1) for t in (x, test))
    probe = torch.tensor([mu + [0] * (d - s)], dtype=torch.float32)
    if c["rotate"]:
        u = torch.linalg.svd(torch.randn(d, d))[0]
        x, test, probe = x @ u, test @ u, probe @ u
    dims = [d] + [c["hidden"]] * (c["layers"] - 1) + [d]
    modules = []
    for i in range(c["layers"]):
        modules.append(nn.Linear(dims[i], dims[i + 1]))
        if c["relu"] and i + 1 < c["layers"]:
            modules.append(nn.ReLU())
    net = nn.Sequential(*modules)
    optimizer = torch.optim.SGD(net.parameters(), lr=c["lr"])
    loss = nn.MSELoss()
    batches = x.split(c["batch"])
    losses, outputs = [], []

    def step(batch):
        with torch.no_grad():
            losses.append(loss(net(test), test).item())
            outputs.append(net(probe))
        optimizer.zero_grad()
        loss(net(batch), batch).backward()
        optimizer.step()

    made = time.perf_counter() - start
    for batch in batches[:5]:
        step(batch)
    start = time.perf_counter()
    for _ in range(epochs):
        for batch in batches:
            step(batch)
    return made, time.perf_counter() - start


def threads(make, name, little):
    """Sets the faster number of threads, judged by a little of the run."""
    best = None
    for n in sorted({1, len(os.sched_getaffinity(0))}):
        torch.set_num_threads(n)
        run = make(name)
        run(little)
        seconds = min(timed(run, little) for _ in range(3))
        if best is None or seconds < best[0]:
            best = seconds, n
    torch.set_num_threads(best[1])
    return best[1]


def main():
    ours = Ours(sys.argv[1])
    only = re.compile(sys.argv[2] if len(sys.argv) > 2 else "")
    heading()
    runs = [("recurrence", recurrence, 100, 200)]
    runs += [(name, training, t[-1], 1) for name, t in TRAININGS.items()]
    for name, make, goal, little in runs:
        if not only.search(name):
            continue
        if torch is None:
            report(name + "_s", min(ours(name) for _ in range(TURNS)), None, goal)
            continue
        used = threads(make, name, little)
        mine, peer = [], []
        for _ in range(TURNS):
            mine += [ours(name), ours(name)]
            peer.append(timed(make(name)))
        report(name + "_s", min(mine), min(peer), goal, f" ({used} thread{'s' * (used > 1)})")
    if only.search("sweep"):
        # A thousand seeds of figure 5 beside the two seconds they may take.
        report("sweep_1000_s", min(ours("sweep") for _ in range(TURNS)), 2.0, 1)
    if only.search("published"):
        end_to_end(ours)
    ours.close()


def end_to_end(ours):
    """The 29 released commands and the theory figures."""
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../../simlib/sim/testdata/commands.json")) as f:
        commands = [normal(c) for c in json.load(f).values()]
    mine = min(ours("released") + ours("theory") for _ in range(2))
    if torch is None:
        report("published_s", mine, None, 20)
        return
    # As many threads as make the widest of them fastest.
    best = None
    for n in sorted({1, len(os.sched_getaffinity(0))}):
        torch.set_num_threads(n)
        seconds = published(commands[15], 1)[1]
        if best is None or seconds < best[0]:
            best = seconds, n
    torch.set_num_threads(best[1])
    peer = timed(theory)
    for c in commands:
        made, seconds = published(c, 1)
        peer += made + seconds * c["epochs"]
    report("published_s", mine, peer, 20, f" (29 commands and 6 theory runs; PyTorch scaled from 1 of 40 epochs, {best[1]} thread{'s' * (best[1] > 1)})")


def normal(c):
    """A command of the list, with a variance for each concept."""
    c = dict(c)
    if not isinstance(c["variance"], list):
        c["variance"] = [c["variance"]] * len(c["mu"])
    c["samples"], c["origin"] = c["samples_per_cluster"], "no origin" not in c["task"]
    return c


main()
