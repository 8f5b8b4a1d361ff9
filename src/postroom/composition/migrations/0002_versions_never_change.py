"""A published template version is never changed or deleted (ARCHITECTURE.md, section 2)."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION template_version_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a published template version is never changed: % is refused', TG_OP
    USING ERRCODE = 'insufficient_privilege', HINT = 'Publish a new version.';
END $$;
CREATE TRIGGER template_version_immutable BEFORE UPDATE OR DELETE ON template_version
  FOR EACH ROW EXECUTE FUNCTION template_version_refuse();
"""

ALLOW = """
DROP TRIGGER template_version_immutable ON template_version;
DROP FUNCTION template_version_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("composition", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
