import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/call.ts';
import { ErrorView } from '../../parts/error-view.tsx';
import { Loading } from '../../parts/loading.tsx';
import { type Preview, PreviewView } from '../../parts/preview-view.tsx';

export interface JobPreviewProps {
  readonly jobId: string;
  readonly command: 'undo' | 'rerun';
}

/** What an undo or a rerun of a job would come to if it were asked for now. */
export function JobPreview({ jobId, command }: JobPreviewProps) {
  const { data, error } = useQuery({
    queryKey: ['job', jobId, 'preview', command],
    queryFn: () => call<Preview>(`/system-jobs/${jobId}/preview`, { method: 'POST', body: { command } }),
    gcTime: 0,
  });
  if (!data) return error ? <ErrorView error={error} /> : <Loading />;
  return <PreviewView preview={data} />;
}
