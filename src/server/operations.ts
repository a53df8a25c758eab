import type { z } from 'zod';
import { SIGNAL_TYPES } from '../telemetry/signal.ts';
import { conversationQuery } from './archive/schemas.ts';
import { searchQuery } from './archive/search.ts';
import { drillListQuery, drillPlanBody, drillStartBody } from './drills/schemas.ts';
import { eventQuery, exchangeQuery, feedQuery } from './control-schemas.ts';
import { offlineQuery, tickBody } from './offline/schemas.ts';
import { queueChangeBody, queuePutBody, queueQuery } from './queue/schemas.ts';
import { alertAnswerBody, alertQuery, alertTestBody } from './watch/alert-schemas.ts';
import { handBody, handUpdateBody } from './watch/hand-schemas.ts';
import { reportBody } from './watch/report-schemas.ts';
import { checkQuery, incidentQuery } from './watch/schemas.ts';

/** One of the control API's operations, as openapi.ts describes it. */
export interface Operation {
  path: string;
  /** GET where it is not said. */
  method?: 'post';
  /** The status of success; 200 where it is not said. */
  status?: number;
  id: string;
  summary: string;
  /** Query parameters. */
  query?: z.ZodObject;
  /** A JSON body. */
  body?: z.ZodObject;
  /** JSON, described by a schema; or a media type whose content is described in words. */
  answer:
    | { schema: string }
    | { anyObject: true; description: string }
    | { mediaType: string; description: string; endless?: true }
    | { inDialect: true; description: string };
  /** Statuses of errors that it may answer with, besides 401 and 403. */
  errors: number[];
}

