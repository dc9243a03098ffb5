// Widgets as a person uses them: a slider that is dragged and a plot that follows, buttons,
// text, an output, a module of one's own, a reload of the page, and a session that dies.
//
//   node widgets.mjs [FILE]      FILE gets a picture of the slider and its plot

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBrowser } from './browser.mjs';
import { across, drag, drawing, follow } from './follow.mjs';
import { startLab } from './lab.mjs';
import { Notebook } from './notebook.mjs';

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const empty = fs.mkdtempSync(path.join(fs.realpathSync(process.env.TMPDIR ?? '/tmp'), 'swingby-e2e-'));
fs.writeFileSync(path.join(empty, 'widgets.ipynb'), JSON.stringify({
  cells: [{ cell_type: 'code', id: 'a', metadata: {}, source: '', outputs: [], execution_count: null }],
  metadata: { kernelspec: { name: 'swingby', display_name: 'Go (Swingby)', language: 'go' } },
  nbformat: 4, nbformat_minor: 5,
}));

const plotCell = `import "gonum.org/v1/plot"
import "gonum.org/v1/plot/plotter"
freq := widget.NewFloatSlider(0.5, 5, 1, widget.Description("frequency"), widget.Step(0.01), widget.Width("600px"))
calls := 0
widget.Interact(func(f float64) *plot.Plot {
	calls++
	fmt.Printf("f = %.2f\\n", f)
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = "t", "sin(2πft)"
	p.Y.Min, p.Y.Max = -1.1, 1.1
	curve := plotter.NewFunction(func(t float64) float64 { return math.Sin(2 * math.Pi * f * t) })
	curve.Samples = 400
	p.X.Min, p.X.Max = 0, 2
	p.Add(curve)
	return p
}, freq)`;

