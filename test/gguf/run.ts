import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { tinyModel } from '../../src/providers/embedded/tiny-model.fixtures.ts';
import { err, ok } from '../../src/exchange/result.ts';
import { ENGINE_PACKAGE, ENGINE_VERSION } from '../../src/providers/embedded/package.ts';
import { fetchLlamaServer } from './debian-llama.ts';
import { findLlamaServer, withLlamaServer } from './llama-server.ts';
import { lives, parentOf, type Place, type Ran, type Server, startServer, understudy } from './program.ts';
import { callTool, DIALECTS, openai } from './questions.ts';

/**
 * The embedded engine as its user has it: a tiny model of random weights is made here, the real engine is installed from the npm registry into an empty
 * data folder by the real program, and a real server, whose only other target is dead, answers with it. Needs the npm registry and Linux. The last line is
 * `N passed, N failed`; exits with 1 where one failed.
 *
 *   npm run test:gguf
 *   npm run test:gguf -- --keep   leaves the folder, and says where it is
 *   LLAMA_SERVER=/usr/bin/llama-server npm run test:gguf   asks llama.cpp's own server, too
 *   npm run test:gguf -- --debian   the same, with the one of Debian's unstable, fetched for it and not installed
 */
const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false }, debian: { type: 'boolean', default: false } } });
const SAYS = ['Hello', ' there', ',', ' I', ' am', ' small', ' and', ' run', ' here', '.'];
const SENTENCE = SAYS.join('');
/** In Understudy's environment, as keys are. */
const SECRET = 'not-for-the-engine';
const scratch = mkdtempSync(join(tmpdir(), 'understudy-gguf-'));
/** How this machine reaches npm's registry, and where it keeps what it has downloaded before. */
const NETWORK = /^(PATH|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|npm_config_(registry|cafile))$/i;
const network = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value = '']) => (NETWORK.test(name) ? [[name, value]] : [])),
);
const cache = process.env['npm_config_cache'] ?? join(homedir(), '.npm');
const place: Place = {
  folder: join(scratch, 'work'),
  environment: { ...network, HOME: scratch, npm_config_cache: cache, SECRET_TOKEN: SECRET },
};
const began = performance.now();
let passed = 0;
let failed = 0;

function check(title: string, isSo: boolean, seen: unknown = ''): boolean {
  if (isSo) passed++;
  else failed++;
  const since = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${isSo ? 'ok  ' : 'FAIL'}  ${since.padStart(5)} s  ${title}`);
  if (!isSo) console.log(`      ${typeof seen === 'string' ? seen : JSON.stringify(seen)}`);
  return isSo;
}

function ran(title: string, { code, said }: Ran, words: RegExp): boolean {
  return check(title, code === 0 && words.test(said), `exit code ${code}: ${said}`);
}

/** Whether there is an engine now. */
async function install(): Promise<boolean> {
  mkdirSync(place.folder, { recursive: true });
  const write = (name: string, model: Parameters<typeof tinyModel>[0]): void => writeFileSync(join(place.folder, name), tinyModel(model));
  write('tiny.gguf', { says: SAYS, ends: true });
  write('endless.gguf', { says: SAYS, ends: false, context: 4096 });
  write('caller.gguf', { says: ['Let', ' me', ' see', '.', '||call:', ' look_up', '('], ends: true, context: 4096, tools: true });
  writeFileSync(join(place.folder, 'cut.gguf'), tinyModel({ says: SAYS, ends: true }).subarray(0, 200_000));
  // Somebody to ask first, who is not there.
  const dead = `http://127.0.0.1:${await closedPort()}`;
  writeFileSync(
    join(place.folder, 'understudy.yaml'),
    `providers:\n  gone: { dialect: openai-chat, baseUrl: ${dead}/v1, apiKey: k }\nroutes:\n  default: [gone/m]\n`,
    { mode: 0o600 },
  );
  const cut = await understudy(place, 'local', 'install', 'cut.gguf', '--yes');
  check('a file that is cut off is refused before anything is fetched', cut.code === 2 && /cut off/.test(cut.said), cut);
  const asked = await understudy(place, 'local', 'install', 'tiny.gguf');
  check('where nobody can be asked, nothing is fetched without --yes', asked.code === 2 && /MB to download/.test(asked.said), asked);
  const installed = await understudy(place, 'local', 'install', 'tiny.gguf', '--yes');
  if (!ran('the engine is installed, and the model answers', installed, /It answers: /)) return false;
  const again = performance.now();
  ran(
    'a second time nothing is asked and nothing fetched',
    await understudy(place, 'local', 'install', 'tiny.gguf'),
    /in the configuration already/,
  );
  check('… and so it is quick', performance.now() - again < 20_000);
  ran('a second model', await understudy(place, 'local', 'install', 'endless.gguf', '--copy'), /Copied to .*models\/endless\.gguf/);
  ran('a third', await understudy(place, 'local', 'install', 'caller.gguf', '--name', 'caller'), /embedded\/caller/);
  const config = join(place.folder, 'understudy.yaml');
  writeFileSync(config, readFileSync(config, 'utf8').replace('default:', 'only-endless: [embedded/endless]\n  default:'));
  return ran(
    'it can be tried without a server',
    await understudy(place, 'local', 'try', 'Hi'),
    new RegExp(SENTENCE.replaceAll('.', '\\.')),
  );
}

