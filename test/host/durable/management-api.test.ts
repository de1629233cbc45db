/** The durable management API, held against recorded answers of the real host: status, headers, bodies. */
import { describe, expect, it } from 'vitest';
import { comparable, recordedAnswer } from './support/http-recordings.ts';
import { fixturePath, openHub, START_MS } from './support/hub.ts';

describe('the durable management API answers as the real host (E6)', () => {
  it('from the start of an instance to its end', async () => {
    const hub = await openHub();
    const started = await hub.call('POST', 'orchestrators/main/main1', { who: 'me', n: 1 });
    expect(comparable(started)).toEqual({
      ...recordedAnswer('40-start-direct'),
      body: JSON.parse(JSON.stringify(recordedAnswer('40-start-direct').body).replaceAll('main1-d', 'main1')),
      headers: {
        ...recordedAnswer('40-start-direct').headers,
        location: recordedAnswer('40-start-direct').headers.location?.replace('main1-d', 'main1'),
      },
    });
    expect(comparable(await hub.call('GET', 'instances/main1'))).toEqual(recordedAnswer('21-status-early'));
    await hub.advance(1000);
    const badType = await hub.call('POST', 'instances/main1/raiseEvent/Approval', 'x', {
      'content-type': 'text/plain',
    });
    expect(comparable(badType)).toEqual(recordedAnswer('24-raise-event-bad-ctype'));
    const raised = await hub.call('POST', 'instances/main1/raiseEvent/Approval', { approved: true, by: 'ceo' });
    expect(comparable(raised)).toEqual(recordedAnswer('23-raise-event'));
    await hub.advance(2000);
    expect(comparable(await hub.call('GET', 'instances/main1'))).toEqual(recordedAnswer('26-status-final'));
    expect(comparable(await hub.call('GET', 'instances/main1?showInput=false'))).toEqual(
      recordedAnswer('28-status-final-noinput'),
    );
    expect(comparable(await hub.call('POST', 'instances/main1/raiseEvent/Approval', {}))).toEqual(
      recordedAnswer('32-raise-after-complete'),
    );
    expect(comparable(await hub.call('POST', 'instances/main1/terminate?reason=x'))).toEqual(
      recordedAnswer('33-terminate-after-complete'),
    );
  });

  it('to a second start, suspension, resumption, termination, restart and purge', async () => {
    const hub = await openHub();
    await hub.start('main', 'main1-d', { direct: 1 });
    await hub.advance(1000);
    expect(comparable(await hub.call('POST', 'orchestrators/main/main1-d', { direct: 2 }))).toEqual(
      recordedAnswer('43-start-dup'),
    );
    expect(comparable(await hub.call('POST', 'instances/main1-d/suspend?reason=hold'))).toEqual(
      recordedAnswer('44-suspend'),
    );
    await hub.settled();
    expect(comparable(await hub.call('GET', 'instances/main1-d'))).toEqual(recordedAnswer('45-status-suspended'));
    expect(comparable(await hub.call('POST', 'instances/main1-d/resume?reason=go'))).toEqual(
      recordedAnswer('46-resume'),
    );
    await hub.settled();
    expect(await hub.status('main1-d')).toMatchObject({ runtimeStatus: 'Running' });
    expect(comparable(await hub.call('POST', 'instances/main1-d/terminate?reason=stop'))).toEqual(
      recordedAnswer('47-terminate'),
    );
    await hub.settled();
    expect(comparable(await hub.call('GET', 'instances/main1-d'))).toEqual(recordedAnswer('48-status-terminated'));
    const restarted = await hub.call('POST', 'instances/main1-d/restart?restartWithNewInstanceId=true');
    expect(comparable(restarted)).toEqual(recordedAnswer('49-restart'));
    expect(comparable(await hub.call('DELETE', 'instances/main1-d'))).toEqual(recordedAnswer('70-purge'));
    expect(comparable(await hub.call('DELETE', 'instances/main1-d'))).toEqual(recordedAnswer('71-purge-again'));
    expect((await hub.call('GET', 'instances/main1-d')).status).toBe(404);
  });

  it('to a start that waits for the end', async () => {
    const hub = await openHub();
    const waiting = hub.call('POST', 'orchestrators/child?timeout=10&pollingInterval=1', null);
    expect(comparable(await waiting)).toEqual(recordedAnswer('81-create-and-wait'));
    const tooLong = hub.call('POST', 'orchestrators/main?timeout=3&pollingInterval=1', null);
    await hub.settled();
    // The wait begins once the start is stored; then time passes without an end.
    await hub.clock.advance(3000);
    expect((await tooLong).status).toBe(202);
  });

  it('to what is unknown or malformed', async () => {
    const hub = await openHub();
    expect(comparable(await hub.call('GET', 'instances/nope'))).toEqual(recordedAnswer('29-status-404'));
    expect(comparable(await hub.call('POST', 'instances/nope/raiseEvent/Approval', {}))).toEqual(
      recordedAnswer('25-raise-event-missing'),
    );
    expect((await hub.call('POST', 'instances/nope/terminate?reason=x')).status).toBe(404);
    expect((await hub.call('PUT', 'instances/nope')).status).toBe(404);
    const unnamed = await hub.call('POST', 'orchestrators/child', 'hi');
    expect(comparable(unnamed)).toEqual(recordedAnswer('41-start-direct-noid'));
    const [purge] = [
      await hub.call(
        'DELETE',
        'instances?createdTimeFrom=2020-01-01T00:00:00Z&createdTimeTo=2020-01-02T00:00:00Z&runtimeStatus=Completed',
      ),
    ];
    expect(comparable(purge)).toEqual(recordedAnswer('72-purge-by-filter'));
    expect((await hub.call('POST', 'instances/nope/rewind?reason=x')).status).toBe(501);
    expect((await hub.call('GET', 'entities/counter/c1')).status).toBe(501);
  });

  it('to an orchestrator that the app doesn’t have: accepted, then failed', async () => {
    const hub = await openHub();
    expect(comparable(await hub.call('POST', 'orchestrators/nosuch', {}))).toEqual(recordedAnswer('42-start-unknown'));
    await hub.settled();
    const [failed] = (await hub.call('GET', 'instances')).json<{ runtimeStatus: string; output: string }[]>();
    expect(failed?.runtimeStatus).toBe('Failed');
    expect(failed?.output).toMatch(/^Orchestrator function 'nosuch' failed: The function 'nosuch' doesn't exist/);
  });
});

describe('the list of instances', () => {
  it('goes by instance id, page by page, and filters by status, prefix and time of creation', async () => {
    const hub = await openHub({ entryPoint: fixturePath('recordings/edge-app.js') });
    for (const id of ['b', 'a-2', 'a-1']) await hub.start('child', id, id);
    await hub.start('suspendable', 'a-3');
    await hub.settled();
    const ids = async (query: string) =>
      (await hub.call('GET', `instances${query}`)).json<{ instanceId: string }[]>().map(({ instanceId }) => instanceId);
    expect(await ids('')).toEqual(['a-1', 'a-2', 'a-3', 'b']);
    expect(await ids('?runtimeStatus=Completed&instanceIdPrefix=a')).toEqual(['a-1', 'a-2']);
    expect(await ids('?runtimeStatus=Running,Pending')).toEqual(['a-3']);
    expect(await ids(`?createdTimeFrom=${new Date(START_MS + 1).toISOString()}`)).toEqual([]);
    const page = await hub.call('GET', 'instances?top=3');
    expect(page.json<unknown[]>()).toHaveLength(3);
    const token = page.headers['x-ms-continuation-token'] ?? '';
    const rest = await hub.call('GET', 'instances?top=3', undefined, { 'x-ms-continuation-token': token });
    expect(rest.json()).toMatchObject([{ instanceId: 'b' }]);
    expect(rest.headers).not.toHaveProperty('x-ms-continuation-token');
  });

  it('shrinks by a purge of what ended in a time, and leaves what runs', async () => {
    const hub = await openHub({ entryPoint: fixturePath('recordings/edge-app.js') });
    await hub.start('child', 'ended', 1);
    await hub.start('suspendable', 'runs');
    await hub.settled();
    const purged = await hub.call('DELETE', 'instances?createdTimeFrom=2020-01-01T00:00:00Z');
    expect(purged.json()).toEqual({ instancesDeleted: 1 });
    expect((await hub.call('GET', 'instances')).json()).toMatchObject([{ instanceId: 'runs' }]);
    expect((await hub.call('DELETE', 'instances')).status).toBe(400);
  });
});

describe('the durable client of the app', () => {
  it('gets a binding of the recorded shape', async () => {
    const hub = await openHub();
    const recorded = JSON.parse(
      (await import('node:fs')).readFileSync(fixturePath('recordings/durable-client-binding.json'), 'utf8'),
    ) as Record<string, unknown>;
    const binding = JSON.parse(hub.host.clientBinding()) as Record<string, unknown>;
    const shape = (value: unknown) =>
      JSON.stringify(value).replaceAll('realhub', hub.taskHubName).replaceAll('code=KEY', 'code=local');
    expect({ ...binding, rpcBaseUrl: undefined }).toEqual({ ...JSON.parse(shape(recorded)), rpcBaseUrl: undefined });
    expect(binding.rpcBaseUrl).toBe('http://localhost:7071/durabletask/');
  });
});
