import type { ArgsDef } from 'citty';

/** What install, remove and try take. */
export const ENGINE_ARGS = {
  name: { type: 'string', valueHint: 'NAME', description: 'install: what the model is asked for by; default: from its file’s name.' },
  copy: { type: 'boolean', description: 'install: copy the file into the data folder rather than using it where it is.' },
  context: {
    type: 'string',
    valueHint: 'TOKENS',
    description: 'install: the model’s window; default: what it was trained for, at most 16384.',
  },
  gpu: { type: 'string', valueHint: 'KIND', description: 'install: cuda or vulkan, for a graphics card; on a Mac its own is used anyway.' },
  model: { type: 'string', valueHint: 'NAME', description: 'try: which model of the embedded engine; default: the first.' },
  yes: { type: 'boolean', description: 'install, remove: without being asked; needed where nobody can be.' },
} satisfies ArgsDef;
