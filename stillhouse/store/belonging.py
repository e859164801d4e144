"""Whose a row is: what every question about things of users begins with.

What is not within the realm of whoever asks is not there: nothing tells it from what never was.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, true

from stillhouse.domain.realm import Realm, Whose
from stillhouse.store.tables.row import Owned


def within(whose: Whose, table: type[Owned]) -> ColumnElement[bool]:
    realm = Realm.of(whose)
    return (table.tenant_id == realm.tenant_id) & in_project(whose, table)


def in_project(whose: Whose, table: type[Owned]) -> ColumnElement[bool]:
    project = Realm.of(whose).project
    return true() if project is None else table.project == project