const lab = await startLab({ venv: path.join(top, '.venv'), notebooks: empty });
let browser, notebook;
try {
  browser = await openBrowser();
  notebook = await Notebook.open(browser, lab, 'widgets.ipynb');
  const page = notebook.page;
  const step = async (name, f) => {
    const start = Date.now();
    const said = await f();
    console.log(`${name}: ${said ?? `${Date.now() - start} ms`}`);
  };
  const widgetOf = cell => cell.locator.locator('.jp-OutputArea-output');
  // standsAt is the number that a slider shows.
  const standsAt = async cell => Number(await cell.locator.locator('.widget-readout').innerText()).toFixed(2);
  const shows = (cell, text, timeout = 5_000) =>
    widgetOf(cell).getByText(text, { exact: false }).first().waitFor({ timeout });

  let plot;
  await step('a plot with a slider', async () => {
    plot = await notebook.run(plotCell);
    await plot.locator.locator('.noUi-handle').waitFor({ timeout: 20_000 });
    await shows(plot, 'f = 1.00');
    await plot.locator.locator('.swingby-live svg').waitFor({ timeout: 10_000 });
  });

  await step('the page does not follow the states of moving sliders', async () => {
    const untracked = await page.evaluate(() => JSON.parse(document.getElementById('jupyter-config-data').textContent).untracked_message_types);
    assert.ok(untracked.includes('comm_msg') && untracked.length > 1, `install/jupyter_server_config.py is in use: ${untracked}`);
  });

  await step('a slider dragged, a plot that follows', async () => {
    const before = Number((await (await notebook.run('calls')).output()).trim());
    await plot.locator.locator('.noUi-target').scrollIntoViewIfNeeded();
    const path = await across(plot.locator.locator('.noUi-target'));
    const followed = await follow(browser, notebook, plot.locator, drawing, () => drag(page, path, 3),
      { settled: async () => shows(plot, `f = ${await standsAt(plot)}`), traced: true });
    if (process.argv[2]) await page.screenshot({ path: process.argv[2] });
    await notebook.idle();
    const calls = Number((await (await notebook.run('calls')).output()).trim()) - before;
    assert.ok(calls >= followed.plots && calls <= followed.moves + 1, `${calls} calls for ${followed.plots} plots and ${followed.moves} moves`);
    assert.equal(await plot.locator.locator('.swingby-live svg, .swingby-live img').count(), 1, 'one plot, not one below the other');
    return followed.says;
  });
  await step('the picture has a name and is in the file', async () => {
    await plot.locator.getByRole('img', { name: 'plot, 576×384' }).waitFor({ timeout: 5_000 });
    const output = (await notebook.saved()).cells[0].outputs.find(o => o.data?.['application/vnd.jupyter.widget-view+json']);
    assert.match([output.data['image/svg+xml']].flat().join(''), /^<svg /, 'who has no widgets sees the plot');
  });
  await step('the value is the session’s', async () => {
    const cell = await notebook.run('fmt.Sprintf("%.2f", freq.Value())');
    assert.equal((await cell.output()).trim(), `"${await standsAt(plot)}"`);
    await notebook.run('freq.SetValue(2)');
    await plot.locator.locator('.widget-readout', { hasText: '2.00' }).waitFor({ timeout: 5_000 });
    await shows(plot, 'f = 2.00');
  });

  await step('what is no figure takes its place and gives it back', async () => {
    const cell = await notebook.run(`widget.Interact(func(what string) any {
	switch what {
	case "table":
		return display.HTML("<table><tr><td>cell of a table</td></tr></table>")
	case "error":
		panic("no such figure")
	}
	p := plot.New()
	p.Title.Text = "the figure"
	return p
}, []string{"figure", "table", "error"})`);
    const drawn = cell.locator.locator('.swingby-live svg'), menu = cell.locator.locator('select');
    await drawn.waitFor({ timeout: 10_000 });
    for (const [what, text] of [['table', 'cell of a table'], ['figure', ''], ['error', 'no such figure'], ['figure', '']]) {
      await menu.selectOption(what);
      if (text) {
        await cell.locator.locator('.swingby-live').getByText(text).first().waitFor({ timeout: 5_000 });
        assert.equal(await drawn.count(), 0, `${what}: the figure is gone`);
      } else {
        await drawn.waitFor({ timeout: 5_000 });
        assert.equal(await cell.locator.locator('.swingby-live .jp-OutputArea-output').count(), 0, 'nothing but the figure');
      }
    }
  });

  await step('a button, and where its output goes', async () => {
    const cell = await notebook.run('b := widget.NewButton("press")\nclicks := 0\nb.OnClick(func() { clicks++; fmt.Println("clicked", clicks) })\nb');
    await notebook.run('"another cell"');
    await cell.locator.locator('button', { hasText: 'press' }).click();
    await cell.locator.getByText('clicked 1').waitFor({ timeout: 5_000 });
    await cell.locator.locator('button', { hasText: 'press' }).click();
    await cell.locator.getByText('clicked 2').waitFor({ timeout: 5_000 });
  });

  await step('a function that takes its time is shown as busy', async () => {
    const gate = path.join(empty, 'go-on');
    const cell = await notebook.run(`long := widget.NewButton("compute")
long.OnClick(func() {
	for {
		if _, err := os.Stat(${JSON.stringify(gate)}); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
})
long`);
    const shown = state => notebook.panel.locator(`.jp-Notebook-ExecutionIndicator[data-status="${state}"]`).waitFor({ timeout: 5_000 });
    await cell.locator.locator('button', { hasText: 'compute' }).click();
    await shown('busy');
    fs.writeFileSync(gate, '');
    await shown('idle');
  });

  await step('a slider and a button while a cell runs', async () => {
    const cell = await notebook.type(`level := widget.NewIntSlider(0, 10, 0)
cancel := widget.NewButton("cancel")
quit := make(chan bool, 1)
cancel.OnClick(func() { quit <- true; fmt.Println("cancelled") })
display.Show(level, cancel)
rounds := 0
for going := true; going; rounds++ {
	select {
	case <-quit:
		going = false
	case <-time.After(10 * time.Millisecond):
	}
	if rounds == 0 || level.Value() == 1 {
		fmt.Println("level", level.Value())
		level.SetValue(2)
	}
}
"over"`);
    const count = await notebook.codeCells.count();
    await page.keyboard.press('Shift+Enter');
    await shows(cell, 'level 0', 20_000);
    await cell.locator.locator('.widget-readout', { hasText: '2' }).waitFor({ timeout: 10_000 });
    await cell.locator.locator('.noUi-handle').focus();
    await page.keyboard.press('ArrowLeft');
    await shows(cell, 'level 1', 10_000);
    await cell.locator.locator('.widget-readout', { hasText: '2' }).waitFor({ timeout: 10_000 });
    const status = () => notebook.panel.locator('.jp-Notebook-ExecutionIndicator').getAttribute('data-status');
    await page.waitForTimeout(200);
    assert.equal(await status(), 'busy', 'the kernel is shown as busy for as long as the cell runs');
    if (process.argv[2]) await page.screenshot({ path: process.argv[2].replace('.png', '-running.png') });
    await cell.locator.locator('button', { hasText: 'cancel' }).click();
    await notebook.idle(20_000);
    await shows(cell, 'cancelled');
    await shows(cell, '"over"');
    assert.equal(await notebook.codeCells.count(), count + 1);
  });

  await step('a panic in a function', async () => {
    const cell = await notebook.run('c := widget.NewCheckbox("on", false)\nc.OnChange(func(on bool) { var m map[string]bool; m["on"] = on })\nc');
    await cell.locator.locator('input[type=checkbox]').click();
    await cell.locator.getByText('assignment to entry in nil map').first().waitFor({ timeout: 5_000 });
  });

  await step('text, menus and an output', async () => {
    const cell = await notebook.run(`text := widget.NewText("", widget.Description("name"))
menu := widget.NewDropdown([]string{"red", "green"})
out := widget.NewOutput()
say := func() { out.Capture(func() { display.Clear(true); fmt.Println("hello", text.Value(), menu.Value()) }) }
text.OnChange(func(string) { say() })
menu.OnChange(func(string) { say() })
widget.NewTab([]string{"first", "second"}, widget.NewVBox(text, menu, out), widget.NewHTML("<b>bold</b>"))`);
    await cell.locator.locator('input[type=text]').pressSequentially('Ada');
    await cell.locator.getByText('hello Ada red').waitFor({ timeout: 5_000 });
    await cell.locator.locator('select').selectOption('green');
    await cell.locator.getByText('hello Ada green').waitFor({ timeout: 5_000 });
    assert.equal(await widgetOf(cell).getByText('hello').count(), 1, 'the newest only');
    await cell.locator.locator('.lm-TabBar-tab', { hasText: 'second' }).click();
    await cell.locator.locator('b', { hasText: 'bold' }).waitFor({ timeout: 5_000 });
  });

  await step('a module of one’s own', async () => {
    const cell = await notebook.run(`own := widget.NewAnyWidget(\`
export default {
  render({ model, el }) {
    const button = document.createElement("button");
    const draw = () => { button.textContent = "own " + model.get("count"); };
    button.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
    model.on("change:count", draw);
    model.on("msg:custom", m => { el.title = m.said; });
    draw();
    el.append(button);
  },
};\`, "button { color: green }", map[string]any{"count": 1})
own.Observe("count", func(v any) { if v.(float64) == 2 { own.Set("count", 10) } })
own`);
    await cell.locator.getByRole('button', { name: 'own 1' }).click();
    await cell.locator.getByRole('button', { name: 'own 10' }).waitFor({ timeout: 5_000 });
  });

  await step('a page loaded again', async () => {
    await notebook.saved();
    await page.reload();
    await page.locator('.jp-NotebookPanel:visible .jp-Notebook .jp-Cell').first().waitFor({ timeout: 60_000 });
    await notebook.idle(60_000);
    await plot.locator.locator('.noUi-handle').waitFor({ timeout: 20_000 });
    await plot.locator.scrollIntoViewIfNeeded();
    await drag(page, await across(plot.locator.locator('.noUi-target')), 1);
    await shows(plot, `f = ${await standsAt(plot)}`);
  });

  await step('a session that dies', async () => {
    const cell = await notebook.run('var mu sync.Mutex\nmu.Unlock()');
    await notebook.panel.getByText('do not respond any more').first().waitFor({ timeout: 10_000 });
    await cell.locator.getByText('unlock of unlocked mutex').first().waitFor({ timeout: 5_000 });
  });

  assert.deepEqual(notebook.outside, [], 'nothing is asked from outside this machine');
} catch (e) {
  await notebook?.keep(path.join(top, '.e2e/failed.png'));
  console.error(lab.log().slice(-3000));
  throw e;
} finally {
  await browser?.close();
  await lab.stop();
  fs.rmSync(empty, { recursive: true, force: true });
}
