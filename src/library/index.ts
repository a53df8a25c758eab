// What `import … from 'understudy'` gives. Its declarations need no types of Node's: not every program has them.
export { createFailover, createFailoverHealth, type FailoverModel } from './create-failover.ts';
export type { ModelEntry } from './model-entry.ts';
export type { AttemptReport, FailoverOptions, SwitchReport } from './options.ts';
