"""How a page of HTML looks: on a screen, on a phone, in the dark and on paper."""

STYLE = """\
.bntheory { --ink: #1a1a1a; --soft: #5b5b5b; --line: #d8d8d8; --page: #fff; --good: #15653a;
  --bad: #b00020; --bad-page: #fde8ea; --note: #8a5300;
  color: var(--ink); background: var(--page); max-width: 46rem; margin: 0 auto;
  padding: 1rem 1.1rem 3rem; font: 1.05rem/1.55 Charter, "Bitstream Charter", Cambria, serif; }
.bntheory h1 { font-size: 1.6rem; line-height: 1.25; margin: 1rem 0 .4rem; }
.bntheory h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid var(--line);
  padding-bottom: .2rem; }
.bntheory h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
.bntheory p { margin: .5rem 0; overflow-wrap: anywhere; }
.bntheory ul { padding-left: 1.3rem; margin: .4rem 0; }
.bntheory .subtitle { color: var(--soft); margin: .1rem 0; }
.bntheory .formula { display: flex; gap: .8rem; margin: .9rem 0; overflow-x: auto;
  overflow-y: hidden; }
.bntheory .formula > div { flex: 1; padding-left: 3.2rem; text-indent: -1.6rem; line-height: 2.6; }
.bntheory .formula > div > * { text-indent: 0; }
.bntheory .tag { color: var(--soft); align-self: center; }
.bntheory math { font-size: 1.1em; font-family: "STIX Two Math", "Latin Modern Math",
  "Cambria Math", "Noto Sans Math", math; }
.bntheory math.left { margin-right: .1em; }
.bntheory .cases mtd { text-align: left; padding: .1em .35em; }
.bntheory .check { color: var(--good); font-size: .88rem; }
.bntheory .approximation { color: var(--note); font-weight: 600; }
.bntheory .verdict { font-weight: 600; }
.bntheory .failure { color: var(--bad); background: var(--bad-page); font-weight: 700;
  border: 2px solid var(--bad); border-radius: .3rem; padding: .5rem .8rem; }
.bntheory footer { border-top: 1px solid var(--line); margin-top: 2.2rem; padding-top: .6rem; }
@media (max-width: 34rem) {
  .bntheory .formula > div { padding-left: 1.6rem; text-indent: -1.2rem; }
  .bntheory math { font-size: 1em; }
}
@media (prefers-color-scheme: dark) {
  .bntheory { --ink: #e6e6e6; --soft: #a8a8a8; --line: #444; --page: #16181b; --good: #7fd6a3;
    --bad: #ff8a98; --bad-page: #3a1418; --note: #f0b765; }
}
@media print {
  .bntheory { max-width: none; padding: 0; font-size: 11pt; }
  .bntheory .formula, .bntheory h2, .bntheory h3 { break-inside: avoid; break-after: avoid; }
}
"""
