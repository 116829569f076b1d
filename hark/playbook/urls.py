from django.urls import path

from .views import answers, beside, editing, gaps, importing

app_name = "playbook"
urlpatterns = [
    path("playbook/", gaps.home, name="home"),
    path("playbook/answers/", answers.answers, name="answers"),
    path("playbook/answers/new/", editing.new, name="new"),
    path("playbook/answers/import/", importing.bring_in, name="import"),
    path("playbook/answers/<int:pk>/", answers.answer, name="answer"),
    path("playbook/answers/<int:pk>/edit/", editing.edit, name="edit"),
    path("playbook/answers/<int:pk>/retire/", answers.retire, name="retire"),
    path("playbook/answers/<int:pk>/suggest/", answers.suggest, name="suggest"),
    path("playbook/answers/<int:pk>/said/", answers.said, name="said"),
    path("playbook/versions/<int:pk>/", answers.version, name="version"),
    path("playbook/versions/<int:pk>/approve/", answers.approve, name="approve"),
    path("playbook/suggestions/<int:pk>/close/", answers.close_suggestion, name="close-suggestion"),
    path("playbook/questions/", gaps.gaps, name="gaps"),
    path("playbook/questions/<int:pk>/", gaps.gap, name="gap"),
    path("cases/<int:pk>/answers/", beside.panel, name="panel"),
    path("cases/<int:pk>/answers/<int:answer>/use/", beside.use, name="use"),
    path("cases/<int:pk>/question/", beside.ask_owner, name="ask"),
    path("cases/<int:pk>/question/<int:gap>/", beside.join, name="join"),
]
