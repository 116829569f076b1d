"""Words that accept fault for the brand; not their denials, conditions, questions, nor faults of others."""

from __future__ import annotations

import re

from .text import Text, words_of

OURS = r"(?:our|my|ours|mine)"
WHO = r"(?:we|i|our (?:\w+ ){0,2}?(?:team|staff|driver|drivers|store|shop|system|systems|crew|colleague|colleagues|agent|agents|side|people|warehouse|kitchen|website|site|engineer|engineers|technician|manager|office|branch|courier|process|department))"
ADV = r"(?:(?:clearly|really|simply|obviously|totally|completely|badly|definitely|unfortunately|honestly|truly|sadly|just|also|certainly|genuinely|even|still|wrongly|accidentally|mistakenly|incorrectly|inadvertently|again|both|all) )*"
BAD = r"(?:mistake|error|fault|oversight|blunder|slip-?up|mess-?up|screw-?up|mix-?up|failure|failing|shortcoming|misstep|negligence|carelessness|incompetence|wrongdoing|misjudgement|misjudgment|cock-?up|f[-*u]+ck-?up)s?"

ADMITS = words_of(
    # our mistake, an error on our part
    rf"{OURS} (?:own )?(?:\w+ ){{0,2}}?{BAD}",
    r"(?:our|my) bad",
    rf"(?:an? |the |this |that |some )?(?:\w+ )?{BAD} (?:(?:was|were|is|are|lies|lay|that was|made|made|happened|occurred) )?(?:(?:entirely|completely|all|fully|made|squarely) )?(?:on|at|of|by|with|from|in) (?:our|my|us)(?: (?:part|end|side|behalf|team|staff|driver|making|own making|own|system|systems|driver's|warehouse|kitchen|store))?",
    rf"(?:the )?{BAD} (?:was|is|were|are) (?:entirely |all |completely |wholly |clearly )?(?:ours|mine)",
    rf"(?:an? |the )?(?:\w+ )?{BAD}s? (?:was|were|has been|have been) made",
    r"(?:that|this|it)(?:'s| is| was| one is| one's) (?:all |entirely |completely |totally |100% |squarely |clearly |fully )*(?:on (?:us|me)|down to (?:us|me)|our doing|our responsibility|because of us)",
    # we messed up
    rf"{WHO}(?:'ve| have| had| has)? {ADV}(?:messed|screwed|slipped|botched|bungled|cocked|fouled|stuffed|f[*u]+cked|mucked|muddled) (?:(?:this|that|it|things|your \w+|the \w+) )?up",
    rf"{WHO}(?:'ve| have| had| has)? {ADV}(?:messed|screwed|botched|bungled|mishandled|mismanaged|blundered|erred|misled|misinformed|mis-?sold|wronged|overcharged|double-?charged|overbooked|mistreated|neglected|misplaced|misquoted|mischarged|misadvised|misdirected|mislabel+ed|miscommunicated)",
    rf"{WHO}(?:'ve| have| had| has)? {ADV}dropped the ball",
    rf"{WHO}(?:'ve| have| had| has)? {ADV}(?:got|get|gotten|did|done|had|handled|billed|charged|priced|sent|shipped|delivered|told|gave|given|went) (?:(?:this|that|it|things|you|your \w+|the \w+|one|the whole thing|a lot)(?: \w+)? )?(?:so |very |badly |completely |all )?(?:wrong|wrongly|incorrectly|badly|poorly|in error|by mistake|by accident|the wrong)(?: \w+)?",
    rf"{WHO}(?:'ve| have| had| has)? {ADV}(?:made|make|making|committed) (?:a|an|the|some|this|that|several|another|one|such an?)? ?(?:\w+ )?(?:big |terrible |huge |silly |real |serious |genuine |honest |clerical |bad )?{BAD}",
    rf"{WHO}(?:'ve| have| had| has)? {ADV}(?:failed|fell short|fallen short|let you down badly)(?: (?:you|to \w+|in \w+|at \w+|here|on this|our))?",
    rf"{WHO}(?:'ve| have| had| has)? {ADV}(?:lost|broke|damaged|ruined|forgot|forgotten|overlooked|destroyed|cracked|dented|spoiled|spoilt|scratched) (?:about )?(?:your|you|the|to|it|this|that)",
    rf"{WHO} (?:(?:really|clearly|simply|certainly|definitely|obviously) )?(?:should(?: have|'ve)(?! (?:a|an|the|some|more|another|those|these|this|it|that|no|any|your|our|enough|plenty|one|them|by|until|info|information|news|all|further|full|new|everything|you|answers?|details|stock|several|many|two|three|it\b|available|\d))|should of|ought to have|could have done better|could(?:'ve| have) (?:and should(?: have|'ve)|handled|done))(?: \w+)?",
    rf"{WHO} (?:(?:really|clearly|certainly|simply) )?(?:shouldn't|should not|should never|ought not to)(?: have|'ve)?(?: \w+)?",
    r"(?:this|that|it|which|what happened|the delay|these things|they|such things?|things like (?:this|that)|none of this)(?: really| clearly| simply| just| certainly| absolutely| definitely)? (?:shouldn't|should not|should never|ought not to|ought never to|must never|never should)(?: have|'ve) (?:ever )?(?:happened|been|occurred|arrived|gone|left|come|taken|got|reached)",
    rf"{WHO} (?:were|was|are|am|have been|'ve been|'re|'m)? ?{ADV}(?:(?:were|was|are|am|have been|been) )?{ADV}(?:wrong to|in the wrong|at fault|to blame|responsible for (?:this|that|the|your|what|any|causing)|liable|negligent|careless|wrong about|wrong in|wrong here|wrong on|out of line|too slow|sloppy|mistaken|wrong)",
    r"(?:we|i)(?:'re|'m| are| am)(?: \w+)? (?:at fault|to blame|in the wrong|liable|wrong (?:here|on this|about)|responsible for (?:this|that|the|your|what)|guilty)",
    rf"(?:we|i)(?:'ll|'d| do| will| fully| completely| both| must| want to| would like to| have to| hereby| openly| freely| totally)*(?: \w+ly)? (?:accept|take|takes|took|assume|acknowledge|admit|own|bear|shoulder|hold)(?: \w+)? (?:(?:full|complete|all|total|sole|the|entire|our|that|to|up to|this|fault|any) )*(?:responsibility|liability|blame|fault|guilt|{BAD})(?: for)?",
    r"(?:we|i)(?:'ll| will| do| must| have to| can only| fully| freely)? (?:own (?:up to )?(?:this|that|it|up)|admit (?:that )?(?:we|it|this|to|our|i)|plead guilty|hold (?:our hands?|my hands?) up|put (?:our|my) hands? up|confess)(?: \w+)?",
    r"(?:no excuses?|inexcusable|unacceptable) (?:from us|on our (?:part|side|end)|of us|by us)",
    rf"(?:due to|because of|caused by|result of|owing to|down to|thanks to) (?:an? |the |some |our )?(?:\w+ ){{0,2}}?{BAD} (?:by|on|in|at|of|with|from) (?:our|us|my|one of our)(?: \w+)?",
    r"(?:caused by|the cause was|the fault of|the fault lies with|the blame lies with|because of something) (?:us\b|our (?:\w+ )?(?:driver|team|staff|system|warehouse|courier|own|side|people|kitchen|update|update|colleague|crew|mistake|negligence))",
    r"you were (?:wrongly|mistakenly|incorrectly|unfairly|erroneously) (?:charged|billed|told|refused|informed|treated|denied|blocked|removed|bumped)(?: by (?:us|our \w+))?",
    r"(?:was|were|been) (?:wrongly|mistakenly|incorrectly|erroneously) (?:charged|billed|told|refused|sent|cancelled|labelled|priced|closed|declined)(?: by (?:us|our \w+))?",
    r"(?:one of )?our (?:\w+ ){0,2}?(?:driver|team|staff|agent|colleague|crew|system|cashier|courier|kitchen|warehouse|people|shop|store|branch|engineer|technician|employee|member of staff|representative|rep|advisor|adviser|pilot|chef|guard|nurse|website|app)s? (?:\w+ )?(?:made a \w*mistake|was rude|were rude|was careless|was in the wrong|got it wrong|was wrong|were wrong|was at fault|was negligent|broke|lost|failed|forgot|did not follow|didn't follow|gave you (?:the )?wrong|sent you (?:the )?wrong|behaved badly|acted wrongly)(?: \w+)?",
    r"(?:fell|falls|fallen) (?:well |far |way |so )?short of (?:our|what we|the standard)(?: \w+)?",
    r"(?:guilty as charged|mea culpa|egg on our face|we blew it|i blew it|we've blown it|we have blown it|we goofed|i goofed|we flubbed|we stuffed up|we dropped a clanger)",
    rf"we have (?:no|zero) (?:one|body) (?:else )?to blame but ourselves|nobody'?s (?:{BAD}|fault) but ours|we(?:'ve| have)? only ourselves to blame|we (?:have|had) no excuse",
    # German, French, Spanish, Portuguese
    r"(?:unser|mein)(?:er|e|en|em)? (?:eigener? )?(?:fehler|schuld|versäumnis|verschulden|versehen)|fehler (?:von|bei|auf) (?:uns|unserer)|wir (?:haben|sind) (?:(?:da|hier|einen|leider|klar) )*(?:fehler gemacht|schuld|versagt|mist gebaut|verbockt|falsch gemacht|versäumt)|hätte (?:so )?nicht passieren dürfen|das geht auf unsere kappe",
    r"(?:c'est |par )?(?:notre|ma) (?:faute|erreur|responsabilité)|nous (?:avons|sommes) (?:(?:fait|commis) une erreur|responsables|fautifs|en tort|tort|échoué)|n'aurait (?:jamais |pas )?d[ûu] (?:se produire|arriver)|erreur de notre part",
    r"(?:es |fue |ha sido )?(?:nuestr[oa]|mi) (?:error|culpa|fallo|responsabilidad)|(?:error|fallo) (?:nuestro|de nuestra parte|por nuestra parte)|(?:nos )?(?:hemos equivocado|equivocamos)|(?:cometimos|hemos cometido) un(?: \w+)? (?:error|fallo)|no debi[óo] (?:haber )?(?:pasar|pasado|ocurrir|ocurrido|suceder|sucedido)",
    r"(?:foi |é )?(?:(?:a |o )?noss[oa]|minha|meu) (?:erro|culpa|falha|responsabilidade)|(?:erro|falha) (?:nosso|nossa|da nossa parte)|(?:nós )?(?:erramos|errámos|falhamos|falhámos)|cometemos um(?: \w+)? erro|não (?:devia|deveria) ter (?:acontecido|ocorrido)",
)  # fmt: skip

