// Every kind of figure in its form for hover and zoom, drawn by the copy of Vega-Lite that JupyterLab has, under a mouse.
// Pictures of all are left in .e2e.
//
//   node figures.mjs

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBrowser } from './browser.mjs';
import { startLab } from './lab.mjs';
import { Notebook } from './notebook.mjs';

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const results = path.join(top, '.e2e');
fs.mkdirSync(results, { recursive: true });

const setup = `import (
	"context"
	"swingby/simlib/diffusion"
	"swingby/simlib/figure"
	"swingby/simlib/sim"
	"swingby/simlib/theory"
	"swingby/simlib/torch"
)
ctx := context.Background()
task, err := sim.NewTask(sim.Axes{Mu: []float64{1, 1.5}, Sigma: []float64{.2, .2}, D: 3, N: 500})
if err != nil { panic(err) }
w0, err := torch.UUT(2333, 3, 5)
if err != nil { panic(err) }
model := theory.Symmetric{Task: task, W0: w0, Eta: .01, Steps: 2000, Rate: theory.RateA2}
run, err := model.Run(ctx)
if err != nil { panic(err) }
data, err := task.Sample(sim.Sampling{Seed: 1})
if err != nil { panic(err) }
phase, err := theory.Sweep{X: theory.Linear("μ₂", 1, 2, 4), Y: theory.Log("scale", .1, .4, 3),
	Model: func(x, y float64) (theory.Symmetric, error) {
		t, err := sim.NewTask(sim.Axes{Mu: []float64{1, x}})
		if err != nil { return theory.Symmetric{}, err }
		w, err := theory.Init{D: 2, Scale: y, Seed: 1}.W0()
		return theory.Symmetric{Task: t, W0: w, Eta: .02, Steps: 600}, err
	}}.Run(ctx)
if err != nil { panic(err) }
assumed, err := model.Assumptions(theory.Constants{})
if err != nil { panic(err) }
limits, err := run.Bounds(assumed)
if err != nil { panic(err) }
var outputs []theory.Trajectory
for seed := range 3 {
	w, err := torch.UUT(uint64(seed), 3, 5)
	if err != nil { panic(err) }
	m := model
	m.W0 = w
	r, err := m.Run(ctx)
	if err != nil { panic(err) }
	outputs = append(outputs, r.TestOutput())
}
mean, err := theory.Average(.95, outputs...)
if err != nil { panic(err) }
answers := theory.Ensemble{Trajectory: theory.Trajectory{Name: "small blue", Target: []float64{1, 1}}}
for k := range 20 {
	t := float64(k) / 19
	x := []float64{math.Sin(math.Pi / 2 * t), t * t}
	answers.T = append(answers.T, 100*t)
	answers.X = append(answers.X, x)
	answers.Low = append(answers.Low, []float64{x[0] - .05, x[1] - .02})
	answers.High = append(answers.High, []float64{x[0] + .05, x[1] + .02})
}
discs, err := diffusion.Discs{Size: 16, Signal: .5, PerClass: 2}.DrawClasses(diffusion.Class{}, diffusion.SmallBlue)
if err != nil { panic(err) }`;

const kinds = {
  trajectory: 'figure.Trajectory(run)',
  'all trajectories': 'figure.AllTrajectories(run)',
  samples: 'figure.Samples(1, 2, task, data, run.TestOutput())',
  matrix: 'figure.Matrix(run)',
  losses: 'figure.Losses(run.TrainLoss(), run.TestLoss())',
  'logarithmic axes': 'figure.Losses(run.TestLoss()).LogX().LogY()',
  'matrix over the logarithm of time': 'figure.Matrix(run).LogX()',
  heat: 'figure.Heat(run)',
  evolution: 'figure.Evolution(run)',
  space: 'figure.Space(run)',
  lattice: 'figure.Lattice(task, []float64{0, .1, .2, .5})',
  depth: 'figure.Phase(phase, "depth")',
  order: 'figure.Phase(phase, "order")',
  bound: 'figure.Bound(limits[0])',
  pictures: 'figure.Pictures(2, discs.Pictures(4), []string{"big red", "small blue"}, nil)',
  bands: 'figure.Bands("step", "output", mean.Band(1), mean.Band(2))',
  'concept space': 'figure.ConceptSpace("size", "colour", answers)',
  row: 'figure.Row(figure.Trajectory(run), figure.Matrix(run))',
  grid: 'figure.Grid(2, figure.Trajectory(run), figure.Losses(run.TestLoss()), figure.Heat(run, 0, 400))',
};
const zoomable = /trajector|samples|matrix|losses|axes|space|bound|bands|row/;
const sources = [setup, ...Object.values(kinds).map(k => `${k}.Vega()`), 'figure.Explore(run)'];
const names = ['setup', ...Object.keys(kinds), 'explore'];

