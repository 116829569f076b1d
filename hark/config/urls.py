"""Every page of Hark. `/hooks/…` and `/live` are answered before Django: see asgi.py."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.i18n import JavaScriptCatalog

from hark.brands.access import operators_only, public
from hark.brands.views.doors import home
from hark.ops import metrics, operations

brand = [
    path("", include("hark.cases.urls")),
    path("", include("hark.replies.urls")),
    path("", include("hark.playbook.urls")),
    path("", include("hark.crisis.urls")),
    path("", include("hark.moves.urls")),
    path("", include("hark.secure.console_urls")),
    path("", include("hark.clocks.urls")),
    path("", include("hark.actions.urls")),
    path("people/", include("hark.customers.urls")),
    path("settings/", include("hark.channels.urls")),
]

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", home, name="home"),
    path("", include("hark.brands.urls")),
    path("", include("hark.web.urls")),
    path("accounts/", include("allauth.urls")),
    path("b/<slug:brand>/", include(brand)),
    path("", include("hark.visits.urls")),
    path("", include("hark.secure.urls")),
    path("health/", include("hark.ops.urls")),
    path("metrics", metrics.page, name="metrics"),
    path("operations/", operations.page, name="operations"),
    path("admin/", admin.site.urls),
    path("jsi18n/", public(JavaScriptCatalog.as_view()), name="javascript-catalog"),
]
admin.site.has_permission = operators_only  # type: ignore[method-assign]
