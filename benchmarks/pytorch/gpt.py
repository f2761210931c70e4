"""The GPT of the training benchmarks, as eager PyTorch has it, and what their scripts share."""
import argparse
import json
import math
import os
import time

import torch
from torch import nn
from torch.nn import functional as F

device = os.environ.get("BENCHMARK_DEVICE", "cpu")
sdpa = getattr(F, "scaled_dot_product_attention", None)


def attention(q, k, v, dropout):
    if sdpa is not None:
        return sdpa(q, k, v, dropout_p=dropout, is_causal=True)
    return F._scaled_dot_product_attention(q, k, v, None, dropout, False, True)[0]


class Block(nn.Module):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        b, t, w = x.shape
        q, k, v = self.qkv(self.ln_1(x)).view(b, t, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        y = attention(q, k, v, self.dropout if self.training else 0.0)
        x = x + self.drop(self.proj(y.transpose(1, 2).reshape(b, t, w)))
        return x + self.drop(self.down(F.gelu(self.up(self.ln_2(x)), approximate="tanh")))


class Gpt(nn.Module):
    def __init__(self, a):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(a.vocabulary, a.width), nn.Embedding(a.context, a.width)
        self.drop = nn.Dropout(a.dropout)
        self.blocks = nn.ModuleList(Block(a.width, a.heads, a.dropout) for _ in range(a.layers))
        self.ln_f = nn.LayerNorm(a.width)
        for name, parameter in self.named_parameters():
            if parameter.dim() >= 2:
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * a.layers) if "proj" in name or "down" in name else 0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def hidden(self, ids):
        x = self.drop(self.wte(ids) + self.wpe.weight[:ids.shape[1]])
        for block in self.blocks:
            x = block(x)
        return self.ln_f(x)

    def forward(self, ids):
        return F.linear(self.hidden(ids), self.wte.weight)


def arguments():
    parser = argparse.ArgumentParser()
    for name in ("vocabulary", "context", "layers", "heads", "width", "batch", "threads"):
        parser.add_argument("--" + name, type=int, required=True)
    for name in ("steps", "warm-up", "epochs"):
        parser.add_argument("--" + name, type=int, default=1)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--data", required=True)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(1)
    return a


def autocast(a):
    return torch.autocast(torch.device(device).type, dtype=torch.bfloat16, enabled=a.precision == "bfloat16")


def now():
    if device != "cpu":
        torch.cuda.synchronize()
    return time.perf_counter()


def adamw(model, steps):
    groups = [{"params": [p for p in model.parameters() if (p.dim() >= 2) == decays], "weight_decay": 0.05 if decays else 0.0} for decays in (True, False)]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.98))
    warm = max(1, steps // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, 0.5 * (1 + math.cos(math.pi * min(1, step / steps)))))

    def step(loss):
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        schedule.step()

    return step


def memory(key):
    with open("/proc/self/status") as status:
        return 1024 * next(int(line.split()[1]) for line in status if line.startswith(key))


torch.ones(1)
before = memory("VmRSS")


def report(rate, accuracy=None):
    peak = memory("VmHWM")
    print(json.dumps({"Rate": rate, "PeakBytes": peak, "AddedBytes": peak - before, "Accuracy": accuracy}))
