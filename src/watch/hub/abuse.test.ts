import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hubLab, type HubLab } from './testing/hub-lab.ts';
import { BACKED, installation } from './testing/installation.ts';
import { signatureOf } from '../crowd/signature.ts';
import { generateKeyPairSync } from 'node:crypto';
import { statementText } from '../crowd/statement.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let lab: HubLab;

beforeEach(async () => {
  lab = await hubLab();
});

afterEach(() => lab.close());

/** A network of its own for each. */
const apart = (index: number): string => `198.${18 + Math.floor(index / 250)}.${index % 250}.7`;

describe('a real surge', () => {
  it('is likely within two bins, from people whose keys are known', async () => {
    const people = await lab.known(10, apart);
    expect(await lab.state()).toBe('none');
    for (const [index, each] of people.entries()) {
      expect((await lab.tell(each, apart(index))).outcome).toBe('counted');
      await lab.clock.advance(50_000);
    }
    expect(await lab.state()).toBe('likely');
    expect(await lab.state('anthropic/chat')).toBe('none');
  });

  it('is likely within two bins, from people who have never reported before: it takes more of them', async () => {
    for (let index = 0; index < 50; index++) {
      await lab.tell(installation(), apart(index));
      await lab.clock.advance(10_000);
    }
    expect(await lab.state()).toBe('likely');
  });

  it('is over when nobody reports it any more', async () => {
    const people = await lab.known(10, apart);
    for (const [index, each] of people.entries()) await lab.tell(each, apart(index));
    expect(await lab.state()).toBe('likely');
    await lab.clock.advance(20 * MINUTE);
    expect(await lab.state()).toBe('likely');
    await lab.clock.advance(15 * MINUTE);
    expect(await lab.state()).toBe('none');
  });

  it('is known after a restart', async () => {
    const people = await lab.known(10, apart);
    for (const [index, each] of people.entries()) await lab.tell(each, apart(index));
    expect(await lab.state()).toBe('likely');
    await lab.restart();
    expect(await lab.state()).toBe('likely');
    expect((await lab.tell(people[0]!, apart(0))).outcome).toBe('already');
    await lab.clock.advance(40 * MINUTE);
    expect(await lab.state()).toBe('none');
  });

  it('names a model that five have named, and no model before', async () => {
    const people = await lab.known(10, apart);
    for (const [index, each] of people.slice(0, 4).entries()) await lab.tell(each, apart(index), { model: 'claude-opus-4-6' });
    expect(await lab.state()).toBe('possible');
    expect(await lab.state('anthropic/api/claude-opus-4-6')).toBeUndefined();
    for (const [index, each] of people.slice(4).entries()) await lab.tell(each, apart(index + 4), { model: 'claude-opus-4-6' });
    expect(await lab.state('anthropic/api/claude-opus-4-6')).toBe('likely');
  });
});

describe('without independent sources nothing is likely', () => {
  it('many fake keys from one network, evidence made up', async () => {
    const seen = new Set<string | undefined>();
    const codes = new Set<string | undefined>();
    for (let index = 0; index < 120; index++) {
      const { outcome, code } = await lab.tell(installation(), `192.0.2.${index % 250}`, { own: { attempts: 100, failures: 100 } });
      codes.add(outcome ?? code);
      seen.add(await lab.state());
    }
    expect([...seen]).toEqual(['none']);
    // Some are counted, and there is an end to it.
    expect(codes).toEqual(new Set(['counted', 'slow-down']));
  });

  it('one network whose keys are changed every day, for three weeks, and then all speak', async () => {
    const keys = [];
    for (let day = 0; day < 21; day++) {
      const each = installation();
      keys.push(each);
      await lab.tell(each, `192.0.2.${day}`, { own: BACKED });
      await lab.clock.advance(DAY);
    }
    const seen = new Set<string | undefined>();
    for (let round = 0; round < 4; round++) {
      for (const [index, each] of keys.entries()) {
        await lab.tell(each, `192.0.2.${index}`);
        seen.add(await lab.state());
      }
      await lab.clock.advance(HOUR);
    }
    expect([...seen]).toEqual(['none']);
  });

  it('one IPv6 customer with as many addresses as they like', async () => {
    const people = await lab.known(40, (index) => `2001:db8:77:${index}::1`);
    for (const [index, each] of people.entries()) await lab.tell(each, `2001:db8:77:${(index * 7).toString(16)}::${index + 1}`);
    expect(await lab.state()).toBe('none');
  });

  it('two networks, with patience: never likely, hour after hour', async () => {
    const people = await lab.known(60, (index) => `192.0.${2 + (index % 2)}.${index}`);
    const seen = new Set<string | undefined>();
    for (let round = 0; round < 12; round++) {
      for (const [index, each] of people.slice((round % 6) * 10, (round % 6) * 10 + 10).entries())
        await lab.tell(each, `192.0.${2 + (index % 2)}.${index}`);
      seen.add(await lab.state());
      await lab.clock.advance(14 * MINUTE);
      seen.add(await lab.state());
    }
    expect([...seen]).not.toContain('likely');
  });

  it('the same reports again and again, at once and later, from elsewhere', async () => {
    const four = await lab.known(4, () => '192.0.2.9');
    const bodies = four.map((each) => each.handedIn(each.report({ now: lab.clock.now() }), lab.hub.challenge()));
    const outcomes: unknown[] = [];
    for (let round = 0; round < 20; round++) {
      for (const [index, body] of bodies.entries()) {
        const { outcome, code } = await lab.post('/api/v1/reports', body, apart(round * 4 + index));
        outcomes.push(outcome ?? code);
      }
      await lab.clock.advance(4 * MINUTE);
      expect(await lab.state()).not.toBe('likely');
    }
    expect(outcomes.filter((each) => each === 'counted')).toHaveLength(4);
    // As long as its challenge is good it is known; then that is too old, and at last the report itself.
    expect([...new Set(outcomes)]).toEqual(['counted', 'already', 'bad-challenge', 'stale']);
  });

  it('clocks that are set wrong on purpose buy no second report', async () => {
    const [one] = await lab.known(1, apart);
    const outcomes = [];
    for (let minutes = -120; minutes <= 120; minutes += 5) {
      const { outcome, code } = await lab.tell(one!, apart(0), { now: lab.clock.now() + minutes * MINUTE });
      outcomes.push(outcome ?? code);
    }
    expect(outcomes.filter((each) => each === 'counted')).toHaveLength(1);
    expect(new Set(outcomes)).toEqual(new Set(['already', 'counted', 'stale']));
    // And what is signed ahead of time is too old, or its challenge is, before its key may speak again.
    const ahead = one!.report({ now: lab.clock.now() + 10 * MINUTE });
    const body = one!.handedIn(ahead, lab.hub.challenge());
    await lab.clock.advance(HOUR);
    expect((await lab.post('/api/v1/reports', body, apart(0))).code).toBe('stale');
  });
});

