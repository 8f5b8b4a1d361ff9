"""A kept balance goes with the first change of a row it was counted from (P3): the database itself sees to it.

Whoever changes rows holds a shared lock on the run until they commit; whoever keeps a balance must get the same lock
alone, and so counts when nobody is in the middle of a change, and before the next one begins
(``postroom.production.balance.keep``).
"""

from django.db import migrations

TABLES = ("run_record", "delivery", "document", "delivery_tally")

FUNCTIONS = """
CREATE FUNCTION run_balance_forget(touched uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(1650551905, hashtext(touched::text) & 1023);
  DELETE FROM run_balance WHERE run_id = touched;
END $$;
CREATE FUNCTION run_balance_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE touched uuid;
BEGIN
  FOR touched IN SELECT DISTINCT run_id FROM changed WHERE run_id IS NOT NULL LOOP
    PERFORM run_balance_forget(touched);
  END LOOP;
  RETURN NULL;
END $$;
CREATE FUNCTION run_balance_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE touched uuid;
BEGIN
  FOR touched IN SELECT run_id FROM before WHERE run_id IS NOT NULL
                 UNION SELECT run_id FROM after WHERE run_id IS NOT NULL LOOP
    PERFORM run_balance_forget(touched);
  END LOOP;
  RETURN NULL;
END $$;
CREATE FUNCTION run_balance_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM run_balance;
  RETURN NULL;
END $$;
CREATE FUNCTION run_balance_received() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM run_balance_forget(OLD.id);
  RETURN NULL;
END $$;
CREATE TRIGGER run_balance_received AFTER UPDATE OF received ON run FOR EACH ROW
  WHEN (OLD.received IS DISTINCT FROM NEW.received) EXECUTE FUNCTION run_balance_received();
"""
_ON = """
CREATE TRIGGER run_balance_insert AFTER INSERT ON {0} REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION run_balance_rows();
CREATE TRIGGER run_balance_delete AFTER DELETE ON {0} REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION run_balance_rows();
CREATE TRIGGER run_balance_update AFTER UPDATE ON {0} REFERENCING OLD TABLE AS before NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION run_balance_moved();
CREATE TRIGGER run_balance_truncate AFTER TRUNCATE ON {0} FOR EACH STATEMENT EXECUTE FUNCTION run_balance_all();
"""
_OFF = "".join(f"DROP TRIGGER run_balance_{event} ON {{0}};\n" for event in ("insert", "delete", "update", "truncate"))
DROP = """
DROP TRIGGER run_balance_received ON run;
DROP FUNCTION run_balance_received();
DROP FUNCTION run_balance_all();
DROP FUNCTION run_balance_moved();
DROP FUNCTION run_balance_rows();
DROP FUNCTION run_balance_forget(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("production", "0004_pages_stay_quick"),
        ("delivery", "0002_pages_stay_quick"),
        ("documents", "0002_pages_stay_quick"),
    ]
    operations = [
        migrations.RunSQL(
            FUNCTIONS + "".join(_ON.format(table) for table in TABLES),
            "".join(_OFF.format(table) for table in TABLES) + DROP,
        )
    ]
