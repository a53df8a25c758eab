import type { Result } from '../../exchange/result.ts';
import { err, ok } from '../../exchange/result.ts';
import { headerOf, withMembers } from './anthropic-body.ts';
import type { Hosting, Shaped } from './hosting.ts';

type Shape = NonNullable<Hosting['shape']>;

/**
 * Betas that Bedrock's Claude takes in the body; it refuses a whole request over one that it does not know (docs.aws.amazon.com/bedrock,
 * Anthropic Claude Messages API, beta headers; litellm's anthropic_beta_headers_config.json).
 */
const BEDROCK_BETAS =
  /^(?:computer-use-|token-efficient-tools-|interleaved-thinking-|output-128k-|dev-full-thinking-|context-1m-|context-management-|effort-|tool-search-tool-|tool-examples-|fine-grained-tool-streaming-)/;

/** Anthropic's Messages by InvokeModel: the model and whether to stream in the path, version and betas in the body (@anthropic-ai/bedrock-sdk 1.1.3). */
export const bedrockMessages: Shape = (request) => {
  if (!isMessages(request.endpoint)) return err('Bedrock’s InvokeModel answers messages only');
  const betas = (headerOf(request.headers, 'anthropic-beta') ?? '').split(',').map((beta) => beta.trim());
  const taken = betas.filter((beta) => BEDROCK_BETAS.test(beta));
  const body = withMembers(request.body, ['model', 'stream'], {
    anthropic_version: 'bedrock-2023-05-31',
    ...(taken.length === 0 ? {} : { anthropic_beta: taken }),
  });
  if (!body.ok) return body;
  const path = `/model/${segment(request.model)}/${request.stream ? 'invoke-with-response-stream' : 'invoke'}`;
  const headers = request.headers.filter(([name]) => !/^(?:accept|content-type)$|^(?:anthropic|x-stainless|x-claude)-/i.test(name));
  headers.push(
    ['content-type', 'application/json'],
    ['accept', request.stream ? 'application/vnd.amazon.eventstream' : 'application/json'],
  );
  return ok({ path, body: body.value, headers });
};

/** Anthropic's Messages on Vertex: the model in the path, the version in the body, everything else as at home (@anthropic-ai/vertex-sdk 1.1). */
export function vertexMessages(place: { project: string; region: string }): Shape {
  const models = `/v1/projects/${segment(place.project)}/locations/${segment(place.region)}/publishers/anthropic/models`;
  return (request) => {
    const counting = /^\/v1\/messages\/count_tokens(?:\?|$)/.test(request.endpoint);
    if (!counting && !isMessages(request.endpoint)) return err('Vertex answers messages and counts tokens only');
    const body = withMembers(request.body, counting ? [] : ['model'], { anthropic_version: 'vertex-2023-10-16' });
    if (!body.ok) return body;
    const what = counting ? 'count-tokens:rawPredict' : `${segment(request.model)}:${request.stream ? 'streamRawPredict' : 'rawPredict'}`;
    const headers = request.headers.filter(([name]) => name.toLowerCase() !== 'anthropic-version');
    return ok({ path: `${models}/${what}`, body: body.value, headers });
  };
}

/** Gemini on Vertex: the same bodies under the project's path (@google/genai 3.1, `vertexai: true`). */
export function vertexGemini(place: { project: string; region: string }): Shape {
  const home = `/v1beta1/projects/${segment(place.project)}/locations/${segment(place.region)}/publishers/google/models/`;
  return (request): Result<Shaped, string> => {
    const path = /^\/v1(?:beta|alpha)?\/models\/(.*)$/s.exec(request.endpoint)?.[1];
    return path === undefined
      ? err('Vertex is asked for models only')
      : ok({ path: home + path, body: request.body, headers: request.headers });
  };
}

function isMessages(endpoint: string): boolean {
  return /^\/v1\/messages(?:\?|$)/.test(endpoint);
}

/** As a part of a path; a colon may stand as it is, but signatures are simpler without. */
function segment(text: string): string {
  return encodeURIComponent(text);
}
