import type { DialectName } from '../exchange/dialect-name.ts';
import { cloudPresets } from './catalogue/clouds.ts';
import { localPresets } from './catalogue/local.ts';
import type { Preset } from './catalogue/preset.ts';
import { remotePresets } from './catalogue/remote.ts';

/** Every service that is known by name, in the order in which they are offered. */
export const presets: readonly Preset[] = [...remotePresets, ...cloudPresets, ...localPresets];

const byName = new Map(presets.map((preset) => [preset.name, preset]));

export function findPreset(name: string): Preset | undefined {
  return byName.get(name);
}

/** Whose dialect it is: a client's own credential may go to this vendor and to no one else. */
export function vendorOfDialect(dialect: DialectName): string {
  switch (dialect) {
    case 'anthropic-messages':
      return 'anthropic';
    case 'openai-chat':
    case 'openai-responses':
      return 'openai';
    case 'gemini':
      return 'google';
  }
}
