/** Recorded requests of real command line tools, each for a target in each dialect. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Loss } from '../../src/dialects/dialect.ts';
import type { TargetFacts } from '../../src/dialects/target-facts.ts';
import type { DialectName } from '../../src/exchange/dialect-name.ts';
import { parseObject, type JsonObject } from '../../src/exchange/json.ts';
import type { Request } from '../../src/exchange/request.ts';
import { knownModels } from '../../src/providers/known-models.ts';
import { factsOf } from '../../src/providers/model-facts.ts';
import { VENDORS } from '../../src/sim/vendors.ts';
import { DIALECTS } from './pair.ts';
import { unsaid } from './unsaid.ts';

const FOLDER = fileURLToPath(new URL('../fixtures/requests', import.meta.url));

export interface CliRequest {
  name: string;
  path: string;
  dialect: DialectName;
  body: JsonObject;
}

export function cliRequests(): CliRequest[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => {
      const { path, body } = JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as { path: string; body: JsonObject };
      return { name: file.replace('.json', ''), path, dialect: dialectAt(path), body };
    });
}

function dialectAt(path: string): DialectName {
  if (path.startsWith('/v1/messages')) return 'anthropic-messages';
  if (path.startsWith('/v1/chat/completions')) return 'openai-chat';
  return path.startsWith('/v1/responses') ? 'openai-responses' : 'gemini';
}

/** Who answers in each dialect. */
const ANSWERER: Record<DialectName, { vendor: string; model: string }> = {
  'anthropic-messages': { vendor: 'anthropic', model: 'claude-opus-4-8' },
  'openai-chat': { vendor: 'openai', model: 'gpt-5.4' },
  'openai-responses': { vendor: 'openai', model: 'gpt-5.4' },
  gemini: { vendor: 'google', model: 'gemini-3.1-pro-preview' },
};

export function factsFor(dialect: DialectName): TargetFacts {
  const { vendor, model } = ANSWERER[dialect];
  return factsOf({ vendor, dialect, quirks: {}, overrides: {}, find: knownModels() })(model);
}

export interface Translated {
  losses: Loss[];
  /** What the target's service would answer 400 to. */
  refused: string | undefined;
  /** Places of which nothing is left and that no loss names. */
  silent: string[];
}

/** `via`: the neutral path, also where client and target speak the same dialect. */
export function translate(request: CliRequest, to: DialectName): Translated {
  const neutral = decoded(request.dialect, request.body, request.path);
  const target = DIALECTS[to];
  const { body, losses } = target.encodeRequest(neutral, factsFor(to));
  const path = target.endpoint(ANSWERER[to].model, neutral.stream);
  const wire = JSON.parse(JSON.stringify(body)) as JsonObject;
  const again = decoded(to, wire, path);
  const silent = unsaid(neutral, again, to).filter((what) => !losses.some((loss) => covers(loss.what, what)));
  return { losses, refused: refusal(to, wire, path), silent };
}

/** A native target gets the client's own bytes, where its model takes what the client's own does. */
export function native({ dialect, body, path }: CliRequest): { refused: string | undefined; edits: string[]; same: boolean } {
  const bytes = Buffer.from(JSON.stringify(body));
  const maxTokensField = 'max_completion_tokens' in body ? 'max_completion_tokens' : 'max_tokens';
  const adapted = DIALECTS[dialect].adaptRequest(bytes, 'another-model', { ...factsFor(dialect), maxTokensField, fixedSampling: false });
  const wire = parseObject(adapted.body.toString()) ?? {};
  const { model: _asked, ...before } = body;
  const { model: _sent, ...after } = wire;
  return {
    refused: refusal(dialect, wire, path),
    edits: adapted.edits.map(({ what }) => what).filter((what) => what !== 'model'),
    same: JSON.stringify(before) === JSON.stringify(after),
  };
}

function decoded(dialect: DialectName, body: JsonObject, path: string): Request {
  const result = DIALECTS[dialect].decodeRequest(body, path);
  if (!result.ok) throw new Error(`${result.error.field}: ${result.error.message}`);
  return result.value;
}

function refusal(dialect: DialectName, body: JsonObject, path: string): string | undefined {
  return VENDORS[dialect].strict(body, path)?.message;
}

/** What the encoders call the neutral settings. */
const CALLED: Record<string, string> = {
  topP: 'top_p',
  topK: 'top_k',
  maxOutputTokens: 'max_tokens',
  'reasoning.budget': 'thinking.budget_tokens',
};

/** A loss of a place is one of all that is in it; one of a field (`cache_control`) is one of it wherever it stands. */
function covers(loss: string, what: string): boolean {
  const names = [what, CALLED[what] ?? what, what.replace(/^reasoning\./, 'thinking.')];
  return names.some(
    (name) =>
      name === loss ||
      name.startsWith(`${loss}.`) ||
      name.startsWith(`${loss}[`) ||
      loss.startsWith(`${name}.`) ||
      name.endsWith(`.${loss}`),
  );
}
