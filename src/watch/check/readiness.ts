import type { Incident } from '../incident.ts';
import { productKeyText, type ProductKey } from '../product.ts';
import type { Board } from '../questions.ts';
import type { Judgement } from '../verdict.ts';

/** What "can I start critical work now?" is answered from. Times in UTC milliseconds. */
export interface ReadinessInput {
  now: number;
  /** Until when the work would last. */
  until: number;
  board: Board;
  /** Products asked about; none: those of the targets that routes begin with. */
  products: readonly ProductKey[];
  /** Routes with their targets in order, `provider/model`. */
  routes: readonly { pattern: string; targets: readonly string[] }[];
  /** What is known of targets that have been asked. */
  targets: readonly TargetStanding[];
  /** Which product a target is of; a target of nobody known has none. */
  productOf(target: string): ProductKey | undefined;
}

/** As in the status report. */
export interface TargetStanding {
  target: string;
  verdict: 'operational' | 'degraded' | 'down' | 'unknown';
  reasons: readonly string[];
  mark?: { reason: string; until?: number };
  passedOver?: readonly { reason: string; until?: number }[];
}

/**
 * `yes`: all that was asked about works, as far as is known. `with-backup`: what it begins with is ill or will be worked on, and somebody else would
 * carry on. `no`: nobody would. `unknown`: nothing fresh is known of it.
 */
export type Answer = 'yes' | 'with-backup' | 'no' | 'unknown';

export interface Readiness {
  answer: Answer;
  /** For people: one or two sentences. */
  summary: string;
  at: number;
  until: number;
  products: ProductReadiness[];
  routes: RouteReadiness[];
}

export interface ProductReadiness {
  key: string;
  title: string;
  verdict: Judgement['verdict'];
  summary: string;
  /** Open ones. */
  incidents: Incident[];
  /** Planned work that falls into the time asked about. */
  planned: Incident[];
}

export interface RouteReadiness {
  pattern: string;
  /** Who would answer, in order. */
  targets: { target: string; state: 'ready' | 'doubtful' | 'out'; why: string }[];
}

type Standing = RouteReadiness['targets'][number]['state'];

/** Puts together what is known for an answer to "can I start now?". Pure. */
export function readiness(input: ReadinessInput): Readiness {
  const routes = input.routes.map((route) => routeReadiness(route, input));
  const asked = input.products.length > 0 ? input.products : leadsOf(routes, input);
  const products = asked.map((key) => productReadiness(key, input));
  const answer = answerOf(products, routes, input);
  return { answer, summary: summaryOf(answer, products, routes), at: input.now, until: input.until, products, routes };
}

function leadsOf(routes: readonly RouteReadiness[], { productOf }: ReadinessInput): ProductKey[] {
  const keys = new Map<string, ProductKey>();
  for (const { targets } of routes) {
    const key = targets[0] && productOf(targets[0].target);
    if (key) keys.set(`${key.provider}/${key.product}`, { provider: key.provider, product: key.product });
  }
  return [...keys.values()];
}

function productReadiness(key: ProductKey, { board, until }: ReadinessInput): ProductReadiness {
  const text = productKeyText(key);
  const judged = judgementOf(board, key);
  const about = board.incidents.filter((incident) => concerns(incident, key));
  return {
    key: text,
    title: judged?.title ?? text,
    verdict: judged?.verdict ?? 'unknown',
    summary: judged?.summary ?? `Nothing is known of ${text}: it is not watched, or nobody has asked it lately.`,
    incidents: about.filter(({ kind }) => kind === 'incident'),
    planned: about.filter(({ kind, startedAt, phase }) => kind === 'maintenance' && startedAt < until && phase !== 'resolved'),
  };
}

/** Of the model, where it has one; else of the product. */
function judgementOf(board: Board, key: ProductKey): Board['judgements'][number] | undefined {
  const find = (text: string): Board['judgements'][number] | undefined => board.judgements.find((judged) => judged.key === text);
  const own = find(productKeyText(key));
  const product = find(`${key.provider}/${key.product}`);
  return own && own.verdict !== 'unknown' ? own : (product ?? own);
}

function concerns({ products, models }: Incident, { provider, product, model }: ProductKey): boolean {
  return products.includes(`${provider}/${product}`) && (models.length === 0 || model === undefined || models.includes(model));
}

function routeReadiness({ pattern, targets }: ReadinessInput['routes'][number], input: ReadinessInput): RouteReadiness {
  return { pattern, targets: targets.map((target) => ({ target, ...targetReadiness(target, input) })) };
}

