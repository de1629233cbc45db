import { Button, Field, MessageBar, MessageBarBody, Textarea, Title2 } from '@fluentui/react-components';
import { type SubmitEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { signIn } from './api/session.ts';

/** Asks for a token. The address stays as it is, so that one comes back to where one was. */
export function SignIn({ isExpired }: { readonly isExpired: boolean }) {
  const { t } = useTranslation('shell');
  const [token, setToken] = useState('');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (token.trim() !== '') signIn(token);
  };
  return (
    <main className="sign-in">
      <Title2 as="h1">{t('signIn.title')}</Title2>
      {isExpired && (
        <MessageBar intent="warning" role="alert">
          <MessageBarBody>{t('signIn.expired')}</MessageBarBody>
        </MessageBar>
      )}
      <form onSubmit={submit} className="stack">
        <Field label={t('signIn.token')} hint={t('signIn.hint')}>
          <Textarea value={token} onChange={(_, { value }) => setToken(value)} rows={5} spellCheck={false} autoFocus />
        </Field>
        <Button type="submit" appearance="primary" disabled={token.trim() === ''}>
          {t('signIn.submit')}
        </Button>
      </form>
    </main>
  );
}
