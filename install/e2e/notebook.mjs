// One notebook in JupyterLab, used through what a person sees and clicks.

import fs from 'node:fs';
import path from 'node:path';

export class Notebook {
  constructor(page, lab, file) { Object.assign(this, { page, lab, file }); }

  static async open(browser, lab, file, { scale = 1, workspace } = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, deviceScaleFactor: scale });
    const page = await context.newPage();
    const notebook = new Notebook(page, lab, file);
    notebook.outside = [];
    notebook.broken = [];
    page.on('pageerror', e => notebook.broken.push(e.message));
    // Nothing may be needed from outside this machine.
    await page.route(url => !['127.0.0.1', 'localhost'].includes(url.hostname) && url.protocol.startsWith('http'), route => {
      notebook.outside.push(route.request().url());
      return route.abort();
    });
    // Messages of comms on their way: sent by the page and not yet answered by the kernel's idle.
    notebook.pending = new Set();
    notebook.mostPending = 0;
    page.on('websocket', socket => {
      if (!socket.url().includes('/channels')) return;
      socket.on('framesent', ({ payload }) => {
        const [, header] = parts(payload);
        if (header?.msg_type !== 'comm_msg') return;
        notebook.pending.add(header.msg_id);
        notebook.mostPending = Math.max(notebook.mostPending, notebook.pending.size);
      });
      socket.on('framereceived', ({ payload }) => {
        const [, header, parent, , content] = parts(payload);
        if (header?.msg_type === 'status' && content.execution_state === 'idle') notebook.pending.delete(parent.msg_id);
      });
    });
    // A workspace of its own has no tabs of notebooks opened before.
    await page.goto(`${lab.url}lab${workspace ? `/workspaces/${workspace}` : ''}/tree/${file}?token=${lab.token}`);
    await page.locator('.jp-NotebookPanel:visible .jp-Notebook .jp-Cell').first().waitFor({ timeout: 60_000 });
    await lab.kernel();
    await notebook.idle(60_000);
    return notebook;
  }

  get panel() { return this.page.locator('.jp-NotebookPanel:visible'); }
  get codeCells() { return this.panel.locator('.jp-Notebook .jp-CodeCell'); }
  get figures() {
    return this.panel.locator('.jp-OutputArea-output[data-mime-type^="image/"] img, .jp-OutputArea-output[data-mime-type^="image/"] svg');
  }

  async menu(menu, item) {
    await this.page.locator('.lm-MenuBar-itemLabel', { hasText: new RegExp(`^${menu}$`) }).click();
    await this.page.locator('.lm-Menu-itemLabel', { hasText: new RegExp(`^${item}$`) }).click();
  }

  // idle waits for the kernel's dot in the toolbar and for every [*] to be gone.
  async idle(timeout = 180_000) {
    await this.page.waitForFunction(() => {
      const panel = [...document.querySelectorAll('.jp-NotebookPanel')].find(p => p.offsetParent);
      const status = panel?.querySelector('.jp-Notebook-ExecutionIndicator')?.getAttribute('data-status');
      const prompts = [...(panel?.querySelectorAll('.jp-CodeCell .jp-InputPrompt') ?? [])];
      return status === 'idle' && prompts.every(p => !p.textContent.includes('*'));
    }, undefined, { timeout, polling: 100 });
  }

  // saved saves the notebook and returns what the file then holds.
  async saved() {
    await this.menu('File', 'Save Notebook');
    const file = path.join(this.lab.root, this.file);
    await this.page.waitForFunction(() => !document.querySelector('.lm-DockPanel .lm-TabBar-tab.jp-mod-dirty'), undefined, { timeout: 10_000 });
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  }

  prompts() { return this.codeCells.locator('.jp-InputPrompt').allInnerTexts(); }

  async clearAll() {
    await this.menu('Edit', 'Clear Outputs of All Cells');
    const outputs = this.panel.locator('.jp-OutputArea-output');
    await this.page.waitForFunction(() => document.querySelectorAll('.jp-NotebookPanel .jp-OutputArea-output').length === 0);
    return outputs.count();
  }

  async runAll() {
    await this.menu('Run', 'Run All Cells');
    await this.page.locator('.jp-InputPrompt', { hasText: '[*]' }).first().waitFor({ timeout: 5_000 }).catch(() => {
      // A notebook may be through before one looks; the prompts tell.
    });
    await this.idle();
  }

  async restartAndRunAll() {
    await this.menu('Kernel', 'Restart Kernel and Run All Cells…');
    await this.page.locator('.jp-Dialog-button.jp-mod-accept').click();
    // The last code cell that holds something has its number when all have run.
    await this.page.waitForFunction(() => {
      const cells = [...document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell')].filter(c => c.querySelector('.cm-content').textContent.trim());
      return /\d/.test(cells.at(-1)?.querySelector('.jp-InputPrompt').textContent ?? '');
    }, undefined, { timeout: 180_000 });
    await this.idle();
  }

  // type writes into the last code cell, which a run leaves empty and selected.
  async type(code) {
    const cell = new Cell(this.codeCells.nth(await this.codeCells.count() - 1));
    await cell.editor.click();
    // Typed by hand, the editor would add its own brackets and indents.
    await this.page.keyboard.insertText(code);
    return cell;
  }

  // submit runs the cell being edited and waits for its end.
  async submit(cell) {
    const count = await this.codeCells.count();
    await this.page.keyboard.press('Shift+Enter');
    await this.page.waitForFunction(n => document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell').length > n, count, { timeout: 10_000 });
    await cell.prompt.filter({ hasText: /\[\d+\]/ }).waitFor({ timeout: 60_000 });
    await this.idle(60_000);
    return cell;
  }

  // edit puts other code into a cell, by its place, and runs it.
  async edit(place, code) {
    const cell = new Cell(this.codeCells.nth(place));
    const before = await cell.prompt.innerText();
    await cell.editor.click();
    await this.page.keyboard.press('ControlOrMeta+a');
    await this.page.keyboard.insertText(code);
    await this.page.keyboard.press('Shift+Enter');
    await this.page.waitForFunction(([n, old]) => {
      const now = document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell')[n].querySelector('.jp-InputPrompt').textContent;
      return /\d/.test(now) && now !== old;
    }, [place, before], { timeout: 60_000 });
    await this.idle(60_000);
    return cell;
  }

  async run(code) { return this.submit(await this.type(code)); }

  // keep saves what the browser shows, to look at after a failure.
  async keep(file) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file }).then(() => console.error(`what the browser showed: ${file}`), () => {});
  }
}

// parts are the channel, header, parent, metadata and content in a frame of a kernel's socket, by the protocol
// v1.kernel.websocket.jupyter.org: the number of offsets, the offsets, and what lies between them.
function parts(payload) {
  if (typeof payload === 'string' || payload.length < 16) return [];
  const at = i => Number(payload.readBigUInt64LE(8 * i));
  const text = i => payload.subarray(at(i + 1), at(i + 2)).toString();
  return [text(0), ...[1, 2, 3, 4].map(i => JSON.parse(text(i)))];
}

// Cell is one code cell, held by its place in the notebook.
class Cell {
  constructor(locator) { this.locator = locator; }
  get editor() { return this.locator.locator('.cm-content'); }
  get prompt() { return this.locator.locator('.jp-InputPrompt'); }
  output() { return this.locator.locator('.jp-OutputArea-output').first().innerText({ timeout: 10_000 }); }
  // JupyterLab draws an error like text on stderr.
  error() {
    return this.locator.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]').innerText({ timeout: 10_000 });
  }
}
