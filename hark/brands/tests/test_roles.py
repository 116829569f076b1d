"""The table of docs/glossary.md, written out: every permission, every role."""

import pytest

from hark.brands.models import Member
from hark.brands.permissions import GRANTS, Permission, Role

ROLES = ["viewer", "partner", "agent", "lead", "approver", "manager", "administrator"]
TABLE = """
read_team_cases     yes  -    yes  yes  yes  yes  -
read_all_cases      -    -    -    yes  yes  yes  -
answer_question     -    yes  yes  yes  -    yes  -
reply               -    -    yes  yes  -    yes  -
reveal              -    -    yes  yes  -    yes  -
approve_drafts      -    -    -    yes  yes  yes  -
approve_answers     -    -    -    -    yes  yes  -
override_hold       -    -    -    yes  yes  yes  -
run_crisis          -    -    -    yes  -    yes  -
act                 -    -    yes  yes  -    yes  -
read_playbook       yes  -    yes  yes  yes  yes  yes
suggest_playbook    -    -    yes  yes  yes  yes  -
change_playbook     -    -    -    -    -    yes  yes
change_roster       -    -    -    yes  -    yes  yes
change_targets      -    -    -    -    -    yes  yes
see_own_insights    -    -    yes  yes  -    yes  -
see_team_insights   -    -    -    yes  -    yes  -
see_all_insights    -    -    -    -    -    yes  yes
manage_members      -    -    -    -    -    yes  yes
manage_accounts     -    -    -    -    -    -    yes
read_audit          -    -    -    -    -    yes  yes
"""
CELLS = [
    (permission, role, cell == "yes")
    for permission, *cells in (line.split() for line in TABLE.strip().splitlines())
    for role, cell in zip(ROLES, cells, strict=True)
]


@pytest.mark.parametrize(("permission", "role", "granted"), CELLS, ids=lambda value: str(value))
def test_the_table(permission, role, granted):
    assert Member(roles=[role]).may(Permission(permission)) is granted


def test_the_table_has_every_permission_and_every_role():
    assert {permission for permission, _, _ in CELLS} == {*Permission}
    assert {*ROLES} == {*Role.values} == {*GRANTS}


def test_rights_of_several_roles_add_up(ines):
    assert ines.roles == ["lead", "administrator"]
    assert ines.may(Permission.REPLY)
    assert ines.may(Permission.MANAGE_ACCOUNTS)
    assert not ines.may(Permission.APPROVE_ANSWERS)


def test_who_left_may_nothing(ines):
    ines.left_at = ines.joined_at
    assert not any(ines.may(permission) for permission in Permission)
