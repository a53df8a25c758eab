import { describe, expect, it } from 'vitest';
import { type Experience, runTrial, type Trial } from '../../test/matrix/run-cell.ts';
import type { FaultRule } from '../sim/sim-provider.ts';

const TEXT: Omit<Trial, 'faults'> = {
  client: 'anthropic-messages',
  lead: 'anthropic-messages',
  backup: 'openai-chat',
  stream: true,
  content: 'text',
};

function always(fault: string, position?: FaultRule['position']): FaultRule {
  return { fault, schedule: { type: 'ever' }, ...(position === undefined ? {} : { position }) };
}

function once(fault: string, position?: FaultRule['position']): FaultRule {
  return { fault, schedule: { type: 'once' }, ...(position === undefined ? {} : { position }) };
}

function kinds(experience: Experience): string[] {
  return experience.entries.flatMap((entry) => (entry.type === 'attempt' ? [`${entry.kind} ${entry.target.provider}`] : []));
}

function outcome(experience: Experience): unknown {
  return experience.entries.findLast((entry) => entry.type === 'end')?.outcome;
}

const sound = (await runTrial({ ...TEXT, faults: [] })).reading.text;

describe('before anything has been seen', () => {
  it('asks the same target again where a new connection cures it, and the next one where not', async () => {
    expect(kinds(await runTrial({ ...TEXT, faults: [once('reset-before-headers')] }))).toEqual(['first lead', 'retry lead']);
    expect(kinds(await runTrial({ ...TEXT, faults: [once('529')] }))).toEqual(['first lead', 'next backup']);
    expect(kinds(await runTrial({ ...TEXT, faults: [once('hang')] }))).toEqual(['first lead', 'next backup']);
  });

  it('never asks a target more than twice, and never repeats a deterministic error', async () => {
    const alone = { ...TEXT, backup: undefined };
    expect((await runTrial({ ...alone, faults: [always('529')] })).asked.lead).toBe(2);
    expect((await runTrial({ ...alone, faults: [always('400-invalid')] })).asked.lead).toBe(1);
    expect((await runTrial({ ...alone, faults: [always('401')] })).asked.lead).toBe(1);
  });

  it('waits for a short Retry-After and goes to the next target for a long one', async () => {
    const short = await runTrial({ ...TEXT, faults: [once('429-retry-after-ms')] });
    expect(kinds(short)).toEqual(['first lead', 'retry lead']);
    const long = await runTrial({ ...TEXT, faults: [once('503-maintenance')] });
    expect(kinds(long)).toEqual(['first lead', 'next backup']);
  });

  it('passes the provider’s own words on where it is alone', async () => {
    const experience = await runTrial({ ...TEXT, backup: undefined, faults: [always('529')] });
    expect(experience.status).toBe(529);
    expect(experience.visible).toContain('overloaded_error');
  });

  it('says who was asked and what they said where several were', async () => {
    const experience = await runTrial({ ...TEXT, faults: [always('529')], backupFaults: [always('401')] });
    expect(experience.status).toBe(529);
    expect(experience.reading.error).toMatch(/lead\/the-model.*backup\/the-other/);
  });

  it('sends headers after the header hold, and then fails in-band', async () => {
    const held = await runTrial({
      ...TEXT,
      backup: undefined,
      faults: [always('hang-after-headers')],
      deadlines: { headerHold: '2s', firstEvent: '5s' },
    });
    expect(held.entries.find((entry) => entry.type === 'head')).toMatchObject({ status: 200 });
    expect(held.end).toBe('aborted');
    expect(held.reading.error).toBeDefined();
  });

  it('gives up after the total without progress', async () => {
    const deadlines = { total: '7s', headers: '60s' };
    const experience = await runTrial({ ...TEXT, faults: [always('hang')], backupFaults: [always('hang')], deadlines });
    expect(experience.took).toBe(7000);
    expect(experience.reading.error).toMatch(/no progress/);
  });
});

describe('continuation', () => {
  const cut = (backupModel: string): Promise<Experience> =>
    runTrial({ ...TEXT, faults: [always('reset-edge', 'text-middle')], backupModel });

  it.each(['m-anchor', 'm-overlap', 'm-apologise', 'm-restart'])('joins %s exactly', async (model) => {
    const experience = await cut(model);
    expect(experience.reading).toMatchObject({ text: sound, finished: true });
    expect(experience.reading.seams).toBeGreaterThan(0);
  });

  it.each(['m-plain', 'm-diverge', 'm-refuse'])('does not splice what does not fit: %s', async (model) => {
    const experience = await cut(model);
    expect(sound.startsWith(experience.reading.text)).toBe(true);
    expect(experience.end).toBe('aborted');
    expect(experience.reading.error).toBeDefined();
  });

  it('goes to the same model first, then to the next, twice in all', async () => {
    expect(kinds(await cut('m-anchor'))).toEqual(['first lead', 'hop lead', 'hop backup']);
    const twice = await runTrial({
      ...TEXT,
      faults: [always('reset-edge', 'text-middle')],
      backupFaults: [always('reset-edge', 'text-first')],
    });
    expect(kinds(twice)).toEqual(['first lead', 'hop lead', 'hop backup']);
    expect(twice.end).toBe('aborted');
  });

  it('can be switched off', async () => {
    const experience = await runTrial({ ...TEXT, faults: [always('reset-edge', 'text-middle')], failover: { continuation: 'off' } });
    expect(kinds(experience)).toEqual(['first lead']);
    expect(experience.end).toBe('aborted');
    expect(experience.reading.error).toBeDefined();
  });

  it('starts anew without a seam in the text where only reasoning had been shown', async () => {
    const experience = await runTrial({ ...TEXT, content: 'thinking', faults: [always('reset-edge', 'reasoning')] });
    expect(experience.reading.finished).toBe(true);
    expect(experience.entries.filter((entry) => entry.type === 'seam').map((entry) => entry.join)).toContain('fresh');
  });

  it('tells the input of the first attempt and the output as delivered', async () => {
    const calm = await runTrial({ ...TEXT, faults: [] });
    const usage = (experience: Experience) => experience.entries.findLast((entry) => entry.type === 'end')?.usage;
    const joined = usage(await runTrial({ ...TEXT, faults: [once('reset-edge', 'text-middle')] }));
    expect(joined?.input).toBe(usage(calm)?.input);
    expect(joined?.output).toBeGreaterThan(0);
    expect(joined?.output).toBeLessThan(2 * (usage(calm)?.output ?? 0));
  });
});

