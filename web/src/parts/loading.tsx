import { Spinner } from '@fluentui/react-components';

/** Something is on its way. */
export function Loading() {
  return (
    <div className="loading" role="status">
      <Spinner delay={150} />
    </div>
  );
}
