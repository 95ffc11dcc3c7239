"""100 sweeps of log-domain Sinkhorn in torch on a batch of problems of 256 x 256: what the row of ot bench does, on costs of the same kind."""
import json
import sys
import time

import torch

count, side, sweeps = int(sys.argv[1]), 256, 100
torch.manual_seed(0)
x = torch.randn(count, side, 2, device="cuda")
y = torch.randn(count, side, 2, device="cuda") + 0.5
costs = torch.cdist(x, y) ** 2
log_a = torch.log_softmax(torch.randn(count, side, device="cuda"), 1)
log_b = torch.log_softmax(torch.randn(count, side, device="cuda"), 1)
epsilon = 0.05 * costs.mean((1, 2), keepdim=True)


def solve():
    f = torch.zeros(count, side, device="cuda")
    g = torch.zeros(count, side, device="cuda")
    eps = epsilon[:, :, 0]
    for _ in range(sweeps):
        f = -eps * torch.logsumexp((g[:, None, :] - costs) / epsilon + log_b[:, None, :], 2)
        g = -eps * torch.logsumexp((f[:, :, None] - costs) / epsilon + log_a[:, :, None], 1)
    torch.cuda.synchronize()


solve()
times = []
for _ in range(5):
    start = time.perf_counter()
    solve()
    times.append(time.perf_counter() - start)
times.sort()
print(json.dumps({"problems": count, "side": side, "sweeps": sweeps, "seconds": times[len(times) // 2], "torch": torch.__version__, "device": torch.cuda.get_device_name()}))
