"""The U-Net in PyTorch, with the names that package nn gives its parameters.

    unet.py > unet.json

writes a small network's output and gradients in float64, for unet_golden_test.go.
The numbers of weights and inputs are a formula, so that only results are stored.
"""

import json
import math
import sys

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, groups, embed, cin, cout, dropout):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, cin, eps=1e-6)
        self.conv1 = nn.Conv2d(cin, cout, 3, padding=1)
        self.embed1, self.embed2 = nn.Linear(embed, cout), nn.Linear(cout, cout)
        self.norm2 = nn.GroupNorm(groups, cout, eps=1e-6)
        self.dropout = nn.Dropout(dropout)
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1)
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)
        if cin != cout:
            self.skip = nn.Conv2d(cin, cout, 1)
        self.changes = cin != cout

    def forward(self, x, e):
        h = self.conv1(F.gelu(self.norm1(x)))
        h = h + self.embed2(F.gelu(self.embed1(e)))[:, :, None, None]
        h = self.conv2(self.dropout(F.gelu(self.norm2(h))))
        return (self.skip(x) if self.changes else x) + h


class Attention(nn.Module):
    def __init__(self, heads, c):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.out = (nn.Conv2d(c, c, 1) for _ in range(4))

    def forward(self, x):
        n, c, h, w = x.shape
        # Channel c·heads + head.
        q, k, v = (f(x).reshape(n, c // self.heads, self.heads, h * w).permute(0, 2, 3, 1) for f in (self.q, self.k, self.v))
        y = F.scaled_dot_product_attention(q, k, v)
        return x + self.out(y.permute(0, 3, 1, 2).reshape(n, c, h, w))


class UNet(nn.Module):
    def __init__(self, channels, levels, blocks, groups=8, cond=0, time=64, scale=1000, embed=None, dropout=0.0, heads=0):
        super().__init__()
        embed = embed or 4 * levels[0]
        self.levels, self.blocks, self.heads = levels, blocks, heads
        half = time // 2
        self.register_buffer("freq", torch.tensor([scale * 10000 ** (-k / max(half - 1, 1)) for k in range(half)], dtype=torch.float64))
        self.time1, self.time2 = nn.Linear(time, embed), nn.Linear(embed, embed)
        add = lambda name, m: self.add_module(name, m)
        add("in", nn.Conv2d(channels, levels[0], 3, padding=1))
        for i, c in enumerate(levels):
            down = nn.Module()
            for j in range(blocks):
                down.add_module(f"block{j}", Block(groups, embed + cond, c, c, dropout))
            if i + 1 < len(levels):
                down.conv = nn.Conv2d(c, levels[i + 1], 2, stride=2)
            add(f"down{i}", down)
        if heads:
            self.attention = Attention(heads, levels[-1])
        for i in range(len(levels) - 2, -1, -1):
            up, c = nn.Module(), levels[i]
            up.conv = nn.ConvTranspose2d(levels[i + 1], c, 2, stride=2)
            for j in range(blocks):
                up.add_module(f"block{j}", Block(groups, embed + cond, c if j else 2 * c, c, dropout))
            add(f"up{i}", up)
        self.last = nn.Module()
        self.last.norm = nn.GroupNorm(groups, levels[0], eps=1e-6)
        self.out = nn.Conv2d(levels[0], channels, 3, padding=1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x, t, cond):
        a = t[:, None] * self.freq.to(t.dtype)
        e = self.time2(F.gelu(self.time1(torch.cat([a.sin(), a.cos()], 1))))
        e = torch.cat([e, cond], 1)
        h, skips = getattr(self, "in")(x), []
        for i in range(len(self.levels)):
            down = getattr(self, f"down{i}")
            for j in range(self.blocks):
                h = getattr(down, f"block{j}")(h, e)
                if self.heads and i + 1 == len(self.levels) and j == 0:
                    h = self.attention(h)
            if i + 1 < len(self.levels):
                skips.append(h)
                h = down.conv(h)
        for i in range(len(self.levels) - 2, -1, -1):
            up = getattr(self, f"up{i}")
            h = torch.cat([up.conv(h), skips.pop()], 1)
            for j in range(self.blocks):
                h = getattr(up, f"block{j}")(h, e)
        return x + self.out(F.gelu(self.last.norm(h)))


def formula(n, seed, scale):
    """Numbers without a pattern that two languages agree on."""
    return torch.tensor([scale * math.sin(0.37 * k * k + seed) for k in range(n)], dtype=torch.float64)


def order(name, p, net):
    """The axes in package nn's order: [height, width, in, out], [in, out]; transposed [in, height, width, out]."""
    if p.dim() == 4:
        return p.permute(0, 2, 3, 1) if name.startswith("up") and name.endswith(".conv.weight") else p.permute(2, 3, 1, 0)
    return p.t() if p.dim() == 2 else p


def main():
    shape = dict(channels=3, levels=[4, 8], blocks=2, groups=2, cond=2, time=6, scale=10, embed=5, heads=2)
    net = UNet(**shape).double()
    for name, p in net.named_parameters():
        view = order(name, p.data, net)
        view.copy_(formula(p.numel(), len(name), 0.5 if p.dim() > 1 else 0.2).reshape(view.shape))
        if "norm" in name and name.endswith("weight"):
            view += 1
    x = formula(2 * 4 * 6 * 3, 1, 1).reshape(2, 4, 6, 3).permute(0, 3, 1, 2).requires_grad_()
    t = torch.tensor([0.2, 0.7], dtype=torch.float64, requires_grad=True)
    cond = formula(4, 2, 1).reshape(2, 2).requires_grad_()
    g = formula(2 * 4 * 6 * 3, 3, 1).reshape(2, 4, 6, 3).permute(0, 3, 1, 2)
    y = net(x, t, cond)
    (y * g).sum().backward()
    pixels = lambda a: a.detach().permute(0, 2, 3, 1).flatten().tolist()
    short = lambda a: [float(f"{v:.13g}") for v in a]
    json.dump(
        {
            "torch": torch.__version__,
            "shape": shape,
            "y": short(pixels(y)),
            "dx": short(pixels(x.grad)),
            "dt": short(t.grad.tolist()),
            "dcond": short(cond.grad.flatten().tolist()),
            "grads": {name: short(order(name, p.grad, net).flatten().tolist()) for name, p in net.named_parameters()},
        },
        sys.stdout,
    )
    print()


if __name__ == "__main__":
    main()
