import { beforeAll, describe, expect, it } from 'vitest';
import { failOperations } from './support/failed-operation.ts';
import { type PageHost, pageHost } from './support/page-host.ts';

let page: PageHost;
beforeAll(async () => {
  page = await pageHost();
});

describe('E2 the page "Customer synchronization status"', () => {
  it('mends a failed operation: edit, Save, Synchronize', async () => {
    const [failed] = await failOperations(page.admin, 1);
    const window = await page.open('/customer-sync?status=Failed');
    await window.getByRole('button', { name: `open operation ${failed?.id}` }).click();
    const detail = window.getByRole('dialog');
    await detail.getByLabel('New value of email').fill('mended@example.org');
    await detail.getByRole('button', { name: 'Save' }).click();
    await detail.getByText('Saved.').waitFor();
    await detail.getByRole('button', { name: 'Synchronize' }).click();
    await detail.getByText('Headquarters has applied the operation.').waitFor();
    expect(new URL(window.url()).searchParams.get('id')).toBe(failed?.id);
    await window.context().close();
  });

  it('shows the advice of the problem for a stale click, and loads the operation again', async () => {
    const [failed] = await failOperations(page.admin, 1);
    const window = await page.open(`/customer-sync?id=${encodeURIComponent(failed?.id ?? '')}`);
    const detail = window.getByRole('dialog');
    await detail.getByLabel('New value of email').fill('mine@example.org');
    const path = `/customer-sync/operations/${encodeURIComponent(failed?.id ?? '')}`;
    const read = await page.admin.must(path);
    const attributes = { email: 'theirs@example.org' };
    await page.admin.must(path, { method: 'PATCH', body: { attributes }, ifMatch: read.headers.get('etag') ?? '' });
    await detail.getByRole('button', { name: 'Save' }).click();
    await detail.getByRole('alert').waitFor();
    await detail.getByRole('button', { name: 'Try again' }).click();
    await detail.getByRole('alert').waitFor({ state: 'hidden' });
    await detail.getByRole('button', { name: 'Save' }).click();
    await detail.getByText('Saved.').waitFor();
    await window.context().close();
  });

  it('A16 discards an operation with a reason, and reinstates it', async () => {
    const [failed] = await failOperations(page.admin, 1);
    const window = await page.open(`/customer-sync?id=${encodeURIComponent(failed?.id ?? '')}`);
    const detail = window.getByRole('dialog').first();
    await detail.getByRole('button', { name: 'Discard…' }).click();
    await window.getByLabel('Reason').fill('made twice by mistake');
    await window.getByRole('button', { name: 'Discard', exact: true }).click();
    await detail.getByText('Discarded by admin: made twice by mistake').waitFor();
    await detail.getByRole('button', { name: 'Reinstate' }).click();
    await detail.getByRole('button', { name: 'Synchronize' }).waitFor();
    await window.context().close();
  });

  it('keeps its filters in the address, and gives the list as CSV', async () => {
    const window = await page.open('/customer-sync');
    await window.getByLabel('Status').selectOption('Completed');
    await window.waitForURL(/status=Completed/);
    const download = window.waitForEvent('download');
    await window.getByRole('button', { name: 'Download CSV' }).click();
    expect((await download).suggestedFilename()).toBe('operations.csv');
    await window.context().close();
  });
});
