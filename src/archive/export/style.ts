/** Of exported pages: for reading on a screen, light or dark, and on paper. */
export const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --mark: #b45309; }
body { font: 16px/1.6 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
header { border-bottom: 1px solid var(--line); margin-bottom: 1.5rem; }
header p, time, .file, .seam { font-size: 0.85rem; opacity: 0.75; }
h1 { font-size: 1.5rem; line-height: 1.3; }
article { margin: 1.5rem 0; }
article > h2 { font-size: 0.95rem; margin: 0 0 0.4rem; }
article > h2 time { font-weight: normal; margin-inline-start: 0.5rem; }
article > h2 em { color: var(--mark); }
.user { background: var(--soft); border-radius: 0.6rem; padding: 0.7rem 1rem; }
.seam { border-inline-start: 3px solid var(--mark); padding-inline-start: 0.6rem; }
pre { background: var(--soft); padding: 0.7rem; border-radius: 0.4rem; overflow-x: auto; font-size: 0.85rem; line-height: 1.45; }
code { font-family: ui-monospace, monospace; font-size: 0.9em; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
td, th { border: 1px solid var(--line); padding: 0.25rem 0.6rem; }
blockquote { border-inline-start: 3px solid var(--line); margin-inline: 0; padding-inline-start: 1rem; }
details { margin: 0.5rem 0; }
summary { cursor: pointer; opacity: 0.8; }
img { max-width: 100%; }
.branch { border-inline-start: 3px solid var(--line); padding-inline-start: 1rem; }
@media print { body { max-width: none; margin: 0; } details:not([open]) { display: none; } article { break-inside: auto; } pre { white-space: pre-wrap; } }
`;
