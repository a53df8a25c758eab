// Makes src/providers/models/*.json from the newest data of the npm package @earendil-works/pi-ai (MIT, generated from models.dev and the
// vendors' own lists, released every few days): `node scripts/model-facts.ts [VERSION]`. The package itself is no dependency: it brings
// the SDKs of a dozen services with it, and a release should know what it was tested with.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseObject, isObject } from '../src/exchange/json.ts';
import type { JsonObject } from '../src/exchange/json.ts';
import { normaliseModel } from '../src/providers/model-names.ts';
import type { KnownModel } from '../src/providers/known-models.ts';

const PACKAGE = '@earendil-works/pi-ai';
/** The presets' names -> the package's. */
const HOSTS: Readonly<Record<string, string>> = {
  anthropic: 'anthropic',
  openai: 'openai',
  google: 'google',
  mistral: 'mistral',
  xai: 'xai',
  deepseek: 'deepseek',
  moonshot: 'moonshotai',
  zai: 'zai',
  groq: 'groq',
  cerebras: 'cerebras',
  together: 'together',
  openrouter: 'openrouter',
  bedrock: 'amazon-bedrock',
  vertex: 'google-vertex',
  azure: 'azure',
};
const OUT = new URL('../src/providers/models/', import.meta.url);

const version = process.argv[2] ?? '1.5.2';
const folder = mkdtempSync(join(tmpdir(), 'understudy-models-'));
try {
  const [packed] = execFileSync('npm', ['pack', '--silent', `${PACKAGE}@${version}`], { cwd: folder, encoding: 'utf8' })
    .trim()
    .split('\n')
    .slice(-1);
  execFileSync('tar', ['xzf', packed!], { cwd: folder });
  const data = join(folder, 'package/dist/providers/data');
  const made = object(readFileSync(join(data, '.manifest.json'), 'utf8'))['generatedAt'];
  for (const [host, file] of Object.entries(HOSTS)) {
    const models = modelsOf(object(readFileSync(join(data, `${file}.json`), 'utf8')), host === 'bedrock');
    const rows = Object.entries(models).map(([name, known]) => `    ${JSON.stringify(name)}: ${JSON.stringify(known)}`);
    if (rows.length === 0) throw new Error(`${file}.json has no models: the package's layout has changed`);
    const head = `  "source": ${JSON.stringify(`${PACKAGE}@${version} (MIT), ${file}.json, generated ${String(made)}`)}`;
    writeFileSync(new URL(`${host}.json`, OUT), `{\n${head},\n  "models": {\n${rows.join(',\n')}\n  }\n}\n`);
    process.stdout.write(`${host}: ${rows.length} models\n`);
  }
  execFileSync('oxfmt', [fileURLToPath(OUT)]);
} finally {
  rmSync(folder, { recursive: true });
}

/** By normalised name. The same model under several regions' names: the plainest name counts. */
function modelsOf(file: JsonObject, named: boolean): Record<string, KnownModel> {
  const listed = Object.values(file).flatMap((api) => (isObject(api) ? Object.values(api) : []));
  const chat = listed.filter(isObject).filter((model) => model['type'] === 'chat');
  const byLength = chat.toSorted((one, other) => text(one['id']).length - text(other['id']).length);
  const known: Record<string, KnownModel> = {};
  for (const model of byLength) {
    const id = text(model['id']);
    const name = normaliseModel(id);
    known[name] ??= knownModel(model);
    if (named) (known[name].ids ??= []).push(id);
  }
  return Object.fromEntries(Object.entries(known).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function knownModel(model: JsonObject): KnownModel {
  const { cost, input, contextWindow, maxTokens, reasoning } = model;
  const compat = isObject(model['compat']) ? model['compat'] : {};
  if (!isObject(cost) || !Array.isArray(input))
    throw new Error(`${text(model['id'])} has no cost or input: the package's layout has changed`);
  const tiers = (Array.isArray(cost['tiers']) ? cost['tiers'] : []).filter(isObject);
  const window = number(contextWindow);
  // The package ends some windows where the price rises; how long they really are it does not say.
  const capped = tiers.some((tier) => window !== undefined && (number(tier['inputTokensAbove']) ?? 0) >= window);
  const effort = compat['supportsReasoningEffort'] !== false && (compat['thinkingFormat'] ?? 'openai') === 'openai';
  const free = cost['input'] === 0 && cost['output'] === 0;
  return {
    ...(window === undefined || capped ? {} : { contextWindow: window }),
    ...(number(maxTokens) === undefined ? {} : { maxOutput: number(maxTokens)! }),
    images: input.includes('image'),
    reasoning: reasoning === true ? (effort ? 'effort' : 'other') : 'none',
    ...(compat['supportsTemperature'] === false ? { fixedSampling: true } : {}),
    ...(compat['supportsMidConvoSystemMessages'] === true ? { systemInside: true } : {}),
    ...(compat['requiresReasoningContentOnAssistantMessages'] === true ? { reasoningGoesBack: true } : {}),
    // Nought means unknown there, but for what calls itself free.
    ...(free && !text(model['id']).endsWith(':free')
      ? {}
      : {
          price: {
            ...prices(cost),
            ...(tiers.length === 0
              ? {}
              : { above: tiers.map((tier) => ({ tokens: number(tier['inputTokensAbove']) ?? 0, ...prices(tier) })) }),
          },
        }),
  };
}

function prices(cost: JsonObject): { input: number; output: number; cached?: number; cacheWrite?: number } {
  const [cached, cacheWrite] = [number(cost['cacheRead']), number(cost['cacheWrite'])];
  return {
    input: number(cost['input']) ?? 0,
    output: number(cost['output']) ?? 0,
    ...(cached ? { cached } : {}),
    ...(cacheWrite ? { cacheWrite } : {}),
  };
}

function object(json: string): JsonObject {
  const parsed = parseObject(json);
  if (!parsed) throw new Error("not a JSON object: the package's layout has changed");
  return parsed;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? Math.round(value * 1e6) / 1e6 : undefined;
}
