import { Problem } from '../../problem.ts';
import { pathId } from '../../security/ids.ts';
import type { Channel, Channels } from '../ports.ts';

/** The channel that a path names. Throws Problem invalid-request for what can't be an id, not-found for an unknown one. */
export async function requireChannel<T extends Channel>(
  channels: { find(id: string): Promise<T | undefined> } & Pick<Channels, 'find'>,
  params: Readonly<Record<string, string>>,
): Promise<T> {
  const id = pathId(params, 'channel');
  const channel = await channels.find(id);
  if (!channel) throw new Problem('channel-unknown', { channel: id });
  return channel;
}
