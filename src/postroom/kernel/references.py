"""References between rows that are written by the hundred, kept by the database for a whole statement at a time.

PostgreSQL holds a foreign key row by row: a look-up and a lock for each, written to the log, which for the rows of one
document cost a third of all its work (ADR 0038). The triggers made here keep the same promise: a row that refers to
nothing is refused when it is written, and a row that is referred to is not deleted. The look-ups of a COPY are one
query. Instead of a lock on each row that is referred to, whoever writes holds one advisory lock shared until its
commit, and who deletes takes it alone: each sees all that the other has done.

Django's fields say ``db_constraint=False`` and go on to PROTECT or CASCADE. Migrations call ``keep`` with names that
are ours; what it makes is part of released migrations, so changes need a new migration and a new function.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Advisory lock of who writes references (shared) and who deletes what may be referred to (alone).
LOCK = 0x70726566


@dataclass(frozen=True, slots=True)
class Reference:
    """``column`` of a table names a row of ``parent`` by its ``key``. ``few``: one parent for many rows at once."""

    column: str
    parent: str
    key: str = "id"
    few: bool = False


def keep(table: str, *references: Reference) -> tuple[str, str]:
    """SQL that makes the triggers for ``references`` of ``table``, and SQL that takes them away."""
    made = [_inserted(table, references), *(_changed(table, one) + _deleted(table, one) for one in references)]
    gone = [f"DROP TRIGGER {table}_refers ON {table};\nDROP FUNCTION {table}_refers();\n"]
    for one in references:
        name = f"{table}_{one.column}"
        gone.append(
            f"DROP TRIGGER {name}_moved ON {table};\n"
            f"DROP FUNCTION {name}_moved();\n"
            + "".join(f"DROP TRIGGER {name}_{event} ON {one.parent};\n" for event in ("needed", "renamed", "emptied"))
            + f"DROP FUNCTION {name}_needed();\n"
            f"DROP FUNCTION {name}_emptied();\n"
        )
    return "".join(made), "".join(gone)


def _inserted(table: str, references: tuple[Reference, ...]) -> str:
    """One query for each column. LATERAL with a LIMIT looks each row up by the parent's index, however it is planned:
    a plan that was kept when the table was small must not read all of it when it is large."""
    checks = ""
    for one in references:
        rows = f"(SELECT DISTINCT {one.column} FROM added)" if one.few else "added"  # noqa: S608
        checks += f"""
  SELECT a.{one.column}::text INTO missing FROM {rows} a
    LEFT JOIN LATERAL (SELECT true AS found FROM {one.parent} p WHERE p.{one.key} = a.{one.column} LIMIT 1) f ON true
    WHERE a.{one.column} IS NOT NULL AND f.found IS NULL LIMIT 1;
  IF FOUND THEN{_refuse(table, one, "missing")}
  END IF;"""  # noqa: S608
    return f"""
CREATE FUNCTION {table}_refers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE missing text;
BEGIN
  PERFORM pg_advisory_xact_lock_shared({LOCK});{checks}
  RETURN NULL;
END $$;
CREATE TRIGGER {table}_refers AFTER INSERT ON {table} REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION {table}_refers();
"""


def _changed(table: str, one: Reference) -> str:
    """A reference that is moved: rare, so row by row."""
    name = f"{table}_{one.column}_moved"
    return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared({LOCK});
  IF NEW.{one.column} IS NOT NULL AND NOT EXISTS (SELECT FROM {one.parent} WHERE {one.key} = NEW.{one.column}) THEN\
{_refuse(table, one, f"NEW.{one.column}")}
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER {name} AFTER UPDATE OF {one.column} ON {table} DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.{one.column} IS DISTINCT FROM NEW.{one.column}) EXECUTE FUNCTION {name}();
"""  # noqa: S608


def _deleted(table: str, one: Reference) -> str:
    """A row that goes, or whose key changes: at the commit, as Django deletes parents and children in any order."""
    name = f"{table}_{one.column}"
    return f"""
CREATE FUNCTION {name}_needed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock({LOCK});
  IF EXISTS (SELECT FROM {table} WHERE {one.column} = OLD.{one.key})
     AND NOT EXISTS (SELECT FROM {one.parent} WHERE {one.key} = OLD.{one.key}) THEN
    RAISE foreign_key_violation USING CONSTRAINT = '{name}', TABLE = '{one.parent}',
      MESSAGE = format('%s %s is still referred to by {table}.{one.column}', '{one.parent}', OLD.{one.key});
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION {name}_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock({LOCK});
  IF EXISTS (SELECT FROM {table} WHERE {one.column} IS NOT NULL) THEN
    RAISE foreign_key_violation USING CONSTRAINT = '{name}', TABLE = '{one.parent}',
      MESSAGE = '{one.parent} is still referred to by {table}.{one.column}';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER {name}_needed AFTER DELETE ON {one.parent} DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION {name}_needed();
CREATE CONSTRAINT TRIGGER {name}_renamed AFTER UPDATE OF {one.key} ON {one.parent} DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.{one.key} IS DISTINCT FROM NEW.{one.key}) EXECUTE FUNCTION {name}_needed();
CREATE TRIGGER {name}_emptied AFTER TRUNCATE ON {one.parent}
  FOR EACH STATEMENT EXECUTE FUNCTION {name}_emptied();
"""  # noqa: S608


def _refuse(table: str, one: Reference, value: str) -> str:
    return f"""
    RAISE foreign_key_violation USING CONSTRAINT = '{table}_{one.column}', TABLE = '{table}',
      MESSAGE = format('{table}.{one.column} refers to %s, and {one.parent} has no such row', {value});"""
