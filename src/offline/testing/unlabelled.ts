import { END_LABEL, LABEL } from '../label.ts';

/** What is ours, as it was written down by hand; «…» holds what is not, in one line and without « or ». */
const OURS = [
  /^$/,
  /^How providers stand, by what this machine has seen:$/,
  /^Nothing that is watched is known to be down\.$/,
  /^The question then:$/,
  /^The answer then:$/,
  /^\(\d+ more characters; all of it: (?:understudy conversations show c_[0-9a-z]+|the file has the rest)\)$/,
  /^Nothing similar was found in (?:\d+ messages and titles)?(?: and )?(?:\d+ sections of notes)? on this machine\.$/,
  /^The time was up before all of it was looked through: asked again, there may be more\.$/,
  /^Note: «[^«»]*»$/,
  /^Runbook «[^«»]*»: understudy runbook show [a-z-]+$/,
  /^What can be done now:$/,
  /^- (?:Have it answered later|See who is up|Look for words|Take that conversation|Take a conversation|Ask a model on this machine|See what waits)[^«»]*$/,
];
const SOURCE =
  /^\d\. (?:A similar question was answered before|Loosely similar, read it with care): (?:[^«»]|«[^«»]*»)*\.$|^From your notes:(?: «[^«»]*»;)? «[^«»]*», last changed [^«»]*\.$/;
const HEADS = /^(?:The question then:|The answer then:|How providers stand, by what this machine has seen:)$/;

/** Lines of the desk that are neither its label, nor ours, nor quoted under their source; it knows nothing of how they were made. */
export function unlabelled(all: string): string[] {
  const lines = all.split(/\r\n|[\n\r\u0085\u2028\u2029\v\f]/);
  const wrong: string[] = [];
  if (lines[0] !== LABEL) wrong.push(`first: ${lines[0] ?? ''}`);
  if (lines.at(-1) !== END_LABEL) wrong.push(`last: ${lines.at(-1) ?? ''}`);
  lines.slice(1, -1).forEach((line, index) => {
    const before = lines[index] ?? '';
    // oxlint-disable-next-line no-control-regex -- that there are none is what is checked
    if (/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(line)) wrong.push(`control: ${JSON.stringify(line)}`);
    if (line.startsWith('>')) {
      // Quoted: under its head, its source, or more of the same.
      if (!before.startsWith('>') && !HEADS.test(before) && !SOURCE.test(before)) wrong.push(`no source: ${line}`);
    } else if (!SOURCE.test(line) && !OURS.some((ours) => ours.test(line))) wrong.push(line);
  });
  return wrong;
}
