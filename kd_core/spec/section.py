"""What every section of the specification shares: frozen, strict, and no unknown key."""

from pydantic import BaseModel, ConfigDict, Field

# A YAML or JSON list; strict mode would insist on a Python tuple.
FromList = Field(strict=False)


class Section(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )
