"""The peer of the fine-tuning benchmark: every text padded to the longest, the usual recipe. Prints one JSON object."""
import json

import torch
from torch import nn
from torch.nn import functional as F

from gpt import Gpt, adamw, arguments, autocast, device, now, report

a = arguments()
with open(a.data) as file:
    data = json.load(file)
longest = max(len(row["Ids"]) for row in data["Training"])


def tensors(rows):
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    for row, example in enumerate(rows):
        chosen = example["Ids"][:longest]
        ids[row, :len(chosen)] = torch.tensor(chosen)
    last = torch.tensor([min(len(row["Ids"]), longest) - 1 for row in rows])
    return ids.to(device), last.to(device), torch.tensor([row["Label"] for row in rows], device=device)


model = Gpt(a)
model.score = nn.Linear(a.width, 2)
model.to(device)


def classify(ids, last):
    return model.score(model.hidden(ids)[torch.arange(len(ids), device=device), last])


(ids, last, labels), test = tensors(data["Training"]), tensors(data["Test"])
start = now()
update = adamw(model, a.epochs * (len(ids) + a.batch - 1) // a.batch)
for _ in range(a.epochs):
    for rows in torch.randperm(len(ids), device=device).split(a.batch):
        with autocast(a):
            logits = classify(ids[rows], last[rows])
        update(F.cross_entropy(logits.float(), labels[rows]))
rate = a.epochs * len(ids) / (now() - start)
model.eval()
with torch.no_grad(), autocast(a):
    correct = sum((classify(i, l).argmax(-1) == y).sum().item() for i, l, y in zip(*(part.split(64) for part in test)))
report(rate, correct / len(test[0]))
