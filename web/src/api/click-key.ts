/**
 * The Idempotency-Key of what a person asks for by a click. Asked for again without an answer in between (the host was killed,
 * the network broke), the same request has the same key, so that nothing is done twice; after an answer, or for another
 * request, a new one is drawn.
 */
export class ClickKey {
  #held: { readonly asked: string; readonly key: string } | undefined;

  of(asked: unknown): string {
    const text = JSON.stringify(asked) ?? '';
    if (this.#held?.asked !== text) this.#held = { asked: text, key: crypto.randomUUID() };
    return this.#held.key;
  }

  /** The request has come to an answer. */
  answered(): void {
    this.#held = undefined;
  }
}
