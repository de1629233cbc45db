/** The host that a story happens to. */
export interface StoryHost {
  readonly url: string;
  /** A bearer token for this role: `token('Channel', 'web-shop')`. */
  token(role: 'Administrator' | 'Channel', channel?: string): Promise<string>;
  /** kill -9, and started again on the same data; resolves when it is ready. */
  killAndRestart(): Promise<void>;
}
