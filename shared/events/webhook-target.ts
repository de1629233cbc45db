/**
 * Where events may be posted to: not to what only our own network reaches (private and link-local addresses, among them
 * the metadata service of clouds), and to this machine alone where a setting allows it. A name is judged by what it
 * resolves to when the connection is made, so that no answer of a name server leads inside later.
 */
import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIPv6, type LookupFunction } from 'node:net';

/** Whether this machine may be a target. */
export interface TargetRules {
  readonly allowsLoopback: boolean;
}

const loopback = subnets([['127.0.0.0', 8]], [['::1', 128]]);

/** Special-purpose addresses that the public internet doesn't route. */
const inside = subnets(
  [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['224.0.0.0', 3],
  ],
  [
    ['::', 128],
    ['64:ff9b::', 96],
    ['64:ff9b:1::', 48],
    ['2002::', 16],
    ['fc00::', 7],
    ['fe80::', 10],
    ['fec0::', 10],
    ['ff00::', 8],
  ],
);

function subnets(v4: readonly [string, number][], v6: readonly [string, number][]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of v4) list.addSubnet(network, prefix, 'ipv4');
  for (const [network, prefix] of v6) list.addSubnet(network, prefix, 'ipv6');
  return list;
}

/** Why an IP address is no target, as the rest of a sentence; undefined for one that is. */
function addressProblem(address: string, { allowsLoopback }: TargetRules): string | undefined {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (inside.check(address, family)) return 'leads into a private or link-local network';
  return loopback.check(address, family) && !allowsLoopback ? LOOPBACK_PROBLEM : undefined;
}

const LOOPBACK_PROBLEM = 'leads to the machine that Spillway runs on (SPILLWAY_WEBHOOK_LOOPBACK=true allows that)';

/** Why a webhook's URL won't do, as the rest of a sentence; undefined for one that does, as far as it shows. Pure. */
export function webhookUrlProblem(text: string, rules: TargetRules): string | undefined {
  if (!URL.canParse(text)) return 'is not an absolute URL';
  const { hostname, protocol, username, password } = new URL(text);
  if (username !== '' || password !== '') return 'must not carry a user name or password';
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const isLocalName = /^(?:.+\.)?localhost$/i.test(host);
  const isLocal = isLocalName || (isAddress(host) && loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4'));
  if (protocol !== 'https:' && !(protocol === 'http:' && isLocal)) {
    return 'must begin with https:// (http:// does for this machine alone)';
  }
  if (isLocalName) return rules.allowsLoopback ? undefined : LOOPBACK_PROBLEM;
  return isAddress(host) ? addressProblem(host, rules) : undefined;
}

const isAddress = (host: string) => isIPv6(host) || /^\d+\.\d+\.\d+\.\d+$/.test(host);

/** Resolves names for connections, and fails for those that lead, by any of their addresses, where nothing may be posted. */
export function guardedLookup(rules: TargetRules, resolve: typeof lookup = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const problem = addresses
        ?.map(({ address }) => addressProblem(address, rules))
        .find((each) => each !== undefined);
      const failure = error ?? (problem === undefined ? null : new Error(`${hostname} ${problem}`));
      const [first] = addresses ?? [];
      if (options.all === true) callback(failure, addresses ?? []);
      else callback(failure, first?.address ?? '', first?.family);
    });
  };
}
