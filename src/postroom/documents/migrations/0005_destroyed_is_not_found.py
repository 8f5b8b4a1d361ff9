"""Words of a document go with its bytes, whoever destroys them (P11): what is left of it is what its row says."""

from django.db import migrations

_FORGET = """
CREATE FUNCTION document_words_go() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  gone uuid[];
BEGIN
  SELECT array_agg(a.id) INTO gone FROM after a JOIN before b USING (id)
  WHERE a.destroyed_at IS NOT NULL AND b.destroyed_at IS NULL;
  IF gone IS NOT NULL THEN
    DELETE FROM document_search s USING document_version v
    WHERE v.document_id = s.document_id AND (v.blob_id = ANY(gone) OR v.data_blob_id = ANY(gone))
      AND NOT EXISTS (SELECT FROM document_version w WHERE w.document_id = v.document_id AND w.no > v.no);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER document_words_go AFTER UPDATE ON vault_blob
  REFERENCING OLD TABLE AS before NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION document_words_go();
"""
_KEEP = "DROP TRIGGER document_words_go ON vault_blob; DROP FUNCTION document_words_go();"


class Migration(migrations.Migration):
    dependencies = [("documents", "0004_how_it_was_marked"), ("vault", "0006_piece")]

    operations = [migrations.RunSQL(_FORGET, _KEEP)]
