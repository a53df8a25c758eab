import { dialectOf } from '../../dialects/all.ts';
import { parseObject } from '../../exchange/json.ts';
import { makePlan, type World } from '../../failover/plan.ts';
import { askOnce, type AskPorts, type Heard } from './ask.ts';
import type { Cast } from './casts.ts';
import { textOf, lastQuestion } from './kinds.ts';
import type { Prompt } from './past.ts';
import type { Purse } from './purse.ts';
import type { Comparison } from './report.ts';

/** Characters of each text that a judge reads. */
const MOST_READ = 8000;
const MOST_TOKENS = 400;

/**
 * A model that says whether the backup's answer would do in place of the kept one. It sees the question and both answers, in an order that
 * does not tell which is which, and is asked only where the route admits its provider.
 */
export function judgeBy(
  { ports, world, purse, alone }: { ports: AskPorts; world: World; purse: Purse; alone: boolean },
  cast: Cast,
  judge: string,
): (prompt: Prompt, heard: Heard) => Promise<Comparison | undefined> {
  return async (prompt, heard) => {
    const kept = textOf(prompt.answer.parts).slice(0, MOST_READ);
    const given = textOf(heard.answer.parts).slice(0, MOST_READ);
    if (kept === '' || given === '') return undefined;
    // By what is asked, so that a repetition asks the same.
    const swapped = prompt.exchange.charCodeAt(prompt.exchange.length - 1) % 2 === 0;
    const [one, two] = swapped ? [given, kept] : [kept, given];
    const question = lastQuestion(prompt.request).slice(0, MOST_READ);
    const content = `Two assistants answered the same question. Say of each whether it does what was asked: 0 not at all, 10 fully. Answer only with JSON: {"first": n, "second": n}.\n\n<question>\n${question}\n</question>\n<first>\n${one}\n</first>\n<second>\n${two}\n</second>`;
    const body = Buffer.from(
      JSON.stringify({ model: judge, stream: true, max_tokens: MOST_TOKENS, messages: [{ role: 'user', content }] }),
    );
    const head = dialectOf('openai-chat').inspect(body, '/v1/chat/completions');
    const target = { provider: judge.slice(0, judge.indexOf('/')), model: judge.slice(judge.indexOf('/') + 1) };
    const routes = new Map([[cast.route.name, { ...cast.route, targets: [target] }]]);
    const plan = head.ok
      ? makePlan(
          { ...world, routes },
          { dialect: 'openai-chat', head: head.value, client: { credential: 'none', alone }, route: cast.route.name, body },
        )
      : undefined;
    if (!head.ok || !plan?.ok) return { what: 'judge', state: 'unchecked', said: `${judge} may not be asked on this route` };
    const price = plan.value.targets[0]?.facts.price;
    const cost = price && ((body.length / 4) * price.input + MOST_TOKENS * price.output) / 1_000_000;
    const refused = purse.affords(cost);
    if (refused !== undefined) return { what: 'judge', state: 'unchecked', said: refused };
    const verdict = await askOnce(ports, {
      dialect: 'openai-chat',
      head: head.value,
      body,
      path: '/v1/chat/completions',
      plan: { ...plan.value, defer: false },
      patience: purse.patience(),
      signal: purse.signal,
    });
    purse.spend(cost, verdict);
    const said = parseObject(/\{[^{}]*\}/.exec(textOf(verdict.answer.parts))?.[0] ?? '');
    const [first, second] = [said?.['first'], said?.['second']];
    if (typeof first !== 'number' || typeof second !== 'number')
      return { what: 'judge', state: 'unchecked', said: `${judge} gave no verdict` };
    const [before, now] = swapped ? [second, first] : [first, second];
    const text = `${judge} gives it ${now} of 10, and the lead's ${before}`;
    return { what: 'judge', state: now >= before - 2 ? 'good' : now >= before - 5 ? 'look' : 'bad', said: text };
  };
}
