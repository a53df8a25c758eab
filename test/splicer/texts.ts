/** A text as an assistant might write it. All of them were written for this purpose. */
export interface Text {
  kind: string;
  text: string;
}

const PROSE = `The harbour was quiet that morning. Three boats lay at the quay, their nets still wet from the night, and a man in a blue coat counted crates of silver fish. Nobody spoke. A gull walked along the wall as if it owned the place, and when the bell of the small church rang eight, the man closed his book, looked up at the grey sky and went home.

“You’re late,” said his wife — she had been up since five — “and the coffee’s cold.” He didn’t answer; he hung his coat on the nail behind the door, where it had hung for thirty years, and sat down. The letter lay between them on the table. It had come on Monday, and on Monday they had agreed to open it on Tuesday. It was Thursday now.

There are decisions that are taken by not taking them. The house on the hill had been sold that way, and so had the boat; one day somebody came with a paper, and the paper was signed, because the pen was there. He turned the letter over. On its back, in a hand that he knew, were four words: “Please come before winter.”`;

const LISTS = `# Moving a service to a new host

Before you begin, make sure that you have a **recent backup** and that somebody else knows what you are about to do.

## Steps

1. Lower the TTL of the DNS record to 60 seconds, a day in advance.
2. Copy the data:
   - stop the writers first,
   - then run the copy twice; the second run is short.
3. Start the service on the new host and look at its log.
4. Change the record.

> **Note:** clients that cache names for longer than they should will go on talking to the old host. Leave it up for a week.

## What can go wrong

- The certificate is for the old name. Check it with \`openssl s_client -connect new.example.org:443\`.
- The clock of the new host is off. *Tokens then expire before they are valid.*
- Somebody has the old address in a file. Search for it:
  - in \`/etc/hosts\`,
  - in the settings of your backups,
  - in that script that nobody remembers.

- [x] backup made
- [x] record lowered
- [ ] old host switched off`;

const TABLE = `Here is the comparison that you asked for. The figures are of last year, in thousands.

| Region      | First | Second | Third | Fourth | Change |
| ----------- | ----: | -----: | ----: | -----: | :----: |
| North       |   120 |    131 |   128 |    140 | +16 %  |
| South       |    98 |     97 |    99 |    101 | +3 %   |
| East        |   210 |    190 |   185 |    170 | -19 %  |
| West        |   120 |    131 |   128 |    140 | +16 %  |
| Overseas    |     0 |      0 |     0 |      0 | n/a    |
| Elsewhere   |     0 |      0 |     0 |      0 | n/a    |
| **Total**   |   548 |    549 |   540 |    551 | +0.5 % |

Two things stand out. First, the East has lost what the North and the West have won between them. Second, *Overseas* and *Elsewhere* have been empty for a year and could be left out of the next report.

| Who   | What          | When  |
| ----- | ------------- | ----- |
| Anna  | new layout    | May   |
| Boris | check figures | May   |
| Chloé | send          | June  |`;

const CODE = `You can debounce it with a small closure. Here is a version without dependencies:

\`\`\`ts
export function debounce<Args extends unknown[]>(task: (...args: Args) => void, delay: number): (...args: Args) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (...args) => {
    if (timer !== undefined) {
      clearTimeout(timer);
    }
    timer = setTimeout(() => {
      timer = undefined;
      task(...args);
    }, delay);
  };
}
\`\`\`

And this is how it is used:

\`\`\`ts
const search = debounce((words: string) => {
  if (words === '') {
    return;
  }
  fetch(\`/search?q=\${encodeURIComponent(words)}\`)
    .then((response) => response.json())
    .then((found) => {
      show(found);
    })
    .catch((error) => {
      console.error(error);
    });
}, 250);

input.addEventListener('input', () => {
  search(input.value);
});
\`\`\`

Mind that the last call wins. If you need the first one to win, swap the two lines in the middle and return early while the timer runs.`;

