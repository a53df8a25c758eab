import type { Fault } from '../../exchange/fault.ts';
import type { Heard } from './ask.ts';
import type { Backup } from './casts.ts';
import type { Probed } from './probe.ts';
import type { Finding } from './report.ts';

type Account = Probed['accounts'][number];

/** Whether a backup can be asked at all: address, key, quota, model; of each of its keys. At most one of them is found wrong per key. */
export function accessFindings(backup: Backup, probed: Probed): { findings: Finding[]; usable: boolean } {
  const { accounts } = probed;
  const perAccount = accounts.map((account) => trouble(backup, account));
  const usable = perAccount.some((found) => found === undefined);
  const several = accounts.length > 1;
  const findings = perAccount.flatMap((found, place): Finding[] => {
    if (!found) return [];
    const said = several ? `${accounts[place]!.account}: ${found.said}` : found.said;
    // Another of its keys works: the engine goes on to that.
    return [{ ...found, said, state: usable ? 'look' : found.state }];
  });
  if (accounts.every(({ words }) => words === undefined))
    return {
      findings: [{ check: 'answering', state: 'unknown', said: 'It was not asked: no money or time was left for it.' }],
      usable: false,
    };
  if (!usable || findings.length > 0) return { findings, usable };
  const listed = accounts.some(({ list }) => list?.ok && list.value.listed?.has(backup.model));
  return {
    findings: [
      { check: 'address', state: 'good', said: 'An assistant answers at its address.' },
      { check: 'key', state: 'good', said: several ? `All ${accounts.length} keys are accepted.` : 'The key is accepted.' },
      { check: 'quota', state: 'good', said: 'The account may ask.' },
      { check: 'model', state: 'good', said: listed ? 'The model answers and is on the list of those offered.' : 'The model answers.' },
    ],
    usable,
  };
}

/** Why one account can't be asked; nothing where it answered. */
function trouble(backup: Backup, account: Account): Finding | undefined {
  const { words } = account;
  if (!words || words.outcome === 'whole') return undefined;
  const fault = words.attempts.findLast(({ end }) => end?.outcome.type === 'failed')?.end?.outcome;
  return troubleIn(backup, account, fault?.type === 'failed' ? fault.fault : words.fault, words);
}

function troubleIn(backup: Backup, { list }: Account, fault: Fault | undefined, words: Heard): Finding {
  const { provider, model } = backup;
  if (words.outcome === 'given-up' && words.because !== 'money')
    return {
      check: 'answering',
      state: words.because === 'stopped' ? 'unknown' : 'bad',
      ...(words.because === 'time' && { fault: 'slow' as const }),
      said:
        words.because === 'stopped'
          ? 'The drill was stopped before it had answered.'
          : 'It had not answered a short question when the time for it was up.',
      ...(words.because === 'time' && { advice: 'Ask a faster one first, or give the drill more time (--time).' }),
    };
  const told = fault ? ` It said: ${fault.message.replace(/\.?$/, '.')}` : '';
  switch (fault?.class) {
    case 'auth':
      return {
        check: 'key',
        state: 'bad',
        fault: 'key-refused',
        said: `The key is refused${fault.status === undefined ? '' : ` (${fault.status})`}.${told}`,
        advice: `Make a new key for ${provider}, and put it where the old one is: \`understudy config\` says where that is.`,
      };
    case 'quota':
      return {
        check: 'quota',
        state: 'bad',
        fault: 'quota-used-up',
        said: `The account has run dry.${told}`,
        advice: `Add credit or raise the limit at ${provider}, or put another backup behind it.`,
      };
    case 'rate-limited':
      return {
        check: 'quota',
        state: 'look',
        fault: 'rate-limited',
        said: `It turned the drill away for its rate limit.${told}`,
        advice: 'Drill again later. If it stays so, its limits are too low for a backup.',
      };
    case 'model-not-found':
      return isAddress(backup, list, fault) ? wrongAddress(backup, told) : modelGone(backup, list, told);
    case 'local-network':
      return {
        check: 'answering',
        state: 'unknown',
        said: `Nothing outside of this machine can be reached, so nothing can be said about it.${told}`,
        advice: 'Drill again when the network is there.',
      };
    case 'provider-fault':
      return providerTrouble(backup, list, fault, told);
    case 'bad-request':
    case 'too-long':
    case 'cancelled':
    case undefined:
      return isAddress(backup, list, fault)
        ? wrongAddress(backup, told)
        : {
            check: 'answering',
            state: 'bad',
            fault: 'failing',
            said: `It does not take a simple question.${told}`,
            advice: `Ask it by hand: \`understudy doctor --probe\` looks at ${provider}; is ${model} a model for chats?`,
          };
  }
}

function providerTrouble(backup: Backup, list: Account['list'], fault: Fault, told: string): Finding {
  const { provider } = backup;
  if (['refused', 'dns', 'tls', 'connect-timeout'].includes(fault.symptom)) {
    return {
      check: 'address',
      state: 'bad',
      fault: 'unreachable',
      said: `Nobody answers at its address.${told}`,
      advice: `Check providers.${provider}.baseUrl, or start the local server that it names.`,
    };
  }
  // A web page, or an answer of something else: a wrong path, a login page, another port.
  if (fault.symptom === 'not-an-answer' || (fault.symptom === 'empty' && isNoList(list))) return wrongAddress(backup, told);
  if (fault.symptom === 'status' && list?.ok && list.value.page) return wrongAddress(backup, told);
  return {
    check: 'answering',
    state: 'bad',
    fault: 'failing',
    said: `It fails right now.${told}`,
    advice: 'Drill again later. A backup that fails often is none: `understudy status` shows how often.',
  };
}

/** A 404 is about the model where the service has a list, or names the model; else about the path. */
function isAddress({ model }: Backup, list: Account['list'], fault: Fault | undefined): boolean {
  if (fault?.status !== undefined && fault.status !== 404 && fault.status !== 405) return false;
  if (list?.ok && list.value.listed) return false;
  const message = fault?.message.toLowerCase() ?? '';
  const named = message.includes(model.toLowerCase()) || (/\bmodel\b/.test(message) && !/not found: \//.test(message));
  return list !== undefined && !named;
}

function isNoList(list: Account['list']): boolean {
  return list?.ok === true && list.value.listed === undefined;
}

function wrongAddress({ provider }: Backup, told: string): Finding {
  return {
    check: 'address',
    state: 'bad',
    fault: 'wrong-base-url',
    said: `What answers at its address is not the service that is meant.${told}`,
    advice: `Check providers.${provider}.baseUrl: the origin for Anthropic and Gemini, with /v1 for the OpenAI dialects.`,
  };
}

function modelGone({ provider, model }: Backup, list: Account['list'], told: string): Finding {
  const offered = list?.ok ? [...(list.value.listed?.keys() ?? [])] : [];
  const near = nearestNames(model, offered);
  return {
    check: 'model',
    state: 'bad',
    fault: 'model-gone',
    said: `${provider} does not offer ${model} (any more).${told}`,
    advice:
      near.length > 0
        ? `Name one that it offers in the route: ${near.join(', ')}.`
        : `Name a model in the route that ${provider} offers now.`,
  };
}

/** Those that begin most like it. */
function nearestNames(name: string, offered: readonly string[]): string[] {
  const shared = (other: string): number => {
    let at = 0;
    while (at < name.length && name[at] === other[at]) at += 1;
    return at;
  };
  return offered
    .map((other) => ({ other, shared: shared(other) }))
    .filter((each) => each.shared >= 3)
    .toSorted((one, another) => another.shared - one.shared)
    .slice(0, 3)
    .map(({ other }) => other);
}
