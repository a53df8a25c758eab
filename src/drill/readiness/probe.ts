import { dialectOf } from '../../dialects/all.ts';
import { parseObject, type JsonObject } from '../../exchange/json.ts';
import type { Result } from '../../exchange/result.ts';
import { accountName } from '../../exchange/target.ts';
import { makePlan, type Plan, type PlannedTarget, type World } from '../../failover/plan.ts';
import { askModels, listsModels, type ModelsAnswer } from '../../providers/ask-models.ts';
import type { TransportError } from '../../providers/call.ts';
import { askOnce, type AskPorts, type Heard } from './ask.ts';
import type { Backup, Cast } from './casts.ts';
import type { Purse } from './purse.ts';

/** What two small questions and a look at the list of models have shown of a backup. */
export interface Probed {
  /** Of each of its keys; one where it has one. */
  accounts: { account: string; list: Result<ModelsAnswer, TransportError> | undefined; words: Heard | undefined }[];
  /** Absent: it was not asked, since it could not even answer in words; or there was no money or time left. */
  tools: ToolProbe | undefined;
  /** It may not be asked with tools, by what is known of it. */
  toolsRefused?: string;
}

export interface ToolProbe {
  heard: Heard;
  /** Only where it may choose does it call a tool. */
  unforced: boolean;
  /** A call of the tool that was offered, with arguments that fit. */
  called: boolean;
  /** What came in its place. */
  instead?: string;
}

/** Tokens that a probe may come to: enough for what a thinking model thinks first. */
const MOST = 800;
const INPUT = 120;
const WORDS = 'Write the numbers from one to twenty as words, separated by commas. Nothing else.';
const TOOL = 'note_number';
const CALL = `Use the tool ${TOOL} to note the number seven.`;

/** Requests that `probe` makes at most, besides lists of models. */
export const PROBE_REQUESTS = 2;

/** Dollars for both probes. */
export function probeCost(price: { input: number; output: number } | undefined): number | undefined {
  return price && (PROBE_REQUESTS * (INPUT * price.input + MOST * price.output)) / 1_000_000;
}

/** Asks a backup alone, through the engine: its faults are named as they are in a real failover. */
export async function probe(ports: AskPorts, world: World, cast: Cast, backup: Backup, purse: Purse, alone: boolean): Promise<Probed> {
  const words = wordsBody(cast.model);
  const plan = planFor(world, cast, words, alone, backup);
  if (typeof plan === 'string') return { accounts: [], tools: undefined };
  const accounts: Probed['accounts'] = [];
  for (const planned of plan.targets) {
    const { provider } = planned;
    const account = accountName(planned.target);
    const refused = purse.affords(costOf(planned));
    if (refused !== undefined) {
      accounts.push({ account, list: undefined, words: undefined });
      continue;
    }
    const [list, heard] = await Promise.all([
      listsModels(provider)
        ? askModels(ports.call, ports.clock, provider, { patience: purse.patience(), signal: purse.signal })
        : undefined,
      askAside(ports, { ...plan, targets: [planned] }, words, purse),
    ]);
    accounts.push({ account, list, words: heard });
  }
  const able = plan.targets.find((_, place) => accounts[place]?.words?.outcome === 'whole');
  if (!able) return { accounts, tools: undefined };
  return { accounts, ...(await probeTools(ports, world, cast, backup, able, purse, alone)) };
}

async function probeTools(
  ports: AskPorts,
  world: World,
  cast: Cast,
  backup: Backup,
  able: PlannedTarget,
  purse: Purse,
  alone: boolean,
): Promise<Pick<Probed, 'tools' | 'toolsRefused'>> {
  const ask = async (forced: boolean): Promise<Heard | string | undefined> => {
    const body = toolBody(cast.model, forced);
    const plan = planFor(world, cast, body, alone, backup);
    if (typeof plan === 'string') return plan;
    const targets = plan.targets.filter(({ target }) => target.credential === able.target.credential);
    return askIn(ports, { ...plan, targets }, body, purse);
  };
  const forced = await ask(true);
  if (typeof forced === 'string') return { tools: undefined, toolsRefused: forced };
  if (!forced) return { tools: undefined };
  const first = judged(forced, false);
  if (first.called) return { tools: first };
  // Some take tools, and not a word about which to use (models that think; some servers of one's own).
  const free = await ask(false);
  if (typeof free !== 'object') return { tools: first };
  const second = judged(free, true);
  return { tools: second.called ? second : first };
}

