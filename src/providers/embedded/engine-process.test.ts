import { beforeEach, describe, expect, test } from 'vitest';
import { type VirtualClock, virtualClock } from '../../exchange/virtual-clock.ts';
import { createEngine, type Engine, type EngineListener } from './engine-process.ts';
import type { EngineJob, EngineSetup, FromEngine, ToEngine } from './messages.ts';

const JOB: EngineJob = { turns: [{ type: 'user', text: 'Hi' }], functions: {}, stop: [] };
const USAGE = { input: 1, cached: 0, output: 1 };
const setup = (file: string): EngineSetup => ({ folder: '/engine', file, context: 512 });

/** A process that does what the test says. */
interface Scripted {
  posted: ToEngine[];
  killed: boolean;
  say(message: FromEngine): void;
  end(why: string): void;
}

let clock: VirtualClock;
let children: Scripted[];
let forbidden: string | undefined;
let engine: Engine;
beforeEach(() => {
  clock = virtualClock();
  children = [];
  forbidden = undefined;
  engine = createEngine({
    clock,
    forbids: () => Promise.resolve(forbidden),
    start(said, ended) {
      const child: Scripted = { posted: [], killed: false, say: said, end: ended };
      children.push(child);
      return { post: (message) => void child.posted.push(message), kill: () => void (child.killed = true) };
    },
  });
  engine.keepFor(60_000);
});

/** A listener that writes down what it hears. */
function listening(): EngineListener & { heard: string[] } {
  const heard: string[] = [];
  return {
    heard,
    told: (message) => void heard.push(message.type === 'text' ? message.text : message.type),
    failed: (problem) => void heard.push(`${problem.type}: ${problem.message}${'wait' in problem ? ` (${problem.wait})` : ''}`),
  };
}

