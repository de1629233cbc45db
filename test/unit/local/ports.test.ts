import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { findPorts, listen, PortTakenError, parsePorts } from '../../../local/ports.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function occupy(): Promise<number> {
  const server = createServer();
  open.push(server);
  return listen(server, { port: 0 });
}

describe('ports', () => {
  it('are the defaults when the setting is missing or empty', () => {
    expect(parsePorts('P', undefined, [1, 2])).toEqual([{ port: 1 }, { port: 2 }]);
    expect(parsePorts('P', ' ', [1])).toEqual([{ port: 1 }]);
  });

  it.each(['x', '1', '1,2,3', '1,70000', '5,5', '1,-2', '1,,'])(
    'refuse "%s" for two of them, naming the setting',
    (value) => {
      expect(() => parsePorts('MY_PORTS', value, [1, 2])).toThrow('MY_PORTS');
    },
  );

  it('that are defaults move to the next free one, and differ from each other', async () => {
    const taken = await occupy();
    const found = await findPorts([{ port: taken }, { port: taken }, { port: taken + 1 }]);
    expect(new Set([...found, taken]).size).toBe(4);
    expect(Math.min(...found)).toBeGreaterThan(taken);
  });

  it('that were set and are taken are refused with what to do', async () => {
    const taken = await occupy();
    const wish = { port: taken, setting: 'SPILLWAY_PORT' };
    await expect(findPorts([wish])).rejects.toThrow(PortTakenError);
    await expect(findPorts([wish])).rejects.toThrow(/SPILLWAY_PORT.*free port/);
  });
});
