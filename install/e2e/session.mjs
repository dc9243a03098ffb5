// A session as it goes: completion, a tooltip, standard error, input and a password, a loop that
// never ends and the stop button, a worker that dies, and a restart from the menu.
//
//   node session.mjs [FOLDER]      FOLDER gets pictures of what a person sees

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
  const picture = name => process.argv[2] && notebook.page.screenshot({ path: path.join(process.argv[2], `${name}.png`) });
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
    await picture('completion');
    await notebook.page.keyboard.press('Enter');
    await cell.editor.filter({ hasText: 'fmt.Println' }).waitFor({ timeout: 10_000 });
    await notebook.page.keyboard.type('(x)');
    const done = await notebook.submit(cell);
    assert.equal((await done.output()).trim(), '40');
  });

  await step('a tooltip', async () => {
    const cell = await notebook.type('strings.ToUpper');
    await notebook.page.keyboard.press('Shift+Tab');
    const tooltip = notebook.page.locator('.jp-Tooltip', { hasText: 'func ToUpper(s string) string' });
    await tooltip.waitFor({ timeout: 10_000 });
    assert.match(await tooltip.innerText(), /upper case/, 'with what it does');
    await picture('tooltip');
    await notebook.page.keyboard.press('Escape');
    await tooltip.waitFor({ state: 'detached', timeout: 10_000 });
    await notebook.page.keyboard.press('Enter'); // back into the cell
    await notebook.page.keyboard.type('("done")');
    assert.equal((await (await notebook.submit(cell)).output()).trim(), '"DONE"');
  });

  await step('standard error', async () => {
    const cell = await notebook.run('fmt.Println("plain")\nfmt.Fprintln(os.Stderr, "to standard error")');
    const colour = kind => cell.locator.locator(`.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.${kind}"]`)
      .evaluate(e => getComputedStyle(e).backgroundColor);
    const [r, g, b] = (await colour('stderr')).match(/[\d.]+/g).map(Number);
    assert.ok(r > g + 10 && r > b + 10, `standard error is on a red ground: ${[r, g, b]}`);
    assert.notEqual(await colour('stdout'), await colour('stderr'));
    assert.equal((await cell.error()).trim(), 'to standard error');
    await picture('stderr');
  });

  await step('input and a password', async () => {
    const cell = await notebook.type('var name string\nfmt.Print("who? ")\nfmt.Scanln(&name)\npin, err := display.Password("PIN: ")\nfmt.Println(name, len(pin), err)');
    await notebook.page.keyboard.press('Shift+Enter');
    const box = cell.locator.locator('.jp-Stdin-input');
    await box.waitFor({ timeout: 10_000 });
    assert.notEqual(await box.getAttribute('type'), 'password');
    await box.fill('Gauß');
    await box.press('Enter');
    const secret = cell.locator.locator('.jp-Stdin-input[type=password]');
    await secret.waitFor({ timeout: 10_000 });
    assert.equal((await cell.locator.locator('.jp-Stdin-prompt', { hasText: 'PIN' }).innerText()).trim(), 'PIN:');
    await secret.pressSequentially('1234');
    await picture('password');
    await secret.press('Enter');
    await notebook.idle(20_000);
    await cell.locator.getByText('Gauß 4 <nil>').waitFor({ timeout: 10_000 });
    assert.doesNotMatch(await cell.locator.innerText(), /1234/, 'the password does not show');
    assert.doesNotMatch(JSON.stringify(await notebook.saved()), /1234/, 'and is not in the file');
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

  await step('restart', async () => {
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
