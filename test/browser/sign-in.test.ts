import { beforeAll, describe, expect, it } from 'vitest';
import { openWindow } from './support/browser.ts';
import { type PageHost, pageAddress, pageHost } from './support/page-host.ts';

let page: PageHost;
beforeAll(async () => {
  page = await pageHost();
});

describe('E2 signing in to the page', () => {
  it('takes the token of a link, which leaves the address at once', async () => {
    const window = await page.open('/features');
    await window.getByRole('heading', { name: 'Features' }).waitFor();
    expect(window.url()).toBe(pageAddress(page.host, '/features'));
    await window.context().close();
  });

  it('takes a pasted token by keyboard alone, and leads to where the address says', async () => {
    const window = await openWindow(page.browser);
    await window.goto(pageAddress(page.host, '/features'));
    await window.getByLabel('Token').focus();
    await window.keyboard.insertText(await page.host.token('--role', 'Administrator'));
    await window.keyboard.press('Tab');
    await window.keyboard.press('Enter');
    await window.getByRole('heading', { name: 'Features' }).waitFor();
    await window.context().close();
  });

  it('says so when the host no longer takes the token, and comes back to the same screen', async () => {
    const window = await page.open('/features');
    await window.getByRole('heading', { name: 'Features' }).waitFor();
    await window.evaluate("sessionStorage.setItem('spillway.token', 'no.longer.good')");
    await window.reload();
    await window.getByRole('alert').waitFor();
    await window.getByLabel('Token').fill(await page.host.token('--role', 'Administrator'));
    await window.getByRole('button', { name: 'Sign in' }).click();
    await window.getByRole('heading', { name: 'Features' }).waitFor();
    await window.context().close();
  });

  it.each([
    ['a channel', ['--role', 'Channel', '--channel', 'store-1']],
    ['a user', ['--role', 'User', '--user', 'alex']],
  ] as const)('offers %s nothing of administration', async (_name, as) => {
    const window = await page.open('/', { as });
    const screens = window.getByRole('navigation');
    await screens.getByRole('link', { name: 'Overview' }).waitFor();
    for (const name of ['Customer synchronization status', 'Sync pipeline', 'Relationships', 'Settings']) {
      expect(await screens.getByRole('link', { name }).count(), name).toBe(0);
    }
    await window.context().close();
  });
});
