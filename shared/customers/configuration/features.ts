import { z } from 'zod';
import { jsonColumn } from '../../storage/json-column.ts';
import { checkIfMatch } from '../../storage/preconditions.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Row } from '../../storage/table.ts';
import { updateRow } from '../../storage/update-row.ts';
import {
  type FeatureKey,
  type FeatureSet,
  featureKeySchema,
  featureStateSchema,
  NO_FEATURES,
  switchFeature,
} from './feature.ts';

/** The stored features. */
export interface FeatureStore {
  /** The features as they are at headquarters now. */
  readFeatures(): Promise<FeatureSet>;
  /** Switches one. Throws Problem conflict (the rule between features), stale-version. */
  putFeature(change: {
    readonly key: FeatureKey;
    readonly enabled: boolean;
    readonly by: string;
    readonly ifMatch: number | undefined;
  }): Promise<FeatureSet>;
}

interface FeatureRow extends Row {
  revision: number;
}

const KEY = { partitionKey: 'features', rowKey: 'features' } as const;
const STATES = jsonColumn('features', z.partialRecord(featureKeySchema, featureStateSchema));

/** Opens the features in table `features`: one row for all, because the rule between them spans them. */
export function openFeatures(storage: Storage, now: () => number = Date.now): FeatureStore {
  const table = storage.table('features');
  return {
    async readFeatures() {
      return toSet(await table.get<FeatureRow>(KEY.partitionKey, KEY.rowKey));
    },
    async putFeature({ key, enabled, by, ifMatch }) {
      const on = new Date(now()).toISOString();
      const { row } = await updateRow<FeatureRow>(table, KEY, (stored) => {
        const before = toSet(stored);
        checkIfMatch({ ifMatch, version: before.features[key].version, required: false, what: `feature ${key}` });
        return toRow(switchFeature(before, key, { enabled, by, on }));
      });
      return toSet(row);
    },
  };
}

function toRow({ revision, features }: FeatureSet): FeatureRow {
  return { ...KEY, revision, ...STATES.write(features) };
}

function toSet(row: FeatureRow | undefined): FeatureSet {
  if (!row) return NO_FEATURES;
  return { revision: row.revision, features: { ...NO_FEATURES.features, ...STATES.read(row) } };
}
