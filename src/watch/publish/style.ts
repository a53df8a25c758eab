/** Of the status page: light and dark, phone to wide screen, colours that differ in brightness too, for those who do not tell red from green. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --good: light-dark(#1a7f37, #4ac26b); --warn: light-dark(#9a6700, #e3b341); --bad: light-dark(#b3261e, #ff7b72); --plan: light-dark(#0550ae, #79c0ff); --none: #8888; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
header p, small, time, figcaption, footer { font-size: 0.85rem; opacity: 0.85; font-weight: normal; }
h1 { font-size: 1.5rem; margin-bottom: 0.2rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 0 0 0.3rem; }
h3 b { font-size: 0.85rem; margin-inline-start: 0.4rem; }
.overall { border-inline-start: 6px solid currentcolor; padding: 0.6rem 0.9rem; background: var(--soft); font-weight: 600; }
b.operational, p.operational { color: var(--good); } b.degraded, p.degraded { color: var(--warn); } b.down, p.down { color: var(--bad); } b.maintenance { color: var(--plan); } b.unknown, p.unknown { color: inherit; opacity: 0.7; }
article { border: 1px solid var(--line); border-radius: 0.5rem; padding: 0.8rem 1rem; margin: 0.6rem 0; }
h3 small { margin-inline-start: 0.3rem; }
article p { margin: 0.3rem 0; }
ul, ol { margin: 0.3rem 0; padding-inline-start: 1.2rem; }
ol { list-style: none; padding: 0; } ol li { margin: 0.4rem 0; }
em { color: var(--warn); }
figure { margin: 0.6rem 0 0; } svg { width: 100%; height: 24px; display: block; }
rect { fill: var(--none); } rect.operational { fill: var(--good); } rect.degraded { fill: var(--warn); } rect.down { fill: var(--bad); } rect.maintenance { fill: var(--plan); }
figcaption { display: flex; justify-content: space-between; gap: 1rem; } figcaption span { overflow-wrap: normal; } figcaption span:nth-child(2) { text-align: center; }
footer { margin: 2rem 0; }
a { color: inherit; }
`;
