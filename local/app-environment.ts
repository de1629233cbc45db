import { authSettings } from './mint-token.ts';
import type { SigningKey } from './signing-key.ts';

/** Azurite runs on one core: more at once gain nothing there, and everybody else's requests wait behind them. */
export const emulatorSettings = { SPILLWAY_PARALLEL_TRANSACTIONS: '2' };

/**
 * The app's environment: settings as they are, storage on this host's Azurite, and the local signing key for tokens
 * unless other settings name a key.
 *
 * @param settings environment and local settings together.
 * @param options.demo false: the app's timers wait for a call on demand, unless `SPILLWAY_TIMERS_ENABLED` says otherwise.
 */
export function appEnvironment(
  settings: NodeJS.ProcessEnv,
  options: {
    readonly connectionString: string;
    /** Connection string of Service Bus; absent: as the settings say. */
    readonly serviceBus?: string;
    readonly hostName: string;
    readonly key: SigningKey;
    readonly demo: boolean;
  },
): NodeJS.ProcessEnv {
  return {
    FUNCTIONS_WORKER_RUNTIME: 'node',
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    ...emulatorSettings,
    // Who tries events out has a receiver on this machine.
    SPILLWAY_WEBHOOK_LOOPBACK: 'true',
    WEBSITE_HOSTNAME: options.hostName,
    ...(options.demo ? {} : { SPILLWAY_TIMERS_ENABLED: 'false' }),
    ...settings,
    ...authSettings(settings, options.key),
    AzureWebJobsStorage: options.connectionString,
    ...(options.serviceBus !== undefined && { SPILLWAY_SERVICE_BUS: options.serviceBus }),
  };
}
