import type { Clock } from '../exchange/clock.ts';
import type { Result } from '../exchange/result.ts';
import { err, ok } from '../exchange/result.ts';
import { globMatcher } from '../providers/glob.ts';
import type { SimServer } from '../sim/serve.ts';
import { startSim } from '../sim/serve.ts';
import type { FaultRule } from '../sim/sim-provider.ts';
import { stageTime } from './incident-time.ts';
import { DRILL_KEY } from './question.ts';
import type { Script, ScriptEvent } from './script.ts';

/** Simulated providers, raised on real sockets. */
export interface Stage {
  /** Scheme, host and port by assistant. */
  origins: Record<string, string>;
  /** Starts the script's time; before it nothing fails. */
  begin(): void;
  /** Questions that have come in since then (a recorder keeps the last few thousand of each assistant). */
  requests(): number;
  close(): Promise<void>;
}

/** Raises every assistant of a script. Which requests the faults hit depends on the seed and the order of requests only. */
export async function raiseStage(script: Script, seed: number, fixedPorts: boolean, clock: Clock): Promise<Result<Stage, string>> {
  const assistants: [name: string, server: SimServer][] = [];
  const close = async (): Promise<void> => void (await Promise.all(assistants.map(([, server]) => server.close())));
  for (const [name, { port, firstWord, pace }] of Object.entries(script.assistants)) {
    try {
      const server = await startSim({
        clock,
        key: DRILL_KEY,
        strict: true,
        pace: { headers: firstWord / 2, firstToken: firstWord / 2, perToken: pace, scale: 1 },
        ...(fixedPorts && port !== undefined && { port }),
      });
      assistants.push([name, server]);
    } catch (error) {
      await close();
      return err(`The simulated assistant ${name} could not be started: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  const cancel: (() => void)[] = [];
  let before = 0;
  const count = (): number => assistants.reduce((sum, [, server]) => sum + server.requests().length, 0);
  function setFaults(at: number): void {
    const active = script.events.filter((event) => event.at <= at && at < event.until);
    for (const [name, server] of assistants) server.setFaults(rulesFor(name, active, seed + Math.round(at / 1000)));
  }

  return ok({
    origins: Object.fromEntries(assistants.map(([name, server]) => [name, server.url])),
    begin() {
      before = count();
      const edges = new Set(script.events.flatMap((event) => [event.at, event.until]));
      for (const edge of [...edges].toSorted((one, other) => one - other)) {
        const delay = stageTime(script.scale, edge);
        // What strikes from the beginning strikes the very first question too.
        if (delay <= 0) setFaults(edge);
        else cancel.push(clock.after(delay, () => setFaults(edge)));
      }
    },
    requests: () => count() - before,
    async close() {
      for (const each of cancel) each();
      await close();
    },
  });
}

/** The faults that strike one assistant, in the script's order: the first that hits a request is the one that it gets. */
function rulesFor(name: string, active: readonly ScriptEvent[], seed: number): FaultRule[] {
  return active.flatMap((event, index) =>
    event.who.flatMap((who) => {
      const slash = who.indexOf('/');
      if (!globMatcher(who.slice(0, slash))(name)) return [];
      const model = who.slice(slash + 1);
      const rule: FaultRule = {
        fault: event.fault,
        schedule: event.probability < 1 ? { type: 'probability', p: event.probability, seed: seed + index * 7919 } : { type: 'ever' },
        scope: model === '*' ? {} : { model },
        ...(event.position !== undefined && { position: event.position }),
      };
      return [rule];
    }),
  );
}
