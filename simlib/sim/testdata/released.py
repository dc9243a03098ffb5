# Writes released.json: what the 29 released commands draw, from the seed alone. For each command the
# SHA-256 of the training and the test samples (little-endian float32, row-major, one column a concept, in
# the order of the batches) and of the layers' parameters (weight, bias, layer by layer), and, where it is
# rotated, the first rows of the rotation. Run with PyTorch 1.13 and NumPy 1.24 on a CPU with AVX2.
#   python3 released.py commands.json > released.json
# commands.json maps a number to {mu, variance, layers, d, hidden, rotate, samples_per_cluster, seed, task}.
import hashlib, json, sys
import numpy as np, torch
from torch import nn

def sha(*arrays):
    h = hashlib.sha256()
    for a in arrays:
        h.update(np.ascontiguousarray(a, "<f4").tobytes())
    return h.hexdigest()

def draw(c):
    np.random.seed(c["seed"])
    torch.manual_seed(c["seed"])
    mu, n, d = c["mu"], c["samples_per_cluster"], c["d"]
    variance = c["variance"] if isinstance(c["variance"], list) else [c["variance"]] * len(mu)
    cov = np.diag(np.array(variance, np.float32))  # float32: 0.05 is 0.0500000007
    cluster = lambda mean: np.random.multivariate_normal(mean, cov, n)
    if "with origin" in c["task"]:
        origin, second, test, first = map(cluster, ([0, 0], [0, mu[1]], mu, [mu[0], 0]))
        train = [origin, second, first]
    else:
        train = [cluster([m if p == q else 0 for q, m in enumerate(mu)]) for p in range(len(mu))]
        test = cluster(mu)
    train = np.concatenate(train)
    train, test = train[torch.randperm(len(train))], test[torch.randperm(len(test))]
    u = torch.svd(torch.randn(d, d))[0] if c["rotate"] else None
    dims = [d] + [c["hidden"]] * (c["layers"] - 1) + [d]
    layers = [nn.Linear(a, b) for a, b in zip(dims, dims[1:])]
    init = [p.detach().numpy() for l in layers for p in (l.weight, l.bias)]
    return train, test, u, init

out, rotations = {}, []
for k, c in json.load(open(sys.argv[1])).items():
    train, test, u, init = draw(c)
    row = {"train": sha(train), "test": sha(test), "init": sha(*init), "rotation": None}
    if u is not None:
        rows = u[:len(c["mu"])].tolist()
        if rows not in rotations:
            rotations.append(rows)
        row["rotation"] = rotations.index(rows)
    out[k] = row
json.dump({"torch": torch.__version__, "numpy": np.__version__, "commands": out, "rotations": rotations}, sys.stdout)
