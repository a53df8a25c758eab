import type { StatusPage } from '../../page.ts';

const COMPONENTS = 'shared/research/status.md, 1.1; components of August 2026, as published in repositories that read the page';

/** Programs that people write with. */
export const toolPages: readonly StatusPage[] = [
  {
    id: 'github',
    family: 'statuspage',
    url: 'https://www.githubstatus.com',
    pageId: 'kctbh9vrtdwd',
    // Copilot, Copilot AI Model Providers.
    covers: [{ provider: 'github', product: 'copilot', components: ['pjmpxvq2cmr2', 'cnnb39dkkk82'], names: ['\\bcopilot\\b'] }],
    source: COMPONENTS,
  },
  {
    id: 'cursor',
    family: 'statuspage',
    url: 'https://status.cursor.com',
    // IDE, Cloud Agents, Automations, CLI. Its website and marketplace are not what fails in somebody's hands.
    covers: [{ provider: 'cursor', product: 'app', components: ['rflc60xp5jp2', 'mwv1g9sc7kdh', 'k0trcq273dr6', 'vsny1qv7v86c'] }],
    source: COMPONENTS,
  },
  {
    id: 'windsurf',
    family: 'statuspage',
    url: 'https://status.windsurf.com',
    // Cascade, Windsurf Tab.
    covers: [
      { provider: 'windsurf', product: 'app', components: ['r5wf1ykd7y1m', '8q19cygxvshj'], names: ['\\bcascade\\b', '\\bwindsurf\\b'] },
    ],
    source: COMPONENTS,
  },
];
