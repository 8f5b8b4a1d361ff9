"""References between rows of a chunk are kept by the database for a statement at a time, as a foreign key would."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from api_kit import World

#: (table, column, parent, key): every reference that has no foreign key. The orphan gate asks for each of them.
KEPT = (
    ("document", "party_id", "party", "id"),
    ("document", "folder_id", "folder", "key"),
    ("document_version", "document_id", "document", "id"),
    ("document_version", "blob_id", "vault_blob", "id"),
    ("document_version", "data_blob_id", "vault_blob", "id"),
    ("document_search", "document_id", "document", "id"),
    ("communication", "party_id", "party", "id"),
    ("communication", "body_blob_id", "vault_blob", "id"),
    ("communication_document", "communication_id", "communication", "id"),
    ("communication_document", "document_id", "document", "id"),
    ("delivery", "communication_id", "communication", "id"),
    ("delivery", "destination_id", "destination", "key"),
    ("vault_blob", "segment_id", "vault_segment", "name"),
    ("run_record", "run_id", "run", "id"),
    ("run_record", "chunk_id", "run_chunk", "id"),
)


def run_sql(statement: str, *values: Any) -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


def orphans() -> list[str]:
    """References that lead nowhere, as ``table.column: number``."""
    found = []
    for table, column, parent, key in KEPT:
        ((count,),) = run_sql(
            f"SELECT count(*) FROM {table} c WHERE c.{column} IS NOT NULL"
            f" AND NOT EXISTS (SELECT FROM {parent} p WHERE p.{key} = c.{column})"
        )
        if count:
            found.append(f"{table}.{column}: {count}")
    return found


def unguarded() -> list[str]:
    """Django's references that neither a foreign key nor triggers keep."""
    from django.apps import apps
    from django.db import models

    kept = {(table, column) for table, column, _, _ in KEPT}
    triggers = {(row[0], row[1]) for row in run_sql("SELECT tgrelid::regclass::text, tgname FROM pg_trigger")}
    found = []
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if not isinstance(field, models.ForeignKey) or getattr(field, "db_constraint", True):
                continue
            table, column, parent = model._meta.db_table, field.column, field.related_model._meta.db_table
            name = f"{table}_{column}"
            wanted = {
                (table, f"{table}_refers"),
                (table, f"{name}_moved"),
                *((parent, f"{name}_{event}") for event in ("needed", "renamed", "emptied")),
            }
            if (table, column) not in kept:
                found.append(f"{table}.{column} is not asked for here")
            found += [f"{relation} has no {trigger}" for relation, trigger in sorted(wanted - triggers)]
    return found


def a_blob_elsewhere() -> tuple[str, tuple[Any, ...]]:
    """A row of a blob in a segment that does not exist."""
    values = (uuid.uuid4(), b"x", 1, "nowhere.seg", 0, 1, 0)
    statement = (
        'INSERT INTO vault_blob (id, sha256, size, segment_id, "offset", stored_size, codec)'
        " VALUES (%s, %s, %s, %s, %s, %s, %s)"
    )
    return statement, values


def test_every_reference_without_a_foreign_key_has_its_triggers(world: World) -> None:
    assert unguarded() == []
    assert orphans() == []


def test_a_row_that_refers_to_nothing_is_refused(world: World) -> None:
    from django.db import IntegrityError, transaction

    # given a row of each table that is there already, when it is written again with a reference to nothing
    for table, column, _, key in KEPT:
        nothing = uuid.uuid4() if key == "id" else "nothing"
        names = [row[0] for row in run_sql(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'", table
        )]  # fmt: skip
        values = ", ".join("%s" if name == column else "gen_random_uuid()" if _is_id(table, name) else f'"{name}"'
                           for name in names if not _is_serial(table, name))  # fmt: skip
        columns = ", ".join(f'"{name}"' for name in names if not _is_serial(table, name))
        statement = f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} LIMIT 1"
        # then the database says which reference it is
        with pytest.raises(IntegrityError, match=f"{table}.{column} refers to {nothing}"), transaction.atomic():
            _drop_unique(table)
            run_sql(statement, nothing)


