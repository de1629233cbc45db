import { randomUUID } from 'node:crypto';
import type { ExecutionStarted } from './history.ts';

/** A fresh execution id, as the Durable Task Framework writes those it makes itself. */
export function newExecutionId(): string {
  return randomUUID().replaceAll('-', '');
}

/** The first event of an instance that a client starts. */
export function clientStart(name: string, instanceId: string, input: string | null, at: number): ExecutionStarted {
  return {
    type: 'ExecutionStarted',
    at,
    name,
    instanceId,
    executionId: randomUUID(),
    input,
    parent: null,
    generation: 0,
  };
}
