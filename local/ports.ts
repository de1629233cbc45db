import { createServer, type Server } from 'node:net';

/** A port that somebody set has to be that one; a default may move to the next free one. */
export interface PortWish {
  /** 0: any free port. */
  readonly port: number;
  /** The setting that named it; undefined: it's a default. */
  readonly setting?: string | undefined;
}

/** The local host hears this machine only. */
export const LOOPBACK = '127.0.0.1';

const MAX_TRIES = 200;

/** A port that a setting names is in use. */
export class PortTakenError extends Error {
  constructor(wish: PortWish) {
    super(
      `Port ${wish.port} (from ${wish.setting}) is in use by another program. End that program, or set ${wish.setting} ` +
        'to a free port, or leave it out to have one chosen.',
    );
  }
}

/**
 * Reads ports from a setting: as many numbers from 0 to 65535, separated by commas, as there are defaults.
 *
 * @throws an Error that names the setting and what it should hold.
 */
export function parsePorts(setting: string, value: string | undefined, defaults: readonly number[]): PortWish[] {
  if (value === undefined || value.trim() === '') return defaults.map((port) => ({ port }));
  const ports = value.split(',').map((part) => part.trim());
  const isGood = ports.every((part) => /^\d{1,5}$/.test(part) && Number(part) <= 65_535);
  const distinct = new Set(ports.filter((part) => part !== '0')).size === ports.filter((part) => part !== '0').length;
  if (!isGood || !distinct || ports.length !== defaults.length) {
    const wanted = defaults.length === 1 ? 'a port number' : `${defaults.length} different port numbers`;
    throw new Error(`${setting} is "${value}"; ${wanted} such as ${defaults.join(',')} would do.`);
  }
  return ports.map((part) => ({ port: Number(part), setting }));
}

/** Makes a server listen as wished, and returns the port it got. */
export async function listen(server: Server, wish: PortWish): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const port = wish.port === 0 ? 0 : wish.port + tries;
    if (port > 65_535) break;
    if (await tryListen(server, port)) {
      const address = server.address();
      return typeof address === 'object' && address ? address.port : port;
    }
    if (wish.setting !== undefined) throw new PortTakenError(wish);
  }
  throw new Error(`No free port was found from ${wish.port} on.`);
}

/** Free ports as wished, all different. They are free now; nothing keeps them so. */
export async function findPorts(wishes: readonly PortWish[]): Promise<number[]> {
  const probes: Server[] = [];
  try {
    const ports: number[] = [];
    for (const wish of wishes) {
      const probe = createServer();
      probes.push(probe);
      ports.push(await listen(probe, wish));
    }
    return ports;
  } finally {
    await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  }
}

function tryListen(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      server.off('error', onError);
      server.off('listening', onListening);
    };
    const onError = (error: NodeJS.ErrnoException) => {
      settle();
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    };
    const onListening = () => {
      settle();
      resolve(true);
    };
    server.once('error', onError);
    server.once('listening', onListening);
    server.listen(port, LOOPBACK);
  });
}
