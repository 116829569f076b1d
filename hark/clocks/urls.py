from django.urls import path

from .views import promises

app_name = "clocks"
urlpatterns = [
    path("promises/", promises.promises, name="promises"),
    path("promises/late/", promises.due_count, name="late"),
    path("cases/<int:pk>/promise/", promises.make, name="make"),
    path("promises/<int:pk>/kept/", promises.keep, name="keep"),
    path("promises/<int:pk>/broken/", promises.break_it, name="break"),
    path("promises/<int:pk>/anew/", promises.say_anew, name="anew"),
    path("promises/<int:pk>/give/", promises.give, name="give"),
]
