/** What a client's path and query say. Gemini has neither the model nor `stream` in its bodies. */
export interface GeminiPath {
  /** `v1`, `v1beta`, `v1alpha`, Vertex' `v1beta1`. */
  version: string;
  /** Without `models/`; a tuned model keeps `tunedModels/`. */
  model: string;
  method: 'generateContent' | 'streamGenerateContent' | 'countTokens';
  /** `alt=sse`: a stream without it is one JSON array. */
  sse: boolean;
}

/** Vertex puts a project, a location and a publisher before the model. Names of models may hold slashes and colons. */
const PATH =
  /^\/(v\d+[a-z\d]*)\/(?:projects\/[^/]+\/locations\/[^/]+\/)?(?:publishers\/[^/]+\/)?(models|tunedModels)\/(.+):(generateContent|streamGenerateContent|countTokens)$/;

/** Versions of the Gemini API itself; Vertex' own have other addresses. */
const OWN_VERSIONS: ReadonlySet<string> = new Set(['v1', 'v1beta', 'v1alpha']);
const VERSION = 'v1beta';

/** `undefined`: not a path of this dialect. */
export function readPath(path: string): GeminiPath | undefined {
  const mark = path.indexOf('?');
  const found = PATH.exec(mark < 0 ? path : path.slice(0, mark));
  if (!found) return undefined;
  const [, version, kind, name, method] = found as unknown as [string, string, string, string, GeminiPath['method']];
  const model = decoded(name);
  if (model === undefined) return undefined;
  const query = mark < 0 ? '' : path.slice(mark + 1).split('#', 1)[0]!;
  return {
    version,
    model: kind === 'tunedModels' ? `tunedModels/${model}` : model,
    method,
    sse: query.split('&').includes('alt=sse'),
  };
}

/** Upstream a stream is always SSE: a JSON array can only be read at its end. */
export function endpoint(model: string, stream: boolean, clientPath?: string): string {
  return address(model, stream ? 'streamGenerateContent?alt=sse' : 'generateContent', clientPath);
}

export function countEndpoint(model: string, clientPath?: string): string {
  return address(model, 'countTokens', clientPath);
}

/** How bodies name a model, where they do. */
export function resourceName(model: string): string {
  return /^(?:models|tunedModels)\//.test(model) ? model : `models/${model}`;
}

function address(model: string, method: string, clientPath: string | undefined): string {
  const asked = clientPath === undefined ? undefined : readPath(clientPath)?.version;
  const version = asked !== undefined && OWN_VERSIONS.has(asked) ? asked : VERSION;
  return `/${version}/${resourceName(model).split('/').map(segment).join('/')}:${method}`;
}

/** `..` would be another path to a server that tidies them up. */
function segment(name: string): string {
  return /^\.{1,2}$/.test(name) ? name.replaceAll('.', '%2E') : encodeURIComponent(name);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
