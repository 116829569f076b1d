from django.urls import path

from .views import figures, move

app_name = "moves"
urlpatterns = [
    path("cases/<int:pk>/move/", move.move, name="move"),
    path("moves/<int:pk>/remind/", move.remind, name="remind"),
    path("moves/", figures.figures, name="figures"),
]
