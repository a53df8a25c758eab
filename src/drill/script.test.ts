import { describe, expect, it } from 'vitest';
import { incidentTime, readMoment, stageTime } from './incident-time.ts';
import { readScript } from './script.ts';
import { describe as describeProblem } from './yaml-problem.ts';

const FAULTS = ['status-529', 'hang-before-headers', 'cut'];
const GOOD = `name: A test
from: 2026-06-02T05:45:00Z
until: 2026-06-02T13:45:00Z
lasts: 8s
assistants:
  claude: { dialect: anthropic-messages }
  chatgpt: { dialect: openai-chat }
routes:
  default: [claude/*, chatgpt/gpt-5.6]
traffic:
  - { dialect: anthropic-messages, model: opus, straight: claude/opus }
events:
  - { at: "06:05", until: "11:49", who: claude/opus-*, fault: status-529, probability: 0.5 }
`;

function problems(text: string): string[] {
  const script = readScript(text, FAULTS);
  return script.ok ? [] : script.error.map((problem) => describeProblem('june.yaml', problem));
}

describe('a script', () => {
  it('is read with times on its own clock', () => {
    const script = readScript(GOOD, FAULTS);
    expect(script).toMatchObject({
      ok: true,
      value: {
        scale: { lasts: 8000 },
        events: [{ at: Date.UTC(2026, 5, 2, 6, 5), until: Date.UTC(2026, 5, 2, 11, 49), who: ['claude/opus-*'], probability: 0.5 }],
        retries: 2,
      },
    });
  });

  it.each([
    ['an unknown fault', GOOD.replace('status-529', 'status-999'), 'june.yaml, line 13 (events.0.fault): there is no fault `status-999`'],
    ['a time outside of the incident', GOOD.replace('"11:49"', '"14:00"'), 'june.yaml, line 13 (events.0.until): 14:00 lies outside'],
    ['no time at all', GOOD.replace('"06:05"', '"six"'), 'june.yaml, line 13 (events.0.at): `six` is not a time'],
    ['a typing error in a key', GOOD.replace('straight:', 'strait:'), 'june.yaml, line 11 (traffic.0.strait): `strait` is not known here'],
    [
      'an assistant that is not in the cast',
      GOOD.replace('chatgpt/gpt', 'gemini/gpt'),
      'june.yaml, line 9 (routes.default.1): `gemini/gpt-5.6` names no assistant',
    ],
    [
      'a client that cannot speak to its lead',
      GOOD.replace('straight: claude', 'straight: chatgpt'),
      'june.yaml, line 11 (traffic.0.straight): speaks openai-chat',
    ],
    ['an unknown deadline', `${GOOD}deadlines: { idel: 1s }\n`, 'june.yaml, line 14 (deadlines'],
    ['broken YAML', GOOD.replace('lasts: 8s', 'lasts: [8s'), 'june.yaml, line 5'],
  ])('with %s is refused with file and line', (_title, text, message) => {
    expect(problems(text).join('\n')).toContain(message);
  });
});

describe('a mistyped word', () => {
  const said = (text: string): string => {
    const read = readScript(text, FAULTS, (word, candidates) =>
      candidates.find((each) => each[0] === word[0] && each.length === word.length),
    );
    return read.ok ? '' : read.error.map(({ message }) => message).join('\n');
  };

  it.each([
    [GOOD.replace('lasts:', 'lsats:'), '`lsats` is not known here; did you mean `lasts`?'],
    [GOOD.replace('straight:', 'strayght:'), '`strayght` is not known here; did you mean `straight`?'],
    [GOOD.replace('probability:', 'probabilyti:'), '`probabilyti` is not known here; did you mean `probability`?'],
  ])('is answered with what was likely meant', (text, message) => expect(said(text)).toContain(message));
});

describe('the time of an incident', () => {
  const scale = { from: Date.UTC(2026, 5, 2, 5, 45), until: Date.UTC(2026, 5, 2, 13, 45), lasts: 90_000 };

  it('is compressed evenly, both ways', () => {
    expect(incidentTime(scale, 45_000)).toBe(Date.UTC(2026, 5, 2, 9, 45));
    expect(stageTime(scale, Date.UTC(2026, 5, 2, 9, 45))).toBe(45_000);
  });

  it('reads times of day after midnight as the next day', () => {
    expect(readMoment('00:30', scale.from)).toBe(Date.UTC(2026, 5, 3, 0, 30));
    expect(readMoment('25:00', scale.from)).toBeUndefined();
  });
});
