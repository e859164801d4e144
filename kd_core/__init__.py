"""Stillhouse's science: losses, models, data, training and proof. Knows nothing of the service.

`kd_core.loss(kind, **params)` gives a loss to call; `kd_core.distill(spec, workdir)` runs a job.
Importing this package imports no torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kd_core.distillation import distill
    from kd_core.objective import loss

__all__ = ["distill", "loss"]


def __getattr__(name: str) -> Any:
    """The two public functions, imported when first asked for: they bring torch with them."""
    if name == "loss":
        from kd_core.objective import loss

        return loss
    if name == "distill":
        from kd_core.distillation import distill

        return distill
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
