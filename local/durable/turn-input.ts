import type { HistoryEvent } from './history.ts';
import { toWireEvent } from './history-wire.ts';
import type { Instance } from './instance.ts';

/** Constants of the Durable extension that orchestrator functions are told. */
const EXTENSION_SETTINGS =
  '"sourceInstanceId":null,"upperSchemaVersion":1,"upperSchemaVersionNew":3,' +
  '"longRunningTimerIntervalDuration":"3.00:00:00","maximumShortTimerDuration":"6.00:00:00",' +
  '"defaultHttpAsyncRequestSleepTimeMillseconds":30000';

/**
 * Writes the input of orchestrator functions. An instance's settled history is kept as text, so that a turn costs what is
 * new, not what is old.
 */
export class TurnInputs {
  readonly #settled = new Map<string, { readonly executionId: string; count: number; text: string }>();

  /** The trigger's value for a turn of `instance` in which `newEvents` are added to its history: JSON text. */
  write(instance: Instance, newEvents: readonly HistoryEvent[]): string {
    const { started, history, seeded } = instance;
    const settled = seeded ? '' : this.#settledText(instance);
    const fresh = (seeded ? [...history, ...newEvents] : newEvents)
      .map((event) => JSON.stringify(toWireEvent(event, false)))
      .join(',');
    const comma = settled !== '' && fresh !== '' ? ',' : '';
    const isReplaying = settled !== '';
    return (
      `{"history":[${settled}${comma}${fresh}],"input":${started.input ?? 'null'},` +
      `"instanceId":${JSON.stringify(started.instanceId)},"isReplaying":${isReplaying},` +
      `"parentInstanceId":${JSON.stringify(started.parent?.instanceId ?? null)},${EXTENSION_SETTINGS}}`
    );
  }

  /** Drops what is kept of an instance. */
  forget(instanceId: string): void {
    this.#settled.delete(instanceId);
  }

  #settledText({ started, history }: Instance): string {
    let entry = this.#settled.get(started.instanceId);
    if (entry?.executionId !== started.executionId) {
      entry = { executionId: started.executionId, count: 0, text: '' };
      this.#settled.set(started.instanceId, entry);
    }
    for (const event of history.slice(entry.count)) {
      entry.text += `${entry.text === '' ? '' : ','}${JSON.stringify(toWireEvent(event, true))}`;
    }
    entry.count = history.length;
    return entry.text;
  }
}
