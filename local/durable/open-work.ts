import type { TaskScheduled, TimerCreated } from './history.ts';
import type { Instance } from './instance.ts';

/** What an instance has scheduled in its present execution and not heard of since. */
export interface OpenWork {
  readonly activities: TaskScheduled[];
  readonly timers: TimerCreated[];
}

/** Finds what has to be set going again after a start of the host. */
export function openWork(instance: Instance): OpenWork {
  const activities = new Map<number, TaskScheduled>();
  const timers = new Map<number, TimerCreated>();
  for (const event of [...instance.history, ...instance.inbox]) {
    if (event.type === 'TaskScheduled') activities.set(event.id, event);
    else if (event.type === 'TimerCreated') timers.set(event.id, event);
    else if (event.type === 'TaskCompleted' || event.type === 'TaskFailed') activities.delete(event.taskId);
    else if (event.type === 'TimerFired') timers.delete(event.timerId);
  }
  return { activities: [...activities.values()], timers: [...timers.values()] };
}