function targetReadiness(target: string, input: ReadinessInput): { state: Standing; why: string } {
  const { now } = input;
  // `provider/*`: whatever model is asked for; what is known of its models is known of it.
  const known = input.targets.filter(
    (each) => each.target === target || (target.endsWith('/*') && each.target.startsWith(target.slice(0, -1))),
  );
  const marks = known.map(({ mark }) => mark);
  const mark = marks[0];
  if (mark !== undefined && marks.every((each) => each !== undefined)) {
    return {
      state: 'out',
      why: `${mark.reason}${mark.until === undefined || mark.until <= now ? '' : `, until ${clockText(mark.until)}`}`,
    };
  }
  const over = known.flatMap(({ passedOver }) => passedOver ?? [])[0];
  if (over) return { state: 'out', why: over.reason };
  const down = known.find(({ verdict }) => verdict === 'down');
  if (down) return { state: 'out', why: down.reasons[0] ?? 'its requests fail' };
  const key = input.productOf(target);
  const judged = key && judgementOf(input.board, target.endsWith('/*') ? { provider: key.provider, product: key.product } : key);
  if (judged?.verdict === 'down') return { state: 'out', why: judged.summary };
  if (judged?.verdict === 'degraded') return { state: 'doubtful', why: judged.summary };
  const ill = known.find(({ verdict }) => verdict === 'degraded');
  if (ill) return { state: 'doubtful', why: ill.reasons[0] ?? 'some of its requests fail' };
  if (key) {
    const { planned } = productReadiness(key, input);
    if (planned[0]) return { state: 'doubtful', why: `planned work: ${planned[0].title}, from ${clockText(planned[0].startedAt)}` };
  }
  if (known.some(({ verdict }) => verdict === 'operational')) return { state: 'ready', why: 'its last requests succeeded' };
  if (judged?.verdict === 'operational') return { state: 'ready', why: judged.summary };
  return { state: 'doubtful', why: 'nothing is known of it lately: `understudy doctor --live` asks it' };
}

/** In trouble, or about to be worked on; or whoever runs this server has written that it is. */
function inTrouble({ verdict, planned, incidents }: ProductReadiness): boolean {
  return verdict === 'down' || verdict === 'degraded' || planned.length > 0 || writtenOf(incidents) !== undefined;
}

function writtenOf(incidents: readonly Incident[]): Incident | undefined {
  return incidents.find(
    ({ severity, sources }) => (severity === 'major' || severity === 'critical') && sources.some(({ type }) => type === 'hand'),
  );
}

function answerOf(products: readonly ProductReadiness[], routes: readonly RouteReadiness[], { productOf }: ReadinessInput): Answer {
  const ill = products.filter(inTrouble);
  if (ill.length === 0) {
    if (products.length > 0 && products.every(({ verdict }) => verdict === 'unknown')) {
      return routes.some(({ targets }) => targets.some(({ state }) => state === 'ready')) ? 'with-backup' : 'unknown';
    }
    return products.length > 0 || routes.some(({ targets }) => targets.some(({ state }) => state === 'ready')) ? 'yes' : 'unknown';
  }
  const hit = new Set(ill.map(({ key }) => key.split('/').slice(0, 2).join('/')));
  const carried = routes
    .filter(({ targets }) => targets.some(({ target }) => isOf(target, hit, productOf)))
    .map(({ targets }) => targets.some(({ target, state }) => state === 'ready' && !isOf(target, hit, productOf)));
  if (carried.length > 0 && carried.every(Boolean)) return 'with-backup';
  // Nobody stands in: where it only stumbles, work can go on, but not work that must not be interrupted.
  return 'no';
}

function isOf(target: string, products: ReadonlySet<string>, productOf: ReadinessInput['productOf']): boolean {
  const key = productOf(target);
  return key !== undefined && products.has(`${key.provider}/${key.product}`);
}

function summaryOf(answer: Answer, products: readonly ProductReadiness[], routes: readonly RouteReadiness[]): string {
  const ill = products.filter(inTrouble);
  const what = ill.map(({ title, verdict, planned, incidents }) => {
    if (verdict === 'down' || verdict === 'degraded') return `${title} is ${verdict}`;
    const written = writtenOf(incidents);
    return written ? `${title} has an open incident (${written.title})` : `${title} has planned work (${planned[0]?.title})`;
  });
  switch (answer) {
    case 'yes':
      return products.length === 0
        ? 'Go ahead.'
        : `Go ahead: ${products.map(({ title }) => title).join(', ')} ${products.length === 1 ? 'works' : 'work'} as far as is known.`;
    case 'with-backup': {
      const backups = [
        ...new Set(routes.flatMap(({ targets }) => targets.filter(({ state }) => state === 'ready').map(({ target }) => target))),
      ];
      const why = what.length === 0 ? 'Nothing fresh is known of what it begins with' : what.join(', ');
      return `Go ahead through Understudy: ${lowered(why, what.length > 0)}; ${backups.join(', ')} would carry on.`;
    }
    case 'no':
      return `Better not now: ${what.join(', ')}, and no route has somebody ready to carry on.`;
    case 'unknown':
      return 'Nobody can say: nothing fresh is known. Ask once, or read the status page.';
  }
}

function lowered(text: string, isTitle: boolean): string {
  return isTitle ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

function clockText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
