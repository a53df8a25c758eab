import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bringHome } from './bring-home.ts';

let folder: string;
let from: string;
let to: string;
const at = (place: string, name: string): string => join(place, name);
const read = (name: string): string => readFileSync(join(to, name), 'utf8');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-home-'));
  from = join(folder, 'scratch');
  to = join(folder, 'home');
  mkdirSync(from);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As Gemini CLI does it: what was a link is a file then. */
function replaceAsAWhole(name: string, text: string): void {
  writeFileSync(at(from, `${name}.tmp`), text);
  renameSync(at(from, `${name}.tmp`), at(from, name));
}

describe('what a client wrote in a home of its own', () => {
  it('is brought home: new files, replaced ones joined with what is there by now, new folders', () => {
    mkdirSync(to);
    writeFileSync(at(to, 'projects.json'), '{"projects":{"/a":"a"}}');
    symlinkSync(at(to, 'projects.json'), at(from, 'projects.json'));
    replaceAsAWhole('projects.json', '{"projects":{"/a":"a","/b":"b"}}');
    // Another session, meanwhile.
    writeFileSync(at(to, 'projects.json'), '{"projects":{"/a":"a","/c":"c"}}');
    writeFileSync(at(from, 'GEMINI.md'), 'Remember this.');
    mkdirSync(at(from, 'policies'));
    writeFileSync(join(from, 'policies', 'mine.toml'), 'x');
    expect(bringHome({ from, to, except: [] }, 0)).toEqual([]);
    expect(JSON.parse(read('projects.json'))).toEqual({ projects: { '/a': 'a', '/b': 'b', '/c': 'c' } });
    expect(read('GEMINI.md')).toBe('Remember this.');
    expect(statSync(at(to, 'GEMINI.md')).mode & 0o777).toBe(0o600);
    expect(read('policies/mine.toml')).toBe('x');
  });

  it('stays away where it is of this process only, a link, in passing, or older', () => {
    for (const name of ['settings.json', 'x.tmp', 'y.lock']) writeFileSync(at(from, name), '{}');
    symlinkSync('/nowhere', at(from, 'link'));
    expect(bringHome({ from, to, except: ['settings.json'] }, 0)).toEqual([]);
    writeFileSync(at(from, 'old'), '');
    expect(bringHome({ from, to, except: ['settings.json'] }, Date.now() + 60_000)).toEqual([]);
    expect(existsSync(to)).toBe(false);
  });

  it('says what could not be kept, and goes on with the rest', () => {
    mkdirSync(join(to, 'a'), { recursive: true });
    for (const name of ['a', 'b']) writeFileSync(at(from, name), 'text');
    expect(bringHome({ from, to, except: [] }, 0)).toEqual([expect.stringContaining(`${join(to, 'a')} could not be written`)]);
    expect(read('b')).toBe('text');
  });
});
