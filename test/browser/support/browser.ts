/** A browser for tests: Chromium as the machine has it, with one window for each person who signs in. */

import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** Debian's. */
const CHROMIUM_PATH = '/usr/bin/chromium';
const PATIENCE_MS = 15_000;

/** How a person's window is. */
export interface WindowOptions {
  /** Language of the browser; default `en`. */
  readonly locale?: string;
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** Starts Chromium. `SPILLWAY_CHROMIUM` names another one than Debian's. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.SPILLWAY_CHROMIUM ?? CHROMIUM_PATH;
  if (!existsSync(executablePath)) {
    throw new Error(
      `There is no browser at ${executablePath}. Install it (apt-get install chromium), or name one by SPILLWAY_CHROMIUM.`,
    );
  }
  // Chromium has no sandbox for root, which containers run as.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args });
}

/** A window of its own: nothing is shared with another one, as with another person's browser. */
export async function openWindow(browser: Browser, options: WindowOptions = {}): Promise<Page> {
  const { locale = 'en', colorScheme = 'light', viewport = { width: 1280, height: 800 } } = options;
  const context: BrowserContext = await browser.newContext({ locale, colorScheme, viewport, reducedMotion: 'reduce' });
  context.setDefaultTimeout(PATIENCE_MS);
  return context.newPage();
}
