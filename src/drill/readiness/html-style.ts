/** The look of a report's page. Contrast of text is at least 4.5 to 1 in both schemes. */
export const PAGE_STYLE = `
:root{--back:#fbfaf8;--card:#fff;--ink:#1d1c1a;--soft:#5f5b55;--line:#e2ded7;--good:#1c7a46;--look:#8a5a00;--bad:#b3261e;--unknown:#6b6761;--rest:#e9e5de}
@media (prefers-color-scheme:dark){:root{--back:#171614;--card:#211f1c;--ink:#ece9e3;--soft:#aaa59c;--line:#37342f;--good:#5fc98c;--look:#e0ab4c;--bad:#ff8a80;--unknown:#a09b92;--rest:#37342f}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:60rem;margin:0 auto;padding:0 1.25rem}
header{display:flex;gap:1.5rem;align-items:center;padding-top:2rem;padding-bottom:1rem}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .4rem}h2{font-size:1.2rem;margin:0 0 .2rem}h3{font-size:1rem;margin:0}h4{font-size:.9rem;margin:1rem 0 .4rem}
p{margin:.2rem 0}.sentence{font-size:1.05rem}.facts{color:var(--soft);font-size:.875rem}
code{font:inherit;font-weight:600}
.dial{flex:none;width:3.5rem;height:3.5rem}.dial.large{width:7rem;height:7rem}
.dial circle{fill:none;stroke:var(--rest);stroke-width:11}.dial .arc{stroke:currentColor}
.dial text{fill:var(--ink);font-size:30px;font-weight:700;text-anchor:middle;dominant-baseline:central}
.high{color:var(--good)}.middle{color:var(--look)}.low{color:var(--bad)}
section{margin:1.25rem 0}.todo{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--bad);border-radius:.5rem;padding:1rem 1.25rem}
.todo ul,.aside ul,details ul{margin:.4rem 0 0;padding-left:1.2rem}.todo li{margin:.35rem 0}
.advice{display:block;color:var(--soft)}.advice::before{content:"→ "}
.route>.head{display:flex;gap:1rem;align-items:center}
article{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:1rem 1.25rem;margin:.9rem 0}
.score{display:inline-block;min-width:2.2em;text-align:center;border:1.5px solid currentColor;border-radius:1em;font-size:.85rem;padding:0 .4em}
.checks{list-style:none;margin:.6rem 0;padding:0}
.checks li{display:grid;grid-template-columns:1.4rem 6.5rem 1fr;gap:.3rem;padding:.25rem 0;border-top:1px solid var(--line)}
.checks b{font-weight:600}.sign{font-weight:700;text-align:center}
.good .sign{color:var(--good)}.look .sign{color:var(--look)}.bad .sign,.bad b{color:var(--bad)}.unknown .sign,.unknown span{color:var(--unknown)}
details{margin:.4rem 0;font-size:.925rem}summary{cursor:pointer;color:var(--soft)}
.bar{display:flex;gap:2px;height:.7rem;border-radius:.35rem;overflow:hidden}.legend{display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.85rem;color:var(--soft)}
.legend i{display:inline-block;width:.7em;height:.7em;border-radius:2px;margin-right:.4em}
i.passed{background:var(--good)}i.differs{background:var(--look)}i.worse{background:var(--bad);opacity:.65}i.refused{background:var(--bad)}i.not-asked{background:var(--rest)}
table{border-collapse:collapse;width:100%;font-size:.875rem;margin-top:.4rem}
th{text-align:left;color:var(--soft);font-weight:500}th,td{padding:.3rem .6rem .3rem 0;border-top:1px solid var(--line);vertical-align:top}
.route td:nth-child(n+2):nth-child(-n+4){white-space:nowrap}
.number{text-align:right;white-space:nowrap}.result{font-weight:600;white-space:nowrap}
.result.passed{color:var(--good)}.result.differs{color:var(--look)}.result.worse,.result.refused{color:var(--bad)}.result.not-asked{color:var(--unknown)}
.aside{color:var(--soft);font-size:.9rem}
footer{color:var(--soft);font-size:.8rem;padding-top:1rem;padding-bottom:2rem}
@media (max-width:40rem){
header{align-items:flex-start;gap:1rem;padding-top:1.25rem}.dial.large{width:4.5rem;height:4.5rem}h1{font-size:1.3rem}
.checks li{grid-template-columns:1.4rem 1fr}.checks li>span:last-child{grid-column:2}
thead{display:none}tr{display:block;border-top:1px solid var(--line);padding:.4rem 0}td{display:grid;grid-template-columns:5rem 1fr;border:0;padding:.05rem 0;text-align:left!important;white-space:normal}
td::before{content:attr(data-label);color:var(--soft)}td:empty{display:none}article{padding:.9rem}
}
@media print{body{background:#fff}article,.todo{break-inside:avoid}}
`;
