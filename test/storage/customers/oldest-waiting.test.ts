import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { oldestWaiting } from '../../../shared/customers/pipeline/oldest-waiting.ts';
import { addChannel, applyAll, openHq, uploadAll } from './hq-fixture.ts';

it('E11 what has waited longest is told for the upload over all channels, and for the sync job', async () => {
  const hq = openHq();
  const { staged, uploads, pending } = hq;
  const waiting = () => oldestWaiting({ channels: { list: async () => hq.channels }, staged, uploads, pending });
  addChannel(hq, 'till');
  addChannel(hq, 'web');
  expect(await waiting()).toEqual({ upload: undefined, synchronization: undefined });

  const first = staged.add('web', 'createCustomer', { customer: randomUUID() }, { name: 'Anna' });
  staged.add('web', 'createCustomer', { customer: randomUUID() }, { name: 'Boris' });
  expect(await waiting()).toEqual({ upload: first.createdOn, synchronization: undefined });

  await uploadAll(hq);
  const { upload, synchronization = '' } = await waiting();
  expect(upload).toBeUndefined();
  expect(Date.parse(synchronization)).toBeGreaterThan(Date.UTC(2026, 0));

  await applyAll(hq);
  expect(await waiting()).toEqual({ upload: undefined, synchronization: undefined });
});
