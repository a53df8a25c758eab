import type { DialectName } from '../exchange/dialect-name.ts';
import type { Result } from '../exchange/result.ts';
import { err, ok } from '../exchange/result.ts';

export interface BaseUrl {
  /** Without a slash at the end. */
  url: string;
  /** What was mended, in a sentence. */
  mended?: string;
}

/** Services that speak openai-chat right under their origin (their own documentation). */
const WITHOUT_VERSION = new Set(['api.deepseek.com', 'api.perplexity.ai']);

/** Checks a base URL and mends what is commonly written wrong. The error says what to write. */
export function checkBaseUrl(text: string, dialect: DialectName): Result<BaseUrl, string> {
  const example = isOpenAi(dialect) ? 'https://host.example/v1' : 'https://host.example';
  if (!URL.canParse(text)) return err(`«${text}» is not a URL; write it like ${example}`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return err(`«${text}» must begin with https:// or http://, like ${example}`);
  if (url.username !== '' || url.password !== '') return err('holds a user or password; put the key into apiKey and leave it out here');
  if (url.search !== '') return err(`ends with «${url.search}»; leave the query out, keys go into apiKey and the like into headers`);
  if (url.hash !== '') return err(`ends with «${url.hash}»; leave that out`);

  const path = url.pathname.replace(/\/+$/, '');
  const right = rightPath(path, url.hostname, dialect);
  const base = url.origin + right;
  if (right === path) return ok({ url: base });
  return ok({ url: base, mended: `baseUrl «${text}» is taken as ${base}, as the official SDK of ${dialect} has it` });
}

function rightPath(path: string, host: string, dialect: DialectName): string {
  switch (dialect) {
    case 'anthropic-messages':
      return path.replace(/\/v1(?:\/messages)?$/, '');
    case 'gemini':
      return path.replace(/\/v1(?:beta|alpha)?(?:\/models(?:\/[^/]*)?)?$/, '');
    case 'openai-chat':
    case 'openai-responses': {
      const cut = path.replace(/\/(?:chat\/completions|completions|responses|models)$/, '');
      return cut === '' && !WITHOUT_VERSION.has(host) ? '/v1' : cut;
    }
  }
}

function isOpenAi(dialect: DialectName): boolean {
  return dialect === 'openai-chat' || dialect === 'openai-responses';
}
