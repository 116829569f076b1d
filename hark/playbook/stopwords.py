"""Words too common to find an answer by, folded as `cases.words` folds them: English, German, French, Spanish, Portuguese."""

COMMON = """
a about after again all also am an and any are as at be because been but by can cannot could did do does doing don done
for from get got had has have he hello help her here hey hi him his how i if in into is it its just know like ll m me my
need no not now of off on one or our out over please pls re s she so some still t than thank thanks that the their them
then there they this to today too up us ve very want was we well were what when where which who why will with would
yes yet you your
aber als am an auch auf aus bei bin bitte da das dass dem den der des die doch du ein eine einen einer er es euch fur
haben hab habe hat hallo ich ihr im in ist ja kann kein keine man mein meine mich mir mit nach nicht noch nur oder sehr
sich sie sind so und uns von vor war warum was wenn wer wie wir wird wo zu zum zur
au aux avec bonjour c ce ces cette comme d dans de des du elle en est et il ils j je l la le les leur lui ma mais me
merci mes moi mon n ne nous on ou par pas plus pour pourquoi qu que qui sa se ses si sont sur ta te tu un une vos votre
vous y
al como con cuando del e el ella ellos es esta este esto hay hola lo los las mas mi muy no nos o para pero por porque
que se ser si sin su sus te tiene un una uno unos usted y ya
ao aos as com da das do dos ela ele em essa esse esta este eu foi isso ja la mas me meu minha muito na nao nas no nos
obrigado obrigada ola os ou para pela pelo por porque quando que quem sao se sem ser seu sua tem um uma voce
"""
STOP = frozenset(COMMON.split())
