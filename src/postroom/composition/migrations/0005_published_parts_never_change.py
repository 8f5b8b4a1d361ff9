"""A published content block or brand never changes, nor do the files that a revision of a draft left (ADR 0034)."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION house_version_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a published version of a content block or brand is never changed: % is refused', TG_OP
    USING ERRCODE = 'insufficient_privilege', HINT = 'Publish a new version.';
END $$;
CREATE TRIGGER house_version_immutable BEFORE UPDATE OR DELETE ON house_version
  FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION house_version_refuse();
CREATE FUNCTION template_draft_change_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what a revision of a draft left is never changed: % is refused', TG_OP
    USING ERRCODE = 'insufficient_privilege', HINT = 'Save another revision.';
END $$;
CREATE TRIGGER template_draft_change_immutable BEFORE UPDATE OR DELETE ON template_draft_change
  FOR EACH ROW EXECUTE FUNCTION template_draft_change_refuse();
"""

ALLOW = """
DROP TRIGGER template_draft_change_immutable ON template_draft_change;
DROP FUNCTION template_draft_change_refuse();
DROP TRIGGER house_version_immutable ON house_version;
DROP FUNCTION house_version_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("composition", "0004_life_of_templates")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
