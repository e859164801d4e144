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
MANY, MANY_WARMUP, MANY_REPEATS = 16, 1, 3


@dataclass(frozen=True)
class Speed:
    """Eager PyTorch, on this machine at this hour."""

    p50_ms: float
    p95_ms: float
    """For a batch of one."""
    images_per_s: float
    """In batches of MANY."""
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


def speed(network: nn.Module, inputs: Tensor, clock: Clock) -> Speed:
    """Of one image, over and over: nothing but its size counts."""
    network.eval()
    one = inputs[:1]
    many = one.expand(MANY, *one.shape[1:]).contiguous()
    single = _seconds(network, one, clock, LATENCY_WARMUP, LATENCY_REPEATS)
    together = _seconds(network, many, clock, MANY_WARMUP, MANY_REPEATS)
    return Speed(
        p50_ms=1000 * single.quantile(0.5).item(),
        p95_ms=1000 * single.quantile(0.95).item(),
        images_per_s=MANY / together.median().item(),
        repeats=LATENCY_REPEATS,
        threads=torch.get_num_threads(),
    )


@torch.no_grad()
def _seconds(network: nn.Module, inputs: Tensor, clock: Clock, warmup: int, repeats: int) -> Tensor:
    taken = []
    for _ in range(warmup + repeats):
        start = clock.monotonic()
        network(inputs).cpu()  # the copy waits for the device
        taken.append(clock.monotonic() - start)
    return torch.tensor(taken[warmup:], dtype=torch.float64)
