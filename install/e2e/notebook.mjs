// One notebook in JupyterLab, used through what a person sees and clicks.

export class Notebook {
  constructor(page) { this.page = page; }

  static async open(browser, lab, file, { scale = 1 } = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, deviceScaleFactor: scale });
    const page = await context.newPage();
    const notebook = new Notebook(page);
    notebook.outside = [];
    notebook.broken = [];
    page.on('pageerror', e => notebook.broken.push(e.message));
    // Nothing may be needed from outside this machine.
    await page.route(url => !['127.0.0.1', 'localhost'].includes(url.hostname) && url.protocol.startsWith('http'), route => {
      notebook.outside.push(route.request().url());
      return route.abort();
    });
    await page.goto(`${lab.url}lab/tree/${file}?token=${lab.token}`);
    await page.locator('.jp-NotebookPanel:visible .jp-Notebook .jp-Cell').first().waitFor({ timeout: 60_000 });
    await lab.kernel();
    await notebook.idle(60_000);
    return notebook;
  }

  get panel() { return this.page.locator('.jp-NotebookPanel:visible'); }
  get codeCells() { return this.panel.locator('.jp-Notebook .jp-CodeCell'); }
  get errors() { return this.panel.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]'); }
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
}
