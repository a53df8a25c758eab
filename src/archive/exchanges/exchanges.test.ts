import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DialectName } from '../../exchange/dialect-name.ts';
import type { JsonObject } from '../../exchange/json.ts';
import type { Part } from '../../exchange/part.ts';
import type { Entry } from '../../journal/entry.ts';
import { listConversations, messagesOf, type ConversationSummary } from '../store/read.ts';
import { shownBranch } from '../tree.ts';
import { assistant, eventsOf, requestOf, seen, talk, user, type Talk } from './testing/talk.ts';

const call = (id: string, given = '{"at":1}'): Part => ({ type: 'tool-call', id, name: 'look', arguments: given });
const result = (callId: string, text: string): Part => ({ type: 'tool-result', callId, content: [{ type: 'text', text }], isError: false });
const SESSION = '11111111-2222-4333-8444-555555555555';

function all({ archive }: Talk): ConversationSummary[] {
  return listConversations(archive, { limit: 50, everything: true });
}

/** The branch that is shown, without what clients put in. */
function shown({ archive }: Talk, { id, current }: ConversationSummary): string[] {
  return shownBranch([...messagesOf(archive, id)], current)
    .filter(({ hidden }) => !hidden)
    .map((message) => `${message.role}: ${seen(message)}`);
}

