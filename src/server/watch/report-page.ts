import type { IncomingMessage } from 'node:http';
import type { ReportAnswer } from '../../watch/crowd/crowd.ts';
import { SYMPTOM_NAMES, SYMPTOMS } from '../../watch/crowd/symptoms.ts';
import { parseProductKey } from '../../watch/product.ts';
import { escaped } from '../../watch/publish/escaped.ts';
import { type Desk, refuse, type Visit } from '../desk.ts';
import { reportBody } from './report-schemas.ts';
import { watchRefusal } from './routes.ts';
import { smallPage } from './small-page.ts';

/** A button for «it fails for me», for whoever has no terminal at hand. */
export const REPORT_PAGE = '/report';

/** Bytes of the longest form. */
const LONGEST = 4096;

/** A form; what would be sent, to the letter; and only then, on a second press, the report itself. */
export async function serveReportPage({ ports, clock }: Desk, visit: Visit): Promise<void> {
  const { request, response } = visit;
  if (request.method !== 'POST') {
    const board = await ports.watch.ask('board', {});
    if (!board.ok) return refuse(clock, request, response, watchRefusal(board.error), undefined);
    const products = board.value.judgements.filter(({ key }) => parseProductKey(key)?.model === undefined);
    return smallPage(visit, 'How does it do for you?', formOf(products));
  }
  const form = new URLSearchParams(await textOf(request));
  const sure = form.get('sure') === 'yes';
  const read = reportBody.safeParse({ product: form.get('product'), symptom: form.get('symptom'), send: sure });
  if (!read.success) {
    const hint = `Choose a product and what it does: ${REPORT_PAGE}.`;
    return refuse(clock, request, response, { status: 400, code: 'bad-report', message: 'That is no report.', hint }, undefined);
  }
  const { product, symptom } = read.data;
  const found = await ports.watch.ask('report', { product, symptom, send: sure });
  if (!found.ok) return refuse(clock, request, response, watchRefusal(found.error), undefined);
  if (!found.value.ok)
    return refuse(
      clock,
      request,
      response,
      { status: 503, code: 'not-reported', message: found.value.error, hint: 'Nothing was sent.' },
      undefined,
    );
  const answer = found.value.value;
  if (sure) return smallPage(visit, 'Thank you', `<p>${escaped(outcomeText(answer))}</p><p><a href="/status/">Back</a></p>`);
  const hidden = Object.entries({ product, symptom, sure: 'yes' }).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`,
  );
  smallPage(
    visit,
    `${product}: ${SYMPTOMS[symptom]}`,
    `${previewOf(answer)}<form method="post">${hidden.join('')}<button>Report it</button></form>`,
  );
}

function formOf(products: readonly { key: string; title: string }[]): string {
  if (products.length === 0) return '<p>Nothing is watched yet. For any product there is: understudy report claude.ai</p>';
  const options = products.map(({ key, title }) => `<option value="${escaped(key)}">${escaped(title)}</option>`).join('');
  const symptoms = SYMPTOM_NAMES.map((name) => `<option value="${name}">${escaped(SYMPTOMS[name])}</option>`).join('');
  return `<form method="post"><label>Product <select name="product">${options}</select></label><label>It <select name="symptom">${symptoms}</select></label><button>Show what would be said</button></form>`;
}

function previewOf({ hub, sent, state }: ReportAnswer): string {
  if (hub === undefined) return '<p>No hub is named: it is weighed on this machine, and is sent nowhere.</p>';
  if (state === 'earlier') return '<p>You have reported it within the hour, and that one counts; this one is kept here.</p>';
  const text = sent ? `<pre>${escaped(JSON.stringify(sent.statement, null, 2))}</pre>` : '';
  return `<p>This goes to ${escaped(hub)}, and nothing else:</p>${text}`;
}

function outcomeText({ state, hub, problem }: ReportAnswer): string {
  switch (state) {
    case 'sent':
      return `${hub} has it, and it is weighed here.`;
    case 'waiting':
      return `It is weighed here, and is sent to ${hub} when that can be reached${problem === undefined ? '' : `: ${problem}`}.`;
    case 'refused':
    case 'late':
      return `It is weighed here. ${hub} did not take it${problem === undefined ? '' : `: ${problem}`}.`;
    case 'earlier':
    case 'kept':
    case 'shown':
      return 'It is weighed on this machine, and was sent nowhere.';
  }
}

/** As much of it as a form may have; what is longer is none. */
async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    size += (piece as Buffer).length;
    if (size > LONGEST) return '';
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces).toString('utf8');
}
