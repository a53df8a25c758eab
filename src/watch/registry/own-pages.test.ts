import { describe, expect, it } from 'vitest';
import { ownPages, ownPagesSettings, type OwnPage } from './own-pages.ts';
import { PAGES } from './pages.ts';

const pages = (settings: unknown): OwnPage[] => ownPages(ownPagesSettings.parse(settings));

describe('a page of one’s own', () => {
  it('is one line; who makes it is to be found out, and all of it is about a product of its name', () => {
    expect(pages({ wall: 'https://status.wall.example/' })).toEqual([
      {
        id: 'wall',
        url: 'https://status.wall.example',
        covers: [{ provider: 'wall', product: 'api', all: true }],
        source: 'watch.pages.wall in the configuration',
      },
    ]);
  });

  it('may say its family, and a product as people call it or one of one’s own', () => {
    const [named, own] = pages({
      mirror: { url: 'https://mirror.example', family: 'statuspage', product: 'Claude Code' },
      ours: { url: 'http://127.0.0.1:8080/status', product: 'wall/api' },
    });
    expect(named).toMatchObject({ family: 'statuspage', covers: [{ provider: 'anthropic', product: 'code', all: true }] });
    expect(own).toMatchObject({ url: 'http://127.0.0.1:8080/status', covers: [{ provider: 'wall', product: 'api', all: true }] });
    expect(own).not.toHaveProperty('family');
  });

  it('is known by its address, under any name', () => {
    const anthropic = PAGES.find(({ id }) => id === 'anthropic')!;
    expect(pages({ claude: 'https://status.claude.com/' })).toEqual([{ ...anthropic, id: 'claude' }]);
    expect(pages({ claude: 'https://anthropic.statuspage.io' })).toEqual([
      { ...anthropic, id: 'claude', url: 'https://anthropic.statuspage.io' },
    ]);
  });

  it.each([
    [{ wall: 'ftp://status.wall.example' }],
    [{ wall: 'status.wall.example' }],
    [{ 'a wall': 'https://status.wall.example' }],
    [{ wall: { url: 'https://status.wall.example', family: 'cachet' } }],
    [{ wall: { url: 'https://status.wall.example', products: 'claude' } }],
  ])('is refused where it is none: %j', (settings) => {
    expect(ownPagesSettings.safeParse(settings).success).toBe(false);
  });

  it('says what a mistyped product may have meant', () => {
    const refused = ownPagesSettings.safeParse({ wall: { url: 'https://status.wall.example', product: 'claud.ai' } });
    expect(JSON.stringify(refused.error?.issues)).toContain('Did you mean claude.ai?');
  });
});