const PYTHON = `\`\`\`python
import csv
from dataclasses import dataclass


@dataclass
class Row:
    name: str
    amount: float

    def __str__(self) -> str:
        return f"{self.name}: {self.amount:.2f}"


def read(path: str) -> list[Row]:
    rows: list[Row] = []
    with open(path, newline="") as file:
        for line in csv.DictReader(file):
            if not line["name"]:
                continue
            rows.append(Row(line["name"], float(line["amount"])))
    return rows


def total(rows: list[Row]) -> float:
    result = 0.0
    for row in rows:
        result += row.amount
    return result


if __name__ == "__main__":
    for row in read("rows.csv"):
        print(row)
    print("total", total(read("rows.csv")))
\`\`\``;

const JSON_TEXT = JSON.stringify(
  {
    title: 'Inventory of the north store',
    items: Array.from({ length: 14 }, (_, at) => ({
      id: `item-${at + 1}`,
      name: ['bolt', 'nut', 'washer', 'screw'][at % 4],
      count: (at * 37) % 100,
      checked: at % 3 === 0,
      note: at % 5 === 0 ? 'count again "by hand"' : null,
    })),
  },
  undefined,
  2,
);

const LATEX = `We show that the sum of the first $n$ odd numbers is $n^2$.

\\begin{align}
  \\sum_{k=1}^{n} (2k - 1) &= 2 \\sum_{k=1}^{n} k - \\sum_{k=1}^{n} 1 \\\\
                          &= 2 \\cdot \\frac{n(n+1)}{2} - n \\\\
                          &= n(n + 1) - n = n^2.
\\end{align}

where the second step uses the well-known formula of Gauß. For the integral version, let $f(x) = 2x$; then
\\[
  \\int_0^n f(x)\\,\\mathrm{d}x = \\left[ x^2 \\right]_0^n = n^2,
\\]
so that the two agree without any correction term. $\\blacksquare$`;

const CHINESE = `清晨的港口非常安静。三条渔船停在码头边，渔网还是湿的，一个穿蓝色外套的男人正在数装满银色小鱼的箱子。没有人说话。一只海鸥沿着墙慢慢走着，好像这里是它的家。

当小教堂的钟敲了八下，那个男人合上账本，抬头看了看灰色的天空，然后回家去了。“你迟到了，”他的妻子说，“咖啡已经凉了。”他没有回答，只是把外套挂在门后的钉子上——那件外套已经在那里挂了三十年。

桌子上放着一封信。信是星期一到的，星期一他们说好星期二再打开。现在已经是星期四了。主要有三个原因：第一，他不想知道；第二，她已经知道了；第三，冬天还很远。`;

const JAPANESE = `港はその朝とても静かでした。三隻の船が岸壁に並び、網はまだ夜露に濡れていました。青いコートの男が銀色の魚の箱を数えています。誰も話しません。カモメが一羽、まるで自分の家のように塀の上を歩いていました。

「遅かったわね」と妻が言いました。「コーヒーはもう冷めていますよ。」彼は答えずに、三十年間同じ場所に掛けてきたコートを釘に掛けました。テーブルの上には手紙がありました。月曜日に届いた手紙です。ｶﾀｶﾅも、ひらがなも、漢字も混ざっています。`;

const ARABIC = `كان الميناء هادئًا في ذلك الصباح. كانت ثلاثة قوارب راسية عند الرصيف، وشباكها ما تزال مبللة من الليل، وكان رجل يرتدي معطفًا أزرق يعدّ صناديق السمك الفضي. لم يتكلم أحد. وكانت نورسة تمشي على طول الجدار كأنها تملك المكان.

قالت زوجته: «لقد تأخرت، والقهوة بردت.» لم يُجِب؛ علّق معطفه على المسمار خلف الباب، حيث كان معلّقًا منذ ثلاثين عامًا، ثم جلس. كانت الرسالة بينهما على الطاولة، وقد وصلت يوم الاثنين (الساعة 10:30)، واتفقا على فتحها يوم الثلاثاء.`;

