"""Who may do what: the table of docs/glossary.md#roles, as data. Rights of several roles add up."""

from collections.abc import Iterable
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    VIEWER = "viewer", _("viewer")
    PARTNER = "partner", _("partner")
    AGENT = "agent", _("agent")
    LEAD = "lead", _("lead")
    APPROVER = "approver", _("approver")
    MANAGER = "manager", _("care manager")
    ADMINISTRATOR = "administrator", _("administrator")


class Permission(StrEnum):
    READ_TEAM_CASES = "read_team_cases"
    READ_ALL_CASES = "read_all_cases"  # agents: by the brand's setting, see CaseRows.visible_to
    ANSWER_QUESTION = "answer_question"  # a note on a case one was asked about
    REPLY = "reply"  # reply, move, resolve, close the book, and all the work on a case
    REVEAL = "reveal"
    APPROVE_DRAFTS = "approve_drafts"
    APPROVE_ANSWERS = "approve_answers"
    OVERRIDE_HOLD = "override_hold"
    RUN_CRISIS = "run_crisis"  # declare a crisis, and end it
    ACT = "act"
    READ_PLAYBOOK = "read_playbook"
    SUGGEST_PLAYBOOK = "suggest_playbook"
    CHANGE_PLAYBOOK = "change_playbook"
    CHANGE_ROSTER = "change_roster"
    CHANGE_TARGETS = "change_targets"  # targets, hours, rules of the brand
    SEE_OWN_INSIGHTS = "see_own_insights"
    SEE_TEAM_INSIGHTS = "see_team_insights"
    SEE_ALL_INSIGHTS = "see_all_insights"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_ACCOUNTS = "manage_accounts"  # accounts, keys, API, retention
    READ_AUDIT = "read_audit"


P = Permission
READS = (P.READ_TEAM_CASES, P.READ_ALL_CASES, P.ANSWER_QUESTION)  # any of these opens the queue
_CARE = {P.READ_TEAM_CASES, P.ANSWER_QUESTION, P.REPLY, P.REVEAL, P.ACT, P.READ_PLAYBOOK, P.SUGGEST_PLAYBOOK}

GRANTS: dict[str, frozenset[Permission]] = {
    Role.VIEWER: frozenset({P.READ_TEAM_CASES, P.READ_PLAYBOOK}),
    Role.PARTNER: frozenset({P.ANSWER_QUESTION}),
    Role.AGENT: frozenset(_CARE | {P.SEE_OWN_INSIGHTS}),
    Role.LEAD: frozenset(
        _CARE
        | {
            P.READ_ALL_CASES,
            P.APPROVE_DRAFTS,
            P.OVERRIDE_HOLD,
            P.RUN_CRISIS,
            P.CHANGE_ROSTER,
            P.SEE_OWN_INSIGHTS,
            P.SEE_TEAM_INSIGHTS,
        }
    ),
    Role.APPROVER: frozenset(
        {
            P.READ_TEAM_CASES,
            P.READ_ALL_CASES,
            P.APPROVE_DRAFTS,
            P.APPROVE_ANSWERS,
            P.OVERRIDE_HOLD,
            P.READ_PLAYBOOK,
            P.SUGGEST_PLAYBOOK,
        }
    ),
    Role.MANAGER: frozenset(
        _CARE
        | {
            P.READ_ALL_CASES,
            P.APPROVE_DRAFTS,
            P.APPROVE_ANSWERS,
            P.OVERRIDE_HOLD,
            P.RUN_CRISIS,
            P.CHANGE_PLAYBOOK,
            P.CHANGE_ROSTER,
            P.CHANGE_TARGETS,
            P.SEE_OWN_INSIGHTS,
            P.SEE_TEAM_INSIGHTS,
            P.SEE_ALL_INSIGHTS,
            P.MANAGE_MEMBERS,
            P.READ_AUDIT,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            P.READ_PLAYBOOK,
            P.CHANGE_PLAYBOOK,
            P.CHANGE_ROSTER,
            P.CHANGE_TARGETS,
            P.SEE_ALL_INSIGHTS,
            P.MANAGE_MEMBERS,
            P.MANAGE_ACCOUNTS,
            P.READ_AUDIT,
        }
    ),
}


def allowed(roles: Iterable[str], permission: Permission) -> bool:
    return any(permission in GRANTS.get(role, ()) for role in roles)


def role_names(roles: Iterable[str]) -> list[str]:
    """For people, in the reader's language: "agent", "care manager"."""
    return [str(Role(role).label) for role in roles]
