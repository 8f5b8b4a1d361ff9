import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('composition', '0005_published_parts_never_change'),
    ]

    operations = [
        migrations.CreateModel(
            name='TemplateCheck',
            fields=[
                ('digest', models.CharField(help_text='SHA-256 of files, toolchain and rules.', max_length=64, primary_key=True, serialize=False)),
                ('template_key', models.SlugField(max_length=60)),
                ('documents', models.IntegerField()),
                ('assertions', models.IntegerField()),
                ('failures', models.JSONField(default=list)),
                ('seconds', models.FloatField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'template_check',
            },
        ),
        migrations.CreateModel(
            name='Replay',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('template_key', models.SlugField(max_length=60)),
                ('revision', models.IntegerField()),
                ('files', models.CharField(max_length=64)),
                ('toolchain', models.CharField(max_length=64)),
                ('wanted', models.IntegerField()),
                ('total', models.IntegerField(default=0)),
                ('done', models.IntegerField(default=0)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('running', 'running'), ('done', 'done'), ('failed', 'failed'), ('stopped', 'stopped')], default='waiting', max_length=8)),
                ('started_by', models.CharField(max_length=80)),
                ('started_at', models.DateTimeField()),
                ('taken_at', models.DateTimeField(help_text='When somebody last went on with it.')),
                ('ended_at', models.DateTimeField(null=True)),
                ('groups', models.JSONField(default=list)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('told', models.CharField(blank=True, help_text='Why it failed.', max_length=600)),
                ('signed_by', models.CharField(blank=True, max_length=80)),
                ('signed_at', models.DateTimeField(null=True)),
                ('base', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='composition.templateversion')),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='replays', to='composition.draft')),
            ],
            options={
                'db_table': 'template_replay',
            },
        ),
        migrations.CreateModel(
            name='ReplayCase',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('position', models.IntegerField()),
                ('version_id', models.UUIDField(help_text='The version of the document whose data it was made from.')),
                ('document_id', models.UUIDField()),
                ('outcome', models.CharField(default='waiting', max_length=10)),
                ('group', models.CharField(blank=True, max_length=16)),
                ('causes', models.JSONField(default=list)),
                ('page', models.IntegerField(default=1)),
                ('pages_before', models.IntegerField(default=0)),
                ('pages_after', models.IntegerField(default=0)),
                ('before', models.JSONField(default=list)),
                ('after', models.JSONField(default=list)),
                ('made', models.CharField(blank=True, help_text="SHA-256 of both documents' digests.", max_length=64)),
                ('replay', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cases', to='composition.replay')),
            ],
            options={
                'db_table': 'template_replay_case',
            },
        ),
        migrations.AddIndex(
            model_name='replay',
            index=models.Index(fields=['draft', '-started_at'], name='replays_of_draft'),
        ),
        migrations.AddConstraint(
            model_name='replay',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('waiting', 'running'))), fields=('draft',), name='one_moving_replay_of_a_draft'),
        ),
        migrations.AddIndex(
            model_name='replaycase',
            index=models.Index(fields=['replay', 'group', 'position'], name='cases_of_group'),
        ),
        migrations.AddConstraint(
            model_name='replaycase',
            constraint=models.UniqueConstraint(fields=('replay', 'position'), name='replay_case_once'),
        ),
    ]
