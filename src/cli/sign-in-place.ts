import { configFolder } from '../config/paths.ts';
import type { Loaded } from '../config/load.ts';
import { findPreset } from '../providers/catalogue.ts';
import { createCall } from '../providers/http-call.ts';
import { OPENAI_IDENTITY } from '../providers/sign-in/identity-server.ts';
import { openSignIn } from '../providers/sign-in/open-sign-in.ts';
import type { SessionParts } from '../providers/sign-in/session.ts';
import type { CliDeps } from './deps.ts';
import type { Finding } from './doctor/doctor-finding.ts';

/** Runs something with the sign-in with ChatGPT of this machine's user. */
export async function withSignInPlace<Value>(deps: CliDeps, work: (parts: SessionParts) => Promise<Value>): Promise<Value> {
  const { surroundings, clock, identity = OPENAI_IDENTITY } = deps;
  const http = createCall({ environment: surroundings.environment });
  try {
    const { platform } = surroundings;
    return await work(await openSignIn({ folder: configFolder(surroundings), platform, identity, call: http.call, clock }));
  } finally {
    await http.close();
  }
}

/** A sign-in that is not used for so long is over (developers.openai.com/siwc, token reference). */
const SIGN_IN_LASTS = 30 * 24 * 60 * 60_000;

/** Who is signed in and until when, and whose login goes along: for providers that the configuration has. Nothing is asked of anybody. */
export async function accountFindings({ resolved }: Pick<Loaded, 'resolved'>, deps: CliDeps): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const provider of resolved.providers) {
    const about = `account ${provider.name}`;
    if (findPreset(provider.preset ?? '')?.signIn !== undefined) findings.push({ about, ...(await signedIn(deps)) });
    if (provider.credential.type === 'client' && provider.credential.subscription !== undefined)
      findings.push({
        about,
        state: 'good',
        said: 'the login of your own Claude Code goes along, untouched and from this machine only, as you have agreed to; undo: understudy logout claude-code',
      });
  }
  return findings;
}

async function signedIn(deps: CliDeps): Promise<Omit<Finding, 'about'>> {
  const read = await withSignInPlace(deps, async ({ store }) => store.read());
  if (!read.ok) return { state: 'bad', said: read.error };
  const account = read.value?.account;
  const advice = 'Sign in: understudy login chatgpt';
  if (!account) return { state: 'bad', said: 'nobody is signed in with ChatGPT', advice };
  const who = `signed in with ChatGPT as ${account.email ?? account.subject}`;
  const until = account.renewed + SIGN_IN_LASTS;
  if (until < deps.clock.now()) return { state: 'bad', said: `${who}, but not used for 30 days, which has ended it`, advice };
  const day = new Date(until).toISOString().slice(0, 10);
  return { state: 'good', said: `${who}; renewed by itself when it is used, and else over on ${day}` };
}