def _is_id(table: str, name: str) -> bool:
    return name == "id" and not _is_serial(table, name)


def _is_serial(table: str, name: str) -> bool:
    return name == "id" and table in ("document_search", "communication_document")


def _drop_unique(table: str) -> None:
    """Else a unique key would speak first."""
    for (name,) in run_sql("SELECT conname FROM pg_constraint WHERE contype = 'u' AND conrelid = %s::regclass", table):
        run_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')


def test_a_reference_is_not_moved_to_nothing(world: World) -> None:
    from django.db import IntegrityError, transaction

    for table, column, _, key in KEPT:
        nothing = uuid.uuid4() if key == "id" else "nothing"
        with pytest.raises(IntegrityError, match=f"{table}.{column} refers to"), transaction.atomic():
            _drop_unique(table)
            run_sql(f"UPDATE {table} SET {column} = %s WHERE {column} IS NOT NULL", nothing)


def test_what_is_referred_to_is_not_deleted_renamed_or_emptied(world: World) -> None:
    from django.db import Error, transaction

    # given rows that are referred to, when they are deleted, emptied away or get another key
    for table, column, parent, key in KEPT:
        used = f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL LIMIT 1"
        other = "gen_random_uuid()" if key == "id" else "'another'"
        for statement in (
            f"DELETE FROM {parent} WHERE {key} = ({used})",
            f"UPDATE {parent} SET {key} = {other} WHERE {key} = ({used})",
            f"TRUNCATE {parent}",
        ):
            # then nothing of it is committed (a foreign key that is still there may be the first to say so)
            with pytest.raises(Error), transaction.atomic():
                run_sql(statement)
    assert orphans() == []


def test_parents_and_children_may_go_in_any_order(world: World) -> None:
    from django.db import transaction

    # given a segment and a blob in it that nothing refers to
    statement, values = a_blob_elsewhere()
    run_sql("INSERT INTO vault_segment (name, store, home, created_at) VALUES ('nowhere.seg', 'local', 'here', now())")
    run_sql(statement, *values)
    # when both go in one transaction, the segment first, then that is no fault
    with transaction.atomic():
        run_sql("DELETE FROM vault_segment WHERE name = 'nowhere.seg'")
        run_sql("DELETE FROM vault_blob WHERE id = %s", values[0])
    assert orphans() == []


def test_who_deletes_waits_for_who_refers(world: World) -> None:
    """The race a row lock of a foreign key decides: a reference that is written while its parent is deleted."""
    from django.db import IntegrityError, connection, transaction

    run_sql("INSERT INTO vault_segment (name, store, home, created_at) VALUES ('nowhere.seg', 'local', 'here', now())")
    statement, values = a_blob_elsewhere()
    deleted: list[BaseException | None] = []

    def delete() -> None:
        try:
            run_sql("DELETE FROM vault_segment WHERE name = 'nowhere.seg'")
            deleted.append(None)
        except IntegrityError as error:
            deleted.append(error)
        finally:
            connection.close()

    # given a reference that is not committed yet
    other = threading.Thread(target=delete)
    with transaction.atomic():
        run_sql(statement, *values)
        # when somebody else deletes what it refers to, then that waits
        other.start()
        other.join(0.5)
        assert deleted == []
    # and is refused once the reference is there
    other.join(10)
    assert len(deleted) == 1 and isinstance(deleted[0], IntegrityError)
    assert orphans() == []


@pytest.fixture
def without_triggers(world: World) -> Iterator[None]:
    run_sql("ALTER TABLE vault_blob DISABLE TRIGGER vault_blob_refers")
    yield


def test_planted_a_missing_trigger_and_an_orphan_are_found(without_triggers: None) -> None:
    # given a database whose trigger is off, when a reference to nothing is written
    statement, values = a_blob_elsewhere()
    run_sql(statement, *values)
    # then the gate counts it
    assert orphans() == ["vault_blob.segment_id: 1"]
    # and a trigger that is dropped is named
    run_sql("DROP TRIGGER vault_blob_segment_id_needed ON vault_segment")
    assert unguarded() == ["vault_segment has no vault_blob_segment_id_needed"]
