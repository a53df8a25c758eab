import type { Result } from '../exchange/result.ts';
import type { Readiness, TargetStanding } from './check/readiness.ts';
import type { ReportAnswer, ReportAsked } from './crowd/crowd.ts';
import type { Grade } from './grades/grade.ts';
import type { HandNoteAsked, HandProblem, HandUpdateAsked } from './incidents/by-hand.ts';
import type { Published } from './publish/published.ts';
import type { AlertOverview } from './alerts/alerts.ts';
import type { Judgement } from './verdict.ts';
import type { Incident } from './incident.ts';
import type { PageState } from './page.ts';

/** What the watch's thread is asked, and what it answers: each a name, what goes there, and what comes back. Structured clones. */
export interface Questions {
  /** How everything that is watched stands. */
  board: { asked: Record<string, never>; answer: Board };
  incidents: { asked: IncidentQuery; answer: { incidents: Incident[]; next?: string } };
  incident: { asked: { id: string }; answer: Incident | null };
  /** Written by whoever runs this server. */
  post: { asked: HandNoteAsked; answer: Result<Incident, HandProblem> };
  /** Another update, by the same. `null`: there is no such incident. */
  add: { asked: HandUpdateAsked; answer: Result<Incident, HandProblem> | null };
  /** Can work begin now? */
  check: { asked: CheckQuery; answer: { readiness: Readiness } | { unknown: string; near: string[] } };
  /** What a status page of one's own shows. `address`: where it is served. */
  published: { asked: { address: string }; answer: Published };
  grades: { asked: Record<string, never>; answer: Grade[] };
  alerts: { asked: { limit: number }; answer: AlertOverview };
  /** Sends a message that says that it is a test. The error is a sentence. */
  alertTest: { asked: { channel: string }; answer: Result<{ took: number }, string> };
  /** «Is it failing for you?», by the token of the link or by the alert's id. The error is a sentence. */
  alertAnswer: {
    asked: { by: { token: string } | { id: string }; failing: boolean };
    answer: Result<{ title: string; product: string }, string>;
  };
  /** What the link with this token is about. */
  alertAsks: { asked: { token: string }; answer: string | null };
  /** What this user says of a product. The error is a sentence. */
  report: { asked: ReportAsked; answer: Result<ReportAnswer, string> };
}

export type QuestionName = keyof Questions;

export interface CheckQuery {
  /** Milliseconds that the work would last. */
  span: number;
  /** As people call them; none: what the routes begin with. */
  products: string[];
  /** How the targets that have been asked stand. */
  targets: TargetStanding[];
}

export interface Board {
  /** UTC ms. */
  at: number;
  judgements: (Judgement & { title: string })[];
  /** Open ones and planned work to come, newest first. */
  incidents: Incident[];
  pages: (Omit<PageState, 'reading'> & { url: string; family: string })[];
  /** What to do about what is down, or is just over; of this machine, never published. */
  runbooks?: { name: string; title: string }[];
}

export interface IncidentQuery {
  /** UTC ms. */
  from?: number;
  to?: number;
  /** A key or its beginning: `anthropic`, `anthropic/api`. */
  product?: string;
  kind?: 'incident' | 'maintenance';
  open?: boolean;
  limit?: number;
  /** `next` of the answer before. */
  before?: string;
}
