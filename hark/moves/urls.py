from django.urls import path

from .views import move

app_name = "moves"
urlpatterns = [
    path("cases/<int:pk>/move/", move.move, name="move"),
]
