
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('composition', '0006_template_tests_and_replays'),
    ]

    operations = [
        migrations.AddField(
            model_name='replay',
            name='covers',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='replay',
            name='part',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='replays', to='composition.houseversion'),
        ),
        migrations.AddField(
            model_name='replay',
            name='run_id',
            field=models.UUIDField(help_text='The run whose records it is over; empty: the newest of all runs.', null=True),
        ),
        migrations.AddField(
            model_name='replaycase',
            name='base',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='composition.templateversion'),
        ),
        migrations.AlterField(
            model_name='replay',
            name='draft',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='replays', to='composition.draft'),
        ),
        migrations.AlterField(
            model_name='replay',
            name='template_key',
            field=models.SlugField(blank=True, max_length=60),
        ),
        migrations.AddIndex(
            model_name='replay',
            index=models.Index(fields=['part', '-started_at'], name='replays_of_part'),
        ),
        migrations.AddConstraint(
            model_name='replay',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('waiting', 'running'))), fields=('part',), name='one_moving_replay_of_a_part'),
        ),
        migrations.AddConstraint(
            model_name='replay',
            constraint=models.CheckConstraint(condition=models.Q(('draft__isnull', True), ('part__isnull', True), _connector='XOR'), name='replay_of_one_change'),
        ),
    ]
