"""The look of the work list: light and dark on screens, black on white on paper."""

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #ffffff; --band: #f6f8fa;
  --soon: #9a3412; --good: #0b5394; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9da7b3; --line: #3d444d; --paper: #14181d;
  --band: #1e242b; --soon: #ffb086; --good: #8cc4ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 62rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
header p, footer p { color: var(--soft); margin: 0; } header strong { color: var(--ink); }
footer { margin-top: 2rem; border-top: 1px solid var(--line); padding-top: .75rem; font-size: .875rem; }
a { color: var(--good); } a:focus-visible { outline: 3px solid var(--good); outline-offset: 2px; }
dl { display: flex; flex-wrap: wrap; gap: .5rem 2.5rem; margin: 1rem 0 0; } dl div { min-width: 8rem; }
dt { color: var(--soft); font-size: .875rem; } dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
table { width: 100%; border-collapse: collapse; margin-top: .5rem; } caption { text-align: left; color: var(--soft); }
th, td { text-align: left; vertical-align: top; padding: .5rem 1.25rem .5rem 0; font-weight: normal; }
thead th { border-bottom: 2px solid var(--line); color: var(--soft); font-size: .875rem; white-space: nowrap; }
tbody tr { border-bottom: 1px solid var(--line); } .n { text-align: right; font-variant-numeric: tabular-nums; }
.work tbody { border-bottom: 2px solid var(--line); } .work tbody tr { border-bottom: 1px dotted var(--line); }
.work tbody th { width: 16rem; } .work td:nth-last-child(3), .work td:first-of-type { white-space: nowrap; }
.id { font-weight: 600; overflow-wrap: anywhere; }
.born, .left, .things, .together { display: block; font-size: .875rem; }
.born, .things, .left { color: var(--soft); } .together { color: var(--good); margin-top: .25rem; }
.soon { color: var(--soon); font-weight: 600; } .past { color: var(--soft); }
b { font-weight: 600; } ul { margin: 0; padding-left: 1.1rem; }
ul.alone { list-style: none; padding-left: 0; } time { font-variant-numeric: tabular-nums; }
.tick { width: 3.5rem; text-align: center; padding-right: 0; }
.tick span { display: inline-block; width: 1.1rem; height: 1.1rem; border: 1.5px solid var(--soft);
  border-radius: .2rem; }
time { white-space: nowrap; }
@media (max-width: 40rem) { body { padding: 1rem .75rem; font-size: .9375rem; } .tick { display: none; }
  th, td { padding-right: .6rem; overflow-wrap: anywhere; } thead th { white-space: normal; overflow-wrap: normal; }
  th:last-child, td:last-child { padding-right: 0; } .work tbody th { width: 6.5rem; min-width: 5.5rem; }
  .work td:first-of-type { white-space: normal; min-width: 5.5rem; } .id { font-size: .875rem; }
  .n { width: 1px; } td.n { overflow-wrap: normal; }
  table:not(.work) :is(th, td) { font-size: .8125rem; padding-right: .4rem; } }
@media print { :root { --ink: #000; --soft: #333; --line: #999; --paper: #fff; --soon: #000; --good: #000;
  color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; } thead { display: table-header-group; }
  .work tbody { break-inside: avoid; } h2 { break-after: avoid; } a { text-decoration: none; }
  @page { margin: 1.5cm; } }
"""
