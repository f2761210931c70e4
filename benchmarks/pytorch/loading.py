"""The peer of the loading benchmark: a mapped safetensors file copied into parameters of the same shapes. Prints one JSON object."""
import argparse
import json
import mmap
import struct
import time
import warnings

import numpy
import torch

TYPES = {"F32": (torch.float32, 4), "F16": (torch.float16, 2), "BF16": (torch.bfloat16, 2)}


def load(path):
    with open(path, "rb") as file:
        mapping = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    length, = struct.unpack("<Q", mapping[:8])
    header = json.loads(mapping[8:8 + length])
    header.pop("__metadata__", None)
    data = numpy.frombuffer(mapping, dtype=numpy.uint8)
    parameters = {name: torch.nn.Parameter(torch.empty(entry["shape"])) for name, entry in header.items()}
    with torch.no_grad():
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            kind, size = TYPES[entry["dtype"]]
            stored = torch.frombuffer(data, dtype=kind, count=(end - begin) // size, offset=8 + length + begin)
            parameters[name].copy_(stored.view(entry["shape"]))
    return parameters


def resident(key):
    with open("/proc/self/status") as status:
        return 1024 * next(int(line.split()[1]) for line in status if line.startswith(key))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--file", required=True)
    path = parser.parse_args().file
    warnings.simplefilter("ignore")
    torch.ones(1)
    with open("/proc/self/clear_refs", "w") as reset:
        reset.write("5")
    before = resident("VmRSS")
    start = time.perf_counter()
    parameters = load(path)
    seconds = time.perf_counter() - start
    size = sum(parameter.numel() * parameter.element_size() for parameter in parameters.values())
    print(json.dumps({"Seconds": seconds, "PeakByWeights": (resident("VmHWM") - before) / size}))


main()
