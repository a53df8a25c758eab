/** What a tester writes into a prompt to choose what is said: `[sim tools=2 thinking pace=20ms]`. */
export interface Directives {
  /** Tool calls to make, in parallel. */
  tools: number;
  /** Rounds of tool calls before the answer in words. */
  rounds: number;
  /** Command for the tool that runs commands, whatever the agent calls it. `{round}` in it stands for the round's number, from 1. */
  bash?: string;
  thinking: boolean;
  words: number;
  /** Milliseconds between two pieces. */
  pace?: number;
  stop?: 'length' | 'content-filter' | 'pause' | 'context-window';
  refuse: boolean;
  json: boolean;
  script: 'plain' | 'mixed';
  /** Say something before calling tools. */
  preamble: boolean;
}

const NO_DIRECTIVES: Directives = {
  tools: 0,
  rounds: 1,
  thinking: false,
  words: 120,
  refuse: false,
  json: false,
  script: 'plain',
  preamble: true,
};

/** At most this many words: a prompt must not be able to fill the memory. */
const MOST_WORDS = 100_000;
const STOPS = ['length', 'content-filter', 'pause', 'context-window'] as const;

/** Reads every `[sim …]` in a text; later ones win. `bash=` takes the rest of its bracket. Unknown words are ignored. */
export function readDirectives(text: string): Directives {
  const found: Directives = { ...NO_DIRECTIVES };
  for (const bracket of text.matchAll(/\[sim\s+([^\]]*)\]/g)) {
    let inside = bracket[1]!;
    const bash = /(?:^|\s)bash=(.*)$/s.exec(inside);
    if (bash) {
      found.bash = bash[1]!.trim();
      inside = inside.slice(0, bash.index);
    }
    for (const word of inside.split(/\s+/)) apply(found, word);
  }
  return found;
}

function apply(found: Directives, word: string): void {
  const equals = word.indexOf('=');
  const key = equals < 0 ? word : word.slice(0, equals);
  const value = equals < 0 ? '' : word.slice(equals + 1);
  const number = Number.parseFloat(value);
  if (key === 'tools') found.tools = Number.isFinite(number) ? Math.min(16, Math.max(0, Math.floor(number))) : 1;
  else if (key === 'rounds' && Number.isFinite(number)) found.rounds = Math.max(0, Math.floor(number));
  else if (key === 'thinking') found.thinking = true;
  else if (key === 'words' && Number.isFinite(number)) found.words = Math.min(MOST_WORDS, Math.max(1, Math.floor(number)));
  else if (key === 'pace' && Number.isFinite(number)) found.pace = /\ds$/.test(value) ? number * 1000 : number;
  else if (key === 'stop') {
    const stop = STOPS.find((each) => each === value);
    if (stop) found.stop = stop;
  } else if (key === 'refuse') found.refuse = true;
  else if (key === 'json') found.json = true;
  else if (key === 'silent') found.preamble = false;
  else if (key === 'script') found.script = value === 'mixed' ? 'mixed' : 'plain';
}

/** The text without the reminders that agent clients put around what people type. */
export function withoutReminders(text: string): string {
  return text.replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, ' ');
}

/** The text without its directives and reminders. */
export function spokenQuestion(text: string): string {
  return withoutReminders(text)
    .replace(/\[sim\s+[^\]]*\]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
