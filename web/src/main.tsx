import './page.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createQueries } from './api/queries.ts';
import { takeHandedToken } from './api/session.ts';
import { startTexts } from './language.ts';
import { Page } from './page.tsx';

takeHandedToken();
await startTexts();

const place = document.getElementById('page');
if (!place) throw new Error('index.html has no element with the id "page".');
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={createQueries()}>
      <Page />
    </QueryClientProvider>
  </StrictMode>,
);
