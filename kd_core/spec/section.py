"""What every section of the specification shares: frozen, strict, and no unknown key."""

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

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


def misplaced(pointer: str, code: str, message: str, hint: str) -> PydanticCustomError:
    """An error of the whole document that belongs to one place in it."""
    return PydanticCustomError(
        code, "{message}", {"message": message, "hint": hint, "pointer": pointer}
    )
