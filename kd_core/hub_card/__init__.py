"""README.md of what a run ships: a model card as the Hugging Face Hub reads them.

What timm says of a network, its config.json, is another card: `kd_core.model_card`.
"""
