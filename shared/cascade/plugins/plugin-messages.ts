/** What a worker thread of plug-ins and the main thread tell each other. A run is one call of one plug-in. */
import type { PluginCall, WorkMethod } from './plugin.ts';

/** Given to a worker when it starts. */
export interface WorkerData {
  /** The module that SPILLWAY_PLUGINS names. */
  readonly modulePath: string | undefined;
}

/** An error as it crosses: its class is lost, its words aren't. */
export interface ErrorText {
  readonly name: string;
  readonly message: string;
}

/** What the host tells a thread. */
export type ToWorker =
  | { readonly kind: 'run'; readonly run: number; readonly plugin: string; readonly call: Omit<PluginCall, 'work'> }
  | { readonly kind: 'answer'; readonly ask: number; readonly result?: unknown; readonly error?: ErrorText };

/** What a thread tells the host. */
export type FromWorker =
  | {
      readonly kind: 'ask';
      readonly run: number;
      readonly ask: number;
      readonly method: WorkMethod;
      readonly args: readonly unknown[];
    }
  | { readonly kind: 'ended'; readonly run: number; readonly error?: ErrorText };

/** The words of whatever was thrown. */
export function errorText(thrown: unknown): ErrorText {
  if (thrown instanceof Error) return { name: thrown.name, message: thrown.message };
  return { name: 'Error', message: String(thrown) };
}
