import type { DataFolder } from '../data-folder.ts';
import { parsePorts } from '../ports.ts';
import type { TakeDown } from '../take-down.ts';
import { startServiceBus } from './service-bus.ts';

const PORT_SETTING = 'SPILLWAY_SERVICE_BUS_PORT';
const DEFAULT_PORT = 5672;

/**
 * The connection string of the host's Service Bus: that of the setting `SPILLWAY_SERVICE_BUS` where it is set, else of a
 * stand-in that is started on the data folder's messages.
 *
 * @throws PortTakenError when a port that was set is in use.
 */
export async function openServiceBus(
  settings: NodeJS.ProcessEnv,
  {
    folder,
    say,
    down,
  }: { readonly folder: DataFolder; readonly say: (sentence: string) => void; readonly down: TakeDown[] },
): Promise<string> {
  const given = settings.SPILLWAY_SERVICE_BUS?.trim();
  if (given) return given;
  const [wish = { port: DEFAULT_PORT }] = parsePorts(PORT_SETTING, settings[PORT_SETTING], [DEFAULT_PORT]);
  const bus = await startServiceBus({ file: folder.serviceBusFile, wish });
  down.push(() => bus.close());
  if (wish.port !== 0 && bus.port !== wish.port) {
    say(`Port ${wish.port} is taken; the local Service Bus listens on ${bus.port}.`);
  }
  return bus.connectionString;
}
