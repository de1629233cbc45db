/** Where the durable management API lies: for people and other programs, and for the app's own durable client. */
export const WEBHOOK_PATH = '/runtime/webhooks/durabletask';
export const RPC_PATH = '/durabletask';

/** The Functions host puts a system key into the URLs; the local host asks for none and accepts any. */
const KEY_QUERY = 'code=local';
/** Stands for the instance id in the URLs of the client binding; the client library replaces it. */
const ID_PLACEHOLDER = 'INSTANCEID';

/** URLs to watch and steer an instance, in the order the Durable extension writes them. */
export interface ManagementUrls {
  readonly id: string;
  readonly statusQueryGetUri: string;
  readonly sendEventPostUri: string;
  readonly terminatePostUri: string;
  readonly rewindPostUri?: string;
  readonly purgeHistoryDeleteUri: string;
  readonly restartPostUri: string;
  readonly suspendPostUri: string;
  readonly resumePostUri: string;
}

/** The URLs of an instance as the management API answers a start with. `origin` such as `http://localhost:7071`. */
export function managementUrls(origin: string, taskHubName: string, instanceId: string): ManagementUrls {
  const { rewindPostUri: _, ...urls } = allUrls(origin, taskHubName, instanceId, encodeURIComponent(instanceId));
  return urls;
}

function allUrls(origin: string, taskHubName: string, id: string, idInPath: string): ManagementUrls {
  const instance = `${origin}${WEBHOOK_PATH}/instances/${idInPath}`;
  const query = `taskHub=${encodeURIComponent(taskHubName)}&connection=Storage&${KEY_QUERY}`;
  return {
    id,
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
  };
}

/** The value of the `durableClient` input binding: JSON text. `baseUrl` is the host's origin. */
export function durableClientBinding(baseUrl: string, taskHubName: string): string {
  const origin = new URL(baseUrl).origin;
  const start = `${origin}${WEBHOOK_PATH}/orchestrators/{functionName}[/{instanceId}]`;
  return JSON.stringify({
    taskHubName,
    connectionName: null,
    creationUrls: {
      createNewInstancePostUri: `${start}?${KEY_QUERY}`,
      createAndWaitOnNewInstancePostUri: `${start}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${KEY_QUERY}`,
    },
    managementUrls: allUrls(origin, taskHubName, ID_PLACEHOLDER, ID_PLACEHOLDER),
    baseUrl: `${origin}${WEBHOOK_PATH}`,
    requiredQueryStringParameters: KEY_QUERY,
    rpcBaseUrl: `${origin}${RPC_PATH}/`,
    httpBaseUrl: null,
    maxGrpcMessageSizeInBytes: null,
    grpcHttpClientTimeout: null,
  });
}
