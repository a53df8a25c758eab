import type { LocalModel } from '../../providers/local/service.ts';
import type { LocalReport, ReportedService } from '../../server/local/report.ts';
import { clockText } from '../clock-text.ts';
import { counted } from '../counted.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { flowed, wrapped } from '../wrap.ts';

type Screen = Pick<Terminal, 'paint' | 'width'>;

/** What there is on this machine, for people. */
export function localLines(report: LocalReport, { paint, width }: Screen): string[] {
  const { off, services, strangers, routes, ahead } = report;
  const say = (text: string, indent = '  '): string[] => wrapped(text, width, indent);
  if (off !== undefined && services.length === 0) return say(`Nobody is looked for on this machine: ${off}.`);
  return [
    ...(services.length === 0
      ? nothingFound(report, width)
      : services.flatMap((service) => [...serviceLines(service, { paint, width }), ''])),
    ...strangers.flatMap(({ baseUrl, said }) => say(`At ${new URL(baseUrl).host}: ${said}.`).map(paint.dim)),
    ...(strangers.length > 0 ? [''] : []),
    ...(services.some(({ models }) => models.length > 0) ? routeLines(routes, width) : []),
    ...(ahead ? say(`${clockText(ahead.at)}  ${ahead.text}`) : []),
  ];
}

function nothingFound({ places }: LocalReport, width: number): string[] {
  const ports = places.map((place) => new URL(place).port).join(', ');
  return [
    ...wrapped(`No model service answers on this machine (127.0.0.1, ports ${ports}).`, width),
    ...wrapped('What you can do:', width),
    ...wrapped(
      '  Start Ollama (ollama.com/download) or LM Studio (lmstudio.ai) with a model: it is found within minutes, or with this command.',
      width,
      '    ',
    ),
    ...wrapped('  Is one at another port? Name it: local: { ports: [9000] }', width, '    '),
    ...wrapped('  Have you a GGUF file? understudy local install', width, '    '),
    '',
  ];
}

function serviceLines(service: ReportedService, { paint, width }: Screen): string[] {
  const { title, version, baseUrl, models, leftOut, slots, configured } = service;
  const more = [
    ...(configured === undefined ? [] : [`configured as ${configured}`]),
    ...(slots === undefined ? [] : [`${slots} at once by itself`]),
  ];
  const head = `${paint.bold(title)}${version === undefined ? '' : ` ${version}`} at ${baseUrl}${more.length === 0 ? '' : ` (${more.join(', ')})`}`;
  if (models.length === 0)
    return [...wrapped(head, width, '  '), ...wrapped(`  It has no model for answers yet${pullHint(service)}.`, width, '  ')];
  const right = 'right' as const;
  const columns = [
    { title: 'model' },
    { title: 'context', align: right },
    { title: 'could be', align: right },
    { title: 'can' },
    { title: 'size', align: right },
    { title: 'memory' },
  ];
  const rows = models.map((model) => [
    `  ${model.target}`,
    contextText(model),
    model.longest === undefined ? '' : tokensText(model.longest),
    abilities(model),
    model.bytes === undefined ? '' : `${(model.bytes / 1e9).toFixed(1)} GB`,
    model.loaded ? paint.good('loaded') : '',
  ]);
  const assumed = models.some(({ contextFrom }) => contextFrom === 'assumed');
  return [
    ...wrapped(head, width, '  '),
    ...table(columns, rows, width),
    ...(assumed ? wrapped('  *: the usual context, until it has been loaded once', width, '  ').map(paint.dim) : []),
    ...(leftOut.length === 0
      ? []
      : wrapped(`  Left out: ${leftOut.map(({ name, why }) => `${name} (${why})`).join(', ')}`, width, '  ').map(paint.dim)),
    ...shortContext(service, width).map(paint.warn),
  ];
}

function pullHint({ kind }: ReportedService): string {
  return kind === 'ollama' ? ': ollama pull qwen3:8b, for instance' : '';
}

/** What an agent sends at once is about as long (Claude Code 2.1, its tools and instructions). */
const AGENT_NEEDS = 32_000;

/** Coding agents need more than these are started with. */
function shortContext({ kind, models }: ReportedService, width: number): string[] {
  const short = models.every(({ context }) => context !== undefined && context < AGENT_NEEDS);
  const could = models.some(({ longest }) => longest === undefined || longest >= AGENT_NEEDS);
  if (!short || !could) return [];
  const how: Record<string, string> = {
    ollama: 'OLLAMA_CONTEXT_LENGTH=65536 ollama serve (or the slider in its settings)',
    lmstudio: 'set Context Length where the model is loaded',
    llamacpp: 'llama-server -c 65536',
  };
  return wrapped(
    `  ! Too short for coding agents, whose first request has some 25,000 tokens${how[kind] === undefined ? '' : `: ${how[kind]}`}.`,
    width,
    '    ',
  );
}

function contextText({ context, contextFrom }: LocalModel): string {
  if (context === undefined) return '';
  return `${tokensText(context)}${contextFrom === 'assumed' ? '*' : ''}`;
}

function tokensText(tokens: number): string {
  return tokens >= 1000 ? `${Math.round(tokens / 1024)}k` : String(tokens);
}

function abilities({ tools, images, reasoning }: LocalModel): string {
  return [
    ...(tools === true ? ['tools'] : tools === false ? ['no tools'] : []),
    ...(images ? ['images'] : []),
    ...(reasoning ? ['thinks'] : []),
  ].join(', ');
}

function routeLines(routes: LocalReport['routes'], width: number): string[] {
  if (routes.length === 0)
    return wrapped(
      'No route leads to them: they end the route `default`, and any that names local, unless its allow or never forbids it.',
      width,
      '  ',
    );
  return routes.flatMap(({ route, targets }) => [
    `Last of ${route === 'default' ? 'route default' : route}, whoever of these can take the request (${counted(targets.length, 'model')}):`,
    ...flowed(
      targets.map((target, index) => (index === 0 ? `  ${target}` : target)),
      ', ',
      width,
      '  ',
    ),
  ]);
}
