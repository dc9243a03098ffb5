// A plot that follows a slider: Swingby beside ipykernel with ipywidgets, in one JupyterLab and one browser. One line a figure:
//
//   name  ours  peer  ratio  goal  ok|short
//
// in plots a second that a person saw; see follow.mjs. The peer draws the same curve, straight into SVG, without what a library for
// plots would cost it. Two more lines are beside 30 a second, which the eye takes for motion: the same plot, and the explorer
// of notebook 13, which trains a network for each.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium, openBrowser } from './browser.mjs';
import { across, drag, follow } from './follow.mjs';
import { startLab } from './lab.mjs';
import { Notebook } from './notebook.mjs';

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
if (!findChromium()) {
  console.log('plots_per_s: not measured, there is no Chromium; CHROMIUM=/path/to/it names one');
  process.exit(0);
}
const rounds = Number(process.argv[2] ?? 3), seconds = 3;

const go = `import "gonum.org/v1/plot"
import "gonum.org/v1/plot/plotter"
widget.Interact(func(f float64) *plot.Plot {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = "t", "sin(2πft)"
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 2, -1.1, 1.1
	curve := plotter.NewFunction(func(t float64) float64 { return math.Sin(2 * math.Pi * f * t) })
	curve.Samples = 400
	p.Add(curve)
	return p
}, widget.NewFloatSlider(0.5, 5, 1, widget.Description("frequency"), widget.Step(0.01), widget.Width("600px")))`;

const python = `import math, ipywidgets
from IPython.display import SVG, display

def draw(f):
    points = " ".join(f"{50 + 520 * i / 399:.2f},{170 - 140 * math.sin(4 * math.pi * f * i / 399):.2f}" for i in range(400))
    ticks = "".join(f'<text x="{50 + 260 * i}" y="370" font-size="12">{i}</text>' for i in range(3))
    display(SVG(f'<svg xmlns="http://www.w3.org/2000/svg" width="576" height="384"><rect width="576" height="384" fill="white"/>{ticks}'
                f'<path d="M50 20V340H570" fill="none" stroke="black"/><polyline points="{points}" fill="none" stroke="black"/></svg>'))

ipywidgets.interact(draw, f=ipywidgets.FloatSlider(value=1, min=.5, max=5, step=.01, layout={"width": "600px"}));`;

const folder = fs.mkdtempSync(path.join(fs.realpathSync(process.env.TMPDIR ?? '/tmp'), 'swingby-bench-'));
const notebookOf = (kernel, language, source) => JSON.stringify({
  cells: [{ cell_type: 'code', id: 'a', metadata: {}, source, outputs: [], execution_count: null }],
  metadata: { kernelspec: { name: kernel, display_name: kernel, language } }, nbformat: 4, nbformat_minor: 5,
});
fs.writeFileSync(path.join(folder, 'ours.ipynb'), notebookOf('swingby', 'go', go));
fs.writeFileSync(path.join(folder, 'peer.ipynb'), notebookOf('python3', 'python', python));
fs.copyFileSync(path.join(top, 'notebooks/13-explorer.ipynb'), path.join(folder, 'explorer.ipynb'));

// What is to be seen: a drawing in the page, or a picture when it is there.
const looks = node => [
  ...[...node.querySelectorAll('.swingby-live svg path')].map(e => e.getAttribute('d')),
  ...[...node.querySelectorAll('.widget-output img, .jp-OutputArea img')].filter(e => e.complete && e.naturalWidth > 0).map(e => e.src),
  ...[...node.querySelectorAll('.jp-RenderedSVG svg polyline')].map(e => e.getAttribute('points')),
].join();

const lab = await startLab({ venv: path.join(top, '.venv'), notebooks: folder });
let browser;
try {
  browser = await openBrowser();
  const rates = {};
  for (let round = 0; round <= rounds; round++) { // the first does not count
    for (const [name, slider] of [['peer', 0], ['ours', 0], ['explorer', 1]]) {
      const notebook = await Notebook.open(browser, lab, `${name}.ipynb`, { workspace: `${name}${round}` });
      await notebook.runAll();
      const cell = notebook.codeCells.filter({ has: notebook.page.locator('.noUi-handle') }).first();
      const track = cell.locator('.noUi-target').nth(slider);
      await track.waitFor({ timeout: 30_000 });
      await track.scrollIntoViewIfNeeded();
      await notebook.page.waitForTimeout(1000);
      const path = await across(track);
      const followed = await follow(browser, notebook, cell, looks, () => drag(notebook.page, path, seconds), {
        backlog: name === 'peer' ? Infinity : 2,
        traced: round === 0, // that what is counted comes to the screen
      });
      if (round) (rates[name] ??= []).push(followed.plots / followed.seconds);
      await notebook.page.context().close();
      const sessions = `${lab.url}api/sessions`, token = `?token=${lab.token}`;
      for (const { id } of await (await fetch(sessions + token)).json()) await fetch(`${sessions}/${id}${token}`, { method: 'DELETE' });
    }
  }
  const median = list => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const short = [];
  const report = (name, ours, peer, goal) => {
    const ratio = ours / peer, verdict = ratio >= goal ? 'ok' : 'short';
    if (verdict === 'short') short.push(name);
    console.log(name.padEnd(22) + [ours, peer, ratio].map((x, i) => x.toFixed(i < 2 ? 1 : 2).padStart(i < 2 ? 10 : 8)).join('') + String(goal).padStart(6), verdict);
  };
  const [ours, peer, explorer] = ['ours', 'peer', 'explorer'].map(name => median(rates[name]));
  report('plots_per_s', ours, peer, 1);
  report('plots_per_s_of_30', ours, 30, 1);
  report('explorer_per_s_of_30', explorer, 30, 1);
  console.log(short.length ? `short of the goal: ${short.join(', ')}` : 'every goal is met');
} finally {
  await browser?.close();
  await lab.stop();
  fs.rmSync(folder, { recursive: true, force: true });
}