# Said before, in the same clause: then it is no admission.
UNSAID = re.compile(
    r"\b(?:if|whether|unless|in case|should (?:it|this|that|there|we)\b(?! not| never| have)|assuming|suppose|supposing|provided|even if|as if|wherever|whenever|until we|had we|were we|to the extent|"
    r"wenn|falls|ob|sofern|sollten?|si|s'il|en caso|caso|se)\b[^.!?]*$"
    r"|\b(?:not|never|isn't|wasn't|aren't|weren't|ain't|no|nothing|nor|neither|hardly|rather than|instead of|without|deny|denies|denied|dispute|disputes|refute|cannot|can't|couldn't|don't|doesn't|didn't|won't|haven't|hasn't|"
    r"no sign(?: of)?|no evidence(?: of)?|no record(?: of)?|rule out|ruled out|ruling out|kein|keine|keinen|nicht|n'est pas|ne sommes pas|pas|aucune|ninguna|ningún|não|nenhum|nenhuma|"
    r"avoid|prevent|may|might|could|would|perhaps|maybe|possibly|possible|possibility of|potential|alleged|allegedly|suspected|any|apparently|accused|accusation|accuse|blame|claim(?:s|ed)?(?: that)?|say(?:s|ing)?(?: that)?|said(?: that)?|think(?: that)?|thought(?: that)?|feel(?: that| like)?|believe(?: that)?|suggest(?:s|ing|ed)?(?: that)?|believed(?: that)?|"
    r"check|checking|find out|see|investigat\w+|look into|looking into|establish|determine|report(?:ing|ed)?|wonder|asking|asked|clarify|understand)\b(?:\W+\w+){0,4}\W*$",
    re.I,
)
# "not only our mistake but", "we can't deny that we got it wrong", "there is no excuse: …" are admissions all the same.
STILL = re.compile(
    r"\b(?:not only|can't deny|cannot deny|won't deny|don't deny|do not deny|won't argue|no doubt|no denying|no question|there's no doubt|no excuse|no way around|not just|don't think we|can see(?: that| now that)?|(?:i|we) (?:now |can |do |fully )?(?:see|understand|believe|think|feel)(?: now)?(?: that)?|won't pretend|can't argue|couldn't agree more|no problem|no worries|not good enough|have to say|must say)(?: that)?\W*$",
    re.I,
)
THEIRS = re.compile(r"\b(?:your|their|his|her|the (?:carrier|bank|airport|airline|supplier|courier|network|post office|customer)'s)\b(?:\W+\w+){0,2}\W*$", re.I)  # fmt: skip
SUBJECT = re.compile(
    r"(?:was|were|been|we|i|our|my|it|this|that)\b", re.I
)  # a sentence of its own: "your" before it is no owner
OWN_NO = re.compile(
    r"^(?!.*\b(?:should|ought|never should)).*(?:\bnot\b|n't\b|\bnever\b)(?! that we| only)", re.I
)  # a "no" of its own
HARMLESS = re.compile(r"responsibility for (?:our|the) (?:planet|world|environment|community)|lost the (?:match|game|bet|final|cup)|^\W*to (?:prevent|avoid)\b", re.I)  # fmt: skip
AFTER = re.compile(r"^\W*(?:\w+\W+){0,1}?(?:if (?:it|that|this|so|we|there)|was not|wasn't|isn't|at all\?)", re.I)  # fmt: skip
CLAUSE = re.compile(r"[.!?…;:。]|\s[-–—]+\s|,\s+(?:but|and yet|yet|however|though|although|still|so|and we|and i|and our|and it|and this|and that|we|i|it|this|that)\b", re.I)  # fmt: skip


