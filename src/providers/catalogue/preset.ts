import type { TargetFacts } from '../../dialects/target-facts.ts';
import type { DialectName } from '../../exchange/dialect-name.ts';

/** How a key is shown: the header that carries it. `bearer`: `Authorization: Bearer`. */
export type KeyScheme = 'x-api-key' | 'bearer' | 'x-goog-api-key' | 'api-key';

/** How capable and dear a model is, seen from far away; backups are looked for in the same one. */
export type Tier = 'frontier' | 'balanced' | 'fast';

/** Whose cloud it is. At AWS, under which name requests are signed, and whether Claude is asked by InvokeModel or in Anthropic's own form. */
export type CloudHouse =
  | { house: 'aws'; service: 'bedrock' | 'bedrock-mantle'; form: 'invoke-model' | 'own' }
  | { house: 'google' }
  | { house: 'azure' };

/** A service that is known here, as data. */
export interface Preset {
  /** Its name in the configuration. */
  name: string;
  /** As its maker writes it. */
  title: string;
  vendor: string;
  dialect: DialectName;
  /** As the dialect's official SDK takes it. */
  baseUrl: string;
  scheme: KeyScheme;
  /** Further dialects that the service documents, with their base URLs and, where it is another one, how the key is shown there. */
  also?: Readonly<Partial<Record<DialectName, { baseUrl: string; scheme?: KeyScheme }>>>;
  /** A cloud that runs others' models; its addresses have gaps for the place. */
  cloud?: CloudHouse & {
    needs: readonly ('region' | 'project' | 'resource')[];
    /** Environment variables that may hold a key of the service itself. Unlike those of other presets they are not offered. */
    keyVariables: readonly string[];
    /** Where its own credentials are looked for, for people. */
    finds: string;
  };
  /** Used with an account that its owner has signed in to with `understudy login`, instead of a key. */
  signIn?: 'chatgpt';
  /** Whose own interface it is, in another house: Azure's is OpenAI's. By default the vendor. */
  api?: string;
  /** The list of models that tells its limits and prices. By default the vendor's. */
  list?: string;
  /** Keeps Responses answers by id and takes `previous_response_id`. */
  keepsResponses?: boolean;
  /** Environment variables that may hold the key, first found wins. None for services that take no key. */
  keyVariables: readonly string[];
  /** Where a person gets a key; for local services, where to get the program. */
  keyPage: string;
  /** What the service says it does with what it is sent; shown before anybody's text goes there. */
  dataUse: string;
  /** What can be had without paying, within limits that change, and what it costs otherwise: what becomes of the content. */
  free?: string;
  local: boolean;
  /** Globs of the model names that it offers; absent: unknown, or anything. */
  models?: readonly string[];
  /** A model of each tier to fall back on. */
  picks: Readonly<Partial<Record<Tier, string>>>;
  /** Offers other vendors' models, named `vendor/model`, with dots in version numbers. */
  resells?: boolean;
  /** Where the service's wire differs from the dialect's. */
  quirks: Readonly<Partial<Pick<TargetFacts, 'prefill' | 'maxTokensField' | 'systemRole'>>>;
  /** Where base URL and variables were read, and when. */
  source: string;
}

/** Where a service speaks a dialect, as far as it is documented. */
export function addressIn(preset: Preset, dialect: DialectName): { baseUrl: string; scheme: KeyScheme } | undefined {
  if (dialect === preset.dialect) return preset;
  const also = preset.also?.[dialect];
  return also && { baseUrl: also.baseUrl, scheme: also.scheme ?? preset.scheme };
}
