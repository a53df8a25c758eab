import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openArchive } from '../../archive/store/open.ts';
import { EXIT } from '../exit-code.ts';
import { findProgram } from '../../watch/alerts/find-program.ts';
import { runIn } from '../testing/run-in.ts';
import { findBrowser } from './print-pdf.ts';
import { startBrowser, type Browser, type Page } from './testing/browser.ts';
import { CANARY_HOST, putTellingConversations } from './testing/telling-conversations.ts';

const browser = findBrowser(process.env, process.platform);
if (browser === undefined)
  console.warn('\nNO BROWSER WAS FOUND (chromium, google-chrome, msedge): exported pages are NOT looked at, and no PDF is printed.\n');
/** Of poppler-utils: what a reader of a PDF finds in it. */
const pdftotext = findProgram(['pdftotext'], process.env, process.platform);

const KINDS = ['kinds', 'tools', 'words', 'hostile', 'long'] as const;
const folder = mkdtempSync(join(tmpdir(), 'understudy-pages-'));
const fileOf = (kind: string, format: string): string => join(folder, `${kind}.${format}`);
let ids: Record<(typeof KINDS)[number], string>;

const exported = async (kind: (typeof KINDS)[number], format: string, more: string[] = []): Promise<string> => {
  const words = ['export', ids[kind], '--out', fileOf(kind, format), '--force', '--data', join(folder, 'data'), ...more];
  const { code, note } = await runIn(folder, words, { PATH: process.env['PATH'] ?? '', HOME: folder, LANG: 'en_GB.UTF-8' });
  expect([code, note]).toEqual([EXIT.done, expect.stringContaining('Written')]);
  return fileOf(kind, format);
};

