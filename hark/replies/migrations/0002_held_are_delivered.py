from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Held replies leave once their account is connected again: the index of what is to be sent holds them too."""

    atomic = False

    dependencies = [
        ("channels", "0002_spending"),
        ("replies", "0001_initial"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="reply",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "sending", "unsure", "held"])),
                fields=["due_at"],
                name="replies_to_send",
            ),
        ),
    ]
