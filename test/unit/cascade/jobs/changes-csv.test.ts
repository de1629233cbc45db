import { describe, expect, it } from 'vitest';
import { CHANGES_CSV } from '../../../../shared/cascade/jobs/changes-csv.ts';
import { csvLine } from '../../../../shared/http/csv.ts';
import { csvAnswer } from '../../../../shared/http/csv-lists.ts';

describe('C20 the change log as CSV', () => {
  it('quotes what RFC 4180 wants quoted, and ends lines with CRLF', () => {
    expect(csvLine(['plain', 'a,b', 'say "hi"', 'two\nlines', null, undefined, 0, false])).toBe(
      'plain,"a,b","say ""hi""","two\nlines",,,0,false\r\n',
    );
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('makes the formula %j text', (text) => {
    expect(csvLine([text]).replaceAll('"', '').startsWith(`'${text}`)).toBe(true);
  });

  it('leaves negative numbers numbers', () => {
    expect(csvLine([-5])).toBe('-5\r\n');
  });

  it('has a line for each changed value, and one for a record without any', async () => {
    const record = { recordId: 'r1', table: 'contact', version: 3, changedOn: '2026-03-01T12:00:00.000Z' } as const;
    const changes = [{ name: 'ownerId', old: 'ann', new: 'kim' }];
    const items = [
      { ...record, outcome: 'done', changes },
      { ...record, outcome: 'failed', version: null, changedOn: null, changes: [], problem: 'No.' },
    ];
    const page = async () => ({ status: 200, body: { items } });
    const { body } = await csvAnswer({ path: '/api/x', query: new URLSearchParams(), form: CHANGES_CSV, page });
    expect(body).toBe(
      'recordId,table,outcome,name,old,new,version,changedOn,problem\r\n' +
        'r1,contact,done,ownerId,ann,kim,3,2026-03-01T12:00:00.000Z,\r\n' +
        'r1,contact,failed,,,,,,No.\r\n',
    );
  });
});
