import type { DialectName } from '../../exchange/dialect-name.ts';
import type { Preset } from '../catalogue/preset.ts';
import type { ResolveContext } from '../resolve.ts';
import type { Fail } from '../resolve-one.ts';
import type { ProviderSettings } from '../settings.ts';
import { awsSign } from './aws-sign.ts';
import { azureSign } from './azure-sign.ts';
import { bedrockAnswer } from './bedrock-answer.ts';
import { googleSign } from './google-sign.ts';
import type { Hosting } from './hosting.ts';
import { bedrockMessages, vertexGemini, vertexMessages } from './shapes.ts';

/** Where in a cloud somebody is at home. */
export interface Place {
  region: string;
  project: string;
  resource: string;
}

/** What a place's parts are made of, and the variables in which the clouds' own tools look for them. */
const PARTS = {
  region: {
    form: /^[a-z]+[a-z0-9-]*$/,
    variables: { aws: ['AWS_REGION', 'AWS_DEFAULT_REGION'], google: ['GOOGLE_CLOUD_LOCATION', 'CLOUD_ML_REGION'], azure: [] },
    example: { aws: 'us-east-1', google: 'global', azure: '' },
  },
  project: {
    form: /^[a-z0-9][a-z0-9.:-]*$/,
    variables: { aws: [], google: ['GOOGLE_CLOUD_PROJECT', 'GCLOUD_PROJECT', 'ANTHROPIC_VERTEX_PROJECT_ID'], azure: [] },
    example: { aws: '', google: 'my-project', azure: '' },
  },
  resource: {
    form: /^[A-Za-z0-9][A-Za-z0-9-]*$/,
    variables: { aws: [], google: [], azure: ['AZURE_RESOURCE_NAME', 'ANTHROPIC_FOUNDRY_RESOURCE'] },
    example: { aws: '', google: '', azure: 'my-resource' },
  },
} as const;

/** A preset of a cloud at one place: its addresses without gaps. Nothing where a part of the place is missing, which has been told of. */
export function placed(
  preset: Preset,
  settings: ProviderSettings,
  context: ResolveContext,
  fail: Fail,
): { preset: Preset; place: Place } | undefined {
  const { cloud } = preset;
  const place: Place = { region: '', project: '', resource: '' };
  if (!cloud) return { preset, place };
  for (const part of ['region', 'project', 'resource'] as const) {
    if (!cloud.needs.includes(part)) continue;
    const { form, variables, example } = PARTS[part];
    const names: readonly string[] = variables[cloud.house];
    const value =
      settings[part] ?? names.map((name) => context.environment[name]?.trim()).find((found) => found !== undefined && found !== '');
    // An address in the settings says which resource it is.
    if (value === undefined && part === 'resource' && settings.baseUrl !== undefined) continue;
    if (value === undefined) return fail(part, `is missing: give it, such as ${example[cloud.house]}, or set ${names.join(' or ')}`);
    if (!form.test(value)) return fail(part, `«${value}» is no ${part} of ${preset.title}; write it like ${example[cloud.house]}`);
    place[part] = value;
  }
  const at = (baseUrl: string): string =>
    baseUrl
      .replace('{vertex}', vertexHost(place.region))
      .replace('{region}', place.region)
      .replace('{resource}', place.resource || 'resource');
  const also = Object.fromEntries(
    Object.entries(preset.also ?? {}).map(([dialect, address]) => [dialect, { ...address, baseUrl: at(address.baseUrl) }]),
  );
  return { preset: { ...preset, baseUrl: at(preset.baseUrl), also }, place };
}

/** How a cloud is asked in a dialect at an address. `identity`: no key is configured, the cloud's own credentials are shown. */
export function hostingOf(
  preset: Preset,
  dialect: DialectName,
  how: { baseUrl: string; place: Place; identity: boolean; settings: ProviderSettings },
): Hosting | undefined {
  const { cloud } = preset;
  if (!cloud) return undefined;
  const { place, settings } = how;
  const { origin } = new URL(how.baseUrl);
  switch (cloud.house) {
    case 'aws': {
      const sign = how.identity
        ? { sign: awsSign({ service: cloud.service, region: place.region, origin, profile: settings.profile }) }
        : {};
      return cloud.form === 'invoke-model' && dialect === 'anthropic-messages'
        ? { shape: bedrockMessages, reframe: bedrockAnswer, ...sign }
        : sign;
    }
    case 'google':
      return {
        shape: dialect === 'gemini' ? vertexGemini(place) : vertexMessages(place),
        ...(how.identity ? { sign: googleSign(origin, place.project) } : {}),
      };
    case 'azure':
      return how.identity ? { sign: azureSign(origin) } : {};
  }
}

/** @anthropic-ai/vertex-sdk 1.1, client.mjs. */
function vertexHost(region: string): string {
  if (region === 'global') return 'aiplatform.googleapis.com';
  if (region === 'us' || region === 'eu') return `aiplatform.${region}.rep.googleapis.com`;
  return `${region}-aiplatform.googleapis.com`;
}
