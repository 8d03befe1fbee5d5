"""What every part of a protocol is: frozen, without unknown keys, without conversion between types."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Label = Annotated[str, Field(min_length=1, max_length=300)]


class Strict(BaseModel):
    """A part of a protocol: frozen, no unknown keys, no conversion between types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=True)
