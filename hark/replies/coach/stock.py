"""Would this text fit most customers with any problem? Then it is stock: nothing in it was written for this one."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from . import given_names, private_place
from .finding import Context, Finding
from .text import Text, words_of

WORD = re.compile(r"[^\W\d_][\w'#-]*")
# What any reply of any brand is made of. What is left when these are taken away was said to this customer.
GENERIC = frozenset(
    ["a", "able", "about", "absolutely", "acct", "account", "accounts", "act", "additional", "address", "addressed", "advise", "after", "again", "all", "alright", "also", "always", "am", "an", "and", "another", "answer", "any", "anyone", "anything", "anytime", "apologies", "apologise", "apologize", "apology", "appreciate", "appropriate", "are", "around", "as", "ask", "asap", "assist", "assistance", "assisted", "assisting", "at", "attention", "available", "away", "aware", "awesome", "back", "bad", "be", "because", "been", "before", "being", "believe", "best", "better", "billing", "both", "bring", "bringing", "brought", "but", "by", "call", "can", "can't", "cannot", "care", "case", "cause", "caused", "causing", "chance", "chat", "check", "checking", "choosing", "clarify", "click", "closer", "come", "coming", "comment", "comments", "complete", "concern", "concerned", "concerning", "concerns", "confirm", "confirmation", "connect", "connected", "contact", "contacting", "continue", "conversation", "could", "couldn't", "customer", "customers", "day", "dear", "definitely", "desk", "detail", "details", "device", "did", "direct", "directly", "disappointed", "disappointing", "disappointment", "discuss", "do", "does", "doesn't", "doing", "don't", "down", "email", "e-mail", "emailed", "else", "end", "enjoy", "enough", "ensure", "escalate", "especially", "even", "evening", "ever", "every", "everyone", "everything", "experience", "experienced", "experiencing", "explain", "fan", "feedback", "feel", "feeling", "felt", "few", "figure", "fill", "find", "fix", "fixed", "follow", "following", "followed", "follow-up", "followup", "for", "form", "forward", "forwarded", "free", "friend", "from", "frustrated", "frustrating", "frustration", "full", "further", "future", "get", "gets", "getting", "give", "giving", "glad", "go", "going", "good", "got", "great", "had", "hand", "happen", "happened", "happening", "happy", "hapy", "has", "hate", "have", "haven't", "having", "hear", "heard", "hearing", "hello", "help", "helped", "helpful", "helping", "here", "hesitate", "hey", "hi", "him", "his", "hold", "hope", "hopefully", "how", "however", "i", "i'd", "i'll", "i'm", "i've", "if", "immediately", "important", "improve", "in", "inbox", "inconvenience", "info", "inform", "information", "informed", "inquiry", "instructions", "interest", "internal", "into", "investigate", "investigated", "is", "isn't", "issue", "issues", "it", "it's", "its", "join", "just", "keep", "keeping", "kind", "kindly", "know", "leave", "let", "let's", "letting", "like", "link", "list", "listen", "ll", "local", "location", "look", "looked", "looking", "lot", "love", "loved", "loyalty", "made", "make", "making", "manager", "matter", "may", "me", "mean", "means", "message", "messages", "mind", "miss", "moment", "more", "morning", "most", "much", "my", "myself", "name", "need", "needed", "needs", "never", "new", "next", "nice", "no", "not", "note", "nothing", "now", "number", "numbers", "of", "off", "offer", "office", "oh", "ok", "okay", "on", "once", "one", "online", "only", "open", "opportunity", "option", "options", "or", "order", "orders", "other", "our", "out", "over", "page", "part", "pass", "passed", "passing", "patience", "people", "perfect", "person", "personal", "personally", "phone", "pick", "place", "please", "pleasure", "pls", "pm", "point", "possible", "post", "postcode", "prefer", "private", "privately", "problem", "problems", "process", "proper", "provide", "provided", "providing", "question", "questions", "quick", "quickly", "rather", "reach", "reaching", "read", "ready", "real", "really", "reason", "receive", "received", "refer", "regarding", "regards", "regret", "relay", "relevant", "reply", "replying", "report", "reported", "request", "resolve", "resolved", "respond", "responded", "responding", "response", "rest", "review", "reviewed", "right", "same", "satisfied", "savior", "say", "saying", "security", "see", "seeing", "seem", "seems", "send", "sending", "sent", "serious", "seriously", "serve", "service", "services", "share", "shared", "sharing", "shoot", "short", "should", "shout", "show", "side", "since", "sincere", "sincerely", "so", "social", "solution", "some", "someone", "something", "soon", "sorry", "sort", "sorted", "sound", "sounds", "speak", "special", "specific", "specifically", "start", "started", "status", "stay", "step", "steps", "still", "stopping", "store", "submit", "suggest", "suggestion", "suggestions", "support", "supporting", "sure", "take", "taken", "takes", "taking", "talk", "team", "teams", "telephone", "tell", "than", "thank", "thanks", "that", "that's", "the", "their", "them", "then", "there", "there's", "these", "they", "thing", "things", "think", "this", "those", "though", "thought", "through", "ticket", "time", "times", "title", "to", "today", "together", "told", "tonight", "too", "top", "touch", "toward", "towards", "tracking", "tracker", "troubles", "trouble", "truly", "try", "trying", "tweet", "tweeted", "tweeting", "tweets", "two", "ty", "u", "unable", "understand", "understandable", "understanding", "unfortunate", "unfortunately", "until", "up", "update", "updates", "upset", "us", "use", "used", "user", "username", "using", "valued", "very", "via", "view", "visit", "voice", "wait", "want", "wanted", "wants", "was", "wasn't", "way", "we", "we'd", "we'll", "we're", "we've", "web", "website", "welcome", "well", "went", "were", "what", "what's", "whatever", "when", "whenever", "where", "which", "while", "who", "whole", "why", "will", "wish", "with", "without", "won't", "wonderful", "word", "words", "work", "working", "worries", "would", "wow", "write", "wrong", "yes", "yet", "you", "you'd", "you'll", "you're", "you've", "your", "yours", "yourself", "zip", "dm", "dms", "d'm", "pm'd", "dm'd", "twitter", "facebook", "number", "#", "acct#", "tag", "gamertag", "locator", "record", "reservation", "booking", "reference", "code", "codes", "id", "ids", "customer's", "plus", "asap", "hmm", "uh", "yikes", "whoa", "oops", "gosh", "woot", "yay", "thx", "pal", "team's", "colleague", "colleagues", "agent", "agents", "representative", "representatives", "rep", "specialist", "specialists", "advisor", "department", "folks", "devs", "leadership", "crew", "management", "supervisor", "business", "days", "hours", "hour", "minutes", "shortly", "happily", "gladly", "certainly", "completely", "totally", "truly", "fully", "exactly", "latest", "shot", "job", "kind", "kudos", "cheers", "lovely", "amazing", "fantastic", "excellent", "brilliant", "awesome", "super", "cool", "fun", "stuff", "goodness", "mention", "shout-out", "shoutout", "lend", "lending", "hands", "dig", "meet", "meeting", "room", "safe", "secure", "posting", "public", "visible", "shop", "shopping", "stop", "here's", "below", "above", "attached", "cc", "privately", "instead", "shoutouts", "hearing", "ya", "y'all", "guys", "buddy", "mate", "sir", "ma'am", "folks", "everybody", "anybody", "whichever", "via", "24", "7", "24/7", "upon", "whether", "during", "within", "beyond", "despite", "regardless", "directly", "correct", "exact", "certain", "clear", "clearly", "greater", "great", "valuable", "value", "fall", "fallen", "fell", "short", "high", "highest", "standards", "standard", "expect", "expected", "expectations", "expectation", "deserve", "quality", "level", "regret", "street", "area", "servicing", "rapid", "rewards", "membership", "line", "lines", "elaborate", "possible", "compliment", "sprint", "cares", "bother", "bothers", "intended", "instead", "access", "concerns", "correct", "reaching", "handled", "handling", "treat", "treated", "satisfaction", "priority", "aim", "aims", "strive", "goal", "goals", "commitment", "committed", "responsible", "properly", "related", "relating", "shown", "showing", "submitted", "ours", "hasn't", "aren't", "didn't", "weren't", "wouldn't", "shouldn't", "nor", "i´ll", "you´re", "it´s"]
)  # fmt: skip
CARE = words_of(
    r"(?:thanks|thank you|thx|ty|cheers|appreciate|you're welcome|you are welcome|welcome|my pleasure|no problem|no worries|anytime|glad|happy|love|great|nice|sorry|apolog\w+|regret|understand|feedback|dm|pm|message|contact|help|assist|assistance|support|reach|call|chat|look into|let us know|let me know|tell|details|info|information|follow|follow up|link|click|touch|connect|share|questions?|concerns?|forward|pass|experience|feeling|investigate|check|review)",
    r"(?:danke|gerne|leid|hilfe|helfen|melde\w*|kontakt\w*|merci|désolée?s?|aide|aider|contact\w*|gracias|lamentamos|sentimos|ayud\w*|obrigad[oa]|desculp\w*|ajud\w*|mensagem|mensaje|nachricht)",
)  # fmt: skip
THANKS = words_of(r"(?:thank|thanks|glad|welcome|happy|appreciate\w*)")
# An answer, however plain its words.
ANSWER = words_of(
    r"(?:try|please|could you|can you|have you)(?: \w+){0,2} (?:restart\w*|reboot\w*|uninstall\w*|reinstall\w*|clear\w*|reset\w*|unplug\w*|power cycle|update|updating|sign(?:ing)? out|log(?:ging)? out|run (?:the|a|an)|press|tap|refresh|hold|delet\w+)", r"(?:available|currently|refund|cancel|deliver(?:y|ed)|price|open(?:s|ing)?|schedule|steps|article|guide|instructions? here|more info here|find (?:it|this|more|out|the) here|learn more|check (?:out|here)|how to|info(?:rmation)? (?:about|on) (?:this|that|it) here|see that info)",
)  # fmt: skip
HANDLE = re.compile(r"@(\w+)")
# Words of every conversation: that both sides use them says nothing.
EVERYBODYS = frozenset(["the", "and", "you", "your", "for", "our", "are", "was", "with", "have", "this", "that", "can", "will", "not", "from", "but", "all", "any", "what", "how", "when", "who", "why", "just", "get", "got", "its", "it's", "i'm", "i've", "had", "has", "been", "out", "about", "they", "them", "there", "then", "than", "would", "could", "should", "did", "does", "into", "too", "very", "please", "thanks", "thank", "help", "sorry", "know", "let", "see", "like", "want", "need", "now", "here", "more", "still", "also", "one", "make", "sure", "us"])  # fmt: skip
# Points for and against, rounded from a logistic regression over hand-labelled replies: docs/coach.md says how it was checked.
FOR_PRIVATE, FOR_CARE, FOR_THANKS = 4, 3, 2
THEIR_WORD, OTHER_WORD, THEIR_PLAIN_WORD, AN_ANSWER = 7, 4, 2, 4
MOST_COUNTED = 2  # of the customer's words; more say no more
MOST_OTHERS = 3


def left_over(text: Text, context: Context) -> list[str]:
    """The words that no other reply would have: topic, place, thing, joke."""
    addressed = {word.lower() for word in (context.customer_name or "").split()}
    found = []
    for match in WORD.finditer(_without_name(text)):
        word = match.group().lower().strip("'-#")
        base = word.removesuffix("'s")
        if word and not ({word, base, base.rstrip("s")} & GENERIC) and base not in addressed:
            found.append(word)
    return found


def points(text: Text, context: Context) -> int:
    """Above nothing: it reads like a template. The customer's own words, other particular words and an answer speak against it."""
    customer = Text(context.customer)
    theirs = {stem(word) for word in WORD.findall(customer.body) if len(word) > 2}
    handles = " ".join(HANDLE.findall(customer.typed)).lower()
    left = left_over(text, context)
    shared = [word for word in left if stem(word) in theirs]
    others = [word for word in left if stem(word) not in theirs and not _is_anybodys(word, handles)]
    plain = {stem(word) for word in WORD.findall(text.body) if len(word) > 2} & theirs
    plain -= PLAIN_STEMS | {stem(word) for word in left}
    return (
        FOR_PRIVATE * bool(text.once(private_place.find))
        + FOR_CARE * bool(CARE.search(text.body))
        + FOR_THANKS * bool(THANKS.search(text.body))
        - THEIR_WORD * min(len(shared), MOST_COUNTED)
        - OTHER_WORD * min(len(others), MOST_OTHERS)
        - THEIR_PLAIN_WORD * min(len(plain), MOST_COUNTED)
        - AN_ANSWER * bool(ANSWER.search(text.body))
    )


