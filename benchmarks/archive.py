"""An archive of any size in seconds: the real tables, filled inside the database from fixed seeds.

Forty runs (one of 60,000 records that ended today), parties of which one has 5,000 documents, four folders of which a
clerk sees three, deliveries with attempts and receipts, words to search for, and the entries of the ledger. Texts are
drawn from a pool that is copied in once; the ledger's hashes are made up, since no page recomputes them.
"""

from __future__ import annotations

import datetime as dt
import json
import time
import uuid
from dataclasses import dataclass
from random import Random
from typing import Any

from benchmarks.house import say

BIG, FAVOURITE = 60_000, 5_000
COMMON = ("invoice", "total", "delivery", "paper")
_POOL = 2_000
_TOWNS = ("Lund", "Aarhus", "Gdańsk", "Köln", "Rennes", "Ghent", "Graz", "Turku")
_FIRST = ("Nordic", "Blue", "Harbour", "Old", "Green", "Silver", "Müller", "Åkerlund", "Polar", "Linden")
_SECOND = ("Paper", "Glass", "Tools", "Lamps", "Timber", "Coffee", "Textiles", "Bikes", "Books", "Clocks")
_MAIL = {"subject": "Your invoice", "text": "Good day,\nhere it is."}
_THIRD = ("AB", "GmbH", "SARL", "ApS", "Oy", "BV", "Ltd")


@dataclass(frozen=True, slots=True)
class Archive:
    """What was made, by what pages need to address it."""

    documents: int
    parties: int
    run: str
    run_id: uuid.UUID
    small_run: str
    favourite: uuid.UUID
    favourite_key: str
    document: uuid.UUID
    delivery: uuid.UUID


