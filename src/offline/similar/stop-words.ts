/**
 * Words that say nothing about what a question is about: of English, German, French, Spanish, Italian and Portuguese, folded (lower case, without
 * accents), and pairs of characters of Chinese and Japanese. How rare a word is in the archive says the same of the rest, once the archive is large.
 */
const ENGLISH = `a about after again all also am an and any are aren as at be because been before being both but by can could couldn did didn do does
doesn doing don done down each few for from further get gets getting give go going got had has have having he her here hers him his how i if in into is
isn it its itself just know let like ll make may me might more most must my need no nor not now of off ok okay on once one only or other our out over own
please re s same shall she should show so some something still such t tell than thank thanks that the their them then there these they this those through
to too under until up us use used using ve very want was way we were what when where which while who whom whose why will with without would you your
best explain example hello help hey hi ask asked question answer work works working thing things possible`;
const GERMAN = `aber alle allem allen als also am an andere auch auf aus bei beim bin bis bist bitte da damit dann das dass dem den denn der des dich die dies diese
diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines er es etwas fur gab geben geht gibt haben hat hatte hatten hier hin
hinter ich ihm ihn ihnen ihr ihre im in ist ja jede jeden jeder jetzt kann kannst kein keine konnen konnte man mein meine meinem meinen meiner mich
mir mit muss mussen nach nicht noch nun nur ob oder ohne sehr sein seine sich sie sind so soll sollte sondern und uns unser unter vom von vor war waren
warum was weg wegen weil welche welchen welcher wenn wer werden wie wieder will wir wird wo wurde wurden zu zum zur mach mache machen macht danke hallo
frage erklare erklaren zeig zeige bekomme richtig`;
const ROMANCE = `au aux avec ce ces cet cette comment dans de des du elle elles en est et etait etre fait faire il ils je la le les leur lui mais me meme mes moi
mon ne nos notre nous on ou par pas peut plus pour pourquoi qu que quel quelle qui sa sans se ses son sont sur ta te tes toi ton tu un une vos votre vous
al algo ante como con cual cuando del desde donde el ella ellos era eran es esa ese eso esta estaba este esto estos fue ha hacer hago hay la las lo los
mas me mi mis muy nada ni no nos o para pero por porque que quien se ser si sin sobre su sus tambien te tiene todo tu una uno unos y ya yo puedo
che chi ci come cosa cui da dal dalla degli dei del della delle di dove e gli ho i il io la le lei loro lui ma mi nel nella noi non o per perche piu
posso quale quando quello questa questo sono su sul tra un una uno voi
ao aos as com como da das de do dos e ela ele em era essa esse esta este eu foi mais mas meu minha muito na nas nao no nos o os ou para pela pelo por
porque qual quando que se sem ser seu sua um uma voce favor merci gracias obrigado ciao bonjour hola`;
const PAIRS = `我们 你们 他们 可以 怎么 怎样 如何 什么 为什 么做 这个 那个 一个 没有 不是 就是 还是 但是 因为 所以 如果 已经 现在 需要 应该 能够 请问 请把 帮我 告诉 时候 一下 一些 之前 上次
先不 不要 并且 以及 还有 或者 的时 是什 么是 为何 多少 哪些 哪个 谢谢 を教 教え えて てく くだ ださ さい です ます した する して ている どう うや やっ って ては この その あの とは から まで なに 何で`;

const WORDS: ReadonlySet<string> = new Set(`${ENGLISH} ${GERMAN} ${ROMANCE} ${PAIRS}`.split(/\s+/));

export function isStopWord(folded: string): boolean {
  return WORDS.has(folded);
}
