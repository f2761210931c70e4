"""The peer of the pretraining benchmark: random windows of a text, as nanoGPT takes them. Prints one JSON object."""
import numpy
import torch
from torch.nn import functional as F

from gpt import Gpt, adamw, arguments, autocast, device, now, report

a = arguments()
tokens = torch.from_numpy(numpy.fromfile(a.data, dtype=numpy.int32).astype(numpy.int64))
model = Gpt(a).to(device)
update = adamw(model, 1000)


def step():
    starts = torch.randint(len(tokens) - a.context, (a.batch,)).tolist()
    ids = torch.stack([tokens[start:start + a.context] for start in starts]).to(device)
    with autocast(a):
        logits = model(ids)
    update(F.cross_entropy(logits[:, :-1].float().reshape(-1, a.vocabulary), ids[:, 1:].reshape(-1)))


for _ in range(a.warm_up):
    step()
start = now()
for _ in range(a.steps):
    step()
report(a.steps * a.batch * a.context / (now() - start))