async function answers({ address }: Server): Promise<void> {
  for (const [dialect, ask] of Object.entries(DIALECTS)) {
    const answer = await ask(address, 'whatever', 'Hello?');
    check(`${dialect}: all remote targets dead, the GGUF file answers in a stream`, answer.text === SENTENCE && answer.pieces > 5, answer);
    check(`${dialect}: … and says that it is done`, /^(end_turn|stop|completed|STOP)$/.test(answer.finish), answer);
    const short = await ask(address, 'whatever', 'Hello?', 4);
    check(
      `${dialect}: four tokens are four, and the reason is the length`,
      short.output === 4 && short.text === 'Hello there, I' && /^(max_tokens|length|max_output_tokens|MAX_TOKENS)$/.test(short.finish),
      short,
    );
  }
  const whole = await openai(address).chat.completions.create({ model: 'embedded/tiny', messages: [{ role: 'user', content: 'Hi' }] });
  check('whole, by its own name', whole.choices[0]?.message.content === SENTENCE, whole);
  const begun = await openai(address).chat.completions.create({
    model: 'embedded/tiny',
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello there, I am' },
    ],
  });
  check('an answer that was begun is gone on with', begun.choices[0]?.message.content === ' small and run here.', begun);
  const tool = await callTool(address, 'embedded/caller');
  const [call] = tool.calls;
  check(
    'a tool is called, with arguments that fit its schema',
    tool.stop === 'tool_use' && call?.name === 'look_up' && /^(ships|sails)$/.test((call.input as { topic: string }).topic),
    tool,
  );
  const shaped = await openai(address).chat.completions.create({
    model: 'embedded/tiny',
    messages: [{ role: 'user', content: 'Which?' }],
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'choice', schema: { type: 'object', properties: { a: { enum: ['x', 'y'] } }, required: ['a'] } },
    },
  });
  check('an answer keeps to a JSON schema', /^\{\s*"a"\s*:\s*"[xy]"\s*\}$/.test(shaped.choices[0]?.message.content ?? ''), shaped);
  const tooLong = async (words: string): Promise<{ status?: number; code?: string | null; message?: string }> =>
    openai(address)
      .chat.completions.create({ model: 'embedded/tiny', messages: [{ role: 'user', content: words }] })
      .then(
        () => ({ message: 'it was answered' }),
        (error: { status?: number; code?: string; message?: string }) => error,
      );
  const seen = await tooLong('word '.repeat(700));
  check(
    'what is longer than the window by any estimate is not even sent',
    seen.status === 400 && /too long/.test(seen.message ?? ''),
    seen,
  );
  // A tokenizer that knows no words makes a token of each letter.
  const found = await tooLong('word '.repeat(200));
  check('what turns out to be longer is refused as such', found.status === 400 && found.code === 'context_length_exceeded', found);
}

