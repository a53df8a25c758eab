/** Of exported pages: for reading on a screen of any width, light or dark, and on paper. */
export const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --mark: light-dark(#9a3f06, #fb9d4b); }
body { font: 16px/1.6 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
header { border-bottom: 1px solid var(--line); margin-bottom: 1.5rem; }
header p, time, .file, p.seam { font-size: 0.85rem; opacity: 0.8; }
h1 { font-size: 1.5rem; line-height: 1.3; }
p, li, td, th, h1, h2, h3, h4, h5, h6, summary { unicode-bidi: plaintext; }
article { margin: 1.5rem 0; }
.long article { content-visibility: auto; contain-intrinsic-size: auto 12rem; }
article > * + * { margin-block: 0.9rem 0; }
article > h2 + * { margin-top: 0.4rem; }
article > h2 { font-size: 0.95rem; margin: 0 0 0.4rem; }
article > h2 time { font-weight: normal; margin-inline-start: 0.5rem; }
article > h2 em, .failed > summary { color: var(--mark); }
article :is(h1, h2, h3, h4, h5, h6) { line-height: 1.35; }
.user { background: var(--soft); border-radius: 0.6rem; padding: 0.7rem 1rem; }
.text > :first-child { margin-top: 0; }
:is(.text, details) > :last-child { margin-bottom: 0; }
p.seam { border-inline-start: 3px solid var(--mark); padding-inline-start: 0.6rem; }
mark.seam { background: none; color: var(--mark); font-size: 0.75em; padding: 0 0.25em; }
pre { background: var(--soft); padding: 0.7rem; border-radius: 0.4rem; overflow-x: auto; overflow-wrap: normal; tab-size: 4; font-size: 0.85rem; line-height: 1.45; }
details > pre { max-height: 30rem; overflow-y: auto; }
code { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; font-size: 0.9em; direction: ltr; unicode-bidi: isolate; }
pre code { font-size: inherit; direction: inherit; unicode-bidi: inherit; }
table { margin: 1em 0; border-collapse: collapse; display: block; overflow-x: auto; overflow-wrap: normal; }
td, th { border: 1px solid var(--line); padding: 0.25rem 0.6rem; }
td { min-width: 3.5rem; }
ul:has(> li > input[type=checkbox]) { list-style: none; padding-inline-start: 1.2rem; }
blockquote { border-inline-start: 3px solid var(--line); margin-inline: 0; padding-inline-start: 1rem; }
hr { border: 0; border-top: 1px solid var(--line); }
details { margin-block: 0.5rem; }
summary { margin-bottom: 0.5rem; }
summary { cursor: pointer; opacity: 0.8; }
img { max-width: 100%; height: auto; border-radius: 0.4rem; }
.branch { border-inline-start: 3px solid var(--line); padding-inline-start: 1rem; }
@page { margin: 18mm 16mm 20mm; @bottom-center { content: counter(page) " / " counter(pages); font: 9pt system-ui, sans-serif; color: #666; } }
@media print {
  :root { color-scheme: light; }
  body { max-width: none; margin: 0; padding: 0; font-size: 10.5pt; line-height: 1.5; orphans: 3; widows: 3; }
  .long article { content-visibility: visible; }
  details::details-content { content-visibility: visible; block-size: auto; }
  details > pre { max-height: none; }
  .user, pre { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  table { display: table; overflow-wrap: break-word; }
  h1, h2, h3, h4, h5, h6, summary { break-after: avoid; }
  img, tr, blockquote { break-inside: avoid; }
}
`;
