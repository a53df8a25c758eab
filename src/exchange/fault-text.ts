import type { FaultSymptom } from './fault.ts';

/** What happened, in a few words that follow a name: `answered 503 overloaded_error`, `said nothing for too long`. */
export function faultText({ symptom, status, code }: { symptom: string; status?: number; code?: string }): string {
  const named = [status, code].filter((word) => word !== undefined && word !== '').join(' ');
  if (symptom === 'status') return named === '' ? 'answered with an error' : `answered ${named}`;
  const words = WORDS[symptom as Exclude<FaultSymptom, 'status'>];
  if (words === undefined) return symptom.replaceAll('-', ' ');
  return symptom === 'error-event' && code !== undefined && code !== '' ? `${words} (${code})` : words;
}

const WORDS: Readonly<Record<Exclude<FaultSymptom, 'status'>, string>> = {
  refused: 'refused the connection',
  dns: 'could not be found by its name',
  tls: 'could not prove who it is (TLS)',
  'connect-timeout': 'could not be reached in time',
  reset: 'broke the connection',
  closed: 'closed the connection',
  protocol: 'did not speak HTTP properly',
  'headers-timeout': 'did not answer in time',
  'first-event-timeout': 'did not begin to answer in time',
  'idle-timeout': 'fell silent',
  'total-timeout': 'came to no end in time',
  'error-event': 'broke off with an error',
  'not-an-answer': 'sent something that is no answer',
  empty: 'answered without a word',
  truncated: 'stopped before its end',
  malformed: 'sent something that can not be read',
  'bad-tool-call': 'called a tool with arguments that can not be read',
  diverged: 'did not go on where the answer had stopped',
  runaway: 'did not stop repeating itself',
  'too-large': 'was sent more than it takes',
  skipped: 'could not be asked',
  'client-gone': 'was not waited for',
};