async function interruptions(server: Server): Promise<void> {
  const { address } = server;
  const gone = new AbortController();
  const stream = await openai(address).chat.completions.create(
    { model: 'embedded/endless', messages: [{ role: 'user', content: 'Go on.' }], stream: true },
    { signal: gone.signal },
  );
  let heard = 0;
  try {
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content && ++heard === 20) gone.abort();
  } catch {
    // That is what giving up looks like.
  }
  const next = await DIALECTS['openai-chat']!(address, 'embedded/endless', 'And now?', 3);
  check('a client that leaves stops its answer, and the next is served', heard >= 20 && next.text === 'Hello there,', { heard, next });

  const before = server.engine();
  check('the engine has a process of its own', before !== undefined && before !== server.pid);
  check('… which may not write or connect', /--permission /.test(readFileSync(`/proc/${before}/cmdline`, 'utf8').replaceAll('\0', ' ')));
  check('… which is given no keys', !readFileSync(`/proc/${before}/environ`, 'utf8').includes(SECRET));
  let killed = false;
  let text = '';
  let finish: string | null | undefined;
  const dying = await openai(address).chat.completions.create({
    model: 'only-endless',
    messages: [{ role: 'user', content: 'Go on.' }],
    stream: true,
    max_tokens: 1500,
  });
  for await (const chunk of dying) {
    text += chunk.choices[0]?.delta.content ?? '';
    finish = chunk.choices[0]?.finish_reason ?? finish;
    if (!killed && text.length > 400) {
      killed = true;
      process.kill(before!, 'SIGKILL');
    }
  }
  const expected = SENTENCE.repeat(Math.ceil(text.length / SENTENCE.length)).slice(0, text.length);
  check('killed in the middle of an answer, a new process finishes it without a seam', killed && text.length > 1000 && text === expected, {
    length: text.length,
    differs: Array.from(text).findIndex((letter, at) => letter !== expected[at]),
    text: text.slice(0, 1200),
  });
  check('… to its proper end', finish === 'length', finish);
  check('… in another process', server.engine() !== undefined && server.engine() !== before);
  check('Understudy itself has noticed nothing', lives(server.pid) && (await fetch(`${address}/healthz`)).ok);

  // Two at once, to two models: one after the other.
  const both = await Promise.all([
    DIALECTS['openai-chat']!(address, 'embedded/tiny', 'One'),
    DIALECTS['anthropic-messages']!(address, 'embedded/endless', 'Two', 5),
  ]);
  check('two models are asked at once, and both answer', both[0].text === SENTENCE && both[1].text === 'Hello there, I am', both);
  const kept = (await (await fetch(`${address}/api/exchanges?limit=100`)).json()) as { exchanges: { outcome?: string }[] };
  check('every answer is kept', kept.exchanges.length >= 15, kept.exchanges.length);
}

async function hasGone(pid: number | undefined): Promise<boolean> {
  for (let wait = 0; wait < 50 && pid !== undefined && lives(pid); wait++) await sleep(100);
  return pid !== undefined && !lives(pid);
}

async function run(): Promise<void> {
  if (!(await install())) return;
  const server = await startServer(place, '--port', '0');
  let engine: number | undefined;
  try {
    await answers(server);
    await interruptions(server);
    engine = server.engine();
  } finally {
    await server.stop();
  }
  check('the engine goes when Understudy does', await hasGone(engine), engine);
  const other = await startServer(place, '--port', '0');
  const gone = new AbortController();
  const asked = openai(other.address)
    .chat.completions.create({ model: 'embedded/endless', messages: [{ role: 'user', content: 'Go on.' }] }, { signal: gone.signal })
    .catch(() => undefined);
  while ((engine = other.engine()) === undefined) await sleep(100);
  process.kill(parentOf(engine), 'SIGKILL');
  check('… and when Understudy is killed', await hasGone(engine), engine);
  gone.abort();
  await Promise.all([asked, other.stop()]);
  const folder = join(scratch, '.local', 'share', 'understudy');
  ran('the engine is removed', await understudy(place, 'local', 'remove', '--yes'), /Removed: /);
  check('… from the disk', statSync(join(folder, 'engine'), { throwIfNoEntry: false }) === undefined);
  const here = findLlamaServer();
  const elsewhere = values.debian
    ? await fetchLlamaServer(join(scratch, 'debian'))
    : err('not on this machine (LLAMA_SERVER, the PATH, or --debian)');
  const program = here === undefined ? elsewhere : ok(here);
  if (!program.ok) return console.log(`skip  llama.cpp's own server: ${program.error}`);
  const dead = `http://127.0.0.1:${await closedPort()}`;
  const served = { model: join(place.folder, 'tiny.gguf'), says: SENTENCE, dead, port: await closedPort() };
  await withLlamaServer(program.value, place, served, check);
}

if (await registryAnswers()) {
  try {
    await run();
  } catch (error) {
    check('the run itself', false, error instanceof Error ? error.stack : String(error));
  }
} else console.log('skip  the npm registry cannot be reached, and the engine comes from there');
if (values.keep) console.log(`\nKept: ${scratch}`);
else rmSync(scratch, { recursive: true, force: true });
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function registryAnswers(): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('npm', ['view', `${ENGINE_PACKAGE}@${ENGINE_VERSION}`, 'version'], { timeout: 20_000 }, (error, out) =>
      resolve(!error && out.includes(ENGINE_VERSION)),
    );
  });
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}
