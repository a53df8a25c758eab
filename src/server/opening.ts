import { agentNames, sessionName } from '../failover/conversation.ts';
import type { Opening } from '../journal/entry.ts';
import type { Ask } from './ports.ts';

export interface OpenedAs {
  id: string;
  /** UTC milliseconds. */
  at: number;
  route: string;
  save: boolean;
  /** The request may be kept and asked again. */
  defer: boolean;
}

/** What the journal is told of a request before anybody is asked. */
export function openingOf(asking: Ask, { id, at, route, save, defer }: OpenedAs): Opening {
  const session = sessionName(asking.headers);
  const client = headerOf(asking, 'user-agent');
  const traceparent = headerOf(asking, 'traceparent');
  return {
    id,
    at,
    dialect: asking.dialect.name,
    model: asking.head.model,
    route,
    stream: asking.head.stream,
    principal: asking.principal,
    save,
    ...(session === undefined ? {} : { session }),
    ...agentNames(asking.headers),
    ...(client === undefined ? {} : { client }),
    ...(traceparent !== undefined && { traceparent }),
    ...(save && asking.once !== undefined && { once: asking.once }),
    ...(asking.runs !== undefined && { runs: asking.runs }),
    ...(defer && { again: againOf(asking) }),
  };
}

export function headerOf({ headers }: Pick<Ask, 'headers'>, name: string): string | undefined {
  return headers.find(([given]) => given.toLowerCase() === name)?.[1];
}

/** Say how a request is meant, and nothing of who sends it. */
const MEANT_SO = new Set(['anthropic-version', 'anthropic-beta', 'openai-beta']);

function againOf({ path, headers, route }: Ask): NonNullable<Opening['again']> {
  return { path, headers: headers.filter(([name]) => MEANT_SO.has(name.toLowerCase())), ...(route !== undefined && { route }) };
}