beforeAll(() => {
  const opened = openArchive(join(folder, 'data'));
  if (!opened.ok) throw new Error(opened.error.reason);
  ids = putTellingConversations(opened.value);
  opened.value.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

describe.skipIf(browser === undefined)('exported pages in a real browser', () => {
  let running: Browser;
  let page: Page;
  beforeAll(async () => {
    const profile = join(folder, 'profile');
    mkdirSync(profile);
    running = await startBrowser(browser!, profile);
    page = await running.page();
  }, 90_000);
  afterAll(() => running.close());

  const unfold = `document.querySelectorAll('details').forEach((each) => (each.open = true))`;

  it.each(KINDS)(
    '%s: asks for nothing, runs nothing, and fits in the width of a phone',
    async (kind) => {
      await page.open(await exported(kind, 'html'));
      for (const look of [
        { width: 1200, height: 900 },
        { width: 375, height: 700, dark: true },
      ]) {
        await page.look(look);
        await page.say(unfold);
        expect(await page.say('document.documentElement.scrollWidth')).toBe(look.width);
      }
      // Also what only answers to a click.
      await page.say(`document.querySelectorAll('main *').forEach((each) => each.tagName === 'A' || each.click())`);
      expect(await page.say('String(window.ran)')).toBe('undefined');
      expect(page.asked()).toEqual([`file://${fileOf(kind, 'html')}`]);
      expect(await page.say(`document.querySelectorAll('script, iframe, object, embed, form, link').length`)).toBe(0);
    },
    60_000,
  );

  it('would be stopped by its own policy if something were let in', async () => {
    await page.open(await exported('tools', 'html'));
    await page.say(`document.body.insertAdjacentHTML('beforeend', '<img src="http://${CANARY_HOST}/p.png" onerror="window.ran = 1">')`);
    await page.say(`document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = 2' }))`);
    expect(await page.say('String(window.ran)')).toBe('undefined');
  }, 60_000);

  it('shows pictures, the seam where it is, code from left to right, and is dark where its reader is', async () => {
    await page.open(await exported('tools', 'html'));
    expect(await page.say(`[document.images[0].complete, document.images[0].naturalWidth].join()`)).toBe('true,640');
    await page.open(await exported('kinds', 'html'));
    await page.look({ width: 1200, height: 900, dark: true });
    const [red = 0] = colourOf(await page.say('getComputedStyle(document.body).color'));
    expect(red).toBeGreaterThan(200);
    expect(await page.say(`document.querySelector('mark.seam').parentElement.textContent`)).toBe(
      'openai/gpt-5.6:Or is it? This was written by somebody else.',
    );
    // A word in a cell is not torn.
    await page.look({ width: 375, height: 700 });
    const lines = `(() => { const range = document.createRange(); range.selectNodeContents([...document.querySelectorAll('th')].find((each) => each.textContent === 'requests')); return new Set([...range.getClientRects()].map(({ top }) => top)).size; })()`;
    expect(await page.say(lines)).toBe(1);
    await page.open(await exported('words', 'html'));
    expect(await page.say(`getComputedStyle(document.querySelector('pre')).direction`)).toBe('ltr');
    expect(await page.say(`getComputedStyle(document.querySelector('article:nth-of-type(2) .text')).direction`)).toBe('rtl');
  }, 60_000);

  it('is readable: all that is written has a contrast of 4.5 at least, light and dark', async () => {
    await page.open(await exported('kinds', 'html'));
    for (const dark of [false, true]) {
      await page.look({ width: 1200, height: 900, dark });
      const paper = dark ? [18, 18, 18] : [255, 255, 255];
      for (const part of ['.text p', 'h2 time', 'h2 em', 'summary', 'mark.seam', 'a']) {
        const at = `document.querySelector('main ${part}')`;
        const ink = colourOf(await page.say(`getComputedStyle(${at}).color`));
        const opacity = Number(await page.say(`getComputedStyle(${at}).opacity`));
        const seen = ink.map((value, index) => value * opacity + paper[index]! * (1 - opacity));
        expect(contrast(seen, paper), `${part}, ${dark ? 'dark' : 'light'}: ${seen.join()}`).toBeGreaterThanOrEqual(4.5);
      }
    }
  }, 60_000);

  it('prints as PDF: all of it, on numbered pages, as text', async () => {
    for (const kind of ['tools', 'words', 'long'] as const) {
      const pdf = readFileSync(await exported(kind, 'pdf'));
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    }
    if (pdftotext === undefined) return;
    const read = (kind: string): string => execFileSync(pdftotext, ['-layout', fileOf(kind, 'pdf'), '-'], { encoding: 'utf8' });
    // What is folded on a screen is there too.
    expect(read('tools')).toContain('Error: not unique');
    expect(read('tools')).toContain('"description": "Where it is"');
    expect(read('words')).toContain('naïve café');
    const fonts = findProgram(['fc-list'], process.env, process.platform);
    // Without a font there is no letter that could be found.
    const hasFont = fonts !== undefined && execFileSync(fonts, [':lang=ja'], { encoding: 'utf8' }) !== '';
    expect(!hasFont || read('words').includes('日本語の段落です')).toBe(true);
    const pages = read('long')
      .split('\f')
      .filter((each) => each.trim() !== '');
    expect(pages.length).toBeGreaterThan(5);
    for (const [index, each] of pages.entries()) expect(each).toContain(`${index + 1} / ${pages.length}`);
    for (let question = 1; question <= 40; question++) expect(pages.join('')).toContain(`Question ${question}: and then?`);
  }, 120_000);
});

/** `rgb(1, 2, 3)`. */
function colourOf(said: unknown): number[] {
  return [...String(said).matchAll(/[\d.]+/g)].map(([value]) => Number(value)).slice(0, 3);
}

/** WCAG 2.2, contrast ratio. */
function contrast(one: readonly number[], other: readonly number[]): number {
  const light = (colour: readonly number[]): number => {
    const [red = 0, green = 0, blue = 0] = colour.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [less = 0, more = 0] = [light(one), light(other)].toSorted((a, b) => a - b);
  return (more + 0.05) / (less + 0.05);
}