def fill(documents: int) -> Archive:
    """Make an archive of ``documents`` documents in an empty, migrated database with a template "invoice"."""
    from django.db import connection, transaction

    from postroom.production.balance import keep_forgotten

    began = time.monotonic()
    parties = max(documents // 5, 100)
    blobs = _blobs()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        cursor.execute(_FUNCTIONS)
        kept = _without_indexes()
        _base(documents, *blobs)
        for name, statement in _STATEMENTS.items():
            at = time.monotonic()
            cursor.execute(statement, {"documents": documents, "parties": parties, "pool": _POOL})
            say(f"  {name}: {time.monotonic() - at:.1f} s")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing may wait when tables are altered
        at = time.monotonic()
        for index in kept:
            cursor.execute(index)
        say(f"  indexes: {time.monotonic() - at:.1f} s")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    keep_forgotten(10_000)
    say(f"{documents} documents, {parties} parties in {time.monotonic() - began:.0f} s")
    return _found(documents, parties)


def _blobs() -> tuple[Any, ...]:
    """Bytes that all documents share: not in a transaction, since the vault writes before rows do."""
    from postroom.vault.write import Batch

    batch = Batch()
    texts = ("%PDF-1.7 one page for all", json.dumps({"number": "I-1", "total": "100.00"}), json.dumps(_MAIL))
    found = [batch.add(text.encode()) for text in texts]
    batch.sync()
    return batch, *found


def _base(documents: int, batch: Any, page: Any, data_blob: Any, body: Any) -> None:
    """Folders, a parcel, the pool of texts, and the runs."""
    from django.db import connection

    from postroom.composition.queries import newest_version
    from postroom.documents.models import Folder
    from postroom.kernel import clock
    from postroom.kernel.ids import new_id

    batch.record()
    for number in range(4):
        roles = ["auditor"] if number == 0 else ["clerk", "operator", "auditor"]
        Folder.objects.create(key=f"folder-{number}", name=f"Folder {number}", roles=roles)
    now, random = clock.now(), Random(11)
    parcel, version = new_id(), newest_version("invoice").pk
    with connection.cursor() as own:
        own.execute(
            "INSERT INTO destination (key, channel, config, enabled) VALUES ('bench-mail', 'email', '{}', true),"
            " ('bench-letters', 'folder', '{}', true), ('bench-portal', 'portal', '{}', true)"
        )
        own.execute(
            "INSERT INTO parcel (id, name, media_type, size, sha256, received_by, received_at)"
            " VALUES (%s, 'bench.jsonl', '', 1, ''::bytea, 'system:bench', %s)",
            (parcel, now),
        )
        own.execute("CREATE TEMP TABLE pool (no int PRIMARY KEY, text text) ON COMMIT DROP")
        with own.copy("COPY pool (no, text) FROM STDIN") as copy:
            for number in range(_POOL):
                copy.write_row((number, _text(random)))
        own.execute(
            "CREATE TEMP TABLE own (page uuid, page_sha bytea, page_size int, data uuid, data_sha bytea, body uuid,"
            " version uuid) ON COMMIT DROP"
        )
        own.execute(
            "INSERT INTO own VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (page.id, page.sha256, page.size, data_blob.id, data_blob.sha256, body.id, version),
        )
        own.execute(
            "CREATE TEMP TABLE runs (no int, id uuid, ref text, first bigint, size bigint, at timestamptz)"
            " ON COMMIT DROP"
        )
        with own.copy("COPY runs (no, id, ref, first, size, at) FROM STDIN") as copy:
            for row in _runs(documents, now):
                copy.write_row(row)
        own.execute(
            "INSERT INTO run (id, ref, run_key, template_key, template_version_id, parcel_id, source, source_options,"
            " mapping, destination, state, received, received_at, cancel_reason, woken_at, started_by, started_at,"
            " settled_at) SELECT r.id, r.ref, r.ref, 'invoice', own.version, %s, 'jsonl', '{}', '', '', 'settled',"
            " r.size + r.size / 300, r.at, '', r.at, 'system:bench', r.at, r.at + interval '9 minutes'"
            " FROM runs r, own",
            (parcel,),
        )


def _runs(documents: int, now: dt.datetime) -> list[tuple[object, ...]]:
    """The big run is today's; all others share the rest, oldest first, over 400 days."""
    from postroom.kernel.ids import new_id

    big = min(BIG, documents * 6 // 10)
    small = (documents - big) // 1000 if documents > 500_000 else 39
    each, found, first = (documents - big) // small, [], 0
    for number in range(1, small + 1):
        size = each if number < small else documents - big - first
        at = now - dt.timedelta(days=400 * (small + 1 - number) / small)
        found.append((number, new_id(), f"R-2026-{number:04d}", first, size, at))
        first += size
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    started = max(midnight, now - dt.timedelta(hours=1))
    return [*found, (small + 1, new_id(), f"R-2026-{small + 1:04d}", first, big, started)]


def _text(random: Random) -> str:
    """About 100 words: ten that 200 share out, and words of everyday."""
    some = [f"m{random.randrange(200):03d}" for _ in range(10)]
    usual = [f"w{min(int(random.paretovariate(0.9)), 5000)}" for _ in range(80)]
    return " ".join([*some, *usual, *(word for word in COMMON if random.random() < 0.4)])


def _without_indexes() -> list[str]:
    """Drop the plain indexes and foreign keys of the big tables; how to make them again, all at once and faster."""
    from django.db import connection

    again = []
    with connection.cursor() as own:
        own.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
            (list(_BIG_TABLES),),
        )
        for table, name, definition in own.fetchall():
            own.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            again.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        own.execute(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
            " JOIN pg_class c ON c.oid = i.indrelid WHERE c.relname = ANY(%s) AND NOT i.indisunique",
            (list(_BIG_TABLES),),
        )
        for name, definition in own.fetchall():
            own.execute(f"DROP INDEX {name}")
            again.append(definition)
    return again


def _found(documents: int, parties: int) -> Archive:
    from django.db.models import Count

    from postroom.delivery.models import Delivery
    from postroom.documents.models import Document
    from postroom.parties.models import Party
    from postroom.production.models import Run

    runs = list(Run.objects.order_by("started_at"))
    favourite = Party.objects.get(key="P-000000")
    document = Document.objects.filter(run_id=runs[5].pk).exclude(folder="folder-0").order_by("pk")[3]
    delivery = Delivery.objects.annotate(n=Count("tries")).filter(communication__enclosures__document=document)[0]
    return Archive(
        documents,
        parties,
        runs[-1].ref,
        runs[-1].pk,
        runs[5].ref,
        favourite.pk,
        favourite.key,
        document.pk,
        delivery.pk,
    )


_BIG_TABLES = (
    "party",
    "run_record",
    "run_set_aside",
    "document",
    "document_version",
    "document_search",
    "communication",
    "communication_document",
    "delivery",
    "delivery_attempt",
    "delivery_receipt",
    "ledger_entry",
)
#: ``uid``: an id that grows with time, as ours do, from a kind and a number. ``pick``: a fixed draw from 0 to below n.
_FUNCTIONS = """
CREATE FUNCTION pg_temp.uid(at timestamptz, kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(kind || n), 1, 3)
          || '8' || substr(md5(kind || n), 4, 15))::uuid $$;
CREATE FUNCTION pg_temp.pick(n bigint, salt int, below bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT (hashint8(n * 31 + salt)::bigint & 2147483647) % below $$;
"""

_STATEMENTS = {
    "parties": f"""
INSERT INTO party (id, key, name, kind, language, country, email, address, preferred_channel, portal_epoch, created_at,
                   updated_at)
SELECT pg_temp.uid(now() - interval '401 days', 'party', n), 'P-' || lpad(n::text, 6, '0'),
       (ARRAY{list(_FIRST)})[1 + pg_temp.pick(n, 1, {len(_FIRST)})] || ' ' ||
       (ARRAY{list(_SECOND)})[1 + pg_temp.pick(n, 2, {len(_SECOND)})] || ' ' || n || ' ' ||
       (ARRAY{list(_THIRD)})[1 + pg_temp.pick(n, 3, {len(_THIRD)})],
       'company', 'en', 'SE', 'post' || n || '@example.org',
       jsonb_build_object('city', (ARRAY{list(_TOWNS)})[1 + pg_temp.pick(n, 4, {len(_TOWNS)})]), '', 0,
       now() - interval '401 days', now() - interval '401 days'
FROM generate_series(0, %(parties)s - 1) n""",
    "plan": """
CREATE TEMP TABLE doc ON COMMIT DROP AS
SELECT n, r.id AS run, r.at + (n - r.first) * interval '5 milliseconds' AS at, n - r.first AS ordinal,
       CASE WHEN n %% (%(documents)s / LEAST(5000, %(documents)s / 20)) = 0 THEN 0
            ELSE 1 + pg_temp.pick(n, 5, %(parties)s - 1) END AS party,
       CASE WHEN pg_temp.pick(n, 6, 100) < 10 THEN 0 ELSE 1 + pg_temp.pick(n, 7, 3) END AS folder,
       CASE WHEN pg_temp.pick(n, 8, 100) < 70 THEN 'email' WHEN pg_temp.pick(n, 8, 100) < 90 THEN 'folder'
            ELSE 'portal' END AS channel,
       CASE WHEN pg_temp.pick(n, 9, 1000) < 15 THEN 'failed' WHEN pg_temp.pick(n, 9, 1000) < 17 THEN 'suppressed'
            WHEN n %% (%(documents)s / 40) = 1 THEN 'in_doubt' ELSE 'delivered' END AS state
FROM runs r, LATERAL generate_series(r.first, r.first + r.size - 1) n""",
    "records": """
INSERT INTO run_record (id, run_id, chunk_id, ordinal, line, state, data, raw, revision)
SELECT pg_temp.uid(at, 'record', n), run, NULL, ordinal, ordinal + 1, 'composed',
       '{"number": "I-' || lpad(n::text, 7, '0') || '", "lines": [{"text": "' || repeat('paper ', 20) || '"}]}', '', 0
FROM doc""",
    "set aside": """
WITH made AS (
  INSERT INTO run_record (id, run_id, chunk_id, ordinal, line, state, data, raw, revision)
  SELECT pg_temp.uid(r.at, 'aside' || r.no, n), r.id, NULL, r.size + n, r.size + n + 1, 'set_aside',
         '{"number": null}', '', 0
  FROM runs r, LATERAL generate_series(0, r.size / 300 - 1) n RETURNING id, run_id)
INSERT INTO run_set_aside (id, run_id, record_id, stage, code, problems, created_at, resolution)
SELECT gen_random_uuid(), made.run_id, made.id, 'validate', 'missing-field',
       '[{"code": "missing-field", "path": "$.number", "reason": "The number is missing.", "hint": "Add it."}]',
       now() - interval '1 day', '' FROM made""",
    "documents": """
INSERT INTO document (id, kind, number, title, party_id, folder_id, issued_on, amount, currency, language, run_id,
                      record_id, created_at)
SELECT pg_temp.uid(at, 'document', n), 'invoice', 'I-' || lpad(n::text, 7, '0'), 'Invoice I-' || lpad(n::text, 7, '0'),
       pg_temp.uid(now() - interval '401 days', 'party', party), 'folder-' || folder, at::date,
       pg_temp.pick(n, 10, 1000000) / 100.0, 'EUR', 'en', run, pg_temp.uid(at, 'record', n), at
FROM doc""",
    "versions": """
INSERT INTO document_version (id, document_id, no, blob_id, sha256, size, pages, media_type, data_blob_id, data_sha256,
                              template_version_id, engine, asset_lock, fixed_clock, reproducible, created_at)
SELECT pg_temp.uid(at, 'version', n), pg_temp.uid(at, 'document', n), 1, own.page, own.page_sha, own.page_size, 1,
       'application/pdf', own.data, own.data_sha, own.version, 'typst', '', 0, true, at FROM doc, own""",
    "words": """
INSERT INTO document_search (document_id, part, body)
SELECT pg_temp.uid(at, 'document', n), 0, pool.text || ' n' || lpad(n::text, 7, '0') || ' i-' || lpad(n::text, 7, '0')
FROM doc JOIN pool ON pool.no = n %% %(pool)s""",
    "communications": """
INSERT INTO communication (id, party_id, subject, language, body_blob_id, run_id, record_id, created_at, released_at)
SELECT pg_temp.uid(at, 'communication', n), pg_temp.uid(now() - interval '401 days', 'party', party),
       'Invoice I-' || lpad(n::text, 7, '0'), 'en', own.body, run, pg_temp.uid(at, 'record', n), at, at
FROM doc, own""",
    "enclosures": """
INSERT INTO communication_document (communication_id, document_id, position)
SELECT pg_temp.uid(at, 'communication', n), pg_temp.uid(at, 'document', n), 0 FROM doc""",
    "deliveries": """
INSERT INTO delivery (id, communication_id, party_id, run_id, record_id, destination_id, channel, address, state, truth,
                      code, reason, explanation, fallbacks, fallback_for, attempts, key, next_attempt_at, created_at,
                      changed_at)
SELECT pg_temp.uid(at, 'delivery', n), pg_temp.uid(at, 'communication', n),
       pg_temp.uid(now() - interval '401 days', 'party', party), run, pg_temp.uid(at, 'record', n),
       CASE channel WHEN 'email' THEN 'bench-mail' WHEN 'folder' THEN 'bench-letters' ELSE 'bench-portal' END, channel,
       'post' || party || '@example.org', state, CASE state WHEN 'delivered' THEN 2 ELSE 0 END,
       CASE state WHEN 'failed' THEN 'unknown-mailbox' ELSE '' END,
       CASE state WHEN 'failed' THEN '550 5.1.1 no such mailbox' ELSE '' END, '{"why": "Rule", "rules": ["e-mail"]}',
       '[]', NULL, 1, 'k' || n, at, at, at + interval '2 seconds' FROM doc""",
    "fallbacks": """
INSERT INTO delivery (id, communication_id, party_id, run_id, record_id, destination_id, channel, address, state, truth,
                      code, reason, explanation, fallbacks, fallback_for, attempts, key, next_attempt_at, created_at,
                      changed_at)
SELECT pg_temp.uid(at, 'fallback', n), pg_temp.uid(at, 'communication', n),
       pg_temp.uid(now() - interval '401 days', 'party', party), run, pg_temp.uid(at, 'record', n), 'bench-letters',
       'folder', 'letters', 'delivered', 1, '', '', '{"why": "Fallback"}', '[]', pg_temp.uid(at, 'delivery', n), 1,
       'f' || n, at, at + interval '3 seconds', at + interval '4 seconds'
FROM doc WHERE state = 'failed' AND n %% 3 > 0""",
    "tally": """
INSERT INTO delivery_tally (run_id, created) SELECT run_id, count(*) FROM delivery GROUP BY 1""",
    "attempts": """
INSERT INTO delivery_attempt (delivery_id, no, key, worker_lock, started_at, ended_at, outcome, answer)
SELECT id, 1, key, 1, created_at, changed_at, CASE state WHEN 'delivered' THEN 'sent' ELSE 'refused' END, '250 OK'
FROM delivery""",
    "receipts": """
INSERT INTO delivery_receipt (delivery_id, truth, at, source, detail)
SELECT id, truth, changed_at, 'smtp', '250 OK' FROM delivery WHERE state = 'delivered'""",
    "ledger": """
INSERT INTO ledger_entry (seq, block_no, at, actor, act, kind, object_id, facts, leaf)
SELECT 1000 + row_number() OVER (ORDER BY at), 1000 + row_number() OVER (ORDER BY at) / 200, at,
       'system:production', act, kind, object, '{"channel": "email", "truth": "relayed"}', sha256(object::text::bytea)
FROM (SELECT created_at AS at, 'document.composed' AS act, 'document' AS kind, id AS object FROM document
      UNION ALL SELECT changed_at, 'delivery.' || state, 'delivery', id FROM delivery) told""",
    "blocks": """
INSERT INTO ledger_block (no, first_seq, last_seq, previous, hash, at)
SELECT block_no, min(seq), max(seq), ''::bytea, ''::bytea, max(at) FROM ledger_entry WHERE block_no >= 1000
GROUP BY 1""",
}
