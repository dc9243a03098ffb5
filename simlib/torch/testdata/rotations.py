# Writes rotations.json: the first three rows of torch.svd(torch.randn(d, d))[0].
# Run with PyTorch 1.13 on a CPU with AVX2.
import json, sys, torch

out = []
for d in (2, 3, 4, 10, 25, 26, 40, 64):
    for seed in range(6):
        torch.manual_seed(seed)
        u = torch.svd(torch.randn(d, d))[0]
        out.append({"d": d, "seed": seed, "rows": u[:3].tolist()})
json.dump({"torch": torch.__version__, "rotations": out}, sys.stdout)
