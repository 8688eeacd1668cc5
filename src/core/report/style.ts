/** Black on white, on paper of A4 as on a screen. */
export const style = `
@page { size: A4; margin: 18mm 16mm; }
:root { color-scheme: light; }
* { box-sizing: border-box; }
html { background: #fff; color: #000; }
body { max-width: 178mm; margin: 0 auto; padding: 16px; font: 13px/1.45 "Inter Variable", Inter, system-ui, sans-serif;
  font-variant-numeric: tabular-nums; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
h1 { margin: 0 0 4px; font-size: 20px; line-height: 1.3; overflow-wrap: anywhere; }
h2 { margin: 32px 0 8px; padding-top: 8px; border-top: 1px solid #000; font-size: 16px; }
h3 { margin: 20px 0 4px; font-size: 13px; }
p, ul { margin: 4px 0 8px; }
ul { padding-inline-start: 18px; }
.quiet, caption, figcaption, small { color: #444; }
.headline { margin: 20px 0 4px; padding-inline-start: 10px; border-inline-start: 3px solid #000; font-size: 17px;
  line-height: 1.4; font-weight: 600; }
.research { margin-block: 12px; padding: 6px 10px; border: 1px solid #000; }
table { border-collapse: collapse; margin: 8px 0 12px; }
caption { padding-bottom: 4px; text-align: start; }
th, td { padding: 3px 10px 3px 0; border-bottom: 1px solid #ccc; text-align: end; vertical-align: middle; }
th { font-weight: 600; }
th[scope="row"], .text { text-align: start; }
.facts { inline-size: 100%; }
.facts td { text-align: start; overflow-wrap: anywhere; }
.facts th { inline-size: 62mm; padding-inline-end: 16px; font-weight: 400; color: #444; vertical-align: top; }
.value { font-size: 17px; font-weight: 600; }
.nowrap { white-space: nowrap; }
.classes { inline-size: 100%; font-size: 12px; }
.classes th[scope="row"] { inline-size: 34mm; }
.classes .bar { inline-size: 64px; block-size: 12px; }
bdi { overflow-wrap: anywhere; }
.bar { display: block; }
.ground { stroke: #ccc; }
.range { stroke: #000; }
.zero { stroke: #666; stroke-dasharray: 2 2; }
.mean { fill: #000; }
.matrix { font-size: 11px; }
.matrix th, .matrix td { padding: 3px 5px; border: 1px solid #ccc; text-align: center; }
.matrix th[scope="row"] { border-width: 0 0 1px; text-align: end; }
.matrix thead th, .matrix thead td { border-width: 0 0 1px; }
.matrix small { display: block; font-size: 9px; line-height: 1.1; }
.matrix .right { background: #fff; }
.matrix .h1 { background: #eee; }
.matrix .h2 { background: #d8d8d8; }
.matrix .h3 { background: #bbb; }
.matrix .sum { border-width: 0 0 1px; color: #444; }
.matrix .h3 small, .matrix .h2 small { color: #000; }
.drawn { display: flex; flex-wrap: wrap; gap: 0 16px; align-items: flex-start; break-inside: avoid; }
.drawn table { flex: 1; margin-top: 0; font-size: 12px; }
.drawn th, .drawn td { padding-block: 2px; padding-inline-end: 6px; }
.drawn td { white-space: nowrap; }
figure { display: inline-block; margin: 0 12px 8px 0; vertical-align: top; }
.pictures { display: flex; flex-wrap: wrap; gap: 8px; margin: 4px 0 12px; padding: 0; list-style: none; }
.pictures li { inline-size: 26mm; font-size: 9px; line-height: 1.25; overflow-wrap: anywhere; }
.pictures img { display: block; inline-size: 26mm; block-size: 26mm; object-fit: contain; background: #eee; }
code { font-family: ui-monospace, monospace; font-size: 11px; overflow-wrap: anywhere; }
footer { margin-top: 32px; padding-top: 8px; border-top: 1px solid #000; }
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  thead { display: table-header-group; }
  h2, h3, caption { break-after: avoid; }
  tr, li, figure, .headline, .research, .whole, .classes, .matrix { break-inside: avoid; }
}
`;
