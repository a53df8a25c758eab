import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findProgram } from '../../watch/alerts/find-program.ts';

/** Browsers that print a page by themselves, by the names of their programs. */
const BROWSERS = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'msedge',
  'microsoft-edge',
  'brave-browser',
];
/** Where they lie on systems that have them on no PATH. */
const PLACES: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
    'C:\\Program Files\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
};
/** Milliseconds. A page of ten thousand messages takes a minute. */
const LONGEST = 300_000;

export function findBrowser(environment: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): string | undefined {
  return findProgram(BROWSERS, environment, platform) ?? PLACES[platform]?.find((path) => existsSync(path));
}

/** Has a browser print an HTML file as PDF. `scratch`: a folder for its profile. The error is what it said. */
export function printPdf(browser: string, html: string, pdf: string, scratch: string): Promise<string | undefined> {
  const args = [
    '--headless=new',
    '--disable-gpu',
    // It opens a file of ours that runs nothing; as root it does not start otherwise.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--no-first-run',
    `--user-data-dir=${join(scratch, 'profile')}`,
    '--no-pdf-header-footer',
    `--print-to-pdf=${pdf}`,
    pathToFileURL(html).href,
  ];
  return new Promise((resolve) => {
    const child = spawn(browser, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: LONGEST });
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => (said = (said + bytes.toString('utf8')).slice(-2000)));
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      if (code === 0 && existsSync(pdf)) return resolve(undefined);
      const how = child.killed ? `was not done after ${LONGEST / 60_000} minutes` : `ended with ${signal ?? code}`;
      resolve(`${browser} ${how}. Export --format html and print that page. It said last: ${said.trim() || 'nothing'}`);
    });
  });
}
