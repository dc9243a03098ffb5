// A notebook as one HTML page, opened from disk with the network off: it asks
// for nothing, draws its pictures and formulas, and follows light and dark.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { openBrowser } from './browser.mjs';

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const results = path.join(top, '.e2e');
fs.mkdirSync(results, { recursive: true });
const file = path.join(results, '01-swing-by.html');
const program = path.join(top, 'bin', process.platform === 'win32' ? 'swingby.exe' : 'swingby');
execFileSync(program, ['export', '-o', file, path.join(top, 'notebooks/01-swing-by.ipynb')]);
const stored = JSON.parse(fs.readFileSync(path.join(top, 'notebooks/01-swing-by.ipynb'), 'utf8'));
const figures = stored.cells.flatMap(c => c.outputs ?? []).filter(o => Object.keys(o.data ?? {}).some(m => m.startsWith('image/'))).length;

const browser = await openBrowser();
try {
  const background = {};
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ colorScheme, offline: true, viewport: { width: 900, height: 1200 } });
    const page = await context.newPage();
    const asked = [], failed = [], said = [];
    page.on('request', r => { if (!r.url().startsWith('data:')) asked.push(r.url()); });
    page.on('requestfailed', r => failed.push(r.url()));
    page.on('console', m => { if (m.type() === 'error') said.push(m.text()); });
    page.on('pageerror', e => said.push(String(e)));
    await page.goto(pathToFileURL(file).href, { waitUntil: 'networkidle' });

    assert.deepEqual(asked, [pathToFileURL(file).href], 'the page asks for nothing but itself');
    assert.deepEqual(failed, [], 'no request fails');
    assert.deepEqual(said, [], 'no error in the console');
    const drawn = await page.locator('figure svg, figure img').evaluateAll(all => all.filter(e => {
      const box = e.getBoundingClientRect();
      return box.width > 200 && box.height > 100 && (e.tagName !== 'IMG' || e.naturalWidth > 0);
    }).length);
    assert.equal(drawn, figures, 'every figure is drawn');
    assert.ok(await page.locator('math').count() > 10, 'formulas are typeset');
    assert.ok(await page.evaluate(() => document.fonts.check('16px "Swingby Math"')), 'their font is inside');
    const keyword = page.locator('pre.code .k').first();
    const colours = await keyword.evaluate(e => [getComputedStyle(e).color, getComputedStyle(e.closest('pre')).color]);
    assert.notEqual(colours[0], colours[1], 'keywords have a colour');
    background[colorScheme] = await page.evaluate(() => getComputedStyle(document.body).backgroundColor + getComputedStyle(document.documentElement).backgroundColor);
    await page.screenshot({ path: path.join(results, `page-${colorScheme}.png`), fullPage: true });
    await context.close();
  }
  assert.notEqual(background.light, background.dark, 'dark is dark');
  console.log(`one page, ${figures} figures, ${Math.round(fs.statSync(file).size / 1024)} KiB, no request`);
} finally {
  await browser.close();
}
