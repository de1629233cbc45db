import { Button } from '@fluentui/react-components';
import { type InfiniteData, useInfiniteQuery } from '@tanstack/react-query';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api/call.ts';
import type { ListPage } from '../api/shapes.ts';
import { useLive } from '../api/use-live.ts';
import { Empty } from './empty.tsx';
import { ErrorView } from './error-view.tsx';
import type { Filters } from './filters.ts';
import { Loading } from './loading.tsx';

/** A column: what its head says, what it shows of an item, and its share of the width (default 1). */
export interface DataColumn<Item> {
  readonly title: string;
  readonly show: (item: Item) => ReactNode;
  readonly share?: number;
}

export interface DataListProps<Item> {
  /** What the list is called, for those who don't see it. */
  readonly label: string;
  readonly path: string;
  readonly query?: Filters;
  readonly columns: readonly DataColumn<Item>[];
  readonly keyOf: (item: Item) => string;
  /** Says what to do where there is nothing. */
  readonly empty: string;
  /** Asks again so often while only the first page is open; further pages would be further requests. */
  readonly everyMs?: number;
}

const ROW_PX = 44;
const PAGE_SIZE = '100';

/** A list of the API, of any length: pages are fetched as one comes near their end, and only rows in sight are drawn. */
export function DataList<Item>({ label, path, query = {}, columns, keyOf, empty, everyMs }: DataListProps<Item>) {
  const { t } = useTranslation('shell');
  const list = useInfiniteQuery({
    queryKey: [path, query],
    queryFn: ({ pageParam, signal }) =>
      call<ListPage<Item>>(path, { query: { pageSize: PAGE_SIZE, ...query, continuationToken: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.continuationToken,
  });
  const { data, error, hasNextPage, isFetchingNextPage } = list;
  useLive((data?.pages.length ?? 0) <= 1 ? everyMs : undefined, list.refetch);
  if (!data) return error ? <ErrorView error={error} retry={list.refetch} /> : <Loading />;
  const items = itemsOf(data);
  const more = () => {
    if (hasNextPage && !list.isFetching) void list.fetchNextPage();
  };
  return (
    <>
      {error && <ErrorView error={error} retry={list.refetch} />}
      {items.length === 0 && !hasNextPage ? (
        <Empty text={empty} />
      ) : (
        <Rows {...{ label, items, columns, keyOf }} onEnd={list.isFetchNextPageError ? undefined : more} />
      )}
      {isFetchingNextPage && <Loading />}
      {hasNextPage && !isFetchingNextPage && <Button onClick={more}>{t('list.more')}</Button>}
    </>
  );
}

const itemsOf = <Item,>({ pages }: InfiniteData<ListPage<Item>>) => pages.flatMap(({ items }) => items);

interface RowsProps<Item> extends Pick<DataListProps<Item>, 'label' | 'columns' | 'keyOf'> {
  readonly items: readonly Item[];
  readonly onEnd: (() => void) | undefined;
}

function Rows<Item>({ label, items, columns, keyOf, onEnd }: RowsProps<Item>) {
  const place = useRef<HTMLDivElement>(null);
  const rows = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => ROW_PX,
    overscan: 12,
    scrollMargin: place.current?.offsetTop ?? 0,
    getItemKey: (at) => {
      const item = items[at];
      return item === undefined ? at : keyOf(item);
    },
  });
  const shown = rows.getVirtualItems();
  const isAtEnd = (shown.at(-1)?.index ?? 0) >= items.length - 1;
  useEffect(() => {
    if (isAtEnd) onEnd?.();
  }, [isAtEnd, onEnd]);
  const template = { gridTemplateColumns: columns.map(({ share = 1 }) => `minmax(0, ${share}fr)`).join(' ') };
  const { scrollMargin } = rows.options;
  return (
    <div role="table" aria-label={label} aria-rowcount={items.length + 1} className="table">
      <div role="row" aria-rowindex={1} className="row head" style={template}>
        {columns.map(({ title }) => (
          <div role="columnheader" key={title}>
            {title}
          </div>
        ))}
      </div>
      <div role="rowgroup" ref={place} className="rows" style={{ height: rows.getTotalSize() }}>
        {shown.map(({ index, key, start }) => {
          const item = items[index];
          return (
            item !== undefined && (
              <div
                role="row"
                aria-rowindex={index + 2}
                key={key}
                data-index={index}
                ref={rows.measureElement}
                className="row"
                style={{ ...template, transform: `translateY(${start - scrollMargin}px)` }}
              >
                {columns.map(({ title, show }) => (
                  <div role="cell" key={title} data-title={title}>
                    {show(item)}
                  </div>
                ))}
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}
