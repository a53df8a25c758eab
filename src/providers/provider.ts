import type { DialectName } from '../exchange/dialect-name.ts';
import type { Hosting } from './clouds/hosting.ts';
import type { ModelFacts } from './model-facts.ts';

/**
 * How a provider is shown who is asking. `none`: a local server. `client`: no key is configured, the client's own credential
 * passes through, and only from clients of this provider's own dialect.
 */
export type Credential =
  | { type: 'key'; value: string; scheme: 'x-api-key' | 'bearer' | 'x-goog-api-key' | 'api-key' }
  | {
      type: 'client';
      /** The login of the client's own Claude plan may go along too: see subscription.ts. */ subscription?: 'pass-through';
    }
  /** A cloud's own identity (AWS, Google, Azure), shown by `hosting.sign`. `from`: where it is looked for, in a few words. */
  | { type: 'identity'; from: string; /** One person's own account: nobody else may use it. */ personal?: true }
  | { type: 'none' };

/** A service that can answer: preset, overrides and key, resolved. Immutable; a reload makes new ones. */
export interface Provider {
  /** Its name in the configuration. */
  name: string;
  /** The known service that it was made from. */
  preset?: string;
  dialect: DialectName;
  /** As the dialect's official SDK takes it: the origin for `anthropic-messages`, with `/v1` for the OpenAI dialects. */
  baseUrl: string;
  /** Vendor family; the provider's own name outside the catalogue. */
  vendor: string;
  credential: Credential;
  /** Where it has several keys: the same service with each of them, in order. The first has `credential`. */
  accounts?: readonly Provider[];
  /** Most requests at once for one of its models; for all of them together where it was found. */
  concurrency?: number;
  /** It was found on this machine, and nobody has configured it. */
  found?: true;
  /** Extra headers from the configuration. */
  headers: Record<string, string>;
  /** Runs on this machine or network: used when nothing outside can be reached. */
  local: boolean;
  /** Computes on a person's own machine: it reads slowly, and may have to load its model first. */
  computesHere?: boolean;
  /** Globs of the model names that it offers, where they are known. */
  models: readonly string[] | undefined;
  /** Whether it is known to have a model of this name; a service whose models nobody has listed is taken to have them all. */
  offers(model: string): boolean;
  facts(model: string): ModelFacts;
  /** Keeps its answers by id, so that a request may go on from one (`previous_response_id`). */
  keepsResponses?: boolean;
  /** Answers streams only: a client that wants a whole answer gets it put together. */
  streamsOnly?: boolean;
  /** What a cloud wants otherwise than the dialect's maker. */
  hosting?: Hosting;
  /** How this service calls a model that others run too; nothing where it is not known to have it. */
  nameOf?(model: string): string | undefined;
  /** It is no service but what lies on this machine (desk.ts): shown to its user alone, and never in place of an answer that can be waited for. */
  desk?: true;
  /** The same service in further dialects, each like a provider of its own (same name and key): clients of these are native too. */
  faces?: ReadonlyMap<DialectName, Provider>;
}
