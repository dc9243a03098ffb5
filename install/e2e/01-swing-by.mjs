// The first notebook as its reader meets it: opened in JupyterLab, run from top
// to bottom, its figures looked at. With --update, the README's picture is made anew.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBrowser } from './browser.mjs';
import { startLab } from './lab.mjs';
import { Notebook } from './notebook.mjs';

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const update = process.argv.includes('--update');
const named = process.argv.slice(2).find(a => !a.startsWith('--'));
const file = path.resolve(named ?? path.join(top, 'notebooks/01-swing-by.ipynb'));
const picture = path.join(top, 'docs/screenshot.png');
const results = path.join(top, '.e2e');

const stored = JSON.parse(fs.readFileSync(file, 'utf8'));
const source = c => [c.source].flat().join('');
const code = stored.cells.filter(c => c.cell_type === 'code');
const imagesStored = code.flatMap(c => c.outputs).filter(o => Object.keys(o.data ?? {}).some(m => m.startsWith('image/'))).length;

const lab = await startLab({ venv: path.join(top, '.venv'), notebooks: path.dirname(file) });
let browser, notebook;
try {
  browser = await openBrowser();
  notebook = await Notebook.open(browser, lab, path.basename(file), { scale: 1.5 });

  const kernel = await lab.kernel();
  assert.equal(kernel?.name, stored.metadata.kernelspec.name, 'the notebook opens with its own kernel, unasked');
  assert.equal(await notebook.codeCells.count(), code.length, 'every code cell is shown');

  // What is looked at below comes from this run, not from the file.
  assert.equal(await notebook.clearAll(), 0);
  const start = Date.now();
  await notebook.restartAndRunAll();
  console.log(`restart and run all: ${Date.now() - start} ms`);
  assert.equal((await lab.kernel()).id, kernel.id, 'the same kernel, restarted');

  // In the page an error looks like text on stderr; the file tells them apart.
  const outputs = (await notebook.saved()).cells.flatMap(c => c.outputs ?? []);
  assert.ok(outputs.length > 0, 'the cells have outputs');
  assert.deepEqual(outputs.filter(o => o.output_type === 'error'), [], 'no cell ends in an error');
  const prompts = await notebook.prompts();
  prompts.forEach((p, i) => {
    if (source(code[i]).trim() !== '') assert.match(p, /^\[\d+\]:$/, `code cell ${i + 1} ran`);
  });

  const figures = await notebook.figures.all();
  assert.ok(figures.length > 0, 'there is a figure');
  assert.equal(figures.length, imagesStored, 'as many figures as the file holds');
  for (const [i, figure] of figures.entries()) {
    await figure.scrollIntoViewIfNeeded();
    const box = await figure.boundingBox();
    assert.ok(box && box.width > 200 && box.height > 150, `figure ${i + 1} is visible: ${JSON.stringify(box)}`);
    const loaded = await figure.evaluate(e => e.tagName !== 'IMG' || e.complete && e.naturalWidth > 0);
    assert.ok(loaded, `figure ${i + 1} is a picture the browser can draw`);
  }
  // The reader's turn: another mu, and the figure follows.
  const at = code.findIndex(c => source(c).startsWith('mu := []float64{'));
  if (!named || at >= 0) {
    assert.ok(at >= 0, 'a cell begins with the mu that the reader may change');
    // The cell of parameters shows nothing itself; the one below it draws.
    const picture = () => notebook.codeCells.nth(at + 1).locator('.jp-OutputArea-output img').getAttribute('src');
    const before = await picture();
    await notebook.edit(at, source(code[at]).replace(/\{[^}]*\}/, '{1.5, 1}'));
    await notebook.edit(at + 1, source(code[at + 1]));
    assert.notEqual(await picture(), before, 'another mu gives another figure');
    const [changed, drawn] = (await notebook.saved()).cells.filter(c => c.cell_type === 'code').slice(at);
    assert.match(source(changed), /\{1\.5, 1\}/);
    assert.deepEqual([...changed.outputs, ...drawn.outputs].filter(o => o.output_type === 'error'), [], 'another mu gives no error');
    console.log('another mu, another figure');
  }

  assert.deepEqual(notebook.outside, [], 'nothing is asked from outside this machine');
  assert.deepEqual(notebook.broken, [], 'no script error in the page');
  console.log(`${figures.length} figures, ${code.length} code cells, no error`);

  fs.mkdirSync(results, { recursive: true });
  const shot = path.join(results, '01-swing-by.png');
  // The picture shows the notebook, not the list of files.
  await notebook.page.keyboard.press('Control+b');
  await notebook.page.locator('#jp-left-stack').waitFor({ state: 'hidden' });
  await notebook.page.setViewportSize({ width: 1120, height: 900 });
  await notebook.page.waitForTimeout(500);
  await figures[0].evaluate(e => e.scrollIntoView({ block: 'end' }));
  await notebook.page.mouse.move(1, 1); // or what lies under it lights up
  await notebook.page.screenshot({ path: shot });
  if (update) {
    fs.mkdirSync(path.dirname(picture), { recursive: true });
    fs.copyFileSync(shot, picture);
    console.log(`wrote ${path.relative(top, picture)}`);
  } else if (!named) {
    assert.ok(fs.existsSync(picture) && fs.statSync(picture).size > 10_000, 'docs/screenshot.png is there; make it with: make screenshot');
  }
} catch (e) {
  await notebook?.keep(path.join(results, 'failed.png'));
  console.error(lab.log().slice(-3000));
  throw e;
} finally {
  await browser?.close();
  await lab.stop();
}
