import { z } from 'zod';
import type { JsonObject } from '../exchange/json.ts';
import { configSettings } from './settings.ts';

/** JSON Schema (2020-12) of what may be written in the file, for editors: `# yaml-language-server: $schema=…`. */
export function configSchema(): JsonObject {
  const schema = z.toJSONSchema(configSettings, { io: 'input', unrepresentable: 'any' });
  return { title: 'understudy.yaml', ...(schema as JsonObject) };
}
