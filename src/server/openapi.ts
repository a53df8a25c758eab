import { z } from 'zod';
import type { JsonObject } from '../exchange/json.ts';
import { SIGNAL_TYPES } from '../telemetry/signal.ts';
import { conversationDetail, conversationList, conversationQuery, conversationSummary } from './archive/schemas.ts';
import { searchQuery, searchResult } from './archive/search.ts';
import {
  apiError,
  effectiveConfig,
  eventQuery,
  feedQuery,
  exchangeDetail,
  exchangeList,
  exchangeName,
  exchangeQuery,
  exchangeSummary,
  statusReport,
} from './control-schemas.ts';

interface Operation {
  path: string;
  /** GET where it is not said. */
  method?: 'post';
  /** The status of success; 200 where it is not said. */
  status?: number;
  id: string;
  summary: string;
  /** Query parameters. */
  query?: z.ZodObject;
  /** JSON, described by a schema; or a media type whose content is described in words. */
  answer:
    | { schema: string }
    | { anyObject: true; description: string }
    | { mediaType: string; description: string; endless?: true }
    | { inDialect: true; description: string };
  /** Statuses of errors that it may answer with, besides 401 and 403. */
  errors: number[];
}

const OPERATIONS: readonly Operation[] = [
  { path: '/api/status', id: 'getStatus', summary: 'How things stand', answer: { schema: 'StatusReport' }, errors: [] },
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

const ERROR_NAMES: Record<number, string> = {
  400: 'Bad request',
  401: 'Access token missing or wrong',
  403: 'Host or origin not allowed',
  404: 'Not there',
  503: 'The archive can not be read for now',
  409: 'It does not wait, or can not be asked again as things are',
};

/** The control API as an OpenAPI 3.1 document, made from the schemas that describe its answers. */
export function openapiDocument(version: string, address: string): JsonObject {
  const paths: JsonObject = {};
  for (const operation of OPERATIONS) paths[operation.path] = { [operation.method ?? 'get']: describeOperation(operation) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Understudy control API',
      version,
      description: 'What happened, what is happening and how things stand. Questions to models go to the dialect endpoints instead.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: address }],
    security: [{}, { bearer: [] }, { header: [] }],
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'Only where server.token is set.' },
        header: { type: 'apiKey', in: 'header', name: 'x-understudy-token', description: 'Only where server.token is set.' },
      },
    },
  };
}

function describeOperation({ path, id, summary, query, answer, errors, status: success = 200 }: Operation): JsonObject {
  const responses: JsonObject = {
    [String(success)]:
      'schema' in answer
        ? { description: summary, content: { 'application/json': { schema: reference(answer.schema) } } }
        : 'anyObject' in answer
          ? { description: answer.description, content: { 'application/json': { schema: { type: 'object' } } } }
          : { description: answer.description, content: contentOf('mediaType' in answer ? answer.mediaType : undefined) },
  };
  if ('mediaType' in answer && !answer.endless) responses['204'] = { description: 'There is nothing after the cursor.' };
  for (const status of [...errors, 401, 403].sort((a, b) => a - b)) {
    responses[String(status)] = { description: ERROR_NAMES[status]!, content: { 'application/json': { schema: reference('Error') } } };
  }
  return { operationId: id, summary, parameters: [...pathParameters(path), ...queryParameters(query)], responses };
}

/** Without a media type: whatever a dialect answers with, whole or streamed. */
function contentOf(mediaType: string | undefined): JsonObject {
  if (mediaType !== undefined) return { [mediaType]: { schema: { type: 'string' } } };
  return { 'application/json': { schema: {} }, 'text/event-stream': { schema: { type: 'string' } } };
}

function pathParameters(path: string): JsonObject[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name: name!, in: 'path', required: true, schema: { type: 'string' } }));
}

function queryParameters(query: z.ZodObject | undefined): JsonObject[] {
  if (!query) return [];
  return Object.entries(query.shape).map(([name, schema]) => {
    const { description, ...rest } = jsonSchema(schema as z.ZodType, 'output');
    return { name, in: 'query', required: false, description: description ?? name, schema: rest };
  });
}

function componentSchemas(): JsonObject {
  const names = z.registry<{ id: string }>();
  names.add(statusReport, { id: 'StatusReport' });
  names.add(exchangeSummary, { id: 'ExchangeSummary' });
  names.add(exchangeDetail, { id: 'ExchangeDetail' });
  names.add(exchangeName, { id: 'ExchangeName' });
  names.add(exchangeList, { id: 'ExchangeList' });
  names.add(conversationSummary, { id: 'ConversationSummary' });
  names.add(conversationList, { id: 'ConversationList' });
  names.add(searchResult, { id: 'SearchResult' });
  names.add(conversationDetail, { id: 'ConversationDetail' });
  names.add(effectiveConfig, { id: 'Config' });
  names.add(apiError, { id: 'Error' });
  const { schemas } = z.toJSONSchema(names, { uri: (id) => reference(id)['$ref'] as string });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, bare(schema as JsonObject)]));
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  return bare(z.toJSONSchema(schema, { io }) as JsonObject);
}

/** Without what only a schema that stands alone needs. */
function bare(schema: JsonObject): JsonObject {
  const { $schema: _dialect, $id: _identity, ...rest } = schema;
  return rest;
}

function reference(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}
