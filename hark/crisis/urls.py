from django.urls import path

from . import views

app_name = "crisis"
urlpatterns = [
    path("crises/", views.crises, name="crises"),
    path("crises/banner/", views.banner, name="banner"),
    path("crises/<int:pk>/end/", views.end, name="end"),
]
