#!/usr/bin/env bash
# torch 2.13.0 (CPU, gloo): under DistributedDataParallel an optimizer that steps in a
# post-accumulate-grad hook steps on each rank's own gradient. The ranks drift apart without a word.
#
# Expected: "all gradients for a tensor have been accumulated" when the hook runs, and it is how the
#   tutorial of PyTorch fuses the step into the backward pass; DDP keeps the ranks' weights equal.
# Seen: the hook finds the local gradient, 1 on one rank and 3 on the other, in place of their mean
#   2, which .grad holds after backward(). With the step in the hook the weights are -0.3 and -0.9
#   after three steps, and .grad is 0 on both.
# Why: such hooks run inside the node that accumulates; DDP listens behind that node, and averages
#   when a whole bucket is there.
# For whoever debugs: gradients seen by hooks on parameters are those before the mean. Compare the
#   weights of two ranks, not their gradients after backward(), which are equal all along.
#
# Output:
#   rank 0: the hook sees 1.0, after backward() .grad is 2.0; stepping in the hook, weight -0.3
#   rank 1: the hook sees 3.0, after backward() .grad is 2.0; stepping in the hook, weight -0.9
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6
cat > "$folder/ranks.py" <<'PYTHON'
import sys
from datetime import timedelta

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch.nn.parallel import DistributedDataParallel


def layer():
    made = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(made.weight)
    return made


def rank(number, folder, answers):
    dist.init_process_group(
        "gloo",
        init_method=f"file://{folder}/meeting",
        rank=number,
        world_size=2,
        timeout=timedelta(seconds=60),
    )
    x = torch.tensor([[1.0 + 2 * number]])

    watched, heard = layer(), []
    model = DistributedDataParallel(watched)
    watched.weight.register_post_accumulate_grad_hook(lambda w: heard.append(w.grad.item()))
    model(x).sum().backward()
    after = watched.weight.grad.item()

    stepping = layer()
    model = DistributedDataParallel(stepping)
    optimizer = torch.optim.SGD(stepping.parameters(), lr=0.1)

    def step(_):
        optimizer.step()
        optimizer.zero_grad()

    stepping.weight.register_post_accumulate_grad_hook(step)
    for _ in range(3):
        model(x).sum().backward()
    weight = round(stepping.weight.item(), 4)
    answers.put((number, heard, after, weight, stepping.weight.grad.item()))
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    answers = mp.get_context("spawn").SimpleQueue()
    mp.spawn(rank, (sys.argv[1], answers), nprocs=2)
    found = sorted(answers.get() for _ in range(2))
    for number, heard, after, weight, _ in found:
        print(
            f"rank {number}: the hook sees {heard[0]}, after backward() .grad is {after}; "
            f"stepping in the hook, weight {weight}"
        )
    assert found == [(0, [1.0], 2.0, -0.3, 0.0), (1, [3.0], 2.0, -0.9, 0.0)]
PYTHON
timeout 300 "$folder/venv/bin/python" "$folder/ranks.py" "$folder"