def stem(word: str) -> str:
    """Nearly the word's stem: enough to see that "deliveries late" and "late delivery" speak of the same."""
    word = word.lower().removesuffix("'s")
    for ending in ("ing", "ed", "es", "s", "ly", "e"):
        if word.endswith(ending) and len(word) - len(ending) > 2:
            return word.removesuffix(ending)
    return word


PLAIN_STEMS = frozenset(map(stem, EVERYBODYS))


def _is_anybodys(word: str, handles: str) -> bool:
    """The brand's own name, somebody's first name, "terribly", two letters: not this customer's."""
    return (
        len(word) < 3
        or word.endswith("ly")
        or word in given_names.COMMON
        or (len(word) > 3 and word in handles)
    )


def _without_name(text: Text) -> str:
    from .name import addressed

    name = text.once(addressed)
    body = text.body
    return (
        body if not name else body[: name.start("name")] + " " * len(name["name"]) + body[name.end("name") :]
    )


def check(text: Text, context: Context) -> Finding:
    """yes where nothing in it is this customer's own. The brand's list of canned phrases counts too."""
    if phrase := _listed(text, context):
        return Finding(
            "stock", "yes", "hint", phrase, _("A phrase from your brand's list of canned ones."), "stock"
        )
    if not text.body.strip() or points(text, context) < 0:
        return Finding("stock", "no", source="stock")
    return Finding(
        "stock", "yes", "hint", None, _("This would fit anybody. Say one thing that only this customer would recognise."), "stock",
    )  # fmt: skip


def _listed(text: Text, context: Context) -> tuple[int, int] | None:
    small = text.body.lower()
    for phrase in context.voice.stock:
        if phrase and (at := small.find(phrase.lower())) >= 0:
            return at, at + len(phrase)
    return None