def find(text: Text) -> re.Match[str] | None:
    """The first admission, or None."""
    return next((found for found in ADMITS.finditer(text.body) if _is_meant(text, found)), None)


def _is_meant(text: Text, found: re.Match[str]) -> bool:
    sentence = text.sentence_at(found.start())
    if sentence.rstrip().endswith("?") and not re.match(
        r"\W*(?:i'?m |we'?re )?(?:so )?sorry", sentence, re.I
    ):
        return False
    before = _clause_before(text.body, found.start())
    if (
        OWN_NO.search(found.group())
        or HARMLESS.search(sentence)
        or AFTER.match(text.body[found.end() : found.end() + 60])
    ):
        return False
    if STILL.search(before):
        return True
    return not (UNSAID.search(before) or (not SUBJECT.match(found.group()) and THEIRS.search(before)))


def _clause_before(body: str, place: int) -> str:
    """What stands before it in its clause. A conditional clause reaches over its comma."""
    window = body[max(0, place - 160) : place]
    start = 0
    for mark in CLAUSE.finditer(window):
        if mark.group()[0] == "," and re.search(
            r"\b(?:if|whether|should|unless|wenn|falls|si|se)\b", window[start : mark.start()], re.I
        ):
            continue
        start = mark.start() if mark.group()[0] == "," else mark.end()
    return window[start:]


def clause(text: Text, found: re.Match[str]) -> tuple[int, int]:
    """The words to put something better for: the whole sentence without its end mark, at most."""
    for start, sentence in text.sentences:
        if start <= found.start() < start + len(sentence):
            begin = start + len(sentence) - len(sentence.lstrip())
            return begin, start + len(sentence.rstrip())
    return found.span()
