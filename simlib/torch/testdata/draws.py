# Writes draws.json: numbers of PyTorch's CPU generator. Run with PyTorch 1.13 on a CPU with AVX2.
import json, sys, torch
from torch import nn

def draw(seed):
    torch.manual_seed(seed)
    out = []
    def add(op, t, *n):
        out.append({"op": op, "n": list(n), "want": t.detach().double().flatten().tolist()})
    add("rand", torch.rand(5), 5)
    for n in (1, 2, 15, 16, 17, 31, 4, 32, 43, 3, 300):
        add("randn", torch.randn(n), n)
    add("uniform", torch.empty(20).uniform_(-0.125, 0.75), 20)
    add("rand64", torch.rand(5, dtype=torch.float64), 5)
    for n in (5, 16, 37):
        add("randn64", torch.randn(n, dtype=torch.float64), n)
    for n in (1, 2, 10, 257):
        add("randperm", torch.randperm(n), n)
    for i, o in ((2, 4), (4, 2), (3, 3), (17, 9)):
        l = nn.Linear(i, o)
        add("linear", torch.cat([l.weight.flatten(), l.bias]), i, o)
    l = nn.Linear(5, 3, bias=False)
    add("linear", l.weight, 5, 3, 0)
    add("rand", torch.rand(2), 2)
    return {"seed": seed, "draws": out}

json.dump({"torch": torch.__version__, "streams": [draw(s) for s in (0, 2333, 233333, 2**31 + 5, 12345678901)]},
          sys.stdout)
