"""Hold, release and the gate of a run: whatever makes work ready while its run is held makes it held instead (P3, P4).

The database itself sees to it, because many ways lead to "ready": a chunk that is committed, a retry, a fallback, a
sweep, a person who decides a doubt. Each of them looks at the run under a shared lock; ``hold_run`` changes the run
under the opposite one, so nothing slips between the look and the commit. A record that was held or cancelled while
its chunk was being composed gets its deliveries held or cancelled at birth, and so does the fallback of a delivery
that was under way when its run was cancelled.
"""

from django.db import migrations, models

FUNCTIONS = """
CREATE FUNCTION run_chunk_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM run WHERE id = NEW.run_id AND held_at IS NOT NULL FOR SHARE;
  IF FOUND THEN NEW.state := 'held'; END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION delivery_waits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found_run RECORD;
BEGIN
  SELECT held_at, gate, cancelled_at, cancel_reason INTO found_run FROM run WHERE id = NEW.run_id FOR SHARE;
  IF found_run.cancelled_at IS NOT NULL THEN
    NEW.state := 'cancelled'; NEW.code := 'run-cancelled'; NEW.reason := found_run.cancel_reason;
  ELSIF found_run.gate = 'closed' THEN
    NEW.state := 'held'; NEW.code := 'gate';
  ELSIF found_run.held_at IS NOT NULL THEN
    NEW.state := 'held'; NEW.code := 'run-held';
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION delivery_born_waiting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE of_run RECORD;
BEGIN
  FOR of_run IN SELECT id, held_at, gate, cancelled_at, cancel_reason FROM run
                WHERE id IN (SELECT DISTINCT run_id FROM added WHERE state = 'ready') FOR SHARE LOOP
    IF of_run.cancelled_at IS NOT NULL THEN
      UPDATE delivery d SET state = 'cancelled', code = 'run-cancelled', reason = of_run.cancel_reason
        FROM added a WHERE d.id = a.id AND a.run_id = of_run.id AND a.state = 'ready';
    ELSIF EXISTS (SELECT 1 FROM run_record WHERE run_id = of_run.id AND state = 'held')
       OR EXISTS (SELECT 1 FROM run_record WHERE run_id = of_run.id AND state = 'cancelled') THEN
      UPDATE delivery d SET state = r.state, code = CASE r.state WHEN 'held' THEN 'held' ELSE 'cancelled' END
        FROM added a JOIN run_record r ON r.id = a.record_id
        WHERE d.id = a.id AND a.run_id = of_run.id AND a.state = 'ready' AND r.state IN ('held', 'cancelled');
    END IF;
    IF of_run.held_at IS NOT NULL OR of_run.gate = 'closed' THEN
      UPDATE delivery d SET state = 'held', code = CASE of_run.gate WHEN 'closed' THEN 'gate' ELSE 'run-held' END
        FROM added a WHERE d.id = a.id AND a.run_id = of_run.id AND d.state = 'ready';
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER run_chunk_made_ready BEFORE INSERT ON run_chunk FOR EACH ROW
  WHEN (NEW.state = 'ready') EXECUTE FUNCTION run_chunk_waits();
CREATE TRIGGER run_chunk_ready_again BEFORE UPDATE OF state ON run_chunk FOR EACH ROW
  WHEN (NEW.state = 'ready' AND OLD.state <> 'ready') EXECUTE FUNCTION run_chunk_waits();
CREATE TRIGGER delivery_made_ready AFTER INSERT ON delivery REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION delivery_born_waiting();
CREATE TRIGGER delivery_ready_again BEFORE UPDATE OF state ON delivery FOR EACH ROW
  WHEN (NEW.state = 'ready' AND OLD.state <> 'ready' AND NEW.run_id IS NOT NULL) EXECUTE FUNCTION delivery_waits();
"""
DROP = """
DROP TRIGGER delivery_ready_again ON delivery;
DROP TRIGGER delivery_made_ready ON delivery;
DROP TRIGGER run_chunk_ready_again ON run_chunk;
DROP TRIGGER run_chunk_made_ready ON run_chunk;
DROP FUNCTION delivery_born_waiting();
DROP FUNCTION delivery_waits();
DROP FUNCTION run_chunk_waits();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("production", "0005_kept_balances"),
        ("delivery", "0002_pages_stay_quick"),
    ]
    operations = [
        migrations.AddField(
            model_name="run",
            name="priority",
            field=models.SmallIntegerField(
                default=0, help_text="0: a batch; whatever is higher is composed and sent before it."
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="held_at",
            field=models.DateTimeField(null=True, help_text="Since when nothing of it is composed or sent."),
        ),
        migrations.AddField(
            model_name="run",
            name="hold_reason",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
        migrations.AddField(
            model_name="run",
            name="gate",
            field=models.CharField(
                blank=True,
                choices=[("closed", "closed"), ("released", "released")],
                default="",
                help_text="Closed: everything is composed and nothing is sent until a person releases it.",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="released_at",
            field=models.DateTimeField(null=True, help_text="When its gate was opened."),
        ),
        migrations.AddField(
            model_name="run",
            name="figures",
            field=models.JSONField(
                null=True, help_text="Pages, amounts and channels of a settled run; later runs are compared with it."
            ),
        ),
        migrations.AlterField(
            model_name="chunk",
            name="state",
            field=models.CharField(
                choices=[("ready", "ready"), ("claimed", "claimed"), ("held", "held"), ("done", "done")], max_length=10
            ),
        ),
        migrations.AddIndex(
            model_name="chunk",
            index=models.Index(condition=models.Q(("state", "held")), fields=["run"], name="chunk_held"),
        ),
        migrations.RunSQL(FUNCTIONS, DROP),
    ]
