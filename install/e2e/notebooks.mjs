// Every notebook as its reader meets it: opened in JupyterLab, cleared, run from top to bottom, its figures looked at; the
// explorer's sliders and the editor's centroids are dragged. Pictures of all are kept in .e2e.
//
//   node notebooks.mjs [NOTEBOOK...]      file names in notebooks/; all but the first, which has a test of its own

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBrowser } from './browser.mjs';
import { across, drag, drawing, follow } from './follow.mjs';
import { startLab } from './lab.mjs';
import { Notebook } from './notebook.mjs';

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const folder = path.join(top, 'notebooks');
const results = path.join(top, '.e2e');
fs.mkdirSync(results, { recursive: true });
const named = process.argv.slice(2);
const files = (named.length ? named.map(f => path.basename(f)) : fs.readdirSync(folder).filter(f => f.endsWith('.ipynb') && !f.startsWith('01-'))).sort();

const isPicture = o => Object.keys(o.data ?? {}).some(m => m.startsWith('image/'));

const lab = await startLab({ venv: path.join(top, '.venv'), notebooks: folder });
const api = (what, options) => fetch(`${lab.url}api/${what}?token=${lab.token}`, options);
let browser, notebook;

// What a person does with the notebooks that are for doing.
const byHand = {
  async '13-explorer.ipynb'() {
    const cell = notebook.codeCells.filter({ has: notebook.page.locator('.noUi-handle') }).first();
    await cell.scrollIntoViewIfNeeded();
    await cell.locator('.swingby-live svg').waitFor({ timeout: 10_000 });
    const followed = await follow(browser, notebook, cell, drawing, async () =>
      drag(notebook.page, await across(cell.locator('.noUi-target').nth(1), .6), 3));
    return followed.says;
  },
  async '14-centroid-editor.ipynb'() {
    const page = notebook.page;
    const root = notebook.panel.locator('.swingby-centroids').first();
    await root.waitFor({ timeout: 20_000 });
    await root.scrollIntoViewIfNeeded();
    const paths = node => [...node.querySelectorAll('.path')].map(p => p.getAttribute('d')).join();
    const said = [];
    for (const model of ['symmetric', 'mlp']) {
      await root.locator('select').selectOption(model);
      await page.waitForTimeout(500);
      const box = await root.locator('.handle[aria-label^="μ₂"] .halo').boundingBox();
      const x = box.x + box.width / 2, y = box.y + box.height / 2;
      const { says } = await follow(browser, notebook, root, paths, () =>
        drag(page, t => ({ x: x + 25 * t, y: y + 60 * Math.sin(Math.PI * t / 2) }), 2));
      said.push(`${model}: ${says}`);
    }
    // Add a centroid, make it a probe, move it by keys, remove it.
    await root.getByRole('button', { name: 'Add' }).click();
    const plane = await root.locator('svg.plane').boundingBox();
    await page.mouse.click(plane.x + plane.width * .7, plane.y + plane.height * .75);
    await root.locator('.handle').nth(3).waitFor({ timeout: 5_000 });
    await root.locator('.handle').nth(3).focus();
    await page.keyboard.press('t');
    await root.locator('.handle[aria-label*="probe"]').nth(1).waitFor({ timeout: 5_000 });
    await page.keyboard.press('ArrowRight');
    await page.waitForTimeout(1000);
    await page.screenshot({ path: path.join(results, '14-centroid-editor-dragged.png') });
    await page.keyboard.press('Delete');
    await page.waitForFunction(node => node.querySelectorAll('.handle').length === 3, await root.elementHandle(), { timeout: 5_000 });
    // What was done is the session's, and the file's.
    await page.waitForTimeout(1000);
    const table = JSON.parse(JSON.stringify((await notebook.saved()).cells.flatMap(c => c.outputs ?? [])
      .map(o => [o.data?.['text/plain'] ?? ''].flat().join('')).find(t => t.startsWith('label,x,y'))));
    assert.ok(table && !table.includes('μ₂,0,2,train'), `the file holds where the centroid was dragged:\n${table}`);
    return said.join('; ');
  },
};

try {
  browser = await openBrowser();
  for (const file of files) {
    const stored = JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8'));
    const code = stored.cells.filter(c => c.cell_type === 'code');
    const pictures = code.filter(c => !c.metadata.tags?.includes('interactive')).flatMap(c => c.outputs).filter(isPicture).length;
    notebook = await Notebook.open(browser, lab, file, { workspace: file.slice(0, 2) });
    assert.equal(await notebook.clearAll(), 0);
    const start = Date.now();
    await notebook.runAll();
    const took = Date.now() - start;
    const cells = (await notebook.saved()).cells.filter(c => c.cell_type === 'code');
    assert.deepEqual(cells.flatMap(c => c.outputs).filter(o => o.output_type === 'error'), [], `${file}: no cell ends in an error`);
    const drawn = cells.filter((c, i) => !code[i].metadata.tags?.includes('interactive')).flatMap(c => c.outputs).filter(isPicture).length;
    assert.equal(drawn, pictures, `${file}: as many figures as the file holds`);
    for (const [i, figure] of (await notebook.figures.all()).entries()) {
      await figure.scrollIntoViewIfNeeded();
      const box = await figure.boundingBox();
      assert.ok(box && box.width > 150 && box.height > 100, `${file}: figure ${i + 1} is visible: ${JSON.stringify(box)}`);
      const loaded = await figure.evaluate(e => e.tagName !== 'IMG' || e.complete && e.naturalWidth > 0);
      assert.ok(loaded, `${file}: figure ${i + 1} is a picture the browser can draw`);
    }
    const did = await byHand[file]?.();
    assert.deepEqual(notebook.outside, [], `${file}: nothing is asked from outside this machine`);
    assert.deepEqual(notebook.broken, [], `${file}: no script error in the page`);
    console.log(`${file}: ${pictures} figures, ${code.length} code cells, run in ${(took / 1000).toFixed(1)} s${did ? `; ${did}` : ''}`);
    if (process.env.SHOTS) {
      // The whole notebook as one picture, to look at.
      await notebook.page.keyboard.press('Control+b');
      const height = await notebook.panel.locator('.jp-WindowedPanel-inner, .jp-Notebook').first().evaluate(e => e.scrollHeight);
      await notebook.page.setViewportSize({ width: 1100, height: Math.min(height + 120, 12000) });
      await notebook.page.waitForTimeout(800);
      await notebook.page.screenshot({ path: path.join(results, file.replace('.ipynb', '.png')) });
    }
    await notebook.page.context().close();
    for (const { id } of await (await api('sessions')).json()) await api(`sessions/${id}`, { method: 'DELETE' });
  }
} catch (e) {
  await notebook?.keep(path.join(results, 'failed.png'));
  console.error(lab.log().slice(-3000));
  throw e;
} finally {
  await browser?.close();
  await lab.stop();
}
