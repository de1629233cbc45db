import { Button, Select, Title3 } from '@fluentui/react-components';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { Suspense, use, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from './api/me.ts';
import { signOut } from './api/session.ts';
import { changeLanguage, isLanguage, LANGUAGES } from './language.ts';
import { Empty } from './parts/empty.tsx';
import { Loading } from './parts/loading.tsx';
import type { NavEntry } from './screen-route.ts';
import { THEMES, ThemeChoice } from './theme.ts';

type Navigation = readonly (NavEntry & { readonly path: string })[];

/** What stands around every screen: a way past it, navigation, language, theme, sign-out. */
export function Shell({ navigation }: { readonly navigation: Navigation }) {
  const { t } = useTranslation(['shell', ...areasOf(navigation)]);
  const { id, isAdministrator } = useMe();
  const main = useRef<HTMLElement>(null);
  useFocusOnNewScreen(main);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t('skip')}
      </a>
      <header className="bar">
        <Title3 as="span">Spillway</Title3>
        <span className="spread" />
        <Choices />
        <span className="quiet">{id}</span>
        <Button size="small" onClick={signOut}>
          {t('signOut')}
        </Button>
      </header>
      <nav className="nav" aria-label={t('navigation')}>
        {navigation
          .filter(({ administratorsOnly }) => isAdministrator || !administratorsOnly)
          .map(({ path, text }) => (
            <Link key={path} to={path} activeOptions={{ exact: path === '/', includeSearch: false }}>
              {t(text)}
            </Link>
          ))}
      </nav>
      <main id="main" className="main" tabIndex={-1} ref={main}>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
    </div>
  );
}

const areasOf = (navigation: Navigation) => [...new Set(navigation.map(({ text }) => text.split(':')[0] ?? ''))];

/** A new screen is read from its beginning, as a new page would be; filters of the same screen leave the focus alone. */
function useFocusOnNewScreen(main: { readonly current: HTMLElement | null }): void {
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const last = useRef(path);
  useEffect(() => {
    if (last.current === path) return;
    last.current = path;
    main.current?.focus();
  }, [path, main]);
}

function Choices() {
  const { t, i18n } = useTranslation('shell');
  const { name, choose } = use(ThemeChoice);
  return (
    <>
      <Select
        size="small"
        aria-label={t('language')}
        value={i18n.language}
        onChange={(_, { value }) => {
          if (isLanguage(value)) void changeLanguage(value);
        }}
      >
        {Object.entries(LANGUAGES).map(([code, label]) => (
          <option key={code} value={code} lang={code}>
            {label}
          </option>
        ))}
      </Select>
      <Select
        size="small"
        aria-label={t('theme.label')}
        value={name}
        onChange={(_, { value }) => choose(THEMES.find((each) => each === value) ?? 'light')}
      >
        {THEMES.map((each) => (
          <option key={each} value={each}>
            {t(`theme.${each}`)}
          </option>
        ))}
      </Select>
    </>
  );
}

/** What an address shows that no screen has. */
export function NotFound() {
  const { t } = useTranslation('shell');
  return (
    <Empty text={t('notFound')}>
      <Link to="/">{t('toOverview')}</Link>
    </Empty>
  );
}
