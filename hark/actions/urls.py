from django.urls import path

from .views import runs, settings

app_name = "actions"
urlpatterns = [
    path("cases/<int:pk>/actions/<int:action>/", runs.run, name="run"),
    path("actions/<int:pk>/yes/", runs.approve, name="approve"),
    path("actions/<int:pk>/no/", runs.decline, name="decline"),
    path("actions/<int:pk>/use/", runs.use, name="use"),
    path("settings/actions/", settings.actions, name="settings"),
    path("settings/actions/<int:pk>/", settings.action, name="setting"),
]
