/** The admin page as tests see it: a local host with demo data, and windows of a browser in which people are signed in. */

import type { Browser, Page } from 'playwright-core';
import { ApiClient } from '../../../local/demo/api-client.ts';
import { seedDemoData } from '../../../local/demo/demo-data.ts';
import { type SpawnedHost, sharedHost } from '../../support/local-host.ts';
import { openBrowser, openWindow, type WindowOptions } from './browser.ts';

/** Who looks at the page, as `npm run token` takes it. */
export type Viewer = readonly ['--role', 'Administrator' | 'User' | 'Channel', ...string[]];

const ADMINISTRATOR: Viewer = ['--role', 'Administrator'];

export interface PageHost {
  readonly host: SpawnedHost;
  readonly browser: Browser;
  /** The API as the administrator calls it. */
  readonly admin: ApiClient;
  /** A window on a screen (`/jobs?lang=sv`), opened by a link that brings a token along. */
  open(path: string, options?: WindowOptions & { readonly as?: Viewer }): Promise<Page>;
}

let opened: Promise<PageHost> | undefined;

/** The host and the browser that all files share; both end with the process. */
export function pageHost(): Promise<PageHost> {
  opened ??= start();
  return opened;
}

async function start(): Promise<PageHost> {
  const [{ host }, browser] = await Promise.all([sharedHost(), openBrowser()]);
  const token = await host.token(...ADMINISTRATOR);
  await seedDemoData(host.url, token);
  return {
    host,
    browser,
    admin: new ApiClient(() => host.url, token),
    async open(path, { as = ADMINISTRATOR, ...options } = {}) {
      const page = await openWindow(browser, options);
      await page.goto(`${pageAddress(host, path)}#token=${await host.token(...as)}`);
      return page;
    },
  };
}

/** Where a screen is. */
export function pageAddress(host: SpawnedHost, path: string): string {
  return `${host.url}/api/ui${path}`;
}
