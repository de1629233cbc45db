/**
 * Brings demo data into a running app over its HTTP API, as any client would. Repeatable: what is there already stays.
 *
 * @param baseUrl such as `http://127.0.0.1:7071`.
 * @param token an administrator's.
 */
export type SeedDemoData = (baseUrl: string, token: string) => Promise<void>;
