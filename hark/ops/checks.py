"""What `make check` looks at beyond the linters: models without their migration, migrations that would
make pages wait, templates that don't compile, and markup that the content security policy would refuse.
Exit code 1 with every finding.
"""

import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.migrations.loader import MigrationLoader

REFUSED = {
    r"<script(?![^>]*\bsrc=)(?![^>]*type=\"(?:importmap|application/json)\")[^>]*>": "inline script (use a file)",
    r"<[a-z][^>]*\sstyle=": "style attribute (use a class)",
    r"<style[\s>]": "style element (use a stylesheet)",
    r"<[a-z][^>]*\son[a-z]+=": "event handler attribute (use a custom element)",
    r"\|safe\b|\{% autoescape off": "unescaped output",
}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="hark-check-") as folder:
        os.environ["HARK_DATA"] = folder  # keys made for the check go with it
        os.environ["DJANGO_SETTINGS_MODULE"] = "hark.config.settings"
        import django

        django.setup()
        findings = [*_migrations(), *_long_locks(), *_templates()]
    for finding in findings:
        print(finding, file=sys.stderr)
    sys.exit(1 if findings else 0)


def _migrations() -> Iterator[str]:
    from django.core.management import call_command

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=RuntimeWarning)  # no database is needed to compare models
        call_command("check", fail_level="WARNING")
        try:
            call_command("makemigrations", check_changes=True, dry_run=True)
        except SystemExit:
            yield "Models have changed: hark has migrations to be made (python manage.py makemigrations)."


def _long_locks() -> Iterator[str]:
    from django.db.migrations.loader import MigrationLoader

    yield from long_locks(MigrationLoader(None))


def long_locks(loader: "MigrationLoader") -> Iterator[str]:
    """Migrations of ours that would make pages wait; see migration_lint.py."""
    from django.apps import apps

    from hark.ops import migration_lint

    for (label, name), migration in sorted(loader.disk_migrations.items()):
        if apps.get_app_config(label).name.startswith("hark."):
            before = loader.project_state((label, name), at_end=False)
            yield from migration_lint.findings(migration, before)


def _templates() -> Iterator[str]:
    from django.template import TemplateSyntaxError, engines

    root = Path(__file__).resolve().parent.parent
    engine = engines["django"]
    for path in sorted(root.glob("**/templates/**/*")):
        if not path.is_file():
            continue
        text, shown = path.read_text(), path.relative_to(root.parent)
        try:
            engine.from_string(text)
        except TemplateSyntaxError as error:
            yield f"{shown}: {error}"
        if path.suffix == ".html":
            markup = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}|<!--.*?-->", "", text, flags=re.DOTALL)
            yield from (f"{shown}: {why}" for pattern, why in REFUSED.items() if re.search(pattern, markup))


if __name__ == "__main__":
    main()
