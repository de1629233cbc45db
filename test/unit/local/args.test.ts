import { describe, expect, it } from 'vitest';
import { HelpWanted, parseStartArgs, parseTokenArgs, UsageError } from '../../../local/args.ts';

describe('npm start', () => {
  it('brings demo data unless --no-demo is given', () => {
    expect(parseStartArgs([])).toEqual({ demo: true });
    expect(parseStartArgs(['--no-demo'])).toEqual({ demo: false });
  });

  it.each([['--demo'], ['--no-dem'], ['extra'], ['--no-demo=1']])('refuses %s and says what would do', (arg) => {
    expect(() => parseStartArgs([arg])).toThrow(UsageError);
    expect(() => parseStartArgs([arg])).toThrow('npm start [-- --no-demo]');
  });
});

describe('npm run token', () => {
  it.each([
    ['--role Administrator', { role: 'Administrator', subject: 'admin', lifetimeSeconds: 28_800 }],
    ['--role administrator --user kim', { role: 'Administrator', subject: 'kim', lifetimeSeconds: 28_800 }],
    ['--role User --user kim --expires 30m', { role: 'User', subject: 'kim', lifetimeSeconds: 1800 }],
    ['--role Channel --channel s1', { role: 'Channel', subject: 'channel:s1', channel: 's1', lifetimeSeconds: 28_800 }],
    [
      '--role Channel --channel s1 --user till7 --expires 7d',
      { subject: 'till7', channel: 's1', lifetimeSeconds: 604_800 },
    ],
  ])('understands %s', (line, expected) => {
    expect(parseTokenArgs(line.split(' '))).toMatchObject(expected);
  });

  it('tells its usage when asked for help', () => {
    expect(() => parseTokenArgs(['--help'])).toThrow(HelpWanted);
    expect(() => parseTokenArgs(['--help'])).toThrow('[--expires 8h]');
  });

  it.each([
    ['', '--role is missing'],
    ['--role Boss', '"Boss" is no role'],
    ['--role User', 'needs --user'],
    ['--role Channel', 'needs --channel'],
    ['--role User --user=', 'an id is empty'],
    ['--role Administrator --expires 8', '--expires is "8"'],
    ['--role Administrator --expires 0h', '--expires is "0h"'],
    ['--role Administrator --hours 8', "'--hours'"],
  ])('refuses "%s"', (line, reason) => {
    const parse = () => parseTokenArgs(line === '' ? [] : line.split(' '));
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(reason);
  });
});
