import type { JsonObject } from '../../exchange/json.ts';
import type { AskLocal } from './ask.ts';
import { billionsIn, isNoChat, named, object, positive, text } from './fields.ts';
import type { LocalModel, LocalService } from './service.ts';

/**
 * Shapes: docs/api.md and docs/context-length.mdx of ollama/ollama, docs.ollama.com/api-reference/show-model-details (0.40), read
 * 2026-11-23. `/api/tags` lists what is there, `/api/ps` what is in memory and with which context, `/api/show` what a model can.
 */

/** What `/api/show` said of a model does not change while its digest is the same. */
export type Shown = Map<string, ShownModel>;

interface ShownModel {
  longest?: number;
  /** Its own setting, `PARAMETER num_ctx`. */
  set?: number;
  /** As it was running when it was last seen in memory. */
  running?: number;
  capabilities?: string[];
  remote: boolean;
}

/** More descriptions than these are not asked for in one look; the next goes on. */
const MOST_SHOWN = 40;
/** Without a setting and with little video memory a model is loaded with this window, whatever it could take (docs/context-length.mdx). */
const ASSUMED_CONTEXT = 4096;

type Found = Pick<LocalService, 'models' | 'leftOut'>;

/** The models of an Ollama; nothing where it does not answer as one. `root`: its address without `/v1`. */
export async function ollamaModels(ask: AskLocal, root: string, shown: Shown): Promise<Found | undefined> {
  const [tags, running] = await Promise.all([ask(`${root}/api/tags`), ask(`${root}/api/ps`)]);
  if (!tags.ok || tags.value.status !== 200 || !Array.isArray(tags.value.json?.['models'])) return undefined;
  const listed = named(tags.value.json['models'], 'name');
  let asked = 0;
  for (const { name, item } of listed) {
    const digest = digestOf(name, item);
    if (shown.has(digest) || asked >= MOST_SHOWN) continue;
    asked += 1;
    const answer = await ask(`${root}/api/show`, { model: name });
    if (answer.ok && answer.value.status === 200) shown.set(digest, shownModel(answer.value.json ?? {}));
    else if (!answer.ok) break;
  }
  const inMemory = new Map(
    (running.ok ? named(running.value.json?.['models'], 'name') : []).map(({ name, item }) => [name, positive(item['context_length'])]),
  );
  return foundIn(listed, shown, inMemory);
}

function foundIn(listed: ReturnType<typeof named>, shown: Shown, inMemory: ReadonlyMap<string, number | undefined>): Found {
  const found: Found = { models: [], leftOut: [] };
  for (const { name, item } of listed) {
    const known = shown.get(digestOf(name, item));
    const why = notForUs(name, item, known);
    if (why === undefined) found.models.push(modelOf(name, item, known, inMemory));
    else found.leftOut.push({ name, why });
  }
  return found;
}

function notForUs(name: string, item: JsonObject, known: ShownModel | undefined): string | undefined {
  const remote = known?.remote === true || isRemote(item) || /[:-]cloud$/.test(name);
  if (remote) return "runs on Ollama's servers, not here";
  const makesText = known?.capabilities?.includes('completion');
  return (makesText === undefined ? isNoChat(name) || /bert/i.test(text(object(item['details'])['family']) ?? '') : !makesText)
    ? 'makes no text'
    : undefined;
}

function modelOf(
  name: string,
  item: JsonObject,
  known: ShownModel | undefined,
  inMemory: ReadonlyMap<string, number | undefined>,
): LocalModel {
  const loaded = inMemory.has(name);
  const now = inMemory.get(name);
  if (known && now !== undefined) known.running = now;
  const { capabilities, longest, set } = known ?? {};
  const billions = billionsIn(text(object(item['details'])['parameter_size']));
  const bytes = positive(item['size']);
  const running = now ?? known?.running;
  return {
    name,
    loaded,
    context: Math.min(running ?? set ?? ASSUMED_CONTEXT, longest ?? Infinity),
    contextFrom: running !== undefined ? 'running' : set === undefined ? 'assumed' : 'set',
    ...(longest !== undefined && { longest }),
    ...(capabilities && {
      tools: capabilities.includes('tools'),
      images: capabilities.includes('vision'),
      reasoning: capabilities.includes('thinking'),
    }),
    ...(billions !== undefined && { billions }),
    ...(bytes !== undefined && { bytes }),
  };
}

function shownModel(json: JsonObject): ShownModel {
  const info = object(json['model_info']);
  const [, longest] = Object.entries(info).find(([key]) => key.endsWith('.context_length')) ?? [];
  const [, set] = /^num_ctx\s+(\d+)\s*$/m.exec(typeof json['parameters'] === 'string' ? json['parameters'] : '') ?? [];
  const most = positive(longest);
  const { capabilities } = json;
  return {
    remote: isRemote(json),
    ...(most !== undefined && { longest: most }),
    ...(set !== undefined && { set: Number(set) }),
    ...(Array.isArray(capabilities) && { capabilities: capabilities.filter((one) => typeof one === 'string') }),
  };
}

/** Models in Ollama's cloud are listed like those on the disk. */
function isRemote(json: JsonObject): boolean {
  return text(json['remote_model']) !== undefined || text(json['remote_host']) !== undefined;
}

function digestOf(name: string, item: JsonObject): string {
  return `${name} ${text(item['digest']) ?? text(item['modified_at']) ?? ''}`;
}
