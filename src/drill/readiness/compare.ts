import type { Delivered } from '../../archive/exchanges/answer.ts';
import { isObject, type Json, parseObject } from '../../exchange/json.ts';
import type { ToolCallPart } from '../../exchange/part.ts';
import type { Request } from '../../exchange/request.ts';
import { type CheckCode, snippetsIn } from './code.ts';
import { misfit } from './fits-schema.ts';
import { textOf } from './kinds.ts';
import { languageOf } from './language.ts';
import { LIMITS } from './limits.ts';
import type { Comparison } from './report.ts';

type Answer = Pick<Delivered, 'parts' | 'finish'>;

/** How models begin where they decline. */
const DECLINES =
  /^\W*(?:i['’]?m (?:very )?sorry,? (?:but )?(?:i |that)|i (?:can(?:['’]t|not)|am (?:not able|unable)|won['’]t|must decline)\b[^.]{0,60}\b(?:help|assist|provide|do|comply|fulfil|answer|continue|support)|es tut mir leid, (?:aber )?(?:ich|das|dabei)|je suis désolée?, mais|lo siento, pero no)/i;
/** Shorter answers say little by their length. */
const SHORT = 200;

/** Compares the backup's answer with the kept one, by rules that give the same result each time. Nothing of either is in what is said. */
export async function compare(request: Request, kept: Answer, given: Answer, check: CheckCode): Promise<Comparison[]> {
  const declined = refusal(kept, given);
  if (declined.state === 'bad') return [declined];
  const cut = wholeness(kept, given);
  const calls = toolCalls(request, kept, given);
  return [
    declined,
    cut,
    ...json(request, kept, given),
    ...calls,
    // An answer that is a call instead of words, or the other way round, has been told already.
    ...(callsOf(given).length > 0 || callsOf(kept).length > 0 ? [] : [...language(kept, given), ...length(request, kept, given)]),
    ...(await code(kept, given, check)),
  ];
}

function refusal(kept: Answer, given: Answer): Comparison {
  const what = 'refusal' as const;
  const declines = (answer: Answer): boolean =>
    answer.finish === 'refusal' ||
    answer.finish === 'content-filter' ||
    answer.parts.some(({ type }) => type === 'refusal') ||
    (callsOf(answer).length === 0 && DECLINES.test(textOf(answer.parts).slice(0, 300)));
  if (!declines(given)) return { what, state: 'good', said: 'It does not decline.' };
  if (declines(kept)) return { what, state: 'good', said: 'It declines, as the lead did.' };
  return { what, state: 'bad', said: 'it declines' };
}

function wholeness(kept: Answer, given: Answer): Comparison {
  const what = 'whole' as const;
  if (textOf(given.parts).trim() === '' && callsOf(given).length === 0) return { what, state: 'bad', said: 'an answer without content' };
  if (given.finish === 'length' && kept.finish !== 'length') return { what, state: 'bad', said: 'cut off at its token limit' };
  return { what, state: 'good', said: 'It comes to its end.' };
}

function json({ output }: Request, kept: Answer, given: Answer): Comparison[] {
  const what = 'JSON' as const;
  if (output.type === 'text' || callsOf(given).length > 0) return [];
  const value = parsed(textOf(given.parts));
  if (value === undefined)
    return [{ what, state: parsed(textOf(kept.parts)) === undefined ? 'good' : 'bad', said: 'JSON that does not parse' }];
  if (output.type === 'json') return [{ what, state: 'good', said: 'It is JSON.' }];
  const wrong = misfit(value, output.schema);
  if (wrong === undefined) return [{ what, state: 'good', said: 'It is JSON and fits the schema.' }];
  const before = misfit(parsed(textOf(kept.parts)), output.schema);
  return [{ what, state: before === undefined ? 'bad' : 'look', said: 'JSON that does not fit the schema' }];
}

function toolCalls({ tools }: Request, kept: Answer, given: Answer): Comparison[] {
  const what = 'tool call' as const;
  const [before, now] = [callsOf(kept), callsOf(given)];
  if (tools.length === 0 || (before.length === 0 && now.length === 0)) return [];
  for (const call of now) {
    const tool = tools.find(({ name }) => name === call.name);
    if (!tool) return [{ what, state: 'bad', said: 'a call of a tool that was not offered' }];
    const given_ = parseObject(call.arguments === '' ? '{}' : call.arguments);
    if (!given_) return [{ what, state: 'bad', said: 'a tool call whose arguments do not parse' }];
    if (tool.type === 'function' && misfit(given_, tool.parameters) !== undefined)
      return [{ what, state: 'bad', said: 'a tool call whose arguments do not fit' }];
  }
  if (now.length === 0) return [{ what, state: 'bad', said: 'words in place of a tool call' }];
  if (before.length === 0) return [{ what, state: 'look', said: 'a tool call in place of words' }];
  const [first, then] = [before[0]!, now[0]!];
  if (first.name !== then.name) return [{ what, state: 'look', said: 'another tool is called first' }];
  return sameKeys(first, then)
    ? [{ what, state: 'good', said: 'It calls the same tool with the same arguments, by name.' }]
    : [{ what, state: 'good', said: 'It calls the same tool; which of its optional arguments are given differs.' }];
}

function sameKeys(one: ToolCallPart, other: ToolCallPart): boolean {
  const keys = (call: ToolCallPart): string =>
    Object.keys(parseObject(call.arguments) ?? {})
      .toSorted()
      .join();
  return keys(one) === keys(other);
}

function language(kept: Answer, given: Answer): Comparison[] {
  const [before, now] = [languageOf(textOf(kept.parts)), languageOf(textOf(given.parts))];
  if (before === undefined || now === undefined) return [];
  if (before === now) return [{ what: 'language', state: 'good', said: `It answers in ${now}.` }];
  return [{ what: 'language', state: 'bad', said: `an answer in ${now} where it was in ${before}` }];
}

function length({ output }: Request, kept: Answer, given: Answer): Comparison[] {
  const what = 'length' as const;
  const [before, now] = [textOf(kept.parts).length, textOf(given.parts).length];
  if (before < SHORT || output.type !== 'text') return [];
  const { look, bad } = LIMITS.length;
  const times = now / before;
  if (times >= 1 / look && times <= look) return [{ what, state: 'good', said: 'It is about as long.' }];
  const said = times < 1 ? `an answer ${Math.round(1 / times)} times shorter` : `an answer ${Math.round(times)} times longer`;
  return [{ what, state: times < 1 / bad || times > bad ? 'bad' : 'look', said }];
}

async function code(kept: Answer, given: Answer, check: CheckCode): Promise<Comparison[]> {
  const what = 'code' as const;
  const snippets = snippetsIn(textOf(given.parts));
  const before = snippetsIn(textOf(kept.parts));
  if (before.length > 0 && snippets.length === 0 && callsOf(given).length === 0)
    return [{ what, state: 'look', said: 'no code where there was some' }];
  const found: Comparison[] = [];
  for (const language of new Set(snippets.map((each) => each.language))) {
    const results = await Promise.all(snippets.filter((each) => each.language === language).map(check));
    if (results.includes(undefined)) found.push({ what, state: 'unchecked', said: `${language}: not looked at, nothing here reads it` });
    if (!results.includes(false)) {
      if (results.includes(true)) found.push({ what, state: 'good', said: `Its ${language} parses.` });
      continue;
    }
    const old = await Promise.all(before.filter((each) => each.language === language).map(check));
    // The lead's did not parse either: a piece out of a file, as both took the question.
    found.push({ what, state: old.includes(false) ? 'look' : 'bad', said: `${language} that does not parse` });
  }
  return found;
}

function callsOf({ parts }: Answer): ToolCallPart[] {
  return parts.filter((part) => part.type === 'tool-call');
}

/** Models put fences around JSON that they were asked for alone; most clients bear that. */
function parsed(text: string): Json | undefined {
  const bare = text.trim().replace(/^```(?:json)?\s*\n([\s\S]*?)\n?```$/, '$1');
  try {
    const value = JSON.parse(bare) as Json;
    return isObject(value) || Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
