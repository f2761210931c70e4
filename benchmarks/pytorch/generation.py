"""The peer of the generation benchmark: the same GPT with preallocated keys and values, by plain PyTorch. Prints one JSON object."""
import argparse
import json
import time

import torch
from torch import nn
from torch.nn import functional as F

sdpa = getattr(F, "scaled_dot_product_attention", None)


def attention(q, k, v, is_causal):
    if sdpa is not None:
        return sdpa(q, k, v, is_causal=is_causal)
    return F._scaled_dot_product_attention(q, k, v, None, 0.0, False, is_causal)[0]


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, keys, values, start):
        b, t, w = x.shape
        q, k, v = self.qkv(self.ln_1(x)).view(b, t, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        keys[:, :, start:start + t] = k
        values[:, :, start:start + t] = v
        y = attention(q, keys[:, :, :start + t], values[:, :, :start + t], t > 1)
        x = x + self.proj(y.transpose(1, 2).reshape(b, t, w))
        return x + self.down(F.gelu(self.up(self.ln_2(x)), approximate="tanh"))


class Gpt(nn.Module):
    def __init__(self, vocabulary, context, layers, heads, width):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.ln_f = nn.LayerNorm(width)
        for parameter in self.parameters():
            if parameter.dim() >= 2:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, ids, cache, start):
        x = self.wte(ids) + self.wpe.weight[start:start + ids.shape[1]]
        for block, (keys, values) in zip(self.blocks, cache):
            x = block(x, keys, values, start)
        return F.linear(self.ln_f(x[:, -1]), self.wte.weight)


def main():
    parser = argparse.ArgumentParser()
    for name, default in [("vocabulary", 50257), ("context", 1024), ("layers", 12), ("heads", 12), ("width", 768), ("batch", 1), ("prompt", 32), ("tokens", 48), ("threads", 2)]:
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(1)
    dtype = getattr(torch, a.precision)
    model = Gpt(a.vocabulary, a.context, a.layers, a.heads, a.width).to(dtype).eval()
    cache = [[torch.zeros(a.batch, a.heads, a.context, a.width // a.heads, dtype=dtype) for _ in range(2)] for _ in range(a.layers)]
    prompt = torch.randint(0, a.vocabulary, (a.batch, a.prompt))

    def generate(tokens):
        start = time.perf_counter()
        next_ids = model(prompt, cache, 0).argmax(-1, keepdim=True)
        read = time.perf_counter()
        written = [next_ids.tolist()]
        for step in range(tokens - 1):
            next_ids = model(next_ids, cache, a.prompt + step).argmax(-1, keepdim=True)
            written.append(next_ids.tolist())
        end = time.perf_counter()
        return a.prompt * a.batch / (read - start) if tokens == 1 else (tokens - 1) * a.batch / (end - read)

    with torch.inference_mode():
        generate(min(a.tokens, 4))
        print(json.dumps({"tokensPerSecond": generate(a.tokens), "version": torch.__version__}))


main()
