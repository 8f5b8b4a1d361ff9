from django.db import migrations, models


class Migration(migrations.Migration):
    """Until now nobody could choose, so "en" was nobody's choice: the browser decides until somebody does."""

    dependencies = [('identity', '0002_sign_in')]

    operations = [
        migrations.AlterField(
            model_name='user',
            name='language',
            field=models.CharField(blank=True, default='', max_length=10),
        ),
        migrations.RunSQL(
            "UPDATE identity_user SET language = '' WHERE language = 'en'", migrations.RunSQL.noop
        ),
    ]
