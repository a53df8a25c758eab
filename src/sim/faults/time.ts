import { errorScene, usualError } from '../errors.ts';
import { fault, type Fault } from './fault.ts';
import { cut } from './frames.ts';

const overloaded: Fault['inject'] = (_scene, _position, { dialect, answer }) =>
  errorScene(dialect, usualError(dialect, 'overloaded', 529), answer.seed);

/** A 95th percentile of some two seconds, twenty times over. */
const BROWN_OUT = 20;
const BROWN_OUT_LATENCY = 2_000;

/** Group F: when and for whom. The fault itself is an ordinary one; schedule and scope make it. */
export const TIME_FAULTS: readonly Fault[] = [
  fault('flap', 'F', 'down for 10 s, up for 10 s, and so on', overloaded, { schedule: { type: 'flap', on: 10_000, off: 10_000 } }),
  fault('recovers', 'F', 'down for a minute, then well', overloaded, { schedule: { type: 'for', ms: 60_000 } }),
  fault('intermittent', 'F', 'every other request fails', overloaded, { schedule: { type: 'probability', p: 0.5, seed: 20260602 } }),
  fault('brown-out', 'F', 'everything is twenty times as slow', (scene) => [
    { type: 'wait', ms: BROWN_OUT * BROWN_OUT_LATENCY },
    ...scene.map((step) => (step.type === 'wait' ? { ...step, ms: step.ms * BROWN_OUT } : step)),
  ]),
  fault(
    'one-bad-key',
    'F',
    'only one key is refused',
    (_scene, _position, { dialect, answer }) => errorScene(dialect, usualError(dialect, 'auth', 401), answer.seed),
    { scope: { key: 'bad' } },
  ),
  fault('only-streams', 'F', 'only streamed answers stall', (scene) => cut(scene, 'before-content', { type: 'hang' }), {
    scope: { stream: true },
    applies: (_dialect, stream) => stream,
  }),
  fault(
    'only-big',
    'F',
    'only large requests fail',
    (_scene, _position, { dialect, answer }) => errorScene(dialect, usualError(dialect, 'internal', 500), answer.seed),
    { scope: { minBody: 16_384 } },
  ),
  fault('all-down', 'F', 'every provider is down (set it on all of them)', overloaded, { expected: 'client-error' }),
  fault(
    'backup-fails-too',
    'F',
    'the backup dies as well (set it on lead and backup)',
    (scene, position) => cut(scene, position, { type: 'reset' }),
    {
      expected: 'client-error',
      positioned: true,
    },
  ),
  fault('clock-skew', 'F', 'a Retry-After date by a clock that is an hour slow', (_scene, _position, { dialect, answer, now }) => {
    const slow = new Date(now - 3_600_000).toUTCString();
    return errorScene(dialect, usualError(dialect, 'rate', 429, { headers: { date: slow, 'retry-after': slow } }), answer.seed);
  }),
];
