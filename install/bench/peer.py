"""What the comparisons with PyTorch share: our program, which is asked for its seconds, and a line for each figure."""

import subprocess
import time

try:
    import torch
except Exception as error:  # a library missing at import is not an ImportError
    torch, why = None, error


class Ours:
    """The program: a name to its standard input, and the seconds of that run come back."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, name):
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"bench: the run {name} fails")
        return float(answer)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def timed(f, *args):
    start = time.perf_counter()
    f(*args)
    return time.perf_counter() - start


def heading():
    if torch is None:
        print(f"PyTorch is not there ({why}): its column is empty and no goal is judged")
    else:
        print(f"PyTorch {torch.__version__}")
    print(f"{'name':<22}{'ours':>10}{'peer':>10}{'ratio':>8}{'goal':>6}")


def report(name, mine, peer, goal, note=""):
    """One line; a peer of None is a PyTorch that is not there."""
    if peer is None:
        print(f"{name:<22}{mine:>10.4g}{'-':>10}{'-':>8}{goal:>6} no PyTorch", flush=True)
        return
    verdict = "ok" if peer / mine >= goal else "short"
    print(f"{name:<22}{mine:>10.4g}{peer:>10.4g}{peer / mine:>8.3g}{goal:>6} {verdict}{note}", flush=True)
