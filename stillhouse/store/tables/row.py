"""What all tables share: the types of their columns and the names of their constraints."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Annotated, Any, ClassVar

from sqlalchemy import JSON, BigInteger, Enum, Float, ForeignKey, Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from stillhouse.domain.realm import Realm
from stillhouse.store.clock import UtcDateTime


def _values(kind: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in kind]


# Words, not a type of the database: a new state must not need a new type.
_WORD = Enum(
    enum.Enum, native_enum=False, create_constraint=False, length=32, values_callable=_values
)
_BIG = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up on INTEGER alone

Id = Annotated[str, mapped_column(String(40))]
Digest = Annotated[str, mapped_column(String(64))]
Document = dict[str, Any]
Listing = list[Any]
TenantId = Annotated[str, mapped_column(String(64), ForeignKey("tenant.id"))]
BlobDigest = Annotated[str, mapped_column(String(64), ForeignKey("blob.sha256"), index=True)]
Counter = Annotated[int, mapped_column(_BIG, primary_key=True, autoincrement=True)]


class Owned:
    """Columns of what belongs to one project of one tenant, from its first day to its last."""

    tenant_id: Mapped[TenantId]
    project: Mapped[str] = mapped_column(String(64))

    @property
    def realm(self) -> Realm:
        return Realm(self.tenant_id, self.project)


class Row(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        enum.Enum: _WORD,
        # Plain JSON on both: what was sent comes back as it was spelled.
        Document: JSON(none_as_null=True),
        Listing: JSON(none_as_null=True),
        int: BigInteger(),
        float: Float(53),
    }
