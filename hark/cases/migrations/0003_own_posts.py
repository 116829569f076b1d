from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Posts of the brand that answer nobody: few, shown beside drafts, and found without reading everything else."""

    atomic = False

    dependencies = [
        ("cases", "0002_events_are_append_only"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                condition=models.Q(("outbound", True), ("parent_external_id", ""), ("private", False)),
                fields=["brand", "-published_at"],
                name="messages_own_posts",
            ),
        ),
    ]
