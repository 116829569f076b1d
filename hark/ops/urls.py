"""Below /health/: answered to anybody, since they say nothing but yes or no."""

from django.urls import path

from hark.brands.access import public

from . import health

app_name = "ops"
urlpatterns = [
    path("live", public(health.live), name="live"),
    path("ready", public(health.ready), name="ready"),
]
