from django.urls import include, path

from .views import doors, profile

app_name = "brands"
urlpatterns = [
    path("set-up", doors.set_up, name="set_up"),
    path("in/<str:token>", doors.sign_in_link, name="sign_in_link"),
    path("invitation/<str:token>", doors.invitation, name="invitation"),
    path("profile", profile.profile, name="profile"),
    path("b/<slug:brand>/settings/", include("hark.brands.settings_urls")),
]
