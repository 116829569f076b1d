"""ANALYZE remembers the thousand commonest terms of the answers, not a hundred: suggesting.py leaves out the commonest."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("playbook", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE playbook_term ALTER word SET STATISTICS 1000",
            "ALTER TABLE playbook_term ALTER word SET STATISTICS -1",
        )
    ]
