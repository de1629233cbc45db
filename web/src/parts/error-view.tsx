import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { ApiProblem } from '../api/call.ts';

export interface ErrorViewProps {
  readonly error: unknown;
  readonly retry?: () => unknown;
}

/** What went wrong: the problem's own advice; or that the host can't be reached. */
export function ErrorView({ error, retry }: ErrorViewProps) {
  const { t } = useTranslation('shell');
  const { title, detail } = wordsOf(error, t);
  return (
    <MessageBar intent="error" layout="multiline" role="alert" className="message">
      <MessageBarBody>
        <MessageBarTitle>{title}</MessageBarTitle> {detail}
      </MessageBarBody>
      {retry && (
        <MessageBarActions>
          <Button onClick={() => void retry()}>{t('error.retry')}</Button>
        </MessageBarActions>
      )}
    </MessageBar>
  );
}

function wordsOf(error: unknown, t: (key: string) => string): { readonly title: string; readonly detail: string } {
  if (error instanceof ApiProblem) return { title: error.title || t('error.title'), detail: error.message };
  if (error instanceof TypeError) return { title: t('error.offline'), detail: t('error.offlineAdvice') };
  return { title: t('error.title'), detail: error instanceof Error ? error.message : String(error) };
}
