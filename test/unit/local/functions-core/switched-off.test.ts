import { describe, expect, it } from 'vitest';
import type { RegisteredFunction } from '../../../../local/functions-core/function-app.ts';
import { findSwitchedOff } from '../../../../local/functions-core/switched-off.ts';

const binding = { type: 'httpTrigger' };
const named = (name: string): RegisteredFunction => ({ name, bindings: {}, trigger: { name: 'req', binding } });
const functions = [named('createCustomer'), named('get-job')];

const namesOff = (settings: Record<string, string>) =>
  [...findSwitchedOff(functions, settings)].map(({ name }) => name);

describe('E8 a function is switched off', () => {
  it.each([
    ['AzureWebJobs.createCustomer.Disabled', 'true'],
    ['AzureWebJobs.CREATECUSTOMER.disabled', 'True'],
    ['AzureWebJobs_createCustomer_Disabled', '1'],
  ])('by %s=%s', (setting, value) => {
    expect(namesOff({ [setting]: value })).toEqual(['createCustomer']);
  });

  it.each([
    ['AzureWebJobs.createCustomer.Disabled', 'false'],
    ['AzureWebJobs.createCustomer.Disabled', ''],
    ['AzureWebJobs.createCustomer_Disabled', 'true'],
    ['AzureWebJobs.create.Disabled', 'true'],
    ['createCustomer.Disabled', 'true'],
  ])('but not by %s=%s', (setting, value) => {
    expect(namesOff({ [setting]: value })).toEqual([]);
  });
});
