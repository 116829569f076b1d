"""`hark doctor`: is everything well, and if not, what to do."""

import sys

import click

MARKS = {"ok": "[green]✓[/green]", "warning": "[yellow]![/yellow]", "broken": "[red]✗[/red]"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON, for monitoring.")
def doctor_command(as_json: bool) -> None:
    """Look at database, disk, clock, queues, accounts, migrations and keys; say what to do about each finding.

    Exit code 1 when something is broken; warnings alone are 0.
    """
    from hark.ops import doctor, environment
    from hark.ops.terminal import out

    findings = doctor.examine(environment.read())
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(findings).decode())
    else:
        for finding in findings:
            out.print(MARKS[finding.state], end=" ")
            out.print(f"{finding.about}: {finding.text}", markup=False)
            if finding.remedy:
                out.print(f"  → {finding.remedy}", style="dim", markup=False)
    sys.exit(1 if any(finding.state == "broken" for finding in findings) else 0)