const folder = fs.mkdtempSync(path.join(fs.realpathSync(process.env.TMPDIR ?? '/tmp'), 'swingby-e2e-'));
fs.writeFileSync(path.join(folder, 'figures.ipynb'), JSON.stringify({
  cells: sources.map((source, i) => ({ cell_type: 'code', id: `c${i}`, metadata: {}, source, outputs: [], execution_count: null })),
  metadata: { kernelspec: { name: 'swingby', display_name: 'Go (Swingby)', language: 'go' } },
  nbformat: 4, nbformat_minor: 5,
}));

const lab = await startLab({ venv: path.join(top, '.venv'), notebooks: folder });
let browser, notebook;
try {
  browser = await openBrowser();
  notebook = await Notebook.open(browser, lab, 'figures.ipynb');
  const page = notebook.page;
  const said = [];
  page.on('console', m => { if (/Vega|WARN|signal/i.test(m.text()) && m.type() !== 'log') page.evaluate(() => document.querySelectorAll('.vega-embed').length).then(n => said.push(`${names[n]}: ${m.text()}`)); });
  await notebook.menu('Run', 'Run All Cells');
  await page.waitForFunction(n => [...document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell .jp-InputPrompt')].filter(p => /\d/.test(p.textContent)).length >= n,
    sources.length, { timeout: 180_000 });
  await notebook.idle();

  // What a person would see change: the picture itself.
  const picture = canvas => canvas.screenshot();
  const tip = page.locator('#vg-tooltip-element.visible');
  for (let i = 1; i < names.length; i++) {
    const cell = notebook.codeCells.nth(i);
    await cell.scrollIntoViewIfNeeded();
    const output = cell.locator('.jp-OutputArea');
    const canvas = output.locator('.vega-embed canvas, .vega-embed svg.marks').first();
    await canvas.waitFor({ timeout: 30_000 }).catch(async () => {
      throw new Error(`${names[i]} is not drawn: ${(await output.innerText()).slice(0, 300)}`);
    });
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    assert(box.width > 100 && box.height > 60, `${names[i]} is ${box.width} by ${box.height}`);

    await page.mouse.move(box.x + 3, box.y + 3);
    await output.screenshot({ path: path.join(results, `figure-${names[i].replaceAll(' ', '-')}.png`) });
    // The mouse goes over the figure until something says what it is.
    let told = '';
    search: for (let y = .12; y < .95; y += .03) {
      for (let x = .1; x < .9; x += .02) {
        await page.mouse.move(box.x + x * box.width, box.y + y * box.height);
        if (await tip.count()) { told = (await tip.innerText()).replace(/\s+/g, ' '); break search; }
      }
    }
    assert(told, `${names[i]}: no tooltip anywhere`);

    let zoomed = '';
    if (zoomable.test(names[i])) {
      await page.mouse.move(box.x + 3, box.y + 3);
      const before = await picture(canvas);
      const wheel = async () => {
        await page.mouse.move(box.x + .4 * box.width, box.y + .5 * box.height);
        for (let n = 0; n < 3; n++) await page.mouse.wheel(0, -200);
        await page.mouse.move(box.x + 3, box.y + 3);
      };
      // Vega gathers what happens and draws in a frame of its own.
      await wheel();
      for (const end = Date.now() + 5_000; before.equals(await picture(canvas)); await page.waitForTimeout(50)) {
        assert(Date.now() < end, `${names[i]}: the wheel changes nothing`);
      }
      zoomed = ', zooms';
    }
    console.log(`${names[i]}: ${Math.round(box.width)}×${Math.round(box.height)}, "${told.slice(0, 70)}"${zoomed}`);
  }

  // The slider moves the run.
  const cell = notebook.codeCells.nth(names.length - 1);
  const canvas = cell.locator('.vega-embed canvas, .vega-embed svg.marks').first();
  const slider = cell.locator('.vega-bind input[type=range]');
  await slider.waitFor();
  await slider.scrollIntoViewIfNeeded();
  const end = await picture(canvas);
  const track = await slider.boundingBox();
  await page.mouse.click(track.x + .3 * track.width, track.y + .5 * track.height);
  for (const limit = Date.now() + 5_000; end.equals(await picture(canvas)); await page.waitForTimeout(50)) {
    assert(Date.now() < limit, 'the slider changes nothing');
  }
  await cell.locator('.jp-OutputArea').screenshot({ path: path.join(results, 'figure-explore-slider.png') });
  console.log(`slider: at ${await slider.inputValue()} of ${await slider.getAttribute('max')}`);
  assert.deepEqual([...new Set(said)], [], 'Vega-Lite warns');
  assert.deepEqual(notebook.broken, []);
} finally {
  await browser?.close();
  await lab.stop();
  fs.rmSync(folder, { recursive: true, force: true });
}
