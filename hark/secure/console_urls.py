"""The agent's side of secure pages, below the brand."""

from django.urls import path

from .views import offer, settings

app_name = "secure_pages"
urlpatterns = [
    path("cases/<int:pk>/secure-page/", offer.offer, name="offer"),
    path("secure-pages/<int:pk>/close/", offer.close, name="close"),
    path("settings/secure-pages/", settings.rules, name="rules"),
    path("settings/secure-pages/forms/", settings.add, name="add"),
    path("settings/secure-pages/forms/<int:pk>/", settings.form, name="form"),
    path("settings/secure-pages/forms/<int:pk>/remove/", settings.remove, name="remove"),
]
