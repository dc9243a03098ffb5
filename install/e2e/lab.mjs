// A JupyterLab of its own for a test: its own folder, port, token and settings,
// and the kernels of .venv only. It ends with the test.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

// What a first visit would ask or fetch, and what would hide cells from a test:
// JupyterLab draws only the cells in view unless windowing is off.
const settings = {
  '@jupyterlab/apputils-extension/notification': {
    fetchNews: 'false', checkForUpdates: false, doNotDisturbMode: true,
  },
  '@jupyterlab/notebook-extension/tracker': { windowingMode: 'none' },
};

export async function startLab({ venv, notebooks }) {
  const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'swingby-e2e-'));
  const dir = name => {
    const d = path.join(temp, name);
    fs.mkdirSync(d, { recursive: true });
    return d;
  };
  const root = dir('root');
  fs.cpSync(notebooks, root, { recursive: true });
  for (const [id, value] of Object.entries(settings)) {
    const file = path.join(dir('settings'), `${id}.jupyterlab-settings`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, JSON.stringify(value));
  }
  const token = randomBytes(16).toString('hex');
  const runtime = dir('runtime');
  const log = path.join(temp, 'jupyter.log');
  const out = fs.openSync(log, 'w');
  const jupyter = path.join(venv, process.platform === 'win32' ? 'Scripts' : 'bin', 'jupyter-lab');
  const child = spawn(jupyter, [
    '--no-browser', '--allow-root', '--ip=127.0.0.1', '--port=18888', '--ServerApp.port_retries=200',
    `--ServerApp.root_dir=${root}`, `--IdentityProvider.token=${token}`,
    `--LabApp.user_settings_dir=${dir('settings')}`, `--LabApp.workspaces_dir=${dir('workspaces')}`,
  ], {
    env: {
      ...process.env,
      HOME: dir('home'),
      JUPYTER_CONFIG_DIR: dir('config'), JUPYTER_DATA_DIR: dir('data'), JUPYTER_RUNTIME_DIR: runtime,
      IPYTHONDIR: dir('ipython'), JUPYTER_PREFER_ENV_PATH: '1',
    },
    stdio: ['ignore', out, out],
  });
  fs.closeSync(out);

  let ended = null;
  const exit = new Promise(resolve => {
    child.on('error', e => { ended = `could not start: ${e.message}`; resolve(); });
    child.on('exit', (code, signal) => { ended ??= `ended with ${signal ?? code}`; resolve(); });
  });
  const sleep = ms => new Promise(r => setTimeout(r, ms));

  async function stop() {
    if (ended === null) {
      // Jupyter ends its kernels on SIGTERM, given the time.
      child.kill('SIGTERM');
      await Promise.race([exit, sleep(10_000)]);
      if (ended === null) child.kill('SIGKILL');
      await exit;
    }
    fs.rmSync(temp, { recursive: true, force: true });
  }

  // The server writes where it listens once it does.
  const file = path.join(runtime, `jpserver-${child.pid}.json`);
  for (const deadline = Date.now() + 180_000; ;) {
    if (ended !== null || Date.now() > deadline) {
      const said = fs.readFileSync(log, 'utf8');
      await stop();
      throw new Error(`JupyterLab ${ended ?? 'does not answer'}:\n${said.slice(-3000)}`);
    }
    if (fs.existsSync(file)) {
      try {
        const { port } = JSON.parse(fs.readFileSync(file, 'utf8'));
        const url = `http://127.0.0.1:${port}/`;
        const answer = await fetch(`${url}api/status?token=${token}`);
        if (answer.ok) {
          return {
            url, token, stop, root,
            log: () => fs.readFileSync(log, 'utf8'),
            // The one kernel that runs, once it does.
            async kernel() {
              for (const limit = Date.now() + 60_000; Date.now() < limit; await sleep(100)) {
                const answer = await fetch(`${url}api/kernels?token=${token}`);
                const [kernel] = answer.ok ? await answer.json() : [];
                if (kernel) return kernel;
              }
              throw new Error('JupyterLab started no kernel');
            },
          };
        }
      } catch { /* half written, or not yet listening */ }
    }
    await sleep(200);
  }
}