/** Promises of the engine's own have their turn. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const asked = (child: Scripted): number[] => child.posted.flatMap((message) => (message.type === 'ask' ? message.id : []));

async function answered(child: Scripted, id: number): Promise<void> {
  child.say({ type: 'text', id, text: 'yes', thought: false });
  child.say({ type: 'done', id, reason: 'stop', usage: USAGE });
  await settled();
}

describe('the process of the engine', () => {
  test('is started by the first question, and questions come one after the other', async () => {
    const [one, two] = [listening(), listening()];
    engine.ask(setup('a'), JOB, one);
    engine.ask(setup('a'), JOB, two);
    await settled();
    const [child] = children;
    expect(child!.posted).toEqual([{ type: 'load', setup: setup('a') }]);
    child!.say({ type: 'loaded', context: 512 });
    expect(asked(child!)).toEqual([1]);
    expect(engine.status()).toEqual({ file: 'a', asked: true, waiting: 1 });
    await answered(child!, 1);
    expect(asked(child!)).toEqual([1, 2]);
    await answered(child!, 2);
    expect([one.heard, two.heard]).toEqual([
      ['yes', 'done'],
      ['yes', 'done'],
    ]);
    expect(children).toHaveLength(1);
  });

  test('makes way for another model, and goes when nobody asks any more', async () => {
    engine.ask(setup('a'), JOB, listening());
    await settled();
    children[0]!.say({ type: 'loaded', context: 512 });
    await answered(children[0]!, 1);
    engine.ask(setup('b'), JOB, listening());
    expect(children[0]!.killed).toBe(true);
    expect(children).toHaveLength(1);
    children[0]!.end('it was told to');
    await settled();
    expect(children[1]!.posted).toEqual([{ type: 'load', setup: setup('b') }]);
    children[1]!.say({ type: 'loaded', context: 512 });
    await answered(children[1]!, 2);
    await clock.advance(59_999);
    expect(children[1]!.killed).toBe(false);
    await clock.advance(1);
    expect(children[1]!.killed).toBe(true);
    children[1]!.end('it was told to');
    expect(engine.status()).toEqual({ asked: false, waiting: 0 });
  });

  test('that dies fails its question, and the next gets another; deaths in a row get pauses', async () => {
    const one = listening();
    engine.ask(setup('a'), JOB, one);
    await settled();
    children[0]!.say({ type: 'loaded', context: 512 });
    children[0]!.say({ type: 'text', id: 1, text: 'half', thought: false });
    children[0]!.end('its process ended (SIGKILL)');
    expect(one.heard).toEqual(['half', 'crashed: its process ended (SIGKILL)']);
    const two = listening();
    engine.ask(setup('a'), JOB, two);
    await settled();
    expect(children).toHaveLength(2);
    children[1]!.end('its process ended (SIGSEGV)');
    const three = listening();
    engine.ask(setup('a'), JOB, three);
    await settled();
    expect(three.heard).toEqual(['unable: its process has ended 2 times in a row, and is given a pause (2000)']);
    await clock.advance(2000);
    const four = listening();
    engine.ask(setup('a'), JOB, four);
    await settled();
    children[2]!.say({ type: 'loaded', context: 512 });
    await answered(children[2]!, 4);
    children[2]!.end('its process ended (SIGKILL)');
    const five = listening();
    engine.ask(setup('a'), JOB, five);
    await settled();
    expect(children).toHaveLength(4);
    expect(five.heard).toEqual([]);
  });

  test('is not started where the model may not be loaded', async () => {
    forbidden = 'too little memory';
    const one = listening();
    engine.ask(setup('a'), JOB, one);
    await settled();
    expect([one.heard, children]).toEqual([['unable: too little memory'], []]);
  });

  test('that is of no use says why, and whoever waits gets a new one', async () => {
    const [one, two] = [listening(), listening()];
    engine.ask(setup('a'), JOB, one);
    engine.ask(setup('a'), JOB, two);
    await settled();
    children[0]!.say({ type: 'unusable', message: 'no such tensor' });
    expect(one.heard).toEqual(['unable: no such tensor']);
    expect(children[0]!.killed).toBe(true);
    children[0]!.end('it was told to');
    await settled();
    expect(children).toHaveLength(2);
    expect(two.heard).toEqual([]);
  });
});

describe('a question that is given up', () => {
  test('leaves the line, or is stopped, and nothing more of it is heard', async () => {
    const [one, two, three] = [listening(), listening(), listening()];
    const leave = engine.ask(setup('a'), JOB, one);
    const stepOut = engine.ask(setup('a'), JOB, two);
    engine.ask(setup('a'), JOB, three);
    await settled();
    children[0]!.say({ type: 'loaded', context: 512 });
    stepOut();
    leave();
    expect(children[0]!.posted.at(-1)).toEqual({ type: 'cancel', id: 1 });
    children[0]!.say({ type: 'text', id: 1, text: 'late', thought: false });
    children[0]!.say({ type: 'broke', id: 1, message: 'given up' });
    expect(asked(children[0]!)).toEqual([1, 3]);
    await answered(children[0]!, 3);
    expect([one.heard, two.heard, three.heard]).toEqual([[], [], ['yes', 'done']]);
  });

  test('and goes on being worked at for long takes the process with it', async () => {
    const [one, two] = [listening(), listening()];
    const leave = engine.ask(setup('a'), JOB, one);
    engine.ask(setup('a'), JOB, two);
    await settled();
    children[0]!.say({ type: 'loaded', context: 512 });
    leave();
    await clock.advance(9999);
    expect(children[0]!.killed).toBe(false);
    await clock.advance(1);
    expect(children[0]!.killed).toBe(true);
    children[0]!.end('it was told to');
    await settled();
    expect(children).toHaveLength(2);
  });

  test('while the model is being loaded leaves a loaded model behind', async () => {
    const one = listening();
    const leave = engine.ask(setup('a'), JOB, one);
    await settled();
    leave();
    children[0]!.say({ type: 'loaded', context: 512 });
    expect(asked(children[0]!)).toEqual([]);
    engine.ask(setup('a'), JOB, listening());
    expect(asked(children[0]!)).toEqual([2]);
  });
});

test('closing tells everybody, and ends the process', async () => {
  const [one, two] = [listening(), listening()];
  engine.ask(setup('a'), JOB, one);
  engine.ask(setup('a'), JOB, two);
  await settled();
  children[0]!.say({ type: 'loaded', context: 512 });
  const closed = engine.close();
  expect(children[0]!.killed).toBe(true);
  expect([one.heard, two.heard]).toEqual([['unable: Understudy is stopping'], ['unable: Understudy is stopping']]);
  children[0]!.end('it was told to');
  await closed;
  const late = listening();
  engine.ask(setup('a'), JOB, late);
  await settled();
  expect([children.length, late.heard]).toEqual([1, ['unable: Understudy is stopping']]);
});
