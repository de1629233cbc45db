import { Link } from '@tanstack/react-router';
import { useRecordName } from './record-name.ts';

/** A record by its name, which leads to it. */
export function RecordLink({ table, id }: { readonly table: string; readonly id: string }) {
  const name = useRecordName(table, id);
  return (
    <Link to="/records/$table/$id" params={{ table, id }}>
      {name}
    </Link>
  );
}