const HINDI = `उस सुबह बंदरगाह बहुत शांत था। तीन नावें घाट पर खड़ी थीं, उनके जाल रात से अब तक गीले थे, और नीले कोट वाला एक आदमी चाँदी जैसी मछलियों की पेटियाँ गिन रहा था। कोई नहीं बोल रहा था। एक समुद्री चिड़िया दीवार पर ऐसे चल रही थी जैसे वह उसकी अपनी हो।

जब छोटे गिरजाघर की घंटी ने आठ बजाए, तो आदमी ने अपनी किताब बंद की, धूसर आकाश की ओर देखा और घर चला गया। “तुम्हें देर हो गई,” उसकी पत्नी ने कहा, “कॉफ़ी ठंडी हो चुकी है।” क्षत्रिय, ज्ञान, श्रृंखला और विद्यार्थी जैसे शब्दों में संयुक्ताक्षर होते हैं।`;

const THAI = `เช้าวันนั้นท่าเรือเงียบมาก เรือสามลำจอดอยู่ที่ท่า อวนยังเปียกอยู่ตั้งแต่เมื่อคืน และชายคนหนึ่งในเสื้อคลุมสีน้ำเงินกำลังนับลังปลาสีเงิน ไม่มีใครพูดอะไรเลย นกนางนวลตัวหนึ่งเดินไปตามกำแพงราวกับว่าเป็นเจ้าของที่นี่

เมื่อระฆังของโบสถ์เล็กดังแปดครั้ง ชายคนนั้นก็ปิดสมุด เงยหน้ามองท้องฟ้าสีเทา แล้วเดินกลับบ้าน "คุณมาสาย" ภรรยาของเขาพูด "กาแฟเย็นหมดแล้ว" เขาไม่ตอบ เขาแขวนเสื้อคลุมไว้ที่ตะปูหลังประตูซึ่งแขวนมาสามสิบปีแล้ว`;

const KOREAN = `그날 아침 항구는 무척 조용했습니다. 배 세 척이 부두에 묶여 있었고 그물은 밤새 젖은 그대로였으며, 파란 외투를 입은 남자가 은빛 생선 상자를 세고 있었습니다. 아무도 말하지 않았습니다. 갈매기 한 마리가 제집인 양 담을 따라 걸었습니다.

작은 교회의 종이 여덟 번 울리자 남자는 장부를 덮고 잿빛 하늘을 올려다본 뒤 집으로 돌아갔습니다. “늦었네요.” 아내가 말했습니다. “커피는 벌써 식었어요.”`;

const EMOJI = `Great news 🎉🎉! The family 👨‍👩‍👧‍👦 arrived safely in 🇫🇷 after a stop in 🇩🇪🇨🇭. Weather: ☀️ then 🌧️, and the kids loved the 🏖️.

Thumbs: 👍🏻👍🏼👍🏽👍🏾👍🏿 — everyone voted ✅. The pilots 👩🏽‍✈️👨🏿‍✈️ waved, the 🏴󠁧󠁢󠁳󠁣󠁴󠁿 flag was out, and a rainbow flag 🏳️‍🌈 hung next to it. ❤️‍🔥 Keycaps 1️⃣2️⃣3️⃣ work too!

1️⃣ pack 🧳
2️⃣ fly ✈️
3️⃣ sleep 😴💤

See you soon 😘 — Mum 👩‍🦰 & Dad 🧔🏻‍♂️`;

