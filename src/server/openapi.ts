import { z } from 'zod';
import type { JsonObject } from '../exchange/json.ts';
import { conversationDetail, conversationList, conversationSummary } from './archive/schemas.ts';
import { searchResult } from './archive/search.ts';
import { apiError, effectiveConfig, exchangeDetail, exchangeList, exchangeName, exchangeSummary, statusReport } from './control-schemas.ts';
import { drillBegun, drillDetail, drillList, drillPlan } from './drills/schemas.ts';
import { OPERATIONS, type Operation } from './operations.ts';
import { localAnswer } from './local/schemas.ts';
import { deskAnswer, runbookDetail, runbookList } from './offline/schemas.ts';
import { queuedJob, queueOverview, queueWoken } from './queue/schemas.ts';
import { alertAnswered, alertOverview, alertTested } from './watch/alert-schemas.ts';
import { reportAnswer } from './watch/report-schemas.ts';
import { board, gradeList, incidentDetail, incidentList, readinessAnswer } from './watch/schemas.ts';

const ERROR_NAMES: Record<number, string> = {
  400: 'Bad request',
  401: 'Access token missing or wrong',
  403: 'Host or origin not allowed',
  404: 'Not there',
  503: 'The archive, or what is watched, can not be read for now',
  409: 'It does not wait, or can not be asked again as things are',
};

/** The control API as an OpenAPI 3.1 document, made from the schemas that describe its answers. */
export function openapiDocument(version: string, address: string): JsonObject {
  const paths: JsonObject = {};
  for (const operation of OPERATIONS) {
    paths[operation.path] = {
      ...(paths[operation.path] as JsonObject | undefined),
      [operation.method ?? 'get']: describeOperation(operation),
    };
  }
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

function describeOperation({ path, id, summary, query, body, answer, errors, status: success = 200 }: Operation): JsonObject {
  const responses: JsonObject = {
    [String(success)]:
      'schema' in answer
        ? { description: summary, content: { 'application/json': { schema: reference(answer.schema) } } }
        : 'anyObject' in answer
          ? { description: answer.description, content: { 'application/json': { schema: { type: 'object' } } } }
          : { description: answer.description, content: contentOf('mediaType' in answer ? answer.mediaType : undefined) },
  };
  if ('mediaType' in answer && answer.mediaType === 'text/event-stream' && !answer.endless)
    responses['204'] = { description: 'There is nothing after the cursor.' };
  for (const status of [...errors, 401, 403].sort((a, b) => a - b)) {
    responses[String(status)] = { description: ERROR_NAMES[status]!, content: { 'application/json': { schema: reference('Error') } } };
  }
  const requestBody = body && { required: true, content: { 'application/json': { schema: jsonSchema(body, 'input') } } };
  const parameters = [...pathParameters(path), ...queryParameters(query)];
  return { operationId: id, summary, parameters, ...(requestBody && { requestBody }), responses };
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
  names.add(reportAnswer, { id: 'ReportAnswer' });
  names.add(alertOverview, { id: 'AlertOverview' });
  names.add(alertTested, { id: 'AlertTested' });
  names.add(alertAnswered, { id: 'AlertAnswered' });
  names.add(deskAnswer, { id: 'DeskAnswer' });
  names.add(runbookList, { id: 'RunbookList' });
  names.add(runbookDetail, { id: 'Runbook' });
  names.add(board, { id: 'Board' });
  names.add(incidentDetail, { id: 'Incident' });
  names.add(incidentList, { id: 'IncidentList' });
  names.add(queueOverview, { id: 'QueueOverview' });
  names.add(queuedJob, { id: 'QueuedJob' });
  names.add(queueWoken, { id: 'QueueWoken' });
  names.add(gradeList, { id: 'GradeList' });
  names.add(readinessAnswer, { id: 'Readiness' });
  names.add(drillList, { id: 'DrillList' });
  names.add(drillPlan, { id: 'DrillPlan' });
  names.add(drillBegun, { id: 'DrillBegun' });
  names.add(drillDetail, { id: 'DrillDetail' });
  names.add(localAnswer, { id: 'Local' });
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
