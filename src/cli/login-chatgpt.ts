import { randomFillSync } from 'node:crypto';
import { amendConfig } from '../config/amend.ts';
import { isLoopback } from '../providers/proxy-choice.ts';
import { signIn } from '../providers/sign-in/sign-in.ts';
import { signOut } from '../providers/sign-in/sign-out.ts';
import type { Context } from './command.ts';
import { EXIT } from './exit-code.ts';
import { configFile } from './login-claude.ts';
import { readConfigAnyway } from './missing-keys.ts';
import { openPage } from './open-page.ts';
import { withSignInPlace } from './sign-in-place.ts';

/** developers.openai.com/siwc/token-sharing-open-source/sign-in: the preferred one. */
const PORT = 1455;

export async function loginChatGpt(context: Context): Promise<number> {
  const { flags, terminal, deps } = context;
  const { surroundings } = deps;
  const loaded = readConfigAnyway(context);
  if (!loaded.ok) {
    for (const line of loaded.error) terminal.note(line);
    return EXIT.usage;
  }
  const { host } = loaded.value.loaded.settings.server;
  if (!isLoopback(host.replace(/^\[|\]$/g, ''))) {
    terminal.note(
      `This Understudy listens on ${host}, for others too. A ChatGPT plan is for its owner alone: set server.host to 127.0.0.1 first.`,
    );
    return EXIT.usage;
  }
  const stop = new AbortController();
  let interrupted = false;
  const release = surroundings.onSignal('SIGINT', () => {
    interrupted = true;
    stop.abort();
  });
  const done = await withSignInPlace(deps, (parts) =>
    signIn({
      ...parts,
      random: (bytes) => randomFillSync(bytes),
      port: deps.identity ? 0 : PORT,
      signal: stop.signal,
      openPage(url) {
        terminal.note('Sign in with ChatGPT in your browser, and agree that Understudy may use your plan (Ctrl-C gives up):');
        terminal.note(`  ${url}`);
        terminal.note(`On another machine? Forward the port first: ssh -L ${PORT}:127.0.0.1:${PORT} …`);
        if (deps.openPage) deps.openPage(url);
        else if (flags.on('browser')) openPage(url, surroundings.platform);
      },
    }),
  );
  release();
  if (!done.ok) {
    terminal.note(`You are not signed in: ${done.error}.`);
    return interrupted ? EXIT.interrupted : EXIT.failed;
  }
  const { account, kept } = done.value;
  terminal.out(
    `Signed in with ChatGPT as ${account.email ?? account.subject}. Kept in ${kept === 'keychain' ? 'the keychain' : 'a file that only you may read'}.`,
  );
  const file = configFile(context);
  const amended = amendConfig(file, { path: ['providers', 'chatgpt'], value: {} }, surroundings);
  if (!amended.ok) {
    for (const line of amended.error) terminal.note(line);
    terminal.note('Add it to the providers by hand: chatgpt: {}');
  } else if (amended.value === 'written') terminal.out(`Written: the provider chatgpt in ${file}.`);
  terminal.out(
    'It answers where a route says so, for instance: default: [anthropic/*, chatgpt/gpt-5.6]. Sign out with: understudy logout chatgpt',
  );
  return EXIT.done;
}

export async function logoutChatGpt({ terminal, deps }: Context): Promise<number> {
  const done = await withSignInPlace(deps, signOut);
  if (!done.ok) {
    terminal.note(`You are still signed in: ${done.error}.`);
    return EXIT.failed;
  }
  switch (done.value.type) {
    case 'nobody':
      terminal.out('Nobody was signed in with ChatGPT.');
      break;
    case 'revoked':
      terminal.out('Signed out: the tokens are deleted here and no longer good at OpenAI.');
      break;
    case 'kept-there':
      terminal.out('Signed out: the tokens are deleted here.');
      terminal.note(
        `OpenAI could not be told (${done.value.why}). To end it there too: ChatGPT, Settings, where connected apps are listed.`,
      );
  }
  return EXIT.done;
}
