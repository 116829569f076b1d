from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    """Only once the new index stands: the outbox is never without one."""

    atomic = False

    dependencies = [
        ("replies", "0002_held_are_delivered"),
    ]

    operations = [
        RemoveIndexConcurrently(model_name="reply", name="replies_to_deliver"),
    ]
