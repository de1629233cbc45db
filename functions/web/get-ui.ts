import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { Problem } from '../../shared/problem.ts';
import { CODINGS, type Coding, type PageFile, readPageFiles } from './page-files.ts';

/** What the build writes where each answer's own nonce belongs. */
const NONCE_PLACE = 'nonce-of-this-answer';
/** Names below it carry a hash of what is in them. */
const HASHED = 'assets/';
const YEAR_SECONDS = 365 * 24 * 3600;

const SAFE = { 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' };

/**
 * GET /ui/…: the page for administrators, built into `folder`. An address that isn't a file is a screen's, which the page
 * itself finds. Its files hold nothing secret and need no token.
 */
export function getUi({ folder }: { readonly folder: string }): Endpoint {
  let files: ReadonlyMap<string, PageFile> | undefined;
  return endpoint({
    name: 'getUi',
    method: 'GET',
    route: 'ui/{*file}',
    summary: 'Serve the page and its files.',
    roles: 'anyone',
    answers: { 200: z.unknown() },
    problems: [],
    async handle({ params, header }) {
      const { file: path = '' } = params;
      files ??= readPageFiles(folder);
      const file = files.get(path);
      if (file && path.startsWith(HASHED)) return hashedFile(file, header('accept-encoding') ?? '');
      if (path.startsWith(HASHED)) throw new Problem('not-found', 'The page was built anew. Load it again.');
      const page = files.get('index.html')?.codings.get('identity');
      if (page) return indexPage(page);
      throw new Problem('not-found', 'The page is not built. Run npm run build and start the host again.');
    },
  });
}

function hashedFile({ type, codings }: PageFile, accepted: string) {
  const coding = CODINGS.find((each) => codings.has(each) && accepts(accepted, each)) ?? 'identity';
  return {
    status: 200,
    body: codings.get(coding),
    headers: {
      ...SAFE,
      'Content-Type': type,
      'Cache-Control': `public, max-age=${YEAR_SECONDS}, immutable`,
      Vary: 'Accept-Encoding',
      ...(coding !== 'identity' && { 'Content-Encoding': coding }),
    },
  };
}

/** Whether Accept-Encoding names a coding and doesn't rule it out by `q=0`. */
function accepts(accepted: string, coding: Coding): boolean {
  return accepted
    .toLowerCase()
    .split(',')
    .map((each) => each.trim().split(/\s*;\s*/))
    .some(([name, weight = 'q=1']) => name === coding && !/^q=0(?:\.0*)?$/.test(weight));
}

/** The page's frame under a policy that lets it load its own files and talk to its own host, and nothing else. */
function indexPage(page: Uint8Array) {
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    ...["default-src 'none'", "script-src 'self'", `style-src 'self' 'nonce-${nonce}'`, "img-src 'self' data:"],
    ...["connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ];
  return {
    status: 200,
    body: Buffer.from(page).toString('utf8').replaceAll(NONCE_PLACE, nonce),
    headers: {
      ...SAFE,
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': policy.join('; '),
    },
  };
}
