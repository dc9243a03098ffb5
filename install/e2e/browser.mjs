// Debian's own Chromium, driven by playwright-core, which brings no browser.

import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';

const places = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

export function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  for (const dir of (process.env.PATH ?? '').split(path.delimiter)) {
    for (const name of names) {
      const file = path.join(dir, name);
      if (fs.existsSync(file)) return file;
    }
  }
  return places.find(p => fs.existsSync(p));
}

export async function openBrowser() {
  return chromium.launch({
    executablePath: findChromium(),
    headless: true,
    args: [
      // Root in a container has no sandbox to use.
      '--no-sandbox', '--disable-gpu',
      // The browser talks to this machine only.
      '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  });
}
