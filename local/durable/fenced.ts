/** Another host has taken over the task hub's data; this one must stop. Final: nothing this host writes counts any more. */
export class Fenced extends Error {
  override readonly name = 'Fenced';

  constructor(what: string) {
    super(`Another host has taken over this task hub's data (${what}); this host stops.`);
  }
}
