import { z } from 'zod';

/** A JSON object, the only thing that a merge-patch goes into. */
export type JsonObject = { readonly [name: string]: unknown };

/** Applies a merge-patch (RFC 7396): objects merge, null removes, anything else replaces. Nothing that is given is changed. */
export function applyMergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map(Object.entries(target));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, isObject(value) ? applyMergePatch(objectOr(merged.get(name)), value) : value);
  }
  return Object.fromEntries(merged);
}

/**
 * The schema of merge-patches to what `schema` describes: every member may be left out or null, to any depth; what the
 * schema doesn't know stays refused.
 */
export function mergePatchSchema(schema: z.ZodObject): z.ZodType<JsonObject> {
  const shape = Object.entries(schema.shape).map(([name, member]) => {
    const patch = member instanceof z.ZodObject ? mergePatchSchema(member) : (member as z.ZodType);
    return [name, patch.nullable().optional()] as const;
  });
  return z.strictObject(Object.fromEntries(shape));
}

/** Lays stored values over defaults. What the defaults have no name for, or of another type, is passed over. */
export function overlay<T extends JsonObject>(defaults: T, stored: JsonObject): T {
  const entries = Object.entries(defaults).map(([name, value]) => {
    const own = stored[name];
    if (isObject(value)) return [name, overlay(value, objectOr(own))];
    return [name, typeof own === typeof value ? own : value];
  });
  return Object.fromEntries(entries) as T;
}

function objectOr(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
