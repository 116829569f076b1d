from django.urls import path

from .views import people, person

app_name = "customers"
urlpatterns = [
    path("", people.people, name="people"),
    path("<int:pk>/", person.person, name="person"),
    path("<int:pk>/join/<int:other>/", person.merge, name="merge"),
    path("joined/<int:pk>/undo/", person.undo, name="undo"),
]