export const OPERATIONS: readonly Operation[] = [
  { path: '/api/status', id: 'getStatus', summary: 'How things stand', answer: { schema: 'StatusReport' }, errors: [] },
  { path: '/api/local', id: 'getLocal', summary: 'Model services on this machine', answer: { schema: 'Local' }, errors: [] },
  {
    path: '/api/local/look',
    method: 'post',
    id: 'lookForLocal',
    summary: 'Looks for model services on this machine now',
    answer: { schema: 'Local' },
    errors: [],
  },
  {
    path: '/api/queue',
    id: 'listQueue',
    summary: 'Requests that wait to be asked again, in order, then those that are over, newest first',
    query: queueQuery,
    answer: { schema: 'QueueOverview' },
    errors: [400, 503],
  },
  {
    path: '/api/queue',
    method: 'post',
    status: 202,
    id: 'putIntoQueue',
    summary: 'Keeps a request of a file without asking anybody first',
    body: queuePutBody,
    answer: { schema: 'QueuedJob' },
    errors: [400, 409, 503],
  },
  { path: '/api/queue/{id}', id: 'getQueued', summary: 'One kept request', answer: { schema: 'QueuedJob' }, errors: [404] },
  {
    path: '/api/queue/{id}',
    method: 'post',
    id: 'changeQueued',
    summary: 'Another priority or deadline for a request that waits',
    body: queueChangeBody,
    answer: { schema: 'QueuedJob' },
    errors: [400, 404, 409],
  },
  {
    path: '/api/queue/{id}/cancel',
    method: 'post',
    id: 'cancelQueued',
    summary: 'Gives up a request that waits',
    answer: { schema: 'QueuedJob' },
    errors: [409],
  },
  {
    path: '/api/queue/wake',
    method: 'post',
    id: 'wakeQueue',
    summary: 'Whatever waits may be asked now, without its pause',
    answer: { schema: 'QueueWoken' },
    errors: [],
  },
  {
    path: '/api/exchanges',
    id: 'listExchanges',
    summary: 'Exchanges, newest first',
    query: exchangeQuery,
    answer: { schema: 'ExchangeList' },
    errors: [400],
  },
  { path: '/api/exchanges/{id}', id: 'getExchange', summary: 'One exchange', answer: { schema: 'ExchangeDetail' }, errors: [404] },
  {
    path: '/api/exchanges/{id}/events',
    id: 'followExchange',
    summary: 'Everything that happened in an exchange, as it happens',
    query: eventQuery,
    answer: {
      mediaType: 'text/event-stream',
      description:
        'One message per entry: its place as id, its type as event (attempt, attempt-end, head, bytes, events, seam, end), the entry as JSON in data. Closes after end. 204 when the reader has all of it.',
    },
    errors: [400, 404],
  },
  {
    path: '/api/exchanges/{id}/answer',
    id: 'getAnswer',
    summary: 'The answer as the one who asked got it, or would have got it',
    answer: {
      inDialect: true,
      description:
        'In the dialect in which it was asked for, streamed or whole, from its beginning on; an exchange that failed says so in that dialect. Of an exchange that was deferred: the answer of the one that answered it, or status 424 while it waits.',
    },
    errors: [404],
  },
  {
    path: '/api/exchanges/{id}/run',
    method: 'post',
    status: 202,
    id: 'runExchange',
    summary: 'Asks a deferred request again, now, as another exchange that answers both',
    answer: { schema: 'ExchangeName' },
    errors: [404, 409],
  },
  {
    path: '/api/exchanges/{id}/cancel',
    method: 'post',
    id: 'cancelExchange',
    summary: 'Gives a deferred request up',
    answer: { schema: 'ExchangeName' },
    errors: [404, 409],
  },
  {
    path: '/api/conversations',
    id: 'listConversations',
    summary: 'Conversations of the archive, last changed first',
    query: conversationQuery,
    answer: { schema: 'ConversationList' },
    errors: [400, 503],
  },
  {
    path: '/api/conversations/{id}',
    id: 'getConversation',
    summary: 'One conversation: its messages as the tree that they are, the branch that is shown, who wrote what',
    answer: { schema: 'ConversationDetail' },
    errors: [404, 503],
  },
  {
    path: '/api/search',
    id: 'search',
    summary: 'Full text over the archive: messages, calls, results, files, titles',
    query: searchQuery,
    answer: { schema: 'SearchResult' },
    errors: [400, 503],
  },
  {
    path: '/api/offline',
    id: 'askOffline',
    summary: 'The best of what lies on this machine for a question: earlier answers, notes; no model is asked',
    query: offlineQuery,
    answer: { schema: 'DeskAnswer' },
    errors: [400],
  },
  {
    path: '/api/runbooks',
    id: 'listRunbooks',
    summary: 'What to do when something is down: checklists with their ticks',
    answer: { schema: 'RunbookList' },
    errors: [503],
  },
  { path: '/api/runbooks/{name}', id: 'getRunbook', summary: 'One runbook', answer: { schema: 'Runbook' }, errors: [404, 503] },
  {
    path: '/api/runbooks/{name}/tick',
    method: 'post',
    id: 'tickRunbook',
    summary: 'Ticks an item of a runbook, for the incident that goes on',
    body: tickBody,
    answer: { schema: 'Runbook' },
    errors: [400, 404, 503],
  },
  {
    path: '/api/drills',
    id: 'listDrills',
    summary: 'Drills on your own routes: the one under way, and earlier ones, newest first',
    query: drillListQuery,
    answer: { schema: 'DrillList' },
    errors: [400],
  },
  {
    path: '/api/drills/plan',
    method: 'post',
    id: 'planDrill',
    summary: 'What a drill would ask of whom, and what it would cost; nobody is asked for it',
    body: drillPlanBody,
    answer: { schema: 'DrillPlan' },
    errors: [400, 409],
  },
  {
    path: '/api/drills',
    method: 'post',
    status: 202,
    id: 'startDrill',
    summary: 'Begins a drill: real requests to your backups, with prompts of yours',
    body: drillStartBody,
    answer: { schema: 'DrillBegun' },
    errors: [400, 409],
  },
  {
    path: '/api/drills/{id}',
    id: 'getDrill',
    summary: 'A drill: how far it is, or its report',
    answer: { schema: 'DrillDetail' },
    errors: [404],
  },
  {
    path: '/api/drills/{id}/stop',
    method: 'post',
    id: 'stopDrill',
    summary: 'Ends a drill that is under way; its report says so',
    answer: { schema: 'DrillBegun' },
    errors: [404],
  },
  {
    path: '/api/drills/{id}/report',
    id: 'getDrillReport',
    summary: 'The report as a page of its own; format=markdown: as a text',
    answer: { mediaType: 'text/html', description: 'One page that needs nothing else.' },
    errors: [404],
  },
  {
    path: '/api/events',
    id: 'followEvents',
    summary: 'What happens, as it happens: attempts, switches, verdicts, notices',
    query: feedQuery,
    answer: {
      mediaType: 'text/event-stream',
      description: `One message per event: its cursor as id, its type as event (${SIGNAL_TYPES.join(', ')}), the event as JSON (version 1) in data. reset: what came after the cursor is gone; read /api/status anew. Goes on until the reader leaves; one that does not keep up is dropped.`,
      endless: true,
    },
    errors: [400],
  },
  {
    path: '/api/board',
    id: 'getBoard',
    summary: 'How each product that is watched stands, and why that is thought',
    answer: { schema: 'Board' },
    errors: [503],
  },
  {
    path: '/api/check',
    id: 'check',
    summary: 'Can critical work start now? Verdicts, incidents, planned work, and who would carry on',
    query: checkQuery,
    answer: { schema: 'Readiness' },
    errors: [400, 503],
  },
  {
    path: '/api/reports',
    method: 'post',
    id: 'report',
    summary: 'What its user says of a product',
    body: reportBody,
    answer: { schema: 'ReportAnswer' },
    errors: [400, 503],
  },
  {
    path: '/api/alerts',
    id: 'listAlerts',
    summary: 'Who was told of what, and what was sent where, newest first',
    query: alertQuery,
    answer: { schema: 'AlertOverview' },
    errors: [400, 503],
  },
  {
    path: '/api/alerts/test',
    method: 'post',
    id: 'testAlerts',
    summary: 'Sends a message by a channel that says that it is a test',
    body: alertTestBody,
    answer: { schema: 'AlertTested' },
    errors: [400, 503],
  },
  {
    path: '/api/alerts/answer',
    method: 'post',
    id: 'answerAlert',
    summary: 'Is it failing for you? The answer counts for the verdict, and is sent nowhere',
    body: alertAnswerBody,
    answer: { schema: 'AlertAnswered' },
    errors: [400, 404, 503],
  },
  {
    path: '/api/grades',
    id: 'getGrades',
    summary: 'How early, complete and honest each status page was, held against what was seen here',
    answer: { schema: 'GradeList' },
    errors: [503],
  },
  {
    path: '/api/incidents',
    id: 'listIncidents',
    summary: 'Incidents and planned work, newest first',
    query: incidentQuery,
    answer: { schema: 'IncidentList' },
    errors: [400, 503],
  },
  {
    path: '/api/incidents',
    method: 'post',
    status: 201,
    id: 'postIncident',
    summary: 'An incident or planned work, written by whoever runs this server',
    body: handBody,
    answer: { schema: 'Incident' },
    errors: [400, 503],
  },
  {
    path: '/api/incidents/{id}/updates',
    method: 'post',
    status: 201,
    id: 'updateIncident',
    summary: 'Another update of an incident, by the same',
    body: handUpdateBody,
    answer: { schema: 'Incident' },
    errors: [400, 404, 503],
  },
  {
    path: '/api/incidents/{id}',
    id: 'getIncident',
    summary: 'One incident, with its updates',
    answer: { schema: 'Incident' },
    errors: [404, 503],
  },
  {
    path: '/api/config',
    id: 'getConfig',
    summary: 'The effective configuration, secrets replaced',
    answer: { schema: 'Config' },
    errors: [],
  },
  {
    path: '/api/openapi.json',
    id: 'getDescription',
    summary: 'This description',
    answer: { anyObject: true, description: 'An OpenAPI 3.1 document.' },
    errors: [],
  },
];
