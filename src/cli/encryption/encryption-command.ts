import { inPlain } from '../../archive/encryption/in-plain.ts';
import { isEncrypted, readHeader } from '../../journal/at-rest/header.ts';
import type { Command, Context } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { readConfigAnyway } from '../missing-keys.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { changeKeychain, changePassphrase, newRecovery } from './change-ways.ts';
import { turnOff, turnOn } from './turn.ts';
import { unlocked } from './unlock.ts';

type Verb = (data: string, context: Context) => Promise<number>;

const VERBS: Readonly<Record<string, Verb>> = {
  on: turnOn,
  off: turnOff,
  status,
  passphrase: changePassphrase,
  keychain: changeKeychain,
  recovery: newRecovery,
};

export const encryptionCommand: Command = {
  name: 'encryption',
  summary: 'Encrypts all that is kept in the data folder, or no longer.',
  args: {
    what: { type: 'positional', required: true, description: 'on, off, status, passphrase, keychain or recovery.' },
    keychain: { type: 'boolean', description: 'With on: the operating system’s keychain holds the key; no passphrase.' },
    'new-passphrase-file': {
      type: 'string',
      valueHint: 'FILE',
      description: 'A file whose first line is the new passphrase, where nobody can be asked.',
    },
    remove: { type: 'boolean', description: 'With keychain: it shall no longer open the folder.' },
    yes: { type: 'boolean', description: 'Without being asked; needed where nobody can be.' },
    json: { type: 'boolean', description: 'With status: for programs.' },
    ...CONFIG_ARGS,
  },
  examples: [
    ['understudy encryption on', 'asks for a passphrase, and encrypts what is there'],
    ['understudy encryption keychain', 'so that a server starts without being asked'],
    ['understudy encryption status', 'whether it is, and what opens it'],
    ['understudy encryption passphrase', 'another passphrase; nothing is encrypted anew'],
  ],
  page: 'encryption.md',
  more: [
    'on and off write everything anew: stop the server first, and leave as much space free as the data folder takes.',
    'on prints a recovery code, once. Without it, the passphrase and the keychain, nobody can read any of it again.',
    'A server that nobody sits at: UNDERSTUDY_PASSPHRASE_FILE=/path/to/file, or the keychain.',
  ],
  async run(context) {
    const { flags, terminal } = context;
    const [what] = flags.words;
    const verb = what === undefined ? undefined : VERBS[what];
    if (!verb) {
      const there = Object.keys(VERBS).join(', ');
      terminal.note(what === undefined ? `What of it? There are: ${there}.` : `There is no \`${what}\`. There are: ${there}.`);
      return EXIT.usage;
    }
    const loaded = readConfigAnyway(context);
    if (!loaded.ok) {
      for (const line of loaded.error) terminal.note(line);
      return EXIT.usage;
    }
    return verb(loaded.value.loaded.settings.data!, context);
  },
};

async function status(data: string, context: Context): Promise<number> {
  const { terminal, flags } = context;
  // Asks nobody: a status is for looking. What was interrupted at its end is finished by it.
  const key = await unlocked(data, { ...context, terminal: { ...terminal, canAsk: false } });
  const found = isEncrypted(data) ? readHeader(data) : undefined;
  if (found && !found.ok) {
    terminal.note(`${found.error.reason}. What to do: ${found.error.action}.`);
    return EXIT.failed;
  }
  const header = found?.value;
  const plain = header ? inPlain(data) : [];
  const ways = header?.slots.map(({ type }) => type) ?? [];
  if (flags.on('json')) {
    terminal.out(
      JSON.stringify({
        data,
        encrypted: header !== undefined,
        ...(header && { since: header.since, ways, opensUnasked: key.ok, inPlain: plain }),
      }),
    );
    return EXIT.done;
  }
  if (!header) {
    terminal.out(`${data} is not encrypted. Encrypt it: understudy encryption on`);
    return EXIT.done;
  }
  terminal.out(`${data} is encrypted since ${new Date(header.since).toISOString().slice(0, 10)}. It is opened by: ${ways.join(', ')}.`);
  terminal.out(
    key.ok
      ? 'A server opens it without being asked.'
      : 'A server that nobody sits at can’t open it: it answers, and saves nothing. See docs/encryption.md.',
  );
  for (const path of plain) terminal.out(`Not encrypted, from before: ${path}`);
  return EXIT.done;
}