const COMBINING = `Le café où l’on dîne fut fermé à la mi-août; “ça ira”, dit-il. ${'Zoë a déjà goûté à la crème brûlée, évidemment; Šárka přišla později, a Nguyễn Thị Hồng Ngọc cũng đến từ Việt Nam.'.normalize('NFD')} Z̷a̷l̷g̷o̷ t̴e̴x̴t̴ ȩ̸͖̀x̶̣̽ì̵̪s̷͉̈t̵̗̓s̴͔̈́. Ångström et Å sont parfois la même lettre, parfois non; naïve, coöperate, Ελληνικά με τόνους: ναί, ἀρχή, ᾧδε. Русский текст с ударе́ниями: за́мок и замо́к, ё и й.`;

const POEM = `the tide comes in

and takes the sand

the tide goes out

and leaves the land

so comes the tide, so goes the tide,
so comes the tide, so goes the tide,
and nobody who watched it said
what nobody who knew denied

the tide comes in`;

const GERMAN = `Der Hafen war still an diesem Morgen. Drei Boote lagen am Kai, die Netze noch nass von der Nacht, und ein Mann im blauen Mantel zählte Kisten voll silberner Fische. Niemand sprach. „Du bist spät“, sagte seine Frau, „und der Kaffee ist kalt.“ Er antwortete nicht; er hängte den Mantel an den Nagel hinter der Tür, an dem er seit dreißig Jahren hing – so, wie man etwas tut, das man nicht mehr bemerkt – und setzte sich.

Übrigens: Straße, Maß und Fuß schreibt man mit ß, weil der Vokal davor lang ist; Fluss, Kuss und muss dagegen mit ss. Größenänderungsverordnungsentwurf ist kein Wort, das man zweimal schreiben möchte.`;

const SHELL = `Run these, one after the other:

\`\`\`sh
sudo systemctl stop store
sudo rsync -a --delete /var/lib/store/ new:/var/lib/store/
sudo rsync -a --delete /var/lib/store/ new:/var/lib/store/
ssh new sudo systemctl start store
ssh new journalctl -u store -f
\`\`\`

The output should look like this:

\`\`\`
-- Logs begin at Mon 2026-06-01 --
store[812]: listening on :8080
store[812]: 0 errors, 0 warnings
store[812]: 0 errors, 0 warnings
store[812]: 0 errors, 0 warnings
\`\`\`

If it does not, look at \`/etc/store/store.toml\` first; in nine cases out of ten it is the path.`;

const ROWS = Array.from({ length: 24 }, (_, at) => `| ${2003 + at} | 0 | 0 | ${at % 6 === 0 ? 1 : 0} | none |`).join('\n');

const LOG = Array.from(
  { length: 20 },
  (_, at) => `2026-06-02T06:${String(5 + at).padStart(2, '0')}:11Z WARN upstream returned 529, trying again in ${2 ** (at % 5)} s`,
).join('\n');

export const TEXTS: readonly Text[] = [
  { kind: 'prose', text: PROSE },
  { kind: 'prose, German', text: GERMAN },
  { kind: 'Markdown with lists', text: LISTS },
  { kind: 'Markdown with tables', text: TABLE },
  {
    kind: 'table of like rows',
    text: `Years without an accident:\n\n| year | a | b | c | note |\n| --- | --- | --- | --- | --- |\n${ROWS}\n\nOnly four are marked.`,
  },
  { kind: 'TypeScript between words', text: CODE },
  { kind: 'Python, fenced as a whole', text: PYTHON },
  { kind: 'shell and its output', text: SHELL },
  { kind: 'log', text: LOG },
  { kind: 'JSON', text: JSON_TEXT },
  { kind: 'LaTeX', text: LATEX },
  { kind: 'poem', text: POEM },
  { kind: 'Chinese', text: CHINESE },
  { kind: 'Japanese', text: JAPANESE },
  { kind: 'Korean', text: KOREAN },
  { kind: 'Arabic', text: ARABIC },
  { kind: 'Hindi', text: HINDI },
  { kind: 'Thai', text: THAI },
  { kind: 'emoji', text: EMOJI },
  { kind: 'combining characters', text: COMBINING },
];
