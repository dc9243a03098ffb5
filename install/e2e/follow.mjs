// A hand that drags, and what follows it: how many states of a plot a person saw.

import assert from 'node:assert/strict';

// drag presses the mouse at a place and moves it along a path, given as a function of 0..1, as often as a screen shows a new
// frame. As from a hand, moves come whether the page is ready or not.
export async function drag(page, path, seconds) {
  const cdp = await page.context().newCDPSession(page);
  const moves = Math.round(60 * seconds);
  const sent = [], start = Date.now();
  await page.mouse.move(path(0).x, path(0).y);
  await page.mouse.down();
  for (let i = 1; i <= moves; i++) {
    sent.push(cdp.send('Input.dispatchMouseEvent', { type: 'mouseMoved', ...path(i / moves), button: 'left', buttons: 1 }));
    const due = start + 1000 * seconds * i / moves - Date.now();
    if (due > 0) await new Promise(r => setTimeout(r, due));
  }
  await Promise.all(sent);
  await page.mouse.up();
  await cdp.detach();
  return moves;
}

// across is the path of a slider's handle through its range and back, from where it stands now.
export async function across(slider, turns = 1.3) {
  const handle = await slider.locator('.noUi-handle').boundingBox(), track = await slider.boundingBox();
  const y = track.y + track.height / 2, from = (handle.x + handle.width / 2 - track.x) / track.width;
  return t => ({ x: track.x + track.width * Math.abs(((2 * turns * t + from + 1) % 2) - 1), y });
}

// follow watches a place of the page while a hand moves, and counts what is to be seen there: looks is a function of the
// element, in the page, and gives what the picture is drawn from, "" for nothing. A state counts when the frame that
// paints it is over. With traced, that frames came to the screen is asked of the browser, which costs a third of them on a small
// machine. Counting ends with the hand's movement; settled waits for what is to be seen in the end, and the lag is how
// long after the hand that came.
export async function follow(browser, notebook, place, looks, hand, { settled = async () => {}, backlog = 2, traced = false } = {}) {
  const { page } = notebook;
  const node = await place.elementHandle();
  await node.evaluate((node, looks) => {
    const look = new Function('node', `return (${looks})(node)`);
    const watch = globalThis.watch = { seen: 0, at: 0, last: look(node) };
    const over = new MessageChannel();
    let now = watch.last, asked = false;
    over.port1.onmessage = () => {
      if (now && now !== watch.last) { watch.seen++; watch.last = now; watch.at = Date.now(); }
    };
    // Looking at every frame would make the browser draw every frame.
    const changed = () => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => { asked = false; now = look(node); over.port2.postMessage(0); });
    };
    const observer = new MutationObserver(changed);
    observer.observe(node, { subtree: true, childList: true, attributes: true, characterData: true });
    node.addEventListener('load', changed, { capture: true }); // of pictures
    watch.stop = () => { observer.disconnect(); node.removeEventListener('load', changed, { capture: true }); };
  }, String(looks));
  notebook.mostPending = 0;
  if (traced) await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline.frame'] });
  const start = Date.now();
  const moves = await hand();
  const released = Date.now(), seconds = (released - start) / 1000;
  const plots = await node.evaluate(() => globalThis.watch.seen);
  await settled();
  const lag = Math.max(0, await node.evaluate(() => globalThis.watch.at) - released);
  let frames;
  if (traced) {
    frames = JSON.parse((await browser.stopTracing()).toString()).traceEvents.filter(e => e.name === 'DrawFrame').length;
    assert.ok(frames >= plots - 1, `${frames} frames were drawn for ${plots} plots`);
  }
  await node.evaluate(() => globalThis.watch.stop());
  assert.ok(plots > 1, `the plot followed: ${plots} states`);
  // No backlog: the page sends a state when the last one has been answered.
  assert.ok(notebook.mostPending <= backlog, `${notebook.mostPending} messages were on their way at the same time`);
  return { moves, plots, seconds, says: `${plots} plots in ${seconds.toFixed(1)} s, ${(plots / seconds).toFixed(1)} a second${traced ? `, in ${frames} frames` : ''}; the last ${lag} ms after the release` };
}

// drawing is what to look at where a Live shows a figure.
export const drawing = node => [...node.querySelectorAll('.swingby-live svg path')].map(e => e.getAttribute('d')).join();