describe('conversations out of exchanges', () => {
  it.each(['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'] satisfies DialectName[])(
    'are one through turns and tool rounds: %s',
    (dialect) => {
      using client = talk();
      const history = [user('Why is the sky blue?')];
      client.ask(dialect, requestOf(history), [{ type: 'text', text: 'I look.' }, call('call_abcdefgh')]);
      history.push(assistant('I look.', call('call_abcdefgh', '{ "at": 1 }')), user(result('call_abcdefgh', 'light scatters')));
      client.ask(dialect, requestOf(history), [{ type: 'text', text: 'Rayleigh.\n' }]);
      history.push(assistant('Rayleigh.'), user('And at night?'));
      const last = client.ask(dialect, requestOf(history), [{ type: 'text', text: 'It is dark.' }]);
      const [conversation, ...others] = all(client);
      expect(others).toEqual([]);
      expect(conversation).toMatchObject({
        source: 'understudy',
        title: 'Why is the sky blue?',
        status: 'complete',
        messages: 6,
        branches: 1,
        inputTokens: 30,
        outputTokens: 15,
        cost: 0.03,
      });
      expect(shown(client, conversation!)).toEqual([
        'user: Why is the sky blue?',
        'assistant: I look. look({"at":1})',
        'tool: light scatters',
        'assistant: Rayleigh.\n',
        'user: And at night?',
        'assistant: It is dark.',
      ]);
      const messages = [...messagesOf(client.archive, conversation!.id)];
      expect(messages.at(-1)).toMatchObject({
        exchange: last,
        producer: { provider: 'lead', model: 'm-1' },
        usage: { output: 5 },
        cost: 0.01,
      });
    },
  );

  it('branch where a question is edited, or answered once more', () => {
    using client = talk();
    client.ask('openai-chat', requestOf([user('a')]), [{ type: 'text', text: 'A1' }]);
    client.ask('openai-chat', requestOf([user('a')]), [{ type: 'text', text: 'A2' }]);
    client.ask('openai-chat', requestOf([user('a'), assistant('A2'), user('b')]), [{ type: 'text', text: 'B' }]);
    client.ask('openai-chat', requestOf([user('a'), assistant('A2'), user('c')]), [{ type: 'text', text: 'C' }]);
    const [conversation, ...others] = all(client);
    expect(others).toEqual([]);
    expect(conversation).toMatchObject({ messages: 7, branches: 3 });
    expect(shown(client, conversation!)).toEqual(['user: a', 'assistant: A2', 'user: c', 'assistant: C']);
  });

  it('without a session, the same first words later are another conversation; what goes on with either is told apart', () => {
    using client = talk();
    client.ask('openai-chat', requestOf([user('hi')]), [{ type: 'text', text: 'Hello.' }]);
    client.wait(60 * 60_000);
    client.ask('openai-chat', requestOf([user('hi')]), [{ type: 'text', text: 'Good day.' }]);
    client.ask('openai-chat', requestOf([user('hi'), assistant('Hello.'), user('1')]), [{ type: 'text', text: 'one' }]);
    client.ask('openai-chat', requestOf([user('hi')], {}), [{ type: 'text', text: 'Not me.' }], { principal: 'ann' });
    expect(all(client).map((each) => shown(client, each).slice(1))).toEqual([
      ['assistant: Not me.'],
      ['assistant: Hello.', 'user: 1', 'assistant: one'],
      ['assistant: Good day.'],
    ]);
  });

  it('keep an answer that is given again and again once, with all that it has cost', () => {
    using client = talk();
    for (let time = 0; time < 30; time++) client.ask('openai-chat', requestOf([user('Are you there?')]), [{ type: 'text', text: 'Yes.' }]);
    const [conversation] = all(client);
    expect(conversation).toMatchObject({ messages: 2, branches: 1, cost: expect.closeTo(0.3) as number });
    const [, answer] = [...messagesOf(client.archive, conversation!.id)];
    expect(answer).toMatchObject({ cost: 0.3, status: 'complete' });
    expect(answer?.extras?.['again']).toHaveLength(10);
    expect(client.archive.database.prepare('SELECT count(DISTINCT exchange) AS count FROM exchange_places').get()).toEqual({ count: 30 });
  });

  it('keep a question that nobody answered, and its answer when it is asked again', () => {
    using client = talk();
    const fault = { class: 'provider-fault', symptom: 'reset', message: 'lead broke off' } as const;
    client.ask('anthropic-messages', requestOf([user('q')]), [], { outcome: { type: 'failed', fault, committed: false } });
    expect(all(client)).toMatchObject([{ status: 'interrupted', messages: 1, cost: 0.01 }]);
    client.ask('anthropic-messages', requestOf([user('q')]), [{ type: 'text', text: 'half' }], {
      outcome: { type: 'failed', fault, committed: true },
    });
    expect(all(client)).toMatchObject([{ status: 'partial', messages: 2 }]);
    client.ask('anthropic-messages', requestOf([user('q')]), [{ type: 'text', text: 'half and whole' }]);
    const [conversation] = all(client);
    expect(conversation).toMatchObject({ status: 'complete', messages: 3, branches: 2 });
    expect([...messagesOf(client.archive, conversation!.id)].map(({ status }) => status)).toEqual(['complete', 'partial', 'complete']);
  });

  it('know a cut answer again of which the client has kept less', () => {
    using client = talk();
    client.ask('gemini', requestOf([user('q')]), [{ type: 'text', text: 'one two three' }], {
      outcome: { type: 'cancelled', committed: true },
    });
    client.ask('gemini', requestOf([user('q'), assistant('one two'), user('go on')]), [{ type: 'text', text: 'four' }]);
    const [conversation] = all(client);
    expect(shown(client, conversation!)).toEqual(['user: q', 'assistant: one two three', 'user: go on', 'assistant: four']);
    expect(conversation).toMatchObject({ messages: 4, branches: 1 });
  });

  it('say who wrote which piece of an answer that two have written', () => {
    using client = talk();
    const target = (provider: string) =>
      ({ provider, model: `${provider}-1`, credential: 'key', dialect: 'openai-chat', vendor: provider }) as const;
    const entries: Entry[] = [
      { type: 'attempt', ordinal: 0, kind: 'first', target: target('lead'), native: false, losses: [], edits: [] },
      { type: 'events', attempt: 0, events: eventsOf([{ type: 'text', text: 'The harbour ' }]).slice(0, 3) },
      { type: 'attempt', ordinal: 1, kind: 'hop', target: target('backup'), native: false, losses: [], edits: [] },
      { type: 'seam', from: 'lead/lead-1', to: 'backup/backup-1', delivered: 12, join: 'anchor' },
      { type: 'events', attempt: 1, events: [{ type: 'part-delta', index: 0, delta: { type: 'text', text: 'is calm.' } }] },
      { type: 'end', outcome: { type: 'complete', finish: 'stop' } },
    ];
    client.ask('openai-chat', requestOf([user('q')]), [], { entries });
    client.ask('openai-chat', requestOf([user('q'), assistant('The harbour is calm.'), user('more')]), [{ type: 'text', text: 'no' }]);
    const [conversation] = all(client);
    expect(conversation).toMatchObject({ messages: 4, branches: 1 });
    const answer = [...messagesOf(client.archive, conversation!.id)][1];
    expect(answer).toMatchObject({
      producer: { provider: 'lead', model: 'lead-1' },
      seams: [{ part: 0, offset: 12, from: 'lead/lead-1', to: 'backup/backup-1', join: 'anchor' }],
    });
  });

  it('wait where their question waits, and are answered by the exchange that runs it', () => {
    using client = talk();
    const fault = { class: 'provider-fault', symptom: 'refused', message: 'nobody is there' } as const;
    const waits = client.ask('anthropic-messages', requestOf([user('later')]), [], { outcome: { type: 'deferred', fault } });
    expect(all(client)).toMatchObject([{ status: 'deferred' }]);
    client.wait(60_000);
    client.ask('anthropic-messages', requestOf([user('later')]), [{ type: 'text', text: 'now' }], { runs: waits });
    expect(all(client)).toMatchObject([{ status: 'complete', messages: 2, branches: 1 }]);
    const [question] = [...messagesOf(client.archive, all(client)[0]!.id)];
    expect(question).toMatchObject({ status: 'complete' });
    expect(question?.extras).toBeUndefined();
  });

  it('keep nothing of what is not to be kept', () => {
    using client = talk();
    client.ask('openai-chat', requestOf([user('secret')]), [{ type: 'text', text: 'yes' }], { save: false });
    expect(all(client)).toEqual([]);
  });

  it('keep attached bytes once, as originals', () => {
    using client = talk();
    const image: Part = {
      type: 'image',
      source: { type: 'base64', mediaType: 'image/png', data: Buffer.from('pixels').toString('base64') },
    };
    client.ask('anthropic-messages', requestOf([user('what is this?', image)]), [{ type: 'text', text: 'a cat' }]);
    client.ask('anthropic-messages', requestOf([user('what is this?', image), assistant('a cat'), user('sure?')]), [
      { type: 'text', text: 'yes' },
    ]);
    const [question] = [...messagesOf(client.archive, all(client)[0]!.id)];
    expect(question?.parts[1]).toMatchObject({ type: 'file', mediaType: 'image/png', content: { type: 'stored', size: 6 } });
    expect(client.archive.database.prepare('SELECT count(*) AS count FROM originals').get()).toEqual({ count: 1 });
    expect(all(client)).toMatchObject([{ messages: 4, branches: 1 }]);
  });

  it('show calls as they were, when their client tells them and their results in other words', () => {
    using client = talk();
    const ask = (...history: Parameters<typeof requestOf>[0]): void =>
      void client.ask('anthropic-messages', requestOf(history), [{ type: 'text', text: `answer ${history.length}` }], { session: SESSION });
    client.ask('anthropic-messages', requestOf([user('q')]), [call('toolu_abcdefgh', '{"path":"./a","old":1}')], { session: SESSION });
    ask(user('q'), assistant(call('toolu_abcdefgh', '{"path":"/home/a"}')), user(result('toolu_abcdefgh', 'long output')));
    ask(
      user('q'),
      assistant(call('toolu_abcdefgh', '{"path":"/home/a"}')),
      user(result('toolu_abcdefgh', '[Old tool result content cleared]')),
      assistant('answer 3'),
      user('next'),
    );
    const [conversation] = all(client);
    expect(conversation).toMatchObject({ messages: 6, branches: 1 });
    expect(shown(client, conversation!)[2]).toBe('tool: long output');
  });

  it('take reminders that come, go and move for what they are', () => {
    using client = talk();
    const reminder = (text: string): string => `<system-reminder>\n${text}\n</system-reminder>`;
    client.ask('anthropic-messages', requestOf([user(reminder('today'), 'q')]), [{ type: 'text', text: 'A' }], { session: SESSION });
    client.ask('anthropic-messages', requestOf([user('q'), assistant('A'), user(reminder('todo'))]), [{ type: 'text', text: 'B' }], {
      session: SESSION,
    });
    client.ask(
      'anthropic-messages',
      requestOf([user(reminder('now'), 'q'), assistant('A'), user(reminder('done')), assistant('B'), user('r', reminder('more'))]),
      [{ type: 'text', text: 'C' }],
      { session: SESSION },
    );
    const [conversation, ...others] = all(client);
    expect(others).toEqual([]);
    expect(conversation).toMatchObject({ messages: 6, branches: 1, title: 'q' });
    expect(shown(client, conversation!).map((line) => line.replace(/<system-reminder>.*<\/system-reminder>/s, '').trim())).toEqual([
      'user:  q',
      'assistant: A',
      'assistant: B',
      'user: r',
      'assistant: C',
    ]);
  });
});

