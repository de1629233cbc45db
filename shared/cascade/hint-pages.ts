/**
 * The hints under parents, page by page in the order of their keys. The pages of one parent can't be known before the one
 * before them has come, so a parent with many is cut into slices by its children's buckets, and the slices that come next
 * are begun while one is looked at.
 */
import type { Row } from '../storage/table.ts';
import { type KeyPlace, type KeySpan, SPANS_BEGIN, type SpanPosition } from './key-spans.ts';
import { readSpans, type SpanSource } from './read-spans.ts';

/** Hints, and the position to go on from. */
export interface HintPage {
  readonly rows: readonly Row[];
  readonly next: SpanPosition;
}

/** A child's bucket begins with a digit of these; `h` stands for ids that clients brought. */
const SLICES = '0123456789abcdefh'.split('');
/** Slices that are under way at the same time, the one at hand included, and the pages read of one before its turn. */
const SLICES_AHEAD = 3;
const PAGES_AHEAD = 4;

/** Reads the hints of parents from a position on. */
export async function* hintPages(
  source: SpanSource,
  parents: readonly KeySpan[],
  from: SpanPosition,
): AsyncGenerator<HintPage> {
  for (let position = from; position.at < parents.length; ) {
    const { at } = position;
    const page = await readSpans<Row>(source, parents, position);
    yield page;
    position = page.next;
    const [parent, after] = [parents[at], position.after];
    // A whole page that began and ended with the same parent says that this one has many.
    if (!parent || !after || position.at !== at) continue;
    const next = { at: at + 1, after: undefined, narrow: 0 };
    for await (const { rows, after: place } of slicedPages(source, parent, after)) {
      position = place ? { ...position, after: place } : next;
      yield { rows, next: position };
    }
  }
}

interface SlicePage {
  readonly rows: readonly Row[];
  /** The key that is left behind; undefined at the parent's end. */
  readonly after: KeyPlace | undefined;
}

/** The hints of one parent behind a key. */
async function* slicedPages(source: SpanSource, parent: KeySpan, after: KeyPlace): AsyncGenerator<SlicePage> {
  const slices = slicesOf(parent).filter(({ to }) => to > after.row);
  const begun: Promise<HintPage[]>[] = [];
  for (const [at, slice] of slices.entries()) {
    for (const ahead of slices.slice(begun.length, at + SLICES_AHEAD)) begun.push(readSome(source, ahead, after));
    const end = at + 1 < slices.length ? { bucket: parent.bucket, row: slice.to } : undefined;
    let pages = (await begun[at]) ?? [];
    for (;;) {
      for (const { rows, next } of pages) yield { rows, after: next.at === 0 ? next.after : end };
      const last = pages.at(-1)?.next.after;
      if (!last) break;
      pages = await readSome(source, slice, last);
    }
  }
}

/** Some pages of a slice, from its beginning or behind a key. */
function readSome(source: SpanSource, slice: KeySpan, after: KeyPlace): Promise<HintPage[]> {
  const read = async () => {
    const pages: HintPage[] = [];
    for (let position: SpanPosition = { ...SPANS_BEGIN, after }; position.at === 0 && pages.length < PAGES_AHEAD; ) {
      const page = await readSpans<Row>(source, [slice], position);
      pages.push(page);
      position = page.next;
    }
    return pages;
  };
  const reading = read();
  // Told to whoever comes to the slice; nobody may come when the walk ends before.
  reading.catch(() => undefined);
  return reading;
}

function slicesOf({ bucket, from, to }: KeySpan): KeySpan[] {
  return SLICES.map((digit, at) => {
    const next = SLICES[at + 1];
    return { bucket, from: from + digit, to: next === undefined ? to : from + next };
  });
}
