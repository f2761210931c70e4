"""
The published recipe of samples/Pretraining in eager PyTorch: nanoGPT's shakespeare_char on a processor. Trains on the first nine
tenths of a text for each seed and prints a JSON object: nats a character over all of the rest, and over samples of 20 random
batches of it, which is what the published figure is from.
"""
import argparse
import json
import math
import time

import torch
from torch import nn
from torch.nn import functional as F

LAYERS, HEADS, WIDTH, CONTEXT, BATCH = 4, 4, 128, 64, 12
STEPS, WARM_UP, RATE, LEAST_RATE = 2000, 100, 1e-3, 1e-4


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm_1, self.norm_2 = nn.Parameter(torch.ones(WIDTH)), nn.Parameter(torch.ones(WIDTH))
        self.qkv, self.proj = nn.Linear(WIDTH, 3 * WIDTH, False), nn.Linear(WIDTH, WIDTH, False)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH, False), nn.Linear(4 * WIDTH, WIDTH, False)

    def forward(self, x):
        b, t, _ = x.shape
        q, k, v = [part.view(b, t, HEADS, WIDTH // HEADS).transpose(1, 2) for part in self.qkv(norm(x, self.norm_1)).split(WIDTH, 2)]
        later = torch.full((t, t), -math.inf).triu(1)
        y = (q @ k.transpose(2, 3) / math.sqrt(WIDTH // HEADS) + later).softmax(-1) @ v
        x = x + self.proj(y.transpose(1, 2).reshape(b, t, WIDTH))
        return x + self.down(F.gelu(self.up(norm(x, self.norm_2))))


class Gpt(nn.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.wte = nn.Parameter(torch.randn(vocabulary, WIDTH) * 0.02)
        self.wpe = nn.Parameter(torch.randn(CONTEXT, WIDTH) * 0.02)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = nn.Parameter(torch.ones(WIDTH))
        for name, parameter in self.blocks.named_parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * LAYERS) if "proj." in name or "down." in name else 0.02)

    def forward(self, ids):
        x = self.wte[ids] + self.wpe[:ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return norm(x, self.norm) @ self.wte.t()


def norm(x, weight):
    return F.layer_norm(x, (WIDTH,), weight, None)


def rate(step):
    if step < WARM_UP:
        return RATE * step / WARM_UP
    return LEAST_RATE + 0.5 * (1 + math.cos(math.pi * (step - WARM_UP) / (STEPS - WARM_UP))) * (RATE - LEAST_RATE)


def batch(ids):
    starts = torch.randint(len(ids) - CONTEXT, (BATCH,)).tolist()
    return torch.stack([ids[i:i + CONTEXT] for i in starts]), torch.stack([ids[i + 1:i + CONTEXT + 1] for i in starts])


def loss(model, ids, targets, reduction="mean"):
    return F.cross_entropy(model(ids).flatten(0, 1), targets.reshape(-1), reduction=reduction)


@torch.no_grad()
def over_all(model, ids):
    rows = (len(ids) - 1) // CONTEXT
    inputs, targets = ids[:rows * CONTEXT].view(rows, CONTEXT), ids[1:rows * CONTEXT + 1].view(rows, CONTEXT)
    return sum(loss(model, x, y, "sum").item() for x, y in zip(inputs.split(128), targets.split(128))) / (rows * CONTEXT)


@torch.no_grad()
def sampled(model, ids):
    return sum(loss(model, *batch(ids)).item() for _ in range(20)) / 20


def train(training, vocabulary):
    model = Gpt(vocabulary)
    groups = [{"params": [p for p in model.parameters() if (p.dim() > 1) == decays], "weight_decay": 0.1 if decays else 0.0} for decays in (True, False)]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.99))
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        optimizer.zero_grad(set_to_none=True)
        loss(model, *batch(training)).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return model


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", required=True, help="a text, of which the last tenth validates")
parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
parser.add_argument("--threads", type=int, default=1, help="one is fastest for so small a network")
a = parser.parse_args()
torch.set_num_threads(a.threads)
with open(a.data, encoding="utf-8", newline="") as file:
    text = file.read()
places = {character: place for place, character in enumerate(sorted(set(text)))}
tokens = torch.tensor([places[character] for character in text])
cut = len(tokens) * 9 // 10
for seed in a.seeds:
    torch.manual_seed(seed)
    start = time.perf_counter()
    trained = train(tokens[:cut], len(places))
    seconds = time.perf_counter() - start
    samples = [sampled(trained, tokens[cut:]) for _ in range(5)]
    print(json.dumps({"Seed": seed, "ValidationLoss": over_all(trained, tokens[cut:]), "Samples": samples, "Seconds": seconds}), flush=True)
