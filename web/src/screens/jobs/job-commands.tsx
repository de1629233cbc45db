import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/call.ts';
import { useMe } from '../../api/me.ts';
import type { Job } from '../../api/shapes.ts';
import { useChange } from '../../api/use-change.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { ErrorView } from '../../parts/error-view.tsx';
import { JobPreview } from './job-preview.tsx';

type Command = Job['legalCommands'][number];

interface Wanted {
  readonly command: Command;
  readonly records?: readonly string[];
}

/** Gives a command to a job, and looks at the job again whatever came of it; a job that a command makes is opened. */
export function useJobCommand(jobId: string) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { mutate, error, isPending } = useChange({
    send: (idempotencyKey, { command, records }: Wanted) =>
      call<{ readonly jobId?: string } | undefined>(`/system-jobs/${jobId}/${command}`, {
        method: 'POST',
        idempotencyKey,
        ...(records && { body: { records } }),
      }),
    onSuccess: (answer) => {
      if (answer?.jobId !== undefined) void navigate({ to: '/jobs/$jobId', params: { jobId: answer.jobId } });
    },
    onSettled: () =>
      queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey.join()).includes(jobId) }),
  });
  const give = (command: Command, records?: readonly string[]) => mutate({ command, ...(records && { records }) });
  return { give, error, isPending };
}

/** What may be asked of the job now, each with what it does to finished records and to the rest. */
export function JobCommands({ job: { id, legalCommands } }: { readonly job: Job }) {
  const { t } = useTranslation('jobs');
  const { isAdministrator } = useMe();
  const { give, error, isPending } = useJobCommand(id);
  return (
    <>
      <div className="actions">
        {legalCommands
          .filter((command) => isAdministrator || command !== 'handover')
          .map((command) => (
            <Confirm
              key={command}
              action={t(`command.${command}.name`)}
              consequence={
                <>
                  <p>{t(`command.${command}.consequence`)}</p>
                  {(command === 'undo' || command === 'rerun') && <JobPreview jobId={id} command={command} />}
                </>
              }
              onConfirm={() => give(command)}
              disabled={isPending}
            />
          ))}
      </div>
      {error && <ErrorView error={error} />}
    </>
  );
}
