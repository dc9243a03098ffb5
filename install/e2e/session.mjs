// A session as it goes: completion, a figure, a loop that never ends and the
// stop button, a worker that dies, and a restart from the menu.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBrowser } from './browser.mjs';
import { startLab } from './lab.mjs';
import { Notebook } from './notebook.mjs';

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const empty = fs.mkdtempSync(path.join(fs.realpathSync(process.env.TMPDIR ?? '/tmp'), 'swingby-e2e-'));
fs.writeFileSync(path.join(empty, 'session.ipynb'), JSON.stringify({
  cells: [{ cell_type: 'code', id: 'a', metadata: {}, source: '', outputs: [], execution_count: null }],
  metadata: { kernelspec: { name: 'swingby', display_name: 'Go (Swingby)', language: 'go' } },
  nbformat: 4, nbformat_minor: 5,
}));

const lab = await startLab({ venv: path.join(top, '.venv'), notebooks: empty });
let browser, notebook;
try {
  browser = await openBrowser();
  notebook = await Notebook.open(browser, lab, 'session.ipynb');
  const step = async (name, f) => {
    const start = Date.now();
    await f();
    console.log(`${name}: ${Date.now() - start} ms`);
  };

  await step('a value', async () => {
    const cell = await notebook.run('x := 40\nx + 2');
    assert.equal((await cell.output()).trim(), '42');
  });

  await step('highlighting', async () => {
    // JupyterLab chooses it by what kernel_info says of the language.
    const keyword = notebook.codeCells.first().locator('.cm-line span').first();
    await keyword.waitFor({ timeout: 10_000 });
  });

  await step('completion', async () => {
    const cell = await notebook.type('fmt.Printl');
    await notebook.page.keyboard.press('Tab');
    const offer = notebook.page.locator('.jp-Completer-item', { hasText: 'Println' });
    await offer.waitFor({ timeout: 10_000 });
    assert.match(await offer.innerText(), /function/, 'with what it is');
    await notebook.page.keyboard.press('Enter');
    await cell.editor.filter({ hasText: 'fmt.Println' }).waitFor({ timeout: 10_000 });
    await notebook.page.keyboard.type('(x)');
    const done = await notebook.submit(cell);
    assert.equal((await done.output()).trim(), '40');
  });

  await step('an error at its line', async () => {
    const cell = await notebook.run('y := 1\nreturn undefinedName');
    assert.match(await cell.error(), /undefinedName/);
  });

  await step('a loop that never ends, and the stop button', async () => {
    const cell = await notebook.type('for { x++ }');
    await notebook.page.keyboard.press('Shift+Enter');
    await cell.prompt.filter({ hasText: '[*]' }).waitFor({ timeout: 5_000 });
    await notebook.page.waitForTimeout(500);
    await notebook.panel.locator('[data-jp-item-name="interrupt"]').click();
    await notebook.idle(10_000);
    assert.match(await cell.error(), /interrupt/i);
    const after = await notebook.run('x > 40');
    assert.equal((await after.output()).trim(), 'true', 'what the loop did is kept');
  });

  await step('a worker that dies', async () => {
    const cell = await notebook.run('func down(n int) int { return down(n+1) + 1 }\ndown(0)');
    assert.match(await cell.error(), /stack/i);
    const after = await notebook.run('"alive"');
    assert.match(await after.output(), /alive/);
  });

  await step('restart and run all', async () => {
    const before = (await lab.kernel()).id;
    await notebook.menu('Kernel', 'Restart Kernel…');
    await notebook.page.locator('.jp-Dialog-button.jp-mod-accept').click();
    await notebook.idle(20_000);
    assert.equal((await lab.kernel()).id, before, 'the same kernel, restarted');
    const cell = await notebook.run('1 + 1');
    assert.equal((await cell.output()).trim(), '2');
    assert.match(await cell.prompt.innerText(), /\[1\]/, 'counting begins again');
  });

  assert.deepEqual(notebook.outside, [], 'nothing is asked from outside this machine');
  assert.deepEqual(notebook.broken, [], 'no script error in the page');
} catch (e) {
  await notebook?.keep(path.join(top, '.e2e/failed.png'));
  console.error(lab.log().slice(-3000));
  throw e;
} finally {
  await browser?.close();
  await lab.stop();
  fs.rmSync(empty, { recursive: true, force: true });
}
