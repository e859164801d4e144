"""What a network costs: parameters, multiply-accumulates, bytes and milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import safetensors.torch
import torch
from torch.utils.flop_counter import FlopCounterMode

if TYPE_CHECKING:
    from torch import Tensor, nn

    from kd_core.clock import Clock

LATENCY_WARMUP = 5
LATENCY_REPEATS = 30


@dataclass(frozen=True)
class Latency:
    """Milliseconds for a batch of one, eager PyTorch, on this machine at this hour."""

    p50_ms: float
    p95_ms: float
    batch: int
    repeats: int
    threads: int


def parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def macs(network: nn.Module, inputs: Tensor) -> int:
    """Multiply-accumulates of one image: convolutions, linear layers and attention."""
    counter = FlopCounterMode(display=False)
    network.eval()
    with torch.no_grad(), counter:
        network(inputs[:1])
    return int(counter.get_total_flops()) // 2


def weight_bytes(network: nn.Module) -> int:
    """The size of the weights as a .safetensors file."""
    return len(safetensors.torch.save(standalone_weights(network)))


def standalone_weights(network: nn.Module) -> dict[str, Tensor]:
    """The state dict with every tensor on the CPU, contiguous and in memory of its own."""
    return {
        name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, tensor in network.state_dict().items()
    }


def latency(network: nn.Module, inputs: Tensor, clock: Clock) -> Latency:
    """Median and 95th percentile over repeats, after a warm-up."""
    network.eval()
    one, taken = inputs[:1], []
    with torch.no_grad():
        for repeat in range(LATENCY_WARMUP + LATENCY_REPEATS):
            start = clock.monotonic()
            network(one).cpu()  # the copy waits for the device
            if repeat >= LATENCY_WARMUP:
                taken.append((clock.monotonic() - start) * 1000)
    spread = torch.tensor(taken, dtype=torch.float64)
    return Latency(
        p50_ms=spread.quantile(0.5).item(),
        p95_ms=spread.quantile(0.95).item(),
        batch=1,
        repeats=LATENCY_REPEATS,
        threads=torch.get_num_threads(),
    )
