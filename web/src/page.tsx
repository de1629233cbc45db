import { createDOMRenderer, FluentProvider, RendererProvider } from '@fluentui/react-components';
import { RouterProvider } from '@tanstack/react-router';
import { Suspense } from 'react';
import { useSession } from './api/session.ts';
import { Loading } from './parts/loading.tsx';
import { router } from './router.tsx';
import { SignIn } from './sign-in.tsx';
import { ThemeChoice, useTheme } from './theme.ts';

/** The styles that Fluent makes while the page runs carry the nonce that the page's policy asks for. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
const renderer = createDOMRenderer(document, { styleElementAttributes: { nonce } });

/** The whole page: whoever isn't signed in signs in first, and is then where the address leads. */
export function Page() {
  const { name, theme, choose } = useTheme();
  const session = useSession();
  return (
    <RendererProvider renderer={renderer}>
      <FluentProvider theme={theme} className="provider">
        <ThemeChoice value={{ name, choose }}>
          <Suspense fallback={<Loading />}>
            {session.state === 'signed-in' ? (
              <RouterProvider router={router} />
            ) : (
              <SignIn isExpired={session.state === 'expired'} />
            )}
          </Suspense>
        </ThemeChoice>
      </FluentProvider>
    </RendererProvider>
  );
}