describe('a session of Claude Code', () => {
  const recorded = JSON.parse(
    readFileSync(new URL('../../../test/fixtures/requests/claude-code-2.1.330.json', import.meta.url), 'utf8'),
  ) as {
    headers: Record<string, string>;
    body: JsonObject & { messages: JsonObject[] };
  };
  const client = recorded.headers['user-agent']!;
  const session = recorded.headers['x-claude-code-session-id']!;

  it('is one conversation, with sub-agents and side requests of their own', () => {
    using room = talk();
    const body =
      (messages: JsonObject[], more: JsonObject = {}) =>
      (): JsonObject => ({ ...recorded.body, messages, ...more });
    const [question, system, answer, results] = recorded.body.messages;
    const about = { client, session };
    // A title for the session, asked for before and beside it.
    const format = { format: { type: 'json_schema', schema: { type: 'object', properties: { title: { type: 'string' } } } } };
    room.ask('anthropic-messages', requestOf([]), [{ type: 'text', text: '{"title": "Behind the curtain"}' }], {
      ...about,
      body: body([{ role: 'user', content: 'Please run the command.' }], {
        tools: [],
        output_config: format,
        system: [
          {
            type: 'text',
            text: 'Generate a concise, sentence-case title (3-7 words) that captures the main topic of this coding session.',
          },
        ],
      }),
    });
    room.ask('anthropic-messages', requestOf([]), [{ type: 'text', text: '#' }], {
      ...about,
      body: body([{ role: 'user', content: 'quota' }], { tools: [], system: [], max_tokens: 1 }),
    });
    const said = answer!['content'] as JsonObject[];
    const use = said[2]!;
    room.ask(
      'anthropic-messages',
      requestOf([]),
      [
        { type: 'reasoning', text: 'hm', producer: { dialect: 'anthropic-messages' } },
        { type: 'text', text: String(said[1]!['text']) },
        { type: 'tool-call', id: String(use['id']), name: 'Bash', arguments: JSON.stringify(use['input']) },
      ],
      { ...about, body: body([question!, system!]) },
    );
    // A sub-agent that says so, and one that does not.
    const task = 'Search the whole repository for curtains, and say where they hang.';
    const agentAsks = [{ role: 'user', content: task }];
    room.ask('anthropic-messages', requestOf([]), [{ type: 'text', text: 'Found none.' }], {
      ...about,
      agent: 'a17',
      body: body(agentAsks),
    });
    room.ask('anthropic-messages', requestOf([]), [{ type: 'text', text: 'Found three.' }], {
      ...about,
      body: body(agentAsks, { system: [{ type: 'text', text: 'You are a search agent of Claude Code.' }] }),
    });
    room.ask('anthropic-messages', requestOf([]), [{ type: 'text', text: 'It ran.' }], {
      ...about,
      body: body([question!, system!, answer!, results!]),
    });
    // The client asks on its own account, at the end of the whole history.
    const suggest = { role: 'user', content: '[SUGGESTION MODE: Suggest what the user might naturally type next into Claude Code.]' };
    room.ask('anthropic-messages', requestOf([]), [{ type: 'text', text: 'run it again' }], {
      ...about,
      body: body([question!, system!, answer!, results!, { role: 'assistant', content: 'It ran.' }, suggest]),
    });

    const [main, ...rest] = listConversations(room.archive, { limit: 10 });
    expect(rest).toEqual([]);
    expect(main).toMatchObject({ session, title: 'Behind the curtain', status: 'complete' });
    expect(shown(room, main!).map((line) => line.replace(/<system-reminder>.*<\/system-reminder> /, ''))).toEqual([
      'user: Please run the command. [sim bash=simulated command]',
      'assistant: This is a simulated answer. I will use a tool first. Bash({"command":"simulated command","description":"(17 characters)"})',
      'tool: the tool ran behind the curtain',
      'assistant: It ran.',
    ]);
    const others = all(room).filter(({ id }) => id !== main!.id);
    const told = others.map(({ purpose, startedBy, session: own }) => `${purpose ?? 'agent'} of ${startedBy?.key}, ${own ?? 'no session'}`);
    expect(new Set(told)).toEqual(
      new Set([
        `agent of ${session}, ${session}/a17`,
        `agent of ${session}, no session`,
        `check of ${session}, no session`,
        `title of ${session}, no session`,
      ]),
    );
    expect(others).toHaveLength(4);
  });
});
