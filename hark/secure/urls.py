"""The secure page: no sign-in. `/s/` is short because it stands in messages of networks that count letters."""

from django.urls import path

from .views import page, transcript

app_name = "secure"
urlpatterns = [
    path("s/<str:token>", page.page, name="page"),
    path("s/<str:token>/open", page.open_page, name="open"),
    path("s/<str:token>/code", page.code, name="code"),
    path("s/<str:token>/say", page.say, name="say"),
    path("s/<str:token>/form", page.fill_in, name="form"),
    path("s/<str:token>/news", page.news, name="news"),
    path("s/<str:token>/transcript", transcript.save, name="transcript"),
    path("s/<str:token>/mail", transcript.mail, name="mail"),
    path("s/<str:token>/close", page.close, name="close"),
    path("s/<str:token>/files/<int:pk>", page.file, name="file"),
    path("s/<str:token>/pictures/<int:pk>", page.picture, name="picture"),
]
