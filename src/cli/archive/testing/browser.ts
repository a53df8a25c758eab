import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

/** A page in a real browser, spoken to by the Chrome DevTools Protocol (https://chromedevtools.github.io/devtools-protocol/). */
export interface Page {
  /** Opens a file and waits until it is loaded. */
  open(file: string): Promise<void>;
  /** As wide as this, in CSS pixels, light or dark, on a screen or on paper. */
  look(as: { width: number; height: number; dark?: boolean; print?: boolean }): Promise<void>;
  /** What an expression in the page says; it runs although the page itself may run nothing. */
  say(expression: string): Promise<unknown>;
  /** PNG of the whole page, however long. */
  picture(): Promise<Buffer>;
  /** URLs that were asked for since it was opened, the page's own included. */
  asked(): readonly string[];
}

export interface Browser {
  page(): Promise<Page>;
  close(): Promise<void>;
}

type Params = Record<string, unknown>;
type Answer = { result?: Params; error?: { message: string } };

/** Milliseconds. A first start with an empty profile on a busy machine. */
const LONGEST_START = 60_000;
const LONGEST_CALL = 60_000;

/** Starts a Chromium, Chrome or Edge without a window. `profile`: an empty folder of its own. */
export async function startBrowser(program: string, profile: string): Promise<Browser> {
  const child = spawn(
    program,
    [
      '--headless=new',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--hide-scrollbars',
      `--user-data-dir=${profile}`,
      '--remote-debugging-port=0',
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${program} did not say where it listens in ${LONGEST_START / 1000} s`)), LONGEST_START);
    createInterface(child.stderr).on('line', (line) => {
      const [, url] = /DevTools listening on (ws:\S+)/.exec(line) ?? [];
      if (url === undefined) return;
      clearTimeout(late);
      resolve(url);
    });
    child.once('error', reject);
    void ended.then(() => reject(new Error(`${program} ended at once`)));
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });

  const socket = new WebSocket(address);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error(`${address} can't be reached`)));
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  const heard = new Set<(session: string, method: string, params: Params) => void>();
  let last = 0;
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Answer & { id?: number; method?: string; params?: Params; sessionId?: string };
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    else for (const hear of heard) hear(message.sessionId ?? '', message.method ?? '', message.params ?? {});
  });
  const call = (method: string, params: Params = {}, sessionId?: string): Promise<Params> =>
    new Promise((resolve, reject) => {
      const id = ++last;
      const late = setTimeout(() => reject(new Error(`${method}: no answer in ${LONGEST_CALL / 1000} s`)), LONGEST_CALL);
      waiting.set(id, ({ result, error }) => {
        clearTimeout(late);
        waiting.delete(id);
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result ?? {});
      });
      socket.send(JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) }));
    });

  return {
    async page() {
      const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
      const session = String((await call('Target.attachToTarget', { targetId, flatten: true }))['sessionId']);
      const here = (method: string, params: Params = {}): Promise<Params> => call(method, params, session);
      let asked: string[] = [];
      let loaded: () => void = () => undefined;
      heard.add((from, method, params) => {
        if (from !== session) return;
        if (method === 'Page.loadEventFired') loaded();
        if (method === 'Network.requestWillBeSent') asked.push(String((params['request'] as Params)['url']));
      });
      await here('Page.enable');
      await here('Network.enable');
      return {
        async open(file) {
          asked = [];
          const done = new Promise<void>((resolve) => (loaded = resolve));
          await here('Page.navigate', { url: pathToFileURL(file).href });
          await done;
        },
        async look({ width, height, dark = false, print = false }) {
          await here('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
          await here('Emulation.setEmulatedMedia', {
            media: print ? 'print' : 'screen',
            features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
          });
        },
        async say(expression) {
          const { result } = await here('Runtime.evaluate', { expression, returnByValue: true });
          return (result as Params | undefined)?.['value'];
        },
        async picture() {
          const { data } = await here('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true });
          return Buffer.from(String(data), 'base64');
        },
        asked: () => asked.filter((url) => !url.startsWith('data:')),
      };
    },
    async close() {
      socket.close();
      child.kill();
      await ended;
    },
  };
}