describe('clients that do not stream', () => {
  it('never get a continued answer, only a whole one', async () => {
    const experience = await runTrial({ ...TEXT, stream: false, lead: 'openai-chat', faults: [always('reset-edge', 'text-middle')] });
    expect(kinds(experience).every((kind) => !kind.startsWith('hop'))).toBe(true);
    expect(experience.reading).toMatchObject({ text: sound, finished: true });
  });
});

describe('a client that leaves', () => {
  it('stops the upstream call and ends the exchange as cancelled', async () => {
    const experience = await runTrial({ ...TEXT, faults: [always('hang')], leaveAfter: 1500 });
    expect(experience.took).toBe(1500);
    expect(outcome(experience)).toEqual({ type: 'cancelled', committed: false });
    expect(kinds(experience)).toEqual(['first lead']);
  });
});

describe('a target that is known to be down', () => {
  it('is left alone while somebody else can answer, and used again when it is well', async () => {
    const { createHealth } = await import('../health/create-health.ts');
    const down = { ...TEXT, faults: [always('529')] };
    let kept: unknown;
    const health: Trial['health'] = (clock) => {
      const one = createHealth({ clock, random: () => 0.5 });
      if (kept !== undefined) one.restore(kept as never);
      return { ...one, status: () => ((kept = one.snapshot()), one.status()) };
    };
    const run = async (trial: Trial): Promise<string[]> => {
      let last: ReturnType<NonNullable<Trial['health']>> | undefined;
      const experience = await runTrial({ ...trial, health: (clock) => (last = health(clock)) });
      last?.status();
      return kinds(experience);
    };
    for (let turn = 0; turn < 3; turn++) expect(await run(down)).toEqual(['first lead', 'next backup']);
    expect(await run(down)).toEqual(['first backup']);
  });
});

describe('what backups may cost', () => {
  it('keeps backups from being asked once it is used up, and says so', async () => {
    const experience = await runTrial({ ...TEXT, faults: [always('529')], failover: { backupSpend: '0/day' } });
    expect(experience.asked.backup).toBe(0);
    expect(experience.reading.error).toMatch(/backupSpend/);
  });
});

describe('a provider that quotes the key it refuses', () => {
  it('is not passed on, neither from a stream nor from a body under status 200', async () => {
    const { LEAD_KEY } = await import('../../test/matrix/question.ts');
    const { startAttempt } = await import('./attempt.ts');
    const { systemClock } = await import('../exchange/clock.ts');
    const { codec } = await import('../../test/matrix/run-cell.ts');
    const said = (type: string, body: string): Promise<string> =>
      new Promise((resolve) => {
        const limits = {
          headers: 9000,
          firstEvent: 9000,
          firstEventAlive: 9000,
          idle: 9000,
          idleAlive: 9000,
          thinking: 9000,
          thinkingAlive: 9000,
          whole: 9000,
        };
        const request = {
          method: 'POST',
          origin: 'http://x',
          path: '/',
          headers: [['x-api-key', LEAD_KEY]],
          body: Buffer.alloc(0),
          connectTimeout: 9,
          fresh: false,
        };
        startAttempt(
          (_request, handler) => {
            setImmediate(() => {
              handler.headers(200, { 'content-type': type });
              handler.data(Buffer.from(body));
              handler.end();
            });
            return () => undefined;
          },
          systemClock,
          {
            request: request as never,
            dialect: codec('anthropic-messages'),
            stream: true,
            limits,
            reasoning: false,
            candidates: 1,
            mayBeEmpty: false,
          },
          {
            headers: () => undefined,
            frames: () => undefined,
            body: () => undefined,
            resumed: () => undefined,
            settled: (result) => resolve(JSON.stringify(result)),
          },
        );
      });
    const error = JSON.stringify({ type: 'error', error: { type: 'authentication_error', message: `Incorrect key: ${LEAD_KEY}` } });
    for (const result of [await said('text/event-stream', `event: error\ndata: ${error}\n\n`), await said('application/json', error)]) {
      expect(result).toContain('Incorrect key');
      expect(result).not.toContain(LEAD_KEY);
    }
  });
});
