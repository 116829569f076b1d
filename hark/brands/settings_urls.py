"""The settings of a brand that belong to no other app, below `/b/<brand>/settings/`."""

from django.urls import path

from .views import locations, members, rules, teams

urlpatterns = [
    path("", rules.settings, name="settings"),
    path("rules/", rules.rules, name="rules"),
    path("members/", members.members, name="members"),
    path("members/<int:pk>/", members.member, name="member"),
    path("members/<int:pk>/remove/", members.remove, name="remove_member"),
    path("invitations/", members.invite, name="invite"),
    path("invitations/<int:pk>/withdraw/", members.withdraw, name="withdraw_invitation"),
    path("teams/", teams.teams, name="teams"),
    path("teams/<int:pk>/", teams.team, name="team"),
    path("locations/", locations.locations, name="locations"),
    path("locations/<int:pk>/", locations.location, name="location"),
]
