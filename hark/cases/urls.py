from django.urls import path

from .views import bulk, case, closing, deeds, history, media, noting, queue, regroup, search

app_name = "cases"
urlpatterns = [
    path("queue/", queue.queue, name="queue"),
    path("queue/late/", queue.late, name="late"),
    path("queue/chosen/", bulk.bulk, name="bulk"),
    path("queue/chosen/undo/", bulk.undo, name="bulk-undo"),
    path("search/", search.search, name="search"),
    path("media/<int:pk>/", media.media, name="media"),
    path("messages/<int:pk>/page/", media.page, name="page"),
    path("cases/note/", noting.note, name="note"),
    path("cases/<int:pk>/", case.case, name="case"),
    path("cases/<int:pk>/header/", case.header, name="header"),
    path("cases/<int:pk>/thread/", case.thread, name="thread"),
    path("cases/<int:pk>/beside/", case.panels, name="beside"),
    path("cases/<int:pk>/look/", case.look, name="look"),
    path("cases/<int:pk>/leave/", case.leave, name="leave"),
    path("cases/<int:pk>/assign/", deeds.assign, name="assign"),
    path("cases/<int:pk>/snooze/", deeds.snooze, name="snooze"),
    path("cases/<int:pk>/wake/", deeds.wake, name="wake"),
    path("cases/<int:pk>/priority/", deeds.priority, name="priority"),
    path("cases/<int:pk>/team/", deeds.team, name="team"),
    path("cases/<int:pk>/subject/", deeds.subject, name="subject"),
    path("cases/<int:pk>/tags/", deeds.tag, name="tag"),
    path("cases/<int:pk>/tags/<int:tag>/remove/", deeds.untag, name="untag"),
    path("cases/<int:pk>/note/", deeds.note, name="note"),
    path("cases/<int:pk>/skip/<int:step>/", deeds.skip, name="skip"),
    path("cases/<int:pk>/resolve/", closing.resolve, name="resolve"),
    path("cases/<int:pk>/close/", closing.close, name="close"),
    path("cases/<int:pk>/close-silently/", closing.close_silently, name="close-silently"),
    path("cases/<int:pk>/reopen/", closing.reopen, name="reopen"),
    path("cases/<int:pk>/join/", regroup.merge, name="merge"),
    path("cases/<int:pk>/split/", regroup.split, name="split"),
    path("cases/<int:pk>/regrouping/<int:regrouping_pk>/undo/", regroup.undo, name="regroup-undo"),
    path("cases/<int:pk>/history/", history.history, name="history"),
]
