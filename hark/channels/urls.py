"""Accounts and their health, below `/b/<brand>/settings/`."""

from django.urls import path

from .views import accounts, connecting, ledger, unreadable

app_name = "channels"
urlpatterns = [
    path("channels/", accounts.accounts, name="health"),  # the same page, for those who may only look
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/<int:pk>/", accounts.account, name="account"),
    path("accounts/ledger/", ledger.whole, name="ledger"),
    path("accounts/<int:pk>/ledger/", ledger.of_account, name="ledger_of"),
    path("accounts/<int:pk>/secrets/", accounts.renew, name="renew_secrets"),
    path("accounts/connect/<slug:channel>/", connecting.connect, name="connect"),
    path("accounts/allowed/", connecting.allowed, name="allowed"),
    path("accounts/<int:pk>/renew/", connecting.renew, name="renew"),
    path("accounts/<int:pk>/test/", connecting.test, name="test"),
    path("accounts/<int:pk>/reconnect/", connecting.reconnect, name="reconnect"),
    path("accounts/<int:pk>/location/", accounts.locate, name="locate"),
    path("accounts/<int:pk>/disconnect/", connecting.disconnect, name="disconnect"),
    path("accounts/unreadable/", unreadable.deliveries, name="unreadable"),
    path("accounts/unreadable/replay/", unreadable.replay_all, name="replay_all"),
    path("accounts/unreadable/<int:pk>/", unreadable.delivery, name="delivery"),
    path("accounts/unreadable/<int:pk>/replay/", unreadable.replay, name="replay"),
]
