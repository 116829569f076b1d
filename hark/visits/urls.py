"""The public side: no sign-in. `/c/` is short because it stands in public replies."""

from django.urls import path, re_path

from .views import api, pages

app_name = "visits"
urlpatterns = [
    path("chat/v1/sessions", api.sessions, name="sessions"),
    path("chat/v1/messages", api.messages, name="messages"),
    path("chat/v1/events", api.events, name="events"),
    path("chat/v1/files/<str:ticket>", api.file, name="file"),
    re_path(r"^chat/assets/([0-9a-f]{12})/([a-z.]*)$", pages.asset, name="asset"),
    path("chat/<str:key>/", pages.window, name="window"),
    path("chat/<str:key>/frame", pages.frame, name="frame"),
    path("chat/<str:key>/colours.css", pages.colours, name="colours"),
    path("chat/<str:key>/contact", pages.contact, name="contact"),
    path("c/<str:token>", pages.handoff, name="handoff"),
]
