import type { Preset } from '../catalogue/preset.ts';
import type { FindKnown } from '../known-models.ts';
import { ruleOf } from '../model-data.ts';
import { normaliseModel } from '../model-names.ts';
import type { Place } from './place.ts';

/** How a cloud calls a model that its maker (or somebody else) calls otherwise; nothing for models that it is not known to run. */
export function nameInCloud(preset: Preset, place: Place, find: FindKnown): ((model: string) => string | undefined) | undefined {
  const { cloud } = preset;
  if (!cloud) return undefined;
  const claude = preset.vendor === 'anthropic';
  const fits = (model: string): boolean => (ruleOf(model)?.vendor === 'anthropic') === claude;
  switch (cloud.house) {
    case 'aws':
      return (model) => (fits(model) ? profileOf(find('bedrock', model)?.ids ?? [], place.region, cloud.service === 'bedrock') : undefined);
    case 'google':
      // Snapshots stand behind an @ (cloud.google.com/vertex-ai, Claude model names).
      if (claude) return (model) => (fits(model) ? normaliseModel(model).replace(/-(\d{8})$/, '@$1') : undefined);
      return (model) => (find('vertex', model) ? model.slice(model.lastIndexOf('/') + 1) : undefined);
    case 'azure':
      // Deployments have any name; most have the model's.
      if (claude) return (model) => (fits(model) ? normaliseModel(model).replace(/-\d{8}$/, '') : undefined);
      return (model) => (find('azure', model) ? model.slice(model.lastIndexOf('/') + 1) : undefined);
  }
}

/**
 * One of Bedrock's names for a model. Newer ones are served through inference profiles only: the region's own before the global one,
 * the bare name last. Mantle knows bare names alone (docs.aws.amazon.com/bedrock, inference profiles; openai-node's docs/bedrock.md).
 */
function profileOf(ids: readonly string[], region: string, profiles: boolean): string | undefined {
  const bare = ids.find((id) => !/^(?:us|eu|apac|au|ca|in|jp|sa|global|us-gov)\./.test(id));
  if (!profiles) return bare;
  const named = [...geographiesOf(region), 'global'].map((geography) => ids.find((id) => id.startsWith(`${geography}.`)));
  return named.find((id) => id !== undefined) ?? bare;
}

function geographiesOf(region: string): string[] {
  if (region.startsWith('us-gov-')) return ['us-gov'];
  if (region.startsWith('ap-northeast-')) return ['jp', 'apac'];
  if (region === 'ap-southeast-2' || region === 'ap-southeast-4') return ['au', 'apac'];
  if (region.startsWith('ap-south-')) return ['in', 'apac'];
  if (region.startsWith('ap-')) return ['apac'];
  return [region.slice(0, region.indexOf('-'))];
}
