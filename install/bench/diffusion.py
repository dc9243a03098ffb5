"""The networks of the diffusion models beside PyTorch eager, on the same cores in one run.

    diffusion.py SPEED [PATTERN]

SPEED is the program made from simlib/internal/nn/speed. One line for each figure,
as bench.py has them:

    name  ours  peer  ratio  goal  ok|short

Seconds of a step: forward, backward and AdamW on one batch, of the U-Net of the
laptop preset and of the published one (batch 8), and of one 3×3 convolution without
AdamW. Then the largest memory of a process that makes such steps, in megabytes.
Both take turns, and the shortest counts. PyTorch has one thread or as many as there
are cores, its channels first or last, and AdamW fused or not: what is fastest.
Without PyTorch its column is empty and the line says so.
"""

import os
import re
import resource
import subprocess
import sys
import time

from peer import Ours, heading, report, torch

if torch is not None:
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../simlib/internal/nn/testdata"))
    from unet import UNet

TURNS = 3

# batch, size, conditioning, network, steps to time, goal; as in simlib/internal/nn/speed
STEPS = {
    "laptop": (32, 16, 4, dict(channels=3, levels=[16, 32], blocks=1, cond=4, embed=64, dropout=0.1), 20, 2),
    "paper": (8, 32, 11, dict(channels=3, levels=[64, 128, 256], blocks=2, cond=11, embed=256, dropout=0.1, heads=4), 2, 1),
}
CONV_TIMES, CONV_GOAL = 10, 1.5


def layout(last):
    return torch.channels_last if last else torch.contiguous_format


def unet_step(name, last, fused):
    batch, size, conds, shape, _, _ = STEPS[name]
    torch.manual_seed(1)
    net = UNet(**shape).to(memory_format=layout(last))
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.01, fused=fused)
    x, target = (torch.randn(batch, 3, size, size).to(memory_format=layout(last)) for _ in range(2))
    t, cond = torch.rand(batch), torch.randn(batch, conds)

    def run():
        opt.zero_grad(set_to_none=True)
        # The learned schedule needs the gradients by the input and the time, too.
        z, u, c = (a.detach().requires_grad_() for a in (x, t, cond))
        torch.nn.functional.mse_loss(net(z, u, c), target).backward()
        opt.step()

    return run


def conv_step(last):
    torch.manual_seed(1)
    conv = torch.nn.Conv2d(32, 32, 3, padding=1).to(memory_format=layout(last))
    x = torch.randn(32, 32, 32, 32).to(memory_format=layout(last)).requires_grad_()
    g = torch.randn(32, 32, 32, 32).to(memory_format=layout(last))

    def run():
        x.grad = conv.weight.grad = conv.bias.grad = None
        conv(x).backward(g)

    return run


def timed(run, times):
    best = None
    for _ in range(times):
        start = time.perf_counter()
        run()
        seconds = time.perf_counter() - start
        best = seconds if best is None else min(best, seconds)
    return best


def choices(name):
    """Each way to make PyTorch's step: threads, channels last, fused."""
    for threads in sorted({1, len(os.sched_getaffinity(0))}):
        for last in (False, True):
            for fused in (False,) if name == "conv" else (False, True):
                yield threads, last, fused


def make(name, choice):
    threads, last, fused = choice
    torch.set_num_threads(threads)
    return conv_step(last) if name == "conv" else unet_step(name, last, fused)


def fastest(name):
    best = None
    for choice in choices(name):
        run = make(name, choice)
        run()
        seconds = timed(run, 2 if name == "paper" else 10)
        if best is None or seconds < best[0]:
            best = seconds, choice
    return best[1]


def peak(name, choice):
    """Makes steps in this process and prints its largest memory."""
    run = make(name, choice)
    for _ in range(3):
        run()
    print(memory())


def memory():
    """The largest memory this process had, in bytes. Linux tells getrusage that of the process that started it, too."""
    try:
        with open("/proc/self/status") as status:
            return int(re.search(r"VmHWM:\s*(\d+)", status.read())[1]) * 1024
    except OSError:
        n = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return n if sys.platform == "darwin" else n * 1024


def main():
    program, only = sys.argv[1], re.compile(sys.argv[2] if len(sys.argv) > 2 else "")
    ours = Ours(program)
    heading()
    chosen = {}
    names = [n for n in ("laptop", "paper", "conv") if only.search(n)]
    for name in names:
        goal, times = (CONV_GOAL, CONV_TIMES) if name == "conv" else (STEPS[name][5], STEPS[name][4])
        if torch is None:
            report(name + "_step_s", min(ours(name) for _ in range(TURNS)), None, goal)
            continue
        choice = chosen[name] = fastest(name)
        mine, peer = [], []
        for _ in range(TURNS):
            mine.append(ours(name))
            run = make(name, choice)
            run()
            peer.append(timed(run, times))
            del run
        threads, last, fused = choice
        how = f" ({threads} thread{'s' * (threads > 1)}, channels {'last' if last else 'first'}{', fused' * fused})"
        report(name + "_step_s", min(mine), min(peer), goal, how)
    for name in names:
        mine = float(subprocess.run([program, name], capture_output=True, text=True, check=True).stdout) / 1e6
        if torch is None:
            report(name + "_peak_MB", mine, None, 1)
            continue
        call = [sys.executable, __file__, "--peak", name] + [str(int(c)) for c in chosen[name]]
        peer = float(subprocess.run(call, capture_output=True, text=True, check=True).stdout) / 1e6
        report(name + "_peak_MB", mine, peer, 1)
    if torch is not None and names:
        alone = subprocess.run([sys.executable, __file__, "--alone"], capture_output=True, text=True, check=True).stdout
        print(f"PyTorch alone, imported and idle, has {float(alone) / 1e6:.0f} MB")
    ours.close()


if sys.argv[1] == "--peak":
    peak(sys.argv[2], (int(sys.argv[3]), bool(int(sys.argv[4])), bool(int(sys.argv[5]))))
elif sys.argv[1] == "--alone":
    print(memory())
else:
    main()
