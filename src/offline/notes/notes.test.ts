/** Folders of notes: what is read, what is not, and that the index keeps step with them. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findNotes } from './find-notes.ts';
import { listNotes } from './list-notes.ts';
import { type NoteIndex, noteIndex } from './note-index.ts';
import { openNotes } from './open.ts';
import { LARGEST_NOTE } from './read-note.ts';

let home: string;
let notes: string;
let database: DatabaseSync;
let index: NoteIndex;
let time = 0;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'understudy-notes-'));
  notes = join(home, 'notes');
  mkdirSync(join(notes, 'deep', 'er'), { recursive: true });
  const opened = openNotes(join(home, 'data'));
  if (!opened.ok) throw new Error(opened.error.reason);
  database = opened.value;
  index = noteIndex(database, [notes], { monotonic: () => (time += 10_000) });
});
afterEach(() => {
  database.close();
  rmSync(home, { recursive: true });
});

function write(path: string, text: string | Uint8Array): string {
  const file = join(notes, path);
  writeFileSync(file, text);
  return file;
}

function found(question: string): string[] {
  index.refresh(60_000);
  return findNotes(database, question, 5).map(({ path, line }) => `${path.slice(notes.length + 1)}:${line}`);
}

describe('what is a note', () => {
  it('is Markdown in any folder below, and nothing hidden', () => {
    write('a.md', 'a');
    write('deep/b.Markdown', 'b');
    write('deep/er/c.mkd', 'c');
    write('.hidden.md', 'd');
    write('e.txt', 'e');
    mkdirSync(join(notes, 'node_modules'));
    write('node_modules/f.md', 'f');
    mkdirSync(join(notes, '.git'));
    write('.git/g.md', 'g');
    expect(listNotes([notes]).notes.map(({ path }) => path.slice(notes.length + 1))).toEqual(['a.md', 'deep/b.Markdown', 'deep/er/c.mkd']);
  });

  it('is listed once, by links too, and never outside of the named folder', () => {
    writeFileSync(join(home, 'secret.md'), 'secret');
    write('a.md', 'a');
    symlinkSync(join(home, 'secret.md'), join(notes, 'out.md'));
    symlinkSync(home, join(notes, 'up'));
    symlinkSync(notes, join(notes, 'deep', 'ring'));
    symlinkSync(join(notes, 'a.md'), join(notes, 'z.md'));
    symlinkSync(join(home, 'nowhere.md'), join(notes, 'gone.md'));
    const { notes: listed, problems } = listNotes([notes, join(notes, 'deep'), notes]);
    expect(listed.map(({ path }) => path.slice(notes.length + 1))).toEqual(['a.md']);
    expect(problems).toEqual(['2 links lead out of the named folders and are not followed']);
  });

  it('may lie in a folder that is itself a link', () => {
    write('a.md', 'a');
    symlinkSync(notes, join(home, 'link'));
    expect(listNotes([join(home, 'link')]).notes.map(({ path }) => path)).toEqual([join(home, 'link', 'a.md')]);
  });

  it('says what is not there, or is no folder', () => {
    const file = write('a.md', 'a');
    expect(listNotes([join(home, 'none'), file])).toMatchObject({
      notes: [],
      missing: [join(home, 'none')],
      problems: [`${join(home, 'none')} is not there`, `${file} is no folder`],
    });
  });
});

describe('the index', () => {
  it('finds a section by what it is about, with file and line', () => {
    write('ops.md', '# Operations\n\n## Restore a backup\n\nStop the server, then run pg_restore.\n\n## Deploy\n\nPush to main.\n');
    write('deep/kitchen.md', '# Soup\n\nLentils, carrots, cumin.\n');
    expect(found('how do I restore the backup?')).toEqual(['ops.md:3']);
    expect(found('deploying to main')).toEqual(['ops.md:7']);
    expect(found('which recipe has lentils and cumin')).toEqual(['deep/kitchen.md:1']);
    expect(found('what is the capital of Peru')).toEqual([]);
    expect(findNotes(database, 'restore a backup', 5)[0]).toMatchObject({
      heading: 'Operations > Restore a backup',
      text: '## Restore a backup\n\nStop the server, then run pg_restore.',
    });
  });

  it('keeps step: what is changed, renamed, deleted', () => {
    write('a.md', '# Otters\n\nThey hold hands.');
    expect(found('otters hold hands')).toEqual(['a.md:1']);
    write('a.md', '# Badgers\n\nThey dig long tunnels.');
    expect(found('otters hold hands')).toEqual([]);
    expect(found('badgers dig tunnels')).toEqual(['a.md:1']);
    renameSync(join(notes, 'a.md'), join(notes, 'b.md'));
    expect(found('badgers dig tunnels')).toEqual(['b.md:1']);
    unlinkSync(join(notes, 'b.md'));
    expect(found('badgers dig tunnels')).toEqual([]);
    expect(index.refresh(60_000)).toMatchObject({ notes: 0, sections: 0 });
  });

  it('does not index again what has another time and the same bytes', () => {
    const file = write('a.md', '# Otters\n\nThey hold hands.');
    index.refresh(60_000);
    const rows = (): unknown[] => database.prepare('SELECT row FROM note_sections').all();
    const before = rows();
    utimesSync(file, 1, 1);
    index.refresh(60_000);
    expect(rows()).toEqual(before);
  });

  it('keeps what it knows of a folder that is not there for now', () => {
    write('a.md', '# Otters\n\nThey hold hands.');
    index.refresh(60_000);
    renameSync(notes, join(home, 'away'));
    expect(found('otters hold hands')).toEqual(['a.md:1']);
    renameSync(join(home, 'away'), notes);
  });

  it('reads as far as its time goes, and the rest the next time', () => {
    for (let each = 0; each < 5; each++) write(`${each}.md`, `# Note ${each}`);
    // Each look at this clock takes ten seconds.
    const first = index.refresh(15_000);
    expect(first.waiting).toBeGreaterThan(0);
    expect(index.refresh(600_000)).toMatchObject({ notes: 5, waiting: 0 });
  });

  it('reads UTF-8 and UTF-16, and says what it can’t read', () => {
    write('bom.md', '\ufeff# Heron\n\nStands on one leg.');
    write('wide.md', Buffer.from('\ufeff# Egret\n\nWhite, wades in water.', 'utf16le'));
    write('latin.md', Uint8Array.from([0x23, 0x20, 0xe4, 0xf6]));
    write('zero.md', Uint8Array.from([0x23, 0, 0, 0x41]));
    write('large.md', 'x'.repeat(LARGEST_NOTE + 1));
    expect(found('heron stands on one leg')).toEqual(['bom.md:1']);
    expect(found('white egret wades')).toEqual(['wide.md:1']);
    expect(index.refresh(60_000)).toMatchObject({
      notes: 2,
      problems: [
        expect.stringContaining('large.md: it is larger than 2 MiB'),
        expect.stringContaining('latin.md: it is neither UTF-8 nor UTF-16'),
        expect.stringContaining('zero.md: it is no text'),
      ],
    });
  });
});