describe('work', () => {
  it('done for one report is worth nothing for another', async () => {
    await lab.close();
    lab = await hubLab({ bits: 8 });
    const one = installation();
    const challenge = lab.hub.challenge();
    const body = JSON.parse(one.handedIn(one.report({ now: lab.clock.now() }), challenge)) as { proof: number };
    const codes = [];
    // One in 256 fits by chance.
    for (let count = 0; count < 40; count++) {
      const other = installation();
      const { statement, signature } = JSON.parse(other.handedIn(other.report({ now: lab.clock.now() }), challenge)) as Record<
        string,
        unknown
      >;
      const text = JSON.stringify({ statement, signature, challenge: challenge.challenge, proof: body.proof });
      codes.push((await lab.post('/api/v1/reports', text, apart(count))).code);
    }
    expect(codes.filter((code) => code === 'no-work').length).toBeGreaterThan(35);
  });

  it('is for challenges of this hub only, as hard as it has set them, and for ten minutes', async () => {
    const one = installation();
    const { challenge } = lab.hub.challenge();
    const report = one.report({ now: lab.clock.now() });
    const forged = [challenge.replace(/\.\d+\./, '.9.'), `${challenge.slice(0, -2)}AA`, 'none'];
    for (const each of forged) {
      const body = one.handedIn(report, { challenge: each, bits: 0, now: lab.clock.now() });
      expect((await lab.post('/api/v1/reports', body, apart(1))).code).toBe('bad-challenge');
    }
    const body = one.handedIn(report, lab.hub.challenge());
    await lab.clock.advance(11 * MINUTE);
    expect((await lab.post('/api/v1/reports', body, apart(1))).code).toBe('bad-challenge');
  });

  it('gets harder while there is much to do', async () => {
    const before = lab.hub.challenge().bits;
    for (let count = 0; count < 3000; count++) lab.hub.report('{}', `network ${count}`);
    expect(lab.hub.challenge().bits).toBe(before + 3);
    await lab.clock.advance(2 * MINUTE);
    expect(lab.hub.challenge().bits).toBe(before);
  });
});

describe('signatures', () => {
  it('are of the key that is named, over all that is said', async () => {
    const one = installation();
    const report = one.report({ now: lab.clock.now() });
    const { privateKey } = generateKeyPairSync('ed25519');
    const { challenge } = lab.hub.challenge();
    const others = JSON.stringify({ statement: report, signature: signatureOf(statementText(report), privateKey), challenge, proof: 0 });
    expect((await lab.post('/api/v1/reports', others, apart(1))).code).toBe('bad-signature');
    const signed = JSON.parse(one.handedIn(report, lab.hub.challenge())) as { statement: object };
    const changed = JSON.stringify({ ...signed, statement: { ...signed.statement, symptom: 'hangs' } });
    expect((await lab.post('/api/v1/reports', changed, apart(1))).code).toBe('bad-signature');
    const more = JSON.stringify({ ...signed, statement: { ...signed.statement, prompt: 'my secret' } });
    expect((await lab.post('/api/v1/reports', more, apart(1))).code).toBe('not-json');
  });
});

describe('those for whom it works', () => {
  it('hold a state back, but from one network by no more than one of them', async () => {
    const people = await lab.known(50, apart);
    for (const [index, each] of people.slice(0, 20).entries())
      await lab.tell(each, '192.0.2.5', { symptom: 'works', own: { attempts: 9, failures: 0 }, region: index % 2 ? 'FR' : 'DE' });
    for (const [index, each] of people.slice(20, 29).entries()) await lab.tell(each, apart(index));
    expect(await lab.state()).toBe('likely');
  });

  it('leave half of what is reported', async () => {
    const people = await lab.known(80, apart);
    for (const [index, each] of people.slice(0, 40).entries())
      await lab.tell(each, apart(index), { symptom: 'works', own: { attempts: 9, failures: 0 } });
    for (const [index, each] of people.slice(40, 46).entries()) await lab.tell(each, apart(index + 40));
    expect(await lab.state()).toBe('none');
    for (const [index, each] of people.slice(46).entries()) await lab.tell(each, apart(index + 46));
    expect(await lab.state()).toBe('likely');
  });
});

it('in an office, where each key is a source of its own, one address is enough', async () => {
  await lab.close();
  lab = await hubLab({ independent: 'keys' });
  const people = await lab.known(120, () => '192.0.2.1');
  for (const each of people.slice(0, 10)) await lab.tell(each, '192.0.2.1');
  expect(await lab.state()).toBe('likely');
});
