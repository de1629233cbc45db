import { Title2 } from '@fluentui/react-components';
import { type ReactNode, useEffect } from 'react';

/** A screen's title, also the browser's; beside it what can be done. */
export function Heading({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} – Spillway`;
  }, [title]);
  return (
    <div className="heading">
      <Title2 as="h1">{title}</Title2>
      <div className="actions">{children}</div>
    </div>
  );
}