function judged(heard: Heard, unforced: boolean): ToolProbe {
  const calls = heard.answer.parts.flatMap((part) => (part.type === 'tool-call' ? [part] : []));
  const called = calls.some(({ name, arguments: json }) => name === TOOL && typeof parseObject(json)?.['number'] === 'number');
  if (called) return { heard, unforced, called };
  const [call] = calls;
  const instead =
    heard.outcome !== 'whole' || (heard.answer.finish === 'length' && !call)
      ? undefined
      : call
        ? call.name === TOOL
          ? 'a call whose arguments do not fit what was described'
          : 'a call of a tool that was not offered'
        : 'words';
  return { heard, unforced, called, ...(instead !== undefined && { instead }) };
}

async function askIn(ports: AskPorts, plan: Plan, body: Buffer, purse: Purse): Promise<Heard | undefined> {
  return purse.affords(costOf(plan.targets[0]!)) === undefined ? askAside(ports, plan, body, purse) : undefined;
}

/** Dollars of one probe; `undefined`: nobody knows. */
function costOf({ facts: { price }, provider }: PlannedTarget): number | undefined {
  return price ? (INPUT * price.input + MOST * price.output) / 1_000_000 : provider.local ? 0 : undefined;
}

/** Asks what money has been set aside for. */
async function askAside(ports: AskPorts, plan: Plan, body: Buffer, purse: Purse): Promise<Heard | undefined> {
  const head = dialectOf('openai-chat').inspect(body, '/v1/chat/completions');
  if (!head.ok) return undefined;
  const heard = await askOnce(ports, {
    dialect: 'openai-chat',
    head: head.value,
    body,
    path: '/v1/chat/completions',
    plan,
    patience: purse.patience(),
    signal: purse.signal,
  });
  purse.spend(costOf(plan.targets[0]!), heard);
  return heard;
}

/** The plan for one backup alone; or why it may not be asked this. */
function planFor(world: World, cast: Cast, body: Buffer, alone: boolean, backup: Backup): Plan | string {
  const head = dialectOf('openai-chat').inspect(body, '/v1/chat/completions');
  if (!head.ok) return head.error.message;
  const client = { credential: 'none' as const, alone };
  const plan = makePlan(world, { dialect: 'openai-chat', head: head.value, client, route: cast.route.name, body });
  if (!plan.ok) return plan.error.message;
  const targets = plan.value.targets.filter(({ target }) => `${target.provider}/${target.model}` === backup.target);
  if (targets.length > 0) return { ...plan.value, targets, skipped: [], defer: false };
  return plan.value.skipped.find(({ target }) => target === backup.target)?.reason ?? 'it is no target of this route';
}

function wordsBody(model: string): Buffer {
  return bodyOf({ model, stream: true, max_tokens: MOST, messages: [{ role: 'user', content: WORDS }] });
}

function toolBody(model: string, forced: boolean): Buffer {
  const parameters = { type: 'object', properties: { number: { type: 'integer' } }, required: ['number'] };
  return bodyOf({
    model,
    stream: true,
    max_tokens: MOST,
    messages: [{ role: 'user', content: CALL }],
    tools: [{ type: 'function', function: { name: TOOL, description: 'Notes a number.', parameters } }],
    tool_choice: forced ? { type: 'function', function: { name: TOOL } } : 'auto',
  });
}

function bodyOf(body: JsonObject): Buffer {
  return Buffer.from(JSON.stringify(body));
}
