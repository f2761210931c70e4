"""The peer of the instruction benchmark: batches padded to their longest example, loss on the responses. Prints one JSON object."""
import json

import torch
from torch.nn import functional as F

from gpt import Gpt, adamw, arguments, autocast, device, now, report

a = arguments()
with open(a.data) as file:
    examples = json.load(file)
model = Gpt(a).to(device)


def collate(rows):
    longest = max(len(examples[row]["Ids"]) for row in rows)
    ids, targets = torch.zeros(len(rows), longest, dtype=torch.long), torch.full((len(rows), longest), -100)
    for place, row in enumerate(rows):
        tokens, prompt = examples[row]["Ids"], examples[row]["PromptLength"]
        ids[place, :len(tokens)] = torch.tensor(tokens)
        targets[place, prompt - 1:len(tokens) - 1] = torch.tensor(tokens[prompt:])
    return ids.to(device), targets.to(device)


start = now()
update = adamw(model, a.epochs * (len(examples) + a.batch - 1) // a.batch)
for _ in range(a.epochs):
    for rows in torch.randperm(len(examples)).split(a.batch):
        ids, targets = collate(rows.tolist())
        with autocast(a):
            logits = model(ids)
        update(F.cross_entropy(logits.float().view(-1, a.vocabulary), targets.view(-1)))
report(a.epochs * len(examples) / (now() - start))
