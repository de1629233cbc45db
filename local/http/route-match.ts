import { mayBeAbsent, type RouteParameter, type RouteSegment, type RouteTemplate } from './route-template.ts';

/** Route parameters by name; one that the path left out is absent. */
export type RouteParams = Readonly<Record<string, string>>;

/**
 * The segments of a request's path, decoded as the Functions host's web server does it: an escaped slash stays escaped,
 * and so does what isn't valid UTF-8. Slashes at the end don't count.
 */
export function pathSegments(path: string): string[] {
  const parts = path.replace(/^\//, '').replace(/\/$/, '').split('/');
  return parts.length === 1 && parts[0] === '' ? [] : parts.map(decodeSegment);
}

/** Matches decoded path segments with a template; the case of literal text doesn't count. */
export function matchRoute(template: RouteTemplate, path: readonly string[]): RouteParams | undefined {
  const params: Record<string, string> = {};
  const { segments } = template;
  for (const [index, segment] of segments.entries()) {
    if (segment.kind === 'parameter' && segment.isCatchAll) {
      return setParameter(params, segment, path.slice(index).join('/')) ? params : undefined;
    }
    const text = path[index];
    const matches =
      text === undefined ? mayBeAbsent(segment) && setAbsent(params, segment) : matchSegment(params, segment, text);
    if (!matches) return undefined;
  }
  return path.length <= segments.length ? params : undefined;
}

/** Whether one path segment fits one template segment; shadowing checks use it too. */
export function matchSegment(params: Record<string, string>, segment: RouteSegment, text: string): boolean {
  if (segment.kind === 'literal') return segment.text.toLowerCase() === text.toLowerCase();
  if (segment.kind === 'parameter') return text !== '' && setParameter(params, segment, text);
  const found = segment.pattern.exec(text);
  return (
    found !== null &&
    segment.parameters.every((parameter, index) => setParameter(params, parameter, found[index + 1] ?? ''))
  );
}

function setParameter(params: Record<string, string>, parameter: RouteParameter, text: string): boolean {
  if (parameter.isCatchAll && text === '') return setAbsent(params, parameter);
  if (!parameter.constraints.every((accepts) => accepts(text))) return false;
  params[parameter.name] = text;
  return true;
}

function setAbsent(params: Record<string, string>, segment: RouteSegment): boolean {
  if (segment.kind === 'parameter' && segment.defaultValue !== undefined) params[segment.name] = segment.defaultValue;
  return true;
}

function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  const keepSlashes = segment.replace(/%2f/gi, (slash) => `%25${slash.slice(1)}`);
  try {
    return decodeURIComponent(keepSlashes);
  } catch {
    return segment;
  }
}
